"""The journal: every line with its balance, page by page, rebuilt, as it was, and what the metrics show of it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.ledger.app import BLUEPRINT
from services.ledger.journal import JOURNAL
from services.ledger.month_tables import closing_balances, published_tables, vouchers_of
from tests.integration.ledger.given import COUNTY, FUND, RECEIVED, Ledger, advance

EMPTY = {"quotas", "recoveries", "stock", "acts", "months", "leavings", "requests", "request_steps"}
"""Tables that a busy month without them leaves empty."""


async def a_busy_month(ledger: Ledger) -> None:
    """Money in, held, paid, returned and let go."""
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000), advance("D2", 100_000), advance("D3", 900_000))
    payment = await ledger.instructed("D1")
    await ledger.cashier(f"/v1/payments/{payment}/receipt", RECEIVED)
    await ledger.cashier(f"/v1/payments/{payment}/return", {"reason": "account_closed"})
    await ledger.cashier("/v1/holds/D2/void", {"reason": "not_needed"})


async def test_the_journal_shows_each_line_with_its_accounts_balance(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    shown = await ledger.get(f"/v1/funds/{FUND}/entries")
    lines = [
        (line["number"], line["account_title"], line["debit_fen"], line["credit_fen"], line["balance_fen"])
        for line in shown["entries"]
    ]
    bank, above, spent = "银行存款—临时救助备用金专户", "备用金拨入—上级补助", "待核销支出"
    assert lines == [
        (1, bank, 500_000, 0, 500_000),
        (1, above, 0, 500_000, -500_000),
        (1, spent, 200_000, 0, 200_000),
        (1, bank, 0, 200_000, 300_000),
        (2, bank, 200_000, 0, 500_000),
        (2, spent, 0, 200_000, 0),
    ]
    assert shown["entries"][2] | {"dated": "2023-07-28", "case_id": "C-D1"} == shown["entries"][2]
    assert shown["next"] is None


async def test_the_balances_of_a_day_are_the_sums_of_the_entries_until_then(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    lines = (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"]
    days = sorted({line["dated"] for line in lines})
    assert await ledger.get(f"/v1/funds/{FUND}/balances", on="2023-01-01") == {"on": "2023-01-01", "balances": []}
    for day in days:
        told = await ledger.get(f"/v1/funds/{FUND}/balances", on=day)
        summed: defaultdict[tuple[str, str | None], int] = defaultdict(int)
        for line in lines:
            if line["dated"] <= day:
                summed[line["account"], line["source"]] += line["debit_fen"] - line["credit_fen"]
        shown = {(row["account"], row["source"]): row["balance_fen"] for row in told["balances"]}
        assert shown == {key: fen for key, fen in summed.items() if fen} != {}


async def test_the_journal_is_read_page_by_page(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    whole = (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"]
    read: list[Any] = []
    page: str | None = "0.0"
    while page is not None:
        shown = await ledger.get(f"/v1/funds/{FUND}/entries", limit=4, page=page)
        read += shown["entries"]
        page = shown["next"]
    assert read == whole


async def test_a_rebuilt_journal_equals_the_live_one_row_by_row(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    await _is_rebuilt_as_it_was(ledger)


async def test_a_payment_that_bounced_and_was_made_anew_can_be_rebuilt_and_read_as_of_then(ledger: Ledger) -> None:
    """Nothing parts the two payments of the hold, so both are put down in one statement."""
    await ledger.fed(900_000)
    await ledger.hears(advance("D-1", 200_000))
    bounced = await ledger.instructed("D-1")
    await ledger.cashier(f"/v1/payments/{bounced}/return", {"reason": "account_closed"})
    await ledger.cashier(f"/v1/payments/{await ledger.instructed('D-1')}/receipt", RECEIVED)
    now = await ledger.get(f"/v1/funds/{FUND}")
    assert await ledger.get(f"/v1/funds/{FUND}", at=datetime.now(UTC).isoformat()) == now  # noqa: TID251  the service's clock
    await _is_rebuilt_as_it_was(ledger, nearly_empty=True)


async def _is_rebuilt_as_it_was(ledger: Ledger, *, nearly_empty: bool = False) -> None:
    await ledger.balances()
    projector = ledger.service.mounted.projectors["journal"]
    live = await projector.live_slot()
    await projector.rebuild()
    assert await projector.live_slot() != live
    for table_name in JOURNAL.tables:
        a, b = [
            await ledger.service.mounted.pool.fetch(f"select * from journal_{slot}.{table_name} t order by t")
            for slot in "ab"
        ]
        assert a == b
        assert a or nearly_empty or table_name in EMPTY


async def test_a_months_tables_up_to_a_position_are_those_of_the_books_as_they_stood_at_it(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    entries = (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"]
    months, last = {line["dated"][:7] for line in entries}, entries[-1]["position"]
    journal = ledger.service.mounted.projectors["journal"]
    for position in range(last - 6, last + 1):
        async with journal.reading() as now, journal.as_of({COUNTY: position}) as then:
            for month in months:
                asked = (FUND, month, position)
                assert await published_tables(now, *asked) == await published_tables(then, FUND, month, last)
                assert await vouchers_of(now, *asked) == await vouchers_of(then, FUND, month, last)
                assert await closing_balances(now, *asked) == await closing_balances(then, FUND, month, last)


async def test_the_books_are_shown_as_they_were(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    before = {
        row["name"]: row["recorded_at"] - timedelta(microseconds=1)
        for row in await ledger.service.mounted.pool.fetch("select name, recorded_at from facts")
    }
    now = await ledger.balances()
    for _ in range(2):
        assert await ledger.balances(at=before["ledger.payment_instructed"].isoformat()) == (500_000, 300_000, 200_000)
        assert await ledger.balances(at=before["ledger.payment_returned"].isoformat()) == (300_000, 100_000, 200_000)
        assert await ledger.balances(at=before["ledger.voided"].isoformat()) == (500_000, 300_000, 200_000)
        assert await ledger.balances() == now == (500_000, 200_000, 300_000)
    at = before["ledger.payment_returned"].isoformat()
    assert len((await ledger.get(f"/v1/funds/{FUND}/entries", at=at))["entries"]) == 4
    assert await ledger.get("/v1/funds", at="2023-01-01T00:00:00+08:00") == {"funds": []}


async def test_the_books_are_shown_as_of_a_position(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    fed, then = ledger.seen, await ledger.balances()
    await ledger.hears(advance("D1", 200_000))
    assert await ledger.balances() != then
    assert await ledger.balances(upto=fed) == then
    assert await ledger.get("/v1/funds", upto=f"{COUNTY}:0") == {"funds": []}
    printed = f"/v1/funds/{FUND}/reports/detail"
    asked = {"since": "2023-01-01", "until": "2023-12-31", "form": "pdf"}
    assert (await ledger.raw(printed, **asked, upto=fed)).content.startswith(b"%PDF")


async def test_the_database_itself_refuses_a_row_that_overdraws(ledger: Ledger) -> None:
    await ledger.fed(1_000)
    await ledger.balances()
    with pytest.raises(asyncpg.CheckViolationError):
        await ledger.service.mounted.pool.execute("update journal_a.pots set held_fen = book_fen + 1")


async def figures(ledger: Ledger) -> dict[tuple[str, str], float]:
    """The figures by name and label, read now."""
    reads = BLUEPRINT.figures(ledger.service.mounted)
    samples = [sample for read in reads for metric in await read() for sample in metric.samples]
    return {(sample.name, "".join(sample.labels.values())): sample.value for sample in samples}


async def last_recorded(ledger: Ledger) -> float:
    """When the last fact was recorded, as a timestamp."""
    recorded = await ledger.service.mounted.pool.fetchval("select max(recorded_at) from facts")
    return recorded.timestamp()


async def test_the_figures_show_what_can_be_promised_and_what_is_held(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    await ledger.balances()
    shown = await figures(ledger)
    assert shown["jiujinan_fund_available_fen", COUNTY] == 300_000
    assert shown["jiujinan_fund_reserved_fen", COUNTY] == 200_000
    assert 'view_updated_timestamp_seconds{view="journal"}' in (await ledger.service.client.get("/metrics")).text


async def test_a_fund_opened_for_next_year_says_nothing_of_what_there_is_now(ledger: Ledger) -> None:
    await a_busy_month(ledger)
    opened = await ledger.finance("/v1/funds", {"county": COUNTY, "year": ledger.year + 1})
    assert opened.status_code == 201
    await ledger.balances()
    assert (await figures(ledger))["jiujinan_fund_available_fen", COUNTY] == 300_000


async def test_the_journal_says_until_when_it_is_complete(ledger: Ledger) -> None:
    journal = ledger.service.mounted.projectors["journal"]
    await ledger.fed(1_000)
    await ledger.balances()
    assert (await journal.updated()).timestamp() > await last_recorded(ledger)
    async with ledger.service.mounted.pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table journal_a.funds in exclusive mode")
        await ledger.finance("/v1/funds", {"county": COUNTY, "year": 2024})
        stands_still = await last_recorded(ledger)
        assert (await journal.updated()).timestamp() == stands_still
    await ledger.balances()
    assert (await journal.updated()).timestamp() > stands_still
