"""The international statement format is read into the same lines, and proved by its own balances."""

from datetime import date

import pytest

from services.ledger.files.camt053 import is_camt053, read_camt053
from services.ledger.files.sheet import Faulty
from services.ledger.files.statement import RawLine, prove

ENTRY = """<Ntry><NtryRef>{ref}</NtryRef><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-03</Dt></BookgDt><NtryDtls><TxDtls>
<Refs><EndToEndId>LS990101001260000011</EndToEndId></Refs>
<RltdPties><Cdtr><Pty><Nm>样甲</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>6200000000000017</Id></Othr></Id></CdtrAcct>
</RltdPties><RmtInf><Ustrd>临时救助</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>"""
STATEMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>6200000011112222</Id></Othr></Id></Acct>
{BALANCE.format(kind="OPBD", amount="50000.00")}{BALANCE.format(kind="CLBD", amount="48000.30")}
{ENTRY.format(ref="1", amount="2000.00", way="DBIT")}{ENTRY.format(ref="2", amount="0.3", way="CRDT")}
</Stmt></BkToCstmrStmt></Document>"""


def test_entries_become_lines_with_reckoned_balances() -> None:
    assert is_camt053(STATEMENT.encode())
    proved = prove(read_camt053(STATEMENT.encode()))
    assert (proved.opening_fen, proved.closing_fen, proved.own_account) == (5_000_000, 4_800_030, "6200000011112222")
    first, second = proved.lines
    assert (first.amount_fen, first.balance_fen, first.name, first.account) == (
        -200_000,
        4_800_000,
        "样甲",
        "6200000000000017",
    )
    assert first.texts == ("LS990101001260000011", "临时救助")
    assert (second.amount_fen, second.serial) == (30, "2")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("48000.30", "48000.31", "与明细不符"),
        ("CLBD", "ITBD", "CLBD"),
        ("2000.00", "2,0,00", "读不出来"),
        ('Ccy="CNY">0.3', 'Ccy="USD">0.3', "币种"),
        ("<Cd>BOOK", "<Cd>PDNG", "尚未入账"),
        ("2026-11-03", "2026-02-30", "日期"),
        ("</Stmt>", "", "损坏"),
        ("<Document", '<!DOCTYPE x [<!ENTITY a "b">]><Document', "不允许"),
    ],
)
def test_what_does_not_hold_fails_the_file(old: str, new: str, reason: str) -> None:
    with pytest.raises(Faulty, match=reason):
        prove(read_camt053(STATEMENT.replace(old, new).encode()))


def lines(changed: str) -> list[RawLine]:
    return list(prove(read_camt053(changed.encode())).lines)


def test_an_entry_of_several_payments_bears_all_their_numbers_and_is_no_one_s_of_them() -> None:
    detail = ENTRY[ENTRY.index("<TxDtls>") : ENTRY.index("</NtryDtls>")]
    second = detail.replace("0011", "0022").replace("样甲", "样乙")
    first, _ = lines(STATEMENT.replace("</TxDtls></NtryDtls>", f"</TxDtls>{second}</NtryDtls>", 1))
    assert first.texts == ("LS990101001260000011", "临时救助", "LS990101001260000022", "临时救助")
    assert (first.name, first.account) == ("", "")


def test_a_reversal_is_told_in_the_word_that_the_rules_know() -> None:
    _, second = lines(STATEMENT.replace("CRDT</CdtDbtInd>\n<Sts>", "CRDT</CdtDbtInd><RvslInd>true</RvslInd>\n<Sts>"))
    assert second.texts[-1] == "冲正"


def test_the_day_of_a_moment_is_that_of_shanghai_wherever_the_clock_stood() -> None:
    moment = "<BookgDt><DtTm>2026-10-31T17:30:00Z</DtTm></BookgDt>"
    first, second = lines(STATEMENT.replace("<BookgDt><Dt>2026-11-03</Dt></BookgDt>", moment))
    assert first.booked_on == second.booked_on == date(2026, 11, 1)


def test_a_page_of_the_web_is_no_statement() -> None:
    assert not is_camt053(b"<html>camt.053</html>")
