"""The books of a fund with very many entries: a balance as of any day, a month's report, the journal built anew."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from time import perf_counter
from uuid import UUID

import asyncpg
import uvloop

from bench.contest import Run, Stage, wait_for_the_others
from bench.grant import ACTOR
from bench.ledger_service import COUNTY, TOWN, running_ledger
from bench.load import closed_loop
from events.fact import Fact, Meta
from events.ledger import (
    AppropriationReceived,
    EntryPosted,
    FundOpened,
    Line,
    PaymentInstructed,
    PaymentReceived,
    Reserved,
)
from events.upcasts import encode
from services.chassis.database import open_pool
from services.chassis.event_store import Stored
from services.chassis.projection import Projector
from services.chassis.replay import recorded
from services.ledger.ids import fund_stream
from services.ledger.journal import JOURNAL

FUND = f"{TOWN}-2026"
_AT, _JANUARY = datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1)
_DAYS, _LINES, _REPORTS = 365, 2, 3
_FILLED = f"""
insert into projection_slots values ('journal', 'a', {JOURNAL.version});
insert into journal_a.funds (fund_id, division, place, year, position) values ('{FUND}', '{COUNTY}', '{TOWN}', 2026, 1);
insert into journal_a.entries (fund_id, position, line, dated, number, summary, account, debit_fen, credit_fen,
                               balance_fen, case_id, word, source, towards, basis, made_by, signed_by)
select '{FUND}', voucher, line, date '{_JANUARY}' + (voucher % {_DAYS})::integer, voucher, '临时救助支出',
       case line when 1 then '310' else '100' end, case line when 1 then 100 else 0 end,
       case line when 1 then 0 else 100 end, 1, 'case-' || voucher, '记', 'province', '样甲', '救助决定', 'S-1', 'S-2'
from generate_series(1, {{vouchers}}) voucher cross join generate_series(1, {_LINES}) line;
insert into journal_a.daily
select fund_id, account, source, dated, sum(debit_fen), sum(credit_fen) from journal_a.entries group by 1, 2, 3, 4;
"""
_SCAN = """
select account, source, sum(debit_fen - credit_fen) from journal_a.entries where fund_id = $1 and dated <= $2
group by account, source
"""
_META = Meta(actor=ACTOR, correlation="bench", causation="bench").model_dump_json(exclude_none=True).encode()


async def fill(dsn: str, entries: int) -> None:
    """The read model of a fund with so many entries, over a year."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(_FILLED.format(vouchers=entries // _LINES))
    await connection.close()


def balance(stage: Stage) -> Run:
    """One balance after another over HTTP, each as of another day."""
    return uvloop.run(_balance(stage))


async def _balance(stage: Stage) -> Run:
    numbers = count()
    async with running_ledger(stage) as (_, client):

        async def call(caller: int) -> None:
            answer = await client.get(f"/v1/funds/{FUND}/balances", params={"on": _some_day(next(numbers)).isoformat()})
            assert len(answer.json()["balances"]) == _LINES

        return await closed_loop(1, stage.seconds, call)


def scan(stage: Stage) -> Run:
    """The sum over the entries themselves, without any service before it."""
    return uvloop.run(_scan(stage))


async def _scan(stage: Stage) -> Run:
    numbers, connection = count(), await asyncpg.connect(stage.app_dsn)

    async def call(caller: int) -> None:
        assert len(await connection.fetch(_SCAN, FUND, _some_day(next(numbers)))) == _LINES

    run = await closed_loop(1, stage.seconds, call)
    await connection.close()
    return run


def _some_day(number: int) -> date:
    return _JANUARY + timedelta(days=10 + number * 37 % (_DAYS - 10))


def report(stage: Stage) -> Run:
    """A month's tables over HTTP: its entries, accounts and sources."""
    return uvloop.run(_report(stage))


async def _report(stage: Stage) -> Run:
    async with running_ledger(stage) as (_, client):
        wait_for_the_others()
        began = perf_counter()
        for _ in range(_REPORTS):
            answer = await client.get(f"/v1/funds/{FUND}/months/2026-10/tables")
            assert answer.content.count(b'"line":') >= stage.facts // 14
        return Run(_REPORTS, perf_counter() - began)


async def write(dsn: str, facts: int) -> None:
    """A log of a fund's payments, each held, instructed, received and posted; nobody looks at its chain."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("insert into log_heads values ($1, $2, $3, $4)", COUNTY, facts, bytes(32), _AT)
    await connection.copy_records_to_table("facts", records=list(islice(_log(), facts)), columns=Stored._fields)
    await connection.close()


def _log() -> Iterator[Stored]:
    for number, fact in enumerate(_life(), start=1):
        stored = (fact.NAME, fact.VERSION, UUID(int=number), UUID(int=number), _AT, _AT, _META, encode(fact))
        yield Stored(COUNTY, number, fund_stream(FUND), number, *stored, False, bytes(32))


def _life() -> Iterator[Fact]:
    yield FundOpened(fund_id=FUND, county=COUNTY, township=TOWN, year=2026)
    money = {"amount_fen": 10**12, "source": "province", "document": "样财社〔2026〕1号"}
    yield AppropriationReceived.model_validate({"fund_id": FUND, "appropriation_id": "appropriation-1", **money})
    yield _entry(1, Line(account="100", debit_fen=10**12, source="province"), Line(account="400", credit_fen=10**12))
    for ordinal in count(2):
        yield from _payment(ordinal)


def _payment(ordinal: int) -> Iterator[Fact]:
    hold = {"fund_id": FUND, "hold_id": f"h-{ordinal}", "case_id": f"c-{ordinal}", "amount_fen": 100_000}
    named = {**hold, "payment_id": f"p-{ordinal}"}
    draws = [{"source": "province", "amount_fen": 100_000}]
    told = {"method": "bank_transfer", "payee_ref": f"y-{ordinal}", "instructed_by": "S-2"}
    yield Reserved.model_validate({**hold, "decided_by": "S-1", "draws": draws})
    yield PaymentInstructed.model_validate({**named, **told})
    yield PaymentReceived.model_validate({**named, "received_at": _AT, "evidence": f"回单 {ordinal}"})
    paid = Line(account="310", debit_fen=100_000, source="province", functional="2082001", economic="50901")
    yield _entry(ordinal, paid, Line(account="100", credit_fen=100_000, source="province"))


def _entry(number: int, *lines: Line) -> EntryPosted:
    dated = _JANUARY + timedelta(days=number % _DAYS)
    told = {"basis": "救助决定", "made_by": "S-2", "signed_by": "S-1", "case_id": f"c-{number}"}
    entry = {"fund_id": FUND, "number": number, "dated": dated, "summary": "临时救助支出", "lines": lines}
    return EntryPosted.model_validate({**entry, **told})


def rebuild(stage: Stage) -> Run:
    """The journal from the first fact, as after a new version of it."""
    return uvloop.run(_rebuild(stage))


async def _rebuild(stage: Stage) -> Run:
    async with await open_pool(stage.app_dsn) as pool:
        wait_for_the_others()
        began = perf_counter()
        await Projector(pool, JOURNAL).rebuild()
        return Run(stage.facts, perf_counter() - began)


def decode(stage: Stage) -> Run:
    """The same facts read and decoded only."""
    return uvloop.run(_decode(stage))


async def _decode(stage: Stage) -> Run:
    async with await open_pool(stage.app_dsn) as pool:
        wait_for_the_others()
        began = perf_counter()
        for row in await pool.fetch("select * from facts where division = $1 order by position", COUNTY):
            recorded(Stored(*row))
        return Run(stage.facts, perf_counter() - began)
