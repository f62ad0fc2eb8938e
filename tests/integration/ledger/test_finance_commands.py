"""A finance office at the command line, against a ledger that is really served."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import Result

from events.relief_after import RecoveryOrdered, RecoverySettled
from tests.integration.ledger.bank_given import ACCOUNT, NUMBER, PATH, registered
from tests.integration.ledger.given import (
    COUNTY,
    COUNTY_FUND,
    FUND,
    LEADER,
    OTHER_TOWN,
    RECEIVED,
    T0,
    THEN,
    TOWN,
    Ledger,
    advance,
)
from tests.integration.ledger.test_months import STATEMENT, closed, paid
from tests.support.command_line import jiujinan
from tests.support.services import served, token
from tests.unit.ledger.test_opening import HEAD, workbook


@dataclass(slots=True)
class Shell:
    """The command line of whoever holds a token."""

    url: str
    folder: Path

    async def says(
        self, *words: str, role: str = "county_finance", group: str = "finance", scope: str = COUNTY
    ) -> Result:
        """Call a command."""
        kept = self.folder / f"token-{role}-{scope}"
        kept.write_text(token(role, scope), encoding="utf-8")
        return await jiujinan(group, *words, "--api", self.url, "--token-file", str(kept))

    async def done(self, *words: str, **more: Any) -> str:
        """What a command that succeeds prints."""
        result = await self.says(*words, **more)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture
async def shell(ledger: Ledger, tmp_path: Path) -> AsyncIterator[Shell]:
    async with served(ledger.service) as url:
        yield Shell(url, tmp_path)


CASHIER: dict[str, Any] = {"role": "township_finance", "scope": TOWN}


async def caught_up(ledger: Ledger) -> None:
    """The tools ask without a position, so the books must be at the end of the log."""
    await ledger.get("/v1/funds")


async def test_balances_are_read_now_and_as_of_a_moment(ledger: Ledger, shell: Shell) -> None:
    await ledger.fed(900_000)
    await caught_up(ledger)
    assert f"{FUND}  账面 9,000.00  占用 0.00  可用 9,000.00" in await shell.done("funds")
    assert json.loads(await shell.done("funds", "--as-of", "2020-01-01", "--json")) == {"funds": []}
    assert "省级  账面 9,000.00  未占用 9,000.00" in await shell.done("fund", FUND)
    told = json.loads(await shell.done("fund", FUND, "--json"))
    assert (told["book_fen"], told["sources"][0]["source"]) == (900_000, "province")


async def test_a_report_becomes_a_file(ledger: Ledger, shell: Shell, tmp_path: Path) -> None:
    await ledger.fed(900_000)
    await caught_up(ledger)
    days = ("--since", "2023-07-01", "--until", "2023-07-31")
    for form, begins in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        out = tmp_path / f"report.{form}"
        told = await shell.done("report", FUND, "detail", *days, "--form", form, "--out", str(out))
        assert told == f"明细账已写入 {out}\n"
        assert out.read_bytes().startswith(begins)


async def test_a_month_is_closed_opened_again_and_proved(ledger: Ledger, shell: Shell, tmp_path: Path) -> None:
    await closed(ledger)
    await caught_up(ledger)
    assert "2023-07  已结账封存" in await shell.done("months", FUND)
    bundle = tmp_path / "evidence.zip"
    told = json.loads(await shell.done("evidence", FUND, "2023-07", "--out", str(bundle), "--json"))
    assert told == {"file": str(bundle), "bytes": bundle.stat().st_size}
    assert "verify.py" in ZipFile(BytesIO(bundle.read_bytes())).namelist()
    assert "已办理" in await shell.done("reopen", FUND, "2023-07", "--reason", "late_papers")
    assert "没有变化" in await shell.done("reopen", FUND, "2023-07", "--reason", "late_papers")
    assert "已办理" in await shell.done("month", FUND, "2023-07", "close", "--quiet-account", ACCOUNT)
    assert "没有变化" in await shell.done("month", FUND, "2023-07", "close")


async def test_what_ledger_refuses_is_said_in_its_words(ledger: Ledger, shell: Shell) -> None:
    await ledger.fed(900_000)
    await caught_up(ledger)
    refused = await shell.says("month", FUND, "2023-07", "check", role="township_finance")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert any("一" <= sign <= "鿿" for sign in refused.stderr)


async def test_a_statement_is_taken_in_matched_and_its_differences_shown(
    ledger: Ledger, shell: Shell, tmp_path: Path
) -> None:
    await ledger.fed(900_000)
    await paid(ledger, "D1")
    await registered(ledger, other_fen=1_000_000)
    account = ("--account", PATH.rpartition("/")[2])
    file = tmp_path / "七月.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    bank: dict[str, Any] = {"group": "statement", "role": "township_finance"}
    assert json.loads(await shell.done("import", str(file), *account, **bank))["facts"]
    assert "勾对 0 项,差异 1 项" in await shell.done("match", *account, **bank)
    told = json.loads(await shell.done("show", *account, "--json", **bank))
    assert len(told["exceptions"]) == 1
    assert [(item["group"], item["row"]) for item in told["items"] if item["row"]] == [("bank_paid", 2)]
    plain = await shell.done("show", *account, **bank)
    assert "2023-07-28  2,000.00  明细第2行" in plain
    assert "2023-07-28  2,000.00  记-1" in plain


async def test_a_fund_is_opened_fed_and_passed_on_and_its_account_registered(ledger: Ledger, shell: Shell) -> None:
    assert "已办理" in await shell.done("open", COUNTY, "2023")
    assert "没有变化" in await shell.done("open", COUNTY, "2023")
    granted = ("--source", "province", "--document", "省拨1号")
    assert "已办理" in await shell.done("appropriate", COUNTY_FUND, "--amount", "9000.00", *granted)
    shares = ("--to", f"{TOWN}:6000", "--to", f"{OTHER_TOWN}:2999.50")
    told = json.loads(await shell.done("allocate", COUNTY, "--year", "2023", *shares, *granted, "--json"))
    await ledger.get("/v1/funds", after=f"{COUNTY}:{told['position']}")
    listed = json.loads(await shell.done("funds", "--json"))["funds"]
    assert {row["fund_id"]: row["book_fen"] for row in listed} == {
        COUNTY_FUND: 50,
        FUND: 600_000,
        f"{OTHER_TOWN}-2023": 299_950,
    }
    place = ("--place", TOWN, "--bank", "rural_commercial", "--number", NUMBER)
    assert "已办理" in await shell.done("account", "register", *place)
    await ledger.get("/v1/bank-accounts")
    assert f"{ACCOUNT}  rural_commercial  未导入对账单" in await shell.done("account", "list")


@pytest.fixture
async def batch(ledger: Ledger, shell: Shell, tmp_path: Path) -> str:
    """Two payments are in a batch, whose file the cashier has had."""
    await ledger.fed(900_000, ledger.year)
    fund = f"{TOWN}-{ledger.year}"
    await ledger.hears(*(advance(name, fen, fund_id=fund) for name, fen in (("D1", 200_000), ("D2", 100_000))))
    await caught_up(ledger)
    paid = [await instructed(ledger, shell, name) for name in ("D1", "D2")]
    drawn = await shell.done("batch", "draw", fund, *paid, "--template", "rural_commercial", "--json", **CASHIER)
    batch_id = json.loads(drawn)["batch_id"]
    told = await shell.done("batch", "export", batch_id, "--out", str(tmp_path / "batch.txt"), **CASHIER)
    assert told.startswith("代发文件已写入")
    return batch_id


async def test_a_payee_is_listed_by_no_more_than_a_name_s_first_sign_and_four_digits(
    ledger: Ledger, shell: Shell, batch: str
) -> None:
    masked = await shell.done("payee", "list", "C-D1")
    assert "样*  self  尾号 0000" in masked
    assert "样甲" not in masked


async def test_a_batch_goes_to_the_bank_and_its_answer_comes_back_by_another_person(
    ledger: Ledger, shell: Shell, batch: str, tmp_path: Path
) -> None:
    fund, result = f"{TOWN}-{ledger.year}", tmp_path / "result.csv"
    told = json.loads(await shell.done("payment", "list", fund, "--standing", "instructed", "--json"))["payments"]
    numbers = [row["payment_number"] for row in told]
    file = (tmp_path / "batch.txt").read_text(encoding="gb18030")
    assert [number in file for number in numbers] == [True, True]
    rows = [f"{numbers[0]},2000.00,成功,A1", f"{numbers[1]},1000.00,失败,"]
    result.write_text("\n".join(["附言,金额,处理结果,流水号", *rows]), encoding="utf-8")
    answer = ("batch", "import", batch, str(result), "--paid-at", f"{ledger.year}-01-01")
    own = await shell.says(*answer, **CASHIER)
    assert (own.exit_code, own.stderr) == (1, "Error: 导出代发文件的人不能导入该批次的回盘,请换人办理。\n")
    other: dict[str, Any] = {"role": "township_finance"}
    assert "成功 1 笔,失败 1 笔" in await shell.done(*answer, **other)
    again = json.loads(await shell.done(*answer, "--json", **other))
    assert again["facts"] == []
    await ledger.get("/v1/funds", after=f"{COUNTY}:{again['position']}")
    shown = await shell.done("payment", "list", fund)
    assert [line.split("  ")[3] for line in shown.splitlines()] == ["已到账", "已退回"]


async def instructed(ledger: Ledger, shell: Shell, decision: str) -> str:
    """A payee is registered and paid by two persons."""
    person = ("--relation", "self", "--name", "样甲", "--account", "6200000000000000")
    case = ("--place", TOWN, "--case", f"C-{decision}")
    officer: dict[str, Any] = {"role": "township_officer"}
    payee = json.loads(await shell.done("payee", "register", *case, *person, "--json", **officer))["payee_ref"]
    told = await shell.done("payment", "instruct", decision, "--payee", payee, "--json", **CASHIER)
    ledger.seen = f"{COUNTY}:{json.loads(told)['position']}"
    await caught_up(ledger)
    await ledger.get("/v1/bank-accounts")
    return json.loads(told)["payment_id"]


async def test_a_payment_is_confirmed_or_comes_back(ledger: Ledger, shell: Shell) -> None:
    await ledger.fed(900_000, ledger.year)
    fund = f"{TOWN}-{ledger.year}"
    await ledger.hears(*(advance(name, 100_000, fund_id=fund) for name in ("D1", "D2")))
    await caught_up(ledger)
    first, second = [await instructed(ledger, shell, name) for name in ("D1", "D2")]
    proof = ("--at", f"{ledger.year}-01-01T09:30", "--evidence", "回单88")
    assert "已办理" in await shell.done("payment", "receipt", first, *proof, **CASHIER)
    assert "没有变化" in await shell.done("payment", "receipt", first, *proof, **CASHIER)
    assert "已办理" in await shell.done("payment", "returned", second, "--reason", "account_closed", **CASHIER)


async def test_what_a_household_gives_back_is_seen_until_nothing_is_owed(ledger: Ledger, shell: Shell) -> None:
    await ledger.fed(900_000)
    await ledger.hears(advance("D1", 100_000))
    payment = await ledger.instructed("D1")
    assert (await ledger.cashier(f"/v1/payments/{payment}/receipt", RECEIVED)).status_code == 201
    await ledger.learns(ledger.relief.says(ordered(payment, 60_000), "case:C-D1"))
    assert await claims(ledger, owed=True) == [(payment, 60_000, 0, 0, 60_000)]
    given = await ledger.cashier("/v1/recoveries/R1/receipts", {"amount_fen": 20_000, **THEN})
    assert given.status_code == 201, given.text
    entries = (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"]
    assert {entry["dated"] for entry in entries if "追回" in entry["summary"] and entry["account"] == "100"} == {
        str(T0.date())
    }
    assert await claims(ledger, owed=True) == [(payment, 60_000, 20_000, 0, 40_000)]
    assert "R1  应收 600.00  已收 200.00  未收 400.00" in await shell.done("payment", "recoveries", FUND)
    await ledger.learns(ledger.relief.says(waived(40_000), "case:C-D1"))
    assert await claims(ledger, owed=True) == []
    assert await claims(ledger) == [(payment, 60_000, 20_000, 40_000, 0)]
    assert await claims(ledger, page="R1") == []
    assert await shell.done("payment", "recoveries", FUND, "--owed") == ""


async def claims(ledger: Ledger, **asked: Any) -> list[tuple[Any, ...]]:
    """What households are to give back: of which payment, ordered, received, ended, owed."""
    told = await ledger.get(f"/v1/funds/{FUND}/recoveries", **asked)
    parts = ("payment_id", "ordered_fen", "received_fen", "ended_fen", "owed_fen")
    return [tuple(row[part] for part in parts) for row in told["recoveries"]]


def ordered(payment_id: str, amount_fen: int) -> RecoveryOrdered:
    """Relief orders money of a payment back."""
    return RecoveryOrdered(
        case_id="C-D1",
        recovery_id="R1",
        decision_id="D1",
        amount_fen=amount_fen,
        reason="fraud",
        ordered_by=LEADER,
        fund_id=FUND,
        payment_id=payment_id,
    )


def waived(amount_fen: int) -> RecoverySettled:
    """Relief waives some of it."""
    return RecoverySettled(
        case_id="C-D1",
        recovery_id="R1",
        settlement_id="S1",
        how="waived",
        amount_fen=amount_fen,
        settled_by=LEADER,
        fund_id=FUND,
    )


async def test_opening_balances_come_from_the_form(ledger: Ledger, shell: Shell, tmp_path: Path) -> None:
    form, filled = tmp_path / "form.xlsx", tmp_path / "filled.xlsx"
    await shell.done("opening-form", "--out", str(form))
    place = ("--county", COUNTY, "--year", "2023")
    empty = await shell.says("opening-import", str(form), *place)
    assert (empty.exit_code, empty.stderr) == (1, "Error: 期初余额未导入。form.xlsx:没有可以导入的期初余额。\n")
    filled.write_bytes(workbook(HEAD, (TOWN, "", "中央", "33,866.39")))
    assert "已办理" in await shell.done("opening-import", str(filled), *place)
    assert "没有变化" in await shell.done("opening-import", str(filled), *place)


async def test_more_money_is_asked_for_printed_handed_in_signed_and_sent_back(
    ledger: Ledger, shell: Shell, tmp_path: Path
) -> None:
    await ledger.fed(900_000)
    await caught_up(ledger)
    at_town: dict[str, Any] = {"role": "township_finance"}
    request_id = f"{FUND}-R001"
    drafted = await shell.done("request", "draft", FUND, "--amount", "33,866.39", **at_town)
    assert drafted == f"已草拟 {request_id}\n"
    assert f"{request_id}  33,866.39  已到 0.00  预计需求  待提交" in await asked_until(shell, request_id, "requests")
    for form, begins in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        out = tmp_path / f"request.{form}"
        told = await shell.done("request", "form", request_id, "--form", form, "--out", str(out))
        assert (told, out.read_bytes()[: len(begins)]) == (f"补充申请表已写入 {out}\n", begins)
    assert "已办理" in await shell.done("request", "submit", request_id, "--amount", "500", **at_town)
    signed = ("request", "sign", request_id, "--opinion", "同意")
    assert "已办理" in await shell.done(*signed, role="township_leader")
    early = await shell.says(*signed, role="county_finance")
    assert (early.exit_code, early.stderr) == (1, "Error: 该申请应由其他环节先行签署,请按审批顺序办理。\n")
    assert "已办理" in await shell.done("request", "refuse", request_id, "--reason", "no_money")


async def asked_until(shell: Shell, awaited: str, *words: str) -> str:
    """What a list says once the books have heard of something: the tools ask without a position."""
    told = ""
    for _ in range(200):
        told = await shell.done(*words)
        if awaited in told:
            break
        await asyncio.sleep(0.05)
    return told


async def test_a_usage_table_and_the_waiting_times_become_files(ledger: Ledger, shell: Shell, tmp_path: Path) -> None:
    await ledger.fed(900_000)
    await caught_up(ledger)
    days = ("--since", "2023-01-01", "--until", "2023-12-31")
    usage, sla = tmp_path / "usage.pdf", tmp_path / "sla.xlsx"
    asked = (COUNTY, *days, "--population", f"{TOWN}:45678", "--form", "pdf", "--out", str(usage))
    assert await shell.done("usage", *asked, "--per-head", "7.00") == f"资金使用情况表已写入 {usage}\n"
    assert await shell.done("report", FUND, "sla", *days, "--out", str(sla)) == f"时效情况表已写入 {sla}\n"
    assert (usage.read_bytes()[:4], sla.read_bytes()[:2]) == (b"%PDF", b"PK")
    assert (await shell.says("usage", *asked, "--per-head", "7.001")).exit_code == 2
