"""What every agenda of the scheduler must keep; run on the one in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.database import open_pool
from services.relief.agenda import Agenda, Heard, Kept, Note, PostgresAgenda
from services.relief.app import SCHEMA
from tests.support.agendas import MemoryAgenda
from tests.support.databases import copy_of, create_template, drop

SOON = datetime(2026, 11, 2, 8, 10, tzinfo=UTC)
LATER = SOON + timedelta(hours=1)
COUNTY, OTHER = "990101", "990102"
ONE, TWO = (COUNTY, "case-1"), (OTHER, "case-2")


@pytest.fixture(params=["memory", "postgres"])
async def agenda(request: pytest.FixtureRequest) -> AsyncIterator[Agenda]:
    if request.param == "memory":
        yield MemoryAgenda()
        return
    superuser: str = request.getfixturevalue("postgres")
    app_dsn, _ = await copy_of(superuser, await create_template(superuser, *SCHEMA))
    pool = await open_pool(app_dsn)
    yield PostgresAgenda(pool)
    await pool.close()
    await drop(superuser, app_dsn)


def heard(edition: int, positions: dict[str, int]) -> Heard:
    return Heard(edition, positions, SOON)


async def test_what_is_noted_is_found_again_and_what_is_struck_off_is_not(agenda: Agenda) -> None:
    assert await agenda.open(3) == Kept()
    assert await agenda.keep(heard(3, {COUNTY: 10, OTHER: 4}), {ONE: Note(SOON), TWO: Note(SOON)})
    assert await agenda.keep(heard(3, {COUNTY: 12, OTHER: 4}), {ONE: Note(LATER), TWO: Note(None)})
    assert await agenda.open(3) == Kept({COUNTY: 12, OTHER: 4}, {ONE: LATER})


async def test_who_has_heard_less_of_any_log_notes_nothing(agenda: Agenda) -> None:
    await agenda.open(3)
    assert await agenda.keep(heard(3, {COUNTY: 10, OTHER: 4}), {ONE: Note(SOON)})
    assert not await agenda.keep(heard(3, {COUNTY: 11, OTHER: 3}), {ONE: Note(LATER)})
    assert not await agenda.keep(heard(3, {COUNTY: 11}), {ONE: Note(LATER)})
    assert await agenda.open(3) == Kept({COUNTY: 10, OTHER: 4}, {ONE: SOON})


async def test_under_newer_rules_it_begins_anew_and_who_knows_only_the_older_notes_nothing(agenda: Agenda) -> None:
    await agenda.open(3)
    assert await agenda.keep(heard(3, {COUNTY: 10}), {ONE: Note(SOON)})
    assert await agenda.open(4) == Kept()
    assert await agenda.open(3) == Kept()
    assert not await agenda.keep(heard(3, {COUNTY: 11}), {ONE: Note(SOON)})
    assert await agenda.keep(heard(4, {COUNTY: 2}), {ONE: Note(LATER)})
    assert await agenda.open(4) == Kept({COUNTY: 2}, {ONE: LATER})
