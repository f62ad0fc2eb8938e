"""The form on which a fund asks for more money (补充申请表), to print, sign and send up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from events.shanghai import SHANGHAI, day_of
from events.yuan import yuan_of
from services.ledger.forms.capital_amount import in_capitals
from services.ledger.forms.printed import Cells, Column, Printed, Table
from services.ledger.ids import place_of
from services.ledger.story import CAUSES, DESKS

Row = Mapping[str, Any]
_COLUMNS = (Column("项目", 26), Column("内容", 62))
_SIGNATURES = ("申请人", "财政所", "分管领导", "县民政局", "县财政局")
_STANDINGS = {
    "drafted": "待提交",
    "submitted": "审批中",
    "granted": "已批复",
    "arrived": "已到账",
    "declined": "已退回",
}
_FIGURES = (
    ("核定额度", "quota_fen"),
    ("已拨累计", "allocated_fen"),
    ("已用累计", "used_fen"),
    ("其中:待核销(手续未齐)", "unpapered_fen"),
    ("其中:手续已齐、县级未审核", "unsettled_fen"),
    ("账面余额", "book_fen"),
    ("已占用未支付", "reserved_fen"),
    ("当前可用余额", "available_fen"),
    ("在途及已申请未到账", "pending_fen"),
    ("预计需求(测算)", "expected_fen"),
)


def request(row: Row, names: Mapping[str, str]) -> Printed:
    """A request as it is answered over HTTP, as a form; what nobody has done yet is a line to fill in."""
    fund_id: str = row["fund_id"]
    place = row["township"] or place_of(fund_id, fund_id[:6])
    figures: Mapping[str, int | None] = row["figures"]
    account = f"额度:{names.get(place, place)}" if row["township"] else f"备用金:{fund_id}"
    lines: list[Cells] = [
        ("申请单位", names.get(place, place)),
        ("账户/额度", account),
        *((title, _yuan(figures[name])) for title, name in _FIGURES),
        ("余额率", _per_cent(figures["available_permille"])),
        ("触发原因", _cause(row)),
        ("申请金额", _yuan(row["amount_fen"])),
        ("申请金额(大写)", f"人民币{in_capitals(row['amount_fen'])}"),
        ("附件", f"本期支付清单;支付凭证 {figures['payments']} 份;逾期未补手续 {figures['overdue']} 笔"),
        ("申请人", row["submitted_by"]),
        *_opinions(row["steps"]),
        ("办理状态", _standing(row)),
    ]
    heads = (f"申请单号:{row['request_id']}　金额单位:元",)
    return Printed(
        "临时救助备用金补充申请表", heads, Table(_COLUMNS, tuple(lines)), signatures=_SIGNATURES, sealed=False
    )


def _opinions(steps: Sequence[Row]) -> Sequence[Cells]:
    """Each desk's, then the document that grants it, and what has come."""
    by_desk = {step["step"]: step for step in steps}
    granted = by_desk.get("county_finance", {})
    came = [step for step in steps if step["step"] == "arrived"]
    return (
        *((f"{title}意见", _opinion(by_desk.get(desk))) for desk, title in DESKS.items()),
        ("批复文号", granted.get("document")),
        ("到账日期", "、".join(_day(step["at"]) for step in came) or None),
        ("到账凭证号", "、".join(step["voucher"] for step in came if "voucher" in step) or None),
    )


def _opinion(step: Row | None) -> str | None:
    if step is None:
        return None
    opinion = step.get("opinion") or "同意"
    return f"{opinion}　金额 {yuan_of(step['amount_fen'])}　{step['by']}　{_day(step['at'])}"


def _cause(row: Row) -> str:
    told = CAUSES[row["cause"]]
    about = f"(个案 {row['case_id']})" if row["case_id"] else ""
    due = "" if row["due_at"] is None else f",{row['due_at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M} 前答复"
    return told + about + due


def _standing(row: Row) -> str:
    came = f",已到 {yuan_of(row['arrived_fen'])} 元" if row["arrived_fen"] else ""
    return _STANDINGS[row["standing"]] + came


def _yuan(fen: int | None) -> str:
    return "" if fen is None else yuan_of(fen)


def _per_cent(permille: int | None) -> str:
    return "无核定额度" if permille is None else f"{permille // 10}.{permille % 10}%"


def _day(moment: str) -> str:
    return str(day_of(datetime.fromisoformat(moment)))
