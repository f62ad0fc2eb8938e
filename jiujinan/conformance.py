"""The conformance kit for vendors (对接自测): plays a hotline's part against a running intake and says what came back.

Recorded requests in the vendor's own dialect, and the cases that go wrong in practice. What it sends is invented.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.table import Table

from jiujinan.played_vendor import Vendor
from jiujinan.printing import echo_json, with_json
from services.chassis.clock import SystemClock
from services.intake.channels.dialect import Dialect, load_dialects

_DIALECTS = Path(__file__).parents[1] / "policies" / "intake" / "hotlines"
_WRONG_SECRET = "whsec_" + "QUFB" * 8
_OUTAGE = tuple(timedelta(hours=hours) for hours in (3, 2, 1))
_TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one case came to."""

    title: str
    expected: str
    got: str

    @property
    def is_met(self) -> bool:
        """Whether it came as it should."""
        return self.expected == self.got


Case = Callable[[Vendor], Awaitable[Finding]]


async def _an_order_is_taken(vendor: Vendor) -> Finding:
    answer = await vendor.push(vendor.order("1"))
    return Finding("首次推送被接收", "201", str(answer.status_code))


async def _the_same_push_again_is_answered_the_same(vendor: Vendor) -> Finding:
    body = vendor.order("2")
    first, again = await vendor.push(body), await vendor.push(body)
    same = "相同" if _said(first) == _said(again) else "不同"
    return Finding("重复推送得到同一答复", "201 200 相同", f"{first.status_code} {again.status_code} {same}")


def _said(answer: httpx.Response) -> dict[str, Any]:
    """An answer without the number of its request, which no other has."""
    return {name: value for name, value in answer.json().items() if name != "traceId"}


async def _the_same_push_with_other_words_is_refused(vendor: Vendor) -> Finding:
    await vendor.push(vendor.order("3"))
    other = await vendor.push(vendor.order("3", description="对接自测:内容已变。"))
    return Finding("同号同序次不同内容被拒", "422 key_reused", f"{other.status_code} {_code(other)}")


async def _a_bad_signature_is_refused(vendor: Vendor) -> Finding:
    answer = await vendor.push(vendor.order("4"), secret=_WRONG_SECRET)
    return Finding("签名错误被拒", "401 unauthenticated", f"{answer.status_code} {_code(answer)}")


async def _an_old_signature_is_refused(vendor: Vendor) -> Finding:
    answer = await vendor.push(vendor.order("5"), ago=timedelta(minutes=10))
    return Finding("过期签名(重放)被拒", "401 signature_expired", f"{answer.status_code} {_code(answer)}")


async def _a_replayed_request_is_not_taken_twice(vendor: Vendor) -> Finding:
    """An appkey's nonce serves once. A ``webhook-id`` comes again when the same is sent again, with nothing else."""
    body = vendor.order("10")
    captured = vendor.signature(body, number="replayed")
    await vendor.post(body, captured)
    if vendor.dialect.signature == "appkey":
        answer = await vendor.post(body, captured)
        return Finding("随机数(nonce)重放被拒", "401 nonce_replayed", f"{answer.status_code} {_code(answer)}")
    answer = await vendor.push(vendor.order("11"), number="replayed")
    return Finding("消息编号(webhook-id)另配内容被拒", "422 webhook_id_reused", f"{answer.status_code} {_code(answer)}")


async def _no_signature_is_refused(vendor: Vendor) -> Finding:
    answer = await vendor.post(vendor.order("12"), {})
    return Finding("没有签名被拒", "401 unauthenticated", f"{answer.status_code} {_code(answer)}")


async def _a_supplement_before_its_order_is_not_lost(vendor: Vendor) -> Finding:
    early = await vendor.push(vendor.order("13", push_seq=2, action=vendor.code("supplement")))
    order = await vendor.push(vendor.order("13"))
    same = "同一报告" if _report_id(early) == _report_id(order) else "两份报告"
    return Finding("补充先于工单到达不丢失", "201 201 同一报告", f"{early.status_code} {order.status_code} {same}")


async def _an_urge_before_its_order_waits(vendor: Vendor) -> Finding:
    urge = vendor.order("6", push_seq=2, action=vendor.code("urge"))
    early = await vendor.push(urge)
    order = await vendor.push(vendor.order("6"))
    late = await vendor.push(urge)
    statuses = f"{early.status_code} {order.status_code} {late.status_code}"
    return Finding("催办先于工单到达,工单到后重推成功", "404 201 201", statuses)


