"""By what a report is known: in the county that received it, and in the one that it is handed over to."""

from dataclasses import replace
from datetime import UTC, datetime

from events.intake import ReportReceived
from services.chassis.keyring import Erasure, MemoryKeyring
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.sealing import Sealer
from services.intake.channels.told import Told
from services.intake.receiving import Reception
from services.intake.report import DECIDER
from services.intake.report_commands import ReceiveReport
from tests.support.given import given
from tests.unit.intake.test_channels import read

HERE, THERE = "341825", "320115"


async def received(reception: Reception, told: Told) -> tuple[ReceiveReport, ReportReceived]:
    command = await reception.command(told, b"{}", sender="V-1", report_id="R1", home=HERE)
    fact = given(DECIDER).when(command)[0]
    assert isinstance(fact, ReportReceived)
    return command, fact


async def test_a_report_that_is_handed_over_is_known_there_as_if_it_had_come_there_at_first() -> None:
    reception = Reception(Sealer(MemoryKeyring()), Pseudonyms(bytes(32)))
    told = replace(read("village"), phone=None, reporter_phone="19900009999", cause="fire")
    _, here = await received(reception, told)
    there = replace(told, place=replace(told.place, county=THERE, township=None))
    expected, _ = await received(reception, there)
    moved = await reception.moved(here, THERE)
    assert (moved.match_keys, moved.likenesses) == (expected.match_keys, expected.likenesses)
    assert set(moved.match_keys) & set(here.match_keys)
    assert moved.match_keys != here.match_keys
    assert not set(moved.likenesses) & set(here.likenesses)


async def test_of_a_report_that_was_erased_no_likeness_goes_along() -> None:
    ring = MemoryKeyring()
    reception = Reception(Sealer(ring), Pseudonyms(bytes(32)))
    _, here = await received(reception, read("village"))
    await ring.destroy(Erasure("report:R1", datetime(2026, 11, 2, tzinfo=UTC), "asked_for", "S-1"))
    assert (await reception.moved(here, THERE)).likenesses == ()
