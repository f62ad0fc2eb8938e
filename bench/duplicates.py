"""Reports of one household looked for among very many (查重), with namesakes and neighbours as a county has them."""

from datetime import UTC, datetime, timedelta
from hashlib import md5
from itertools import count

import asyncpg
import uvloop

from bench.contest import Run, Stage
from bench.load import closed_loop
from events.fact import Sealed
from events.intake import Likeness
from services.chassis.database import open_pool
from services.chassis.projection import Projector
from services.intake.likeness import FEATURES, WINDOW
from services.intake.report_commands import ReceiveReport
from services.intake.reports import REPORTS, short_keys
from services.intake.searching import Search

_SINCE, _DAYS = datetime(2026, 1, 1, tzinfo=UTC), 365
_FAMILIES, _GIVEN, _HOUSEHOLD, _VILLAGES, _TAILS = 97, 5_003, 3, 5_000, 1_000_000
_STRIDE = 7_919
"""Reports come, and are asked for, in an order that has nothing to do with who is of one household."""
_FILLED = f"""
insert into projection_slots values ('{REPORTS.name}', 'a', {REPORTS.version});
insert into reports_a.likenesses (report_id, cause, reported_at, name, sound, phone, phone_tail, home, village)
select 'r-' || n, 'fire', timestamptz '{_SINCE.isoformat()}' + n * {_STRIDE} % {_DAYS} * interval '1 day',
    md5('name' || family || '-' || given)::uuid, md5('sound' || family || '-' || given / 2)::uuid,
    md5('phone' || n)::uuid, md5('phone_tail' || n % {_TAILS})::uuid,
    md5('home' || n / {_HOUSEHOLD})::uuid, md5('village' || n / {_HOUSEHOLD} % {_VILLAGES})::uuid
from generate_series(1, {{persons}}::bigint) n, lateral (
    select (n % {_FAMILIES}) * (n % {_FAMILIES}) / {_FAMILIES} as family,
        (n / {_FAMILIES} % {_GIVEN}) * (n / {_FAMILIES} % {_GIVEN}) / {_GIVEN} as given
) as named;
"""
_EITHER = """
select * from reports_a.likenesses
where (name = $1 or sound = $2 or phone = $3 or phone_tail = $4 or home = $5) and reported_at between $6 and $7
"""


async def fill(dsn: str, persons: int) -> None:
    """The read model of so many reports, of a household of three each: a few names are many people's."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(_FILLED.format(persons=persons), timeout=600)
    await connection.execute("analyze reports_a.likenesses")
    await connection.close()


def either(stage: Stage) -> Run:
    """One query for all signs, without any service before it."""
    return uvloop.run(_either(stage))


async def _either(stage: Stage) -> Run:
    numbers = count()
    connection = await asyncpg.connect(stage.app_dsn)

    async def call(caller: int) -> None:
        told = _told(next(numbers), stage.facts)
        keys = short_keys(told.likenesses)
        since, until = told.reported_at - WINDOW, told.reported_at + WINDOW
        assert await connection.fetch(_EITHER, *(keys[each] for each in FEATURES[:-1]), since, until)

    run = await closed_loop(1, stage.seconds, call)
    await connection.close()
    return run


def search(callers: int, stage: Stage) -> Run:
    """The search of intake: so many ask at a time."""
    return uvloop.run(_searched(callers, stage))


async def _searched(callers: int, stage: Stage) -> Run:
    numbers = count()
    async with await open_pool(stage.app_dsn) as pool:
        search = Search(Projector(pool, REPORTS))

        async def call(caller: int) -> None:
            assert await search.suspects(_told(next(numbers), stage.facts))

        return await closed_loop(callers, stage.seconds, call)


def _told(number: int, persons: int) -> ReceiveReport:
    """Somebody of a household that has reported already, on the same day as another of them."""
    n = number * _STRIDE % persons + 1
    family, given = (n % _FAMILIES) ** 2 // _FAMILIES, (n // _FAMILIES % _GIVEN) ** 2 // _GIVEN
    signs = {
        "name": f"{family}-{given}",
        "sound": f"{family}-{given // 2}",
        "phone": n,
        "phone_tail": n % _TAILS,
        "home": n // _HOUSEHOLD,
        "village": n // _HOUSEHOLD % _VILLAGES,
    }
    return ReceiveReport(
        report_id="asked",
        channel="village",
        vendor="bench",
        order=None,
        verbatim=Sealed(suite="A256GCM", key_id="bench", subject="report:asked", field="verbatim", box=""),
        county="341825",
        township=None,
        cause="fire",
        urgency="urgent",
        persons=1,
        identity="claimed",
        person=None,
        name=None,
        phone=None,
        address=None,
        match_keys=(),
        reported_at=_SINCE + timedelta(days=n * _STRIDE % _DAYS),
        likenesses=tuple(Likeness(kind=kind, key=_digest(kind, sign)) for kind, sign in signs.items()),
    )


def _digest(kind: str, sign: object) -> str:
    return md5(f"{kind}{sign}".encode(), usedforsecurity=False).hexdigest() * 2