async def _a_supplement_follows_its_order(vendor: Vendor) -> Finding:
    await vendor.push(vendor.order("7"))
    added = await vendor.push(vendor.order("7", push_seq=2, description="对接自测:补充内容。"))
    return Finding("补充推送被接收", "201", str(added.status_code))


async def _a_wrong_field_is_named(vendor: Vendor) -> Finding:
    answer = await vendor.push(vendor.order("8", caller_phone="不是电话"))
    repeated = "回显了内容" if "不是电话" in answer.text else "未回显"
    return Finding("字段有误被指出且不回显", "422 invalid 未回显", f"{answer.status_code} {_code(answer)} {repeated}")


async def _what_waited_out_an_outage_is_taken_once(vendor: Vendor) -> Finding:
    """Three hours' orders with the times at which they were called in, sent twice, as who does not know sends them."""
    waiting = [vendor.order(f"9{number}", ago=ago) for number, ago in enumerate(_OUTAGE)]
    sent = [await vendor.push(body) for _ in range(2) for body in waiting]
    statuses = " ".join(str(answer.status_code) for answer in sent)
    return Finding("中断3小时后积压补推,各收一次", "201 201 201 200 200 200", statuses)


CASES: Sequence[Case] = (
    _an_order_is_taken,
    _the_same_push_again_is_answered_the_same,
    _the_same_push_with_other_words_is_refused,
    _a_bad_signature_is_refused,
    _no_signature_is_refused,
    _an_old_signature_is_refused,
    _a_replayed_request_is_not_taken_twice,
    _an_urge_before_its_order_waits,
    _a_supplement_before_its_order_is_not_lost,
    _a_supplement_follows_its_order,
    _a_wrong_field_is_named,
    _what_waited_out_an_outage_is_taken_once,
)


async def play(vendor: Vendor) -> Sequence[Finding]:
    """Every case, one after the other."""
    return [await case(vendor) for case in CASES]


@click.command()
@click.option("--vendor", required=True, help="厂商编号,即推送地址 /adapters/12345/ 之后的部分。")
@click.option("--url", required=True, help="收件服务的地址,例如 http://127.0.0.1:8001。")
@click.option("--secret", required=True, envvar="CONFORMANCE_SECRET", help="签名密钥;标准 Webhooks 的以 whsec_ 开头。")
@click.option("--area-code", required=True, help="样例工单的发生地,乡镇代码(9位)。")
@click.option("--dialects", default=_DIALECTS, type=click.Path(path_type=Path), help="厂商对接规范的目录。")
@with_json
def conformance(vendor: str, dialects: Path, as_json: bool, **at: str) -> None:
    """以厂商身份自测对接:按该厂商的对接规范签名,推送、重复、篡改、重放、乱序、中断,并打印报告。"""
    dialect = load_dialects(dialects).of(vendor)
    findings = asyncio.run(_play_at(at["url"], vendor, at["secret"], dialect, at["area_code"]))
    if as_json:
        echo_json([asdict(finding) | {"is_met": finding.is_met} for finding in findings])
    else:
        _print(vendor, findings)
    sys.exit(0 if all(finding.is_met for finding in findings) else 1)


async def _play_at(url: str, name: str, secret: str, dialect: Dialect, area_code: str) -> Sequence[Finding]:
    clock = SystemClock()
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        run = clock.now().strftime("%Y%m%d%H%M%S")
        return await play(Vendor(client, name, secret, dialect, area_code, run, clock.now))


def _print(vendor: str, findings: Sequence[Finding]) -> None:
    table = Table(title=f"{vendor} 对接自测报告", title_justify="left")
    for heading in ("", "项目", "应得", "实得"):
        table.add_column(heading)
    for finding in findings:
        table.add_row("✓" if finding.is_met else "✗", finding.title, finding.expected, finding.got)
    Console().print(table)


def _code(answer: httpx.Response) -> str:
    told: Mapping[str, Any] = answer.json()
    return str(told.get("code"))


def _report_id(answer: httpx.Response) -> str:
    told: Mapping[str, Any] = answer.json()
    return str((told.get("data") or told).get("report_id"))
