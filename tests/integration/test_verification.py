"""Verification finds whatever was done to a log behind the writer's back, and says where it begins."""

import json
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid5

import asyncpg
import pytest

from jiujinan.verification import Break, Reason, verify_service
from services.chassis.chain import genesis, link
from services.chassis.event_store import Stored
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.unit import Unit
from services.chassis.writer import Writer
from tests.support.command_line import jiujinan
from tests.support.counter import COUNTY, DECIDERS, NAMESPACE, T0, Note, SteppingClock, said
from tests.support.databases import ServiceDatabase, address
from tests.support.running import running

ELSEWHERE = "990102"
FACTS = 30

FLIPPED = "update facts set {0} = set_byte({0}, 3, get_byte({0}, 3) # 1) where division = '990101' and position = 7"
DELETED = "delete from facts where division = '990101' and position {}"
MOVED = "update facts set position = {} where division = '990101' and position = {}"
HEAD_BACK = """update log_heads h set position = f.position, hash = f.hash
from facts f where h.division = f.division and f.division = '990101' and f.position = {}"""
HEAD_FLIPPED = "update log_heads set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where division = '990101'"


class Damaged:
    """A service's database, with somebody in it who obeys no trigger and no constraint between tables."""

    def __init__(self, database: ServiceDatabase, superuser: str) -> None:
        self.database = database
        self._superuser = address(superuser, urlsplit(database.app_dsn).path[1:])

    async def by(self, *statements: str) -> None:
        """Do this damage."""
        connection = await asyncpg.connect(self._superuser)
        await connection.execute("set session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    async def breaks(self) -> Sequence[Break]:
        """What verification finds."""
        return (await verify_service(self.database.pool, "relief")).breaks


def noted(number: int, division: str) -> Unit:
    return said(Note(f"第{number}条"), f"note:{number % 3}", key=f"{division}{number}", division=division)


@pytest.fixture
async def logs(service_database: ServiceDatabase, postgres: str) -> Damaged:
    """Two logs of thirty facts, in three streams each."""
    clock = SteppingClock()
    async with running(Writer(PostgresEventStore(service_database.pool, "relief"), DECIDERS, clock)) as writer:
        for number in range(FACTS):
            clock.moment += timedelta(seconds=1, microseconds=7)
            await writer.take_in(noted(number, division) for division in (COUNTY, ELSEWHERE))
    return Damaged(service_database, postgres)


async def test_logs_that_nobody_has_touched_are_whole(logs: Damaged) -> None:
    seen: list[int] = []
    verdict = await verify_service(logs.database.pool, "relief", (), seen.append)
    assert (verdict.logs, verdict.facts, verdict.breaks) == (2, 2 * FACTS, [])
    assert sum(seen) == 2 * FACTS


async def test_a_log_is_whole_for_its_own_service_only(logs: Damaged) -> None:
    verdict = await verify_service(logs.database.pool, "ledger")
    assert [found.position for found in verdict.breaks] == [1, 1]


@pytest.mark.parametrize(
    ("statements", "position", "reason"),
    [
        ([FLIPPED.format("data")], 7, "changed"),
        ([FLIPPED.format("meta")], 7, "changed"),
        ([FLIPPED.format("hash")], 7, "changed"),
        ([DELETED.format("= 7")], 7, "missing"),
        ([DELETED.format("= 1")], 1, "missing"),
        ([MOVED.format(1007, 7), MOVED.format(7, 8), MOVED.format(8, 1007)], 7, "changed"),
        ([DELETED.format("> 20")], 21, "cut_off"),
        ([DELETED.format("> 0")], 1, "cut_off"),
        ([HEAD_BACK.format(20)], 21, "beyond_head"),
        ([HEAD_FLIPPED], FACTS, "head_changed"),
    ],
)
async def test_the_first_broken_position_is_named(
    logs: Damaged, statements: Sequence[str], position: int, reason: Reason
) -> None:
    await logs.by(*statements)
    assert await logs.breaks() == [Break(COUNTY, position, reason)]


@pytest.mark.parametrize(
    "change",
    [
        "stream = stream || 'x'",
        "version = version + 100",
        "name = 'test.counted'",
        "schema_version = 2",
        "fact_id = command_id",
        "command_id = fact_id",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 microsecond'",
    ],
)
async def test_no_column_of_a_fact_can_change_unseen(logs: Damaged, change: str) -> None:
    await logs.by(f"update facts set {change} where division = '990102' and position = 11")
    assert await logs.breaks() == [Break(ELSEWHERE, 11, "changed")]


@pytest.mark.parametrize(
    "witness",
    [
        "insert into relay_cursors values ('990101', 30, 0)",
        "insert into projection_cursors values ('caseload', 'a', '990101', 30)",
    ],
)
async def test_a_log_cut_off_together_with_its_head_is_told_by_who_has_read_further(
    logs: Damaged, witness: str
) -> None:
    await logs.by(witness)
    assert await logs.breaks() == []
    await logs.by(HEAD_BACK.format(20), DELETED.format("> 20"))
    assert await logs.breaks() == [Break(COUNTY, 21, "cut_off")]
    await logs.by(DELETED.format("> 0"), "delete from log_heads where division = '990101'")
    assert await logs.breaks() == [Break(COUNTY, 1, "cut_off")]


async def test_another_service_that_has_followed_further_tells_too(
    logs: Damaged, other_database: ServiceDatabase
) -> None:
    await other_database.pool.execute("insert into followed values ('relief', $1, 30), ('intake', $1, 99)", COUNTY)
    await logs.by(HEAD_BACK.format(20), DELETED.format("> 20"))
    assert await logs.breaks() == []
    verdict = await verify_service(logs.database.pool, "relief", [other_database.pool])
    assert verdict.breaks == [Break(COUNTY, 21, "cut_off")]


async def test_a_well_hashed_log_whose_stream_skips_a_version_is_broken(service_database: ServiceDatabase) -> None:
    await PostgresEventStore(service_database.pool, "relief").open_logs([COUNTY])
    hashed = genesis("relief", COUNTY)
    for position, version in ((1, 1), (2, 3)):
        number = uuid5(NAMESPACE, str(position))
        row = Stored(
            *(COUNTY, position, "note:1", version, "test.noted", 1, number, number, T0, T0),
            *(b"{}", b"{}", False, b""),
        )
        hashed = link(hashed, row)
        values = ", ".join(f"${number}" for number in range(1, 15))
        await service_database.pool.execute(f"insert into facts values ({values})", *row._replace(hash=hashed))
    await service_database.pool.execute("update log_heads set position = 2, hash = $1", hashed)
    assert (await verify_service(service_database.pool, "relief")).breaks == [Break(COUNTY, 2, "version")]


async def test_the_command_says_so_and_exits_with_1_when_something_is_broken(logs: Damaged) -> None:
    whole = await jiujinan("verify", RELIEF_URL=logs.database.app_dsn)
    assert (whole.exit_code, whole.stdout) == (0, "relief  2 个日志,60 条事实:完好\n")
    await logs.by(FLIPPED.format("data"))
    broken = await jiujinan("verify", "--service", "relief", RELIEF_URL=logs.database.app_dsn)
    assert broken.exit_code == 1
    assert broken.stdout.splitlines()[1] == "  990101 第 7 条内容或哈希与记录时不同"
    told = await jiujinan("verify", "--json", RELIEF_URL=logs.database.app_dsn)
    assert json.loads(told.stdout)["services"] == [
        {
            "service": "relief",
            "logs": 2,
            "facts": 36,
            "broken": [{"division": "990101", "position": 7, "reason": "changed"}],
        }
    ]
