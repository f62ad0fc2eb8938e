"""The history of a case: three services' logs, told as one story, as it is known now or was known then."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

import pytest

from events import intake, intake_desk, ledger, relief
from events.fact import Fact, fact_types
from events.upcasts import decode
from jiujinan.history import Known, history_of
from services.chassis.database import open_pool
from services.chassis.decider import Circumstances, Decider
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.intake.story import sentence as intake_sentence
from services.ledger.story import sentence as ledger_sentence
from tests.support.command_line import jiujinan
from tests.support.counter import ACTOR, COUNTY, NAMESPACE, T0, SteppingClock
from tests.support.databases import copy_of, drop
from tests.support.golden import SAMPLES
from tests.support.running import running

CASE = "C-0001"
HOUR = timedelta(hours=1)


def sample(fact_type: type[Fact]) -> Fact:
    """The golden sample of a fact."""
    return decode(fact_type.NAME, fact_type.VERSION, SAMPLES[fact_type.NAME, fact_type.VERSION])


@dataclass(frozen=True, slots=True)
class Say:
    """Record a fact, whatever it is."""

    fact: Fact


def say(state: None, command: Say, circumstances: Circumstances) -> Sequence[Fact]:
    return [command.fact]


SAYER: Decider[Say, None, Fact] = Decider(None, say, lambda state, recorded: state)

Told = tuple[Fact, str, float]
"""A fact, its stream, and after how many hours it happened; it is recorded in the order of these."""

STORY: Mapping[str, Sequence[Told]] = {
    "intake": [
        (sample(intake.ReportReceived), "report:R-0001", 0),
        (sample(intake.HelpNeeded), "report:R-0001", 0),
        (sample(intake.CaseNumberLearned), "report:R-0001", 0),
        (sample(intake.ReportSupplemented), "report:R-0009", 1),
    ],
    "relief": [
        (sample(relief.CaseOpened), "case:C-0001", 0),
        (sample(relief.AdvanceDecided), "case:C-0001", 4),
        (sample(relief.CaseAccepted), "case:C-0001", 3),
        (sample(relief.CaseOpened), "case:C-0009", 4),
        (sample(relief.HouseholdRelieved), "case:C-0001", 7),
    ],
    "ledger": [
        (sample(ledger.FundOpened), "fund:fund:990101002:2026", 0),
        (sample(ledger.Reserved), "fund:fund:990101002:2026", 4),
        (sample(ledger.Reserved).model_copy(update={"case_id": "C-0009"}), "fund:fund:990101002:2026", 4),
        (sample(ledger.PayeeRegistered), "payee:payee:C-0001:1", 5),
        (sample(ledger.PaymentInstructed), "fund:fund:990101002:2026", 6),
        (sample(ledger.PaymentReceived), "fund:fund:990101002:2026", 7),
        (sample(ledger.EntryPosted), "fund:fund:990101002:2026", 7),
    ],
}


async def tell(dsn: str, service: str, told: Sequence[Told]) -> None:
    """Put facts into a service's log, each recorded a day after T0 and a minute after the one before."""
    clock = SteppingClock(T0 + 24 * HOUR)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(await open_pool(dsn, size=2))
        writer = Writer(PostgresEventStore(pool, service), {Say: SAYER}, clock)
        await stack.enter_async_context(running(writer))
        for number, (fact, stream, hours) in enumerate(told):
            clock.moment += timedelta(minutes=1)
            unit = Unit(
                division=COUNTY,
                parts=(Directed(stream, Say(fact), asks=fact.takes()),),
                command_id=uuid5(NAMESPACE, f"{service}{number}"),
                actor=ACTOR,
                occurred_at=T0 + hours * HOUR,
            )
            await writer.submit(unit)


@pytest.fixture
async def urls(postgres: str, service_template: str) -> AsyncIterator[dict[str, str]]:
    """The story in the logs of three services."""
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for service, told in STORY.items():
            urls[service], _ = await copy_of(postgres, service_template)
            stack.push_async_callback(drop, postgres, urls[service])
            await tell(urls[service], service, told)
        yield urls


def environment(urls: Mapping[str, str]) -> dict[str, str]:
    return {f"{service.upper()}_URL": url for service, url in urls.items()}


async def test_the_history_of_a_case_is_told_across_the_services_in_the_order_of_what_happened(
    urls: dict[str, str],
) -> None:
    lines = await history_of(CASE, Known(urls))
    assert [line.name.partition(".")[2] for line in lines] == [
        *("report_received", "case_opened", "help_needed", "case_number_learned"),
        *("case_accepted", "advance_decided", "reserved", "payee_registered"),
        *("payment_instructed", "household_relieved", "payment_received", "entry_posted"),
    ]


async def test_the_command_tells_each_step_in_a_sentence_with_both_times(urls: dict[str, str]) -> None:
    result = await jiujinan("history", CASE, **environment(urls))
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split("  ") for line in result.stdout.splitlines()]
    assert lines[0][:4] == ["2026-11-02 08:10", "2026-11-03 08:11", "接报", "tester"]
    assert lines[0][4].startswith(
        "12345热线(city12345)工单 RX202611020001 报告 R-0001:火灾,紧急,3人;求助人〔姓名已加密〕"
    )
    assert lines[8][2:] == ["资金", "tester", "指令 P-0001:支付 2000元 给领款人 payee:C-0001:1(现金)。"]


async def test_on_a_terminal_the_history_is_a_table_that_leaves_nothing_out(urls: dict[str, str]) -> None:
    result = await jiujinan("history", CASE, FORCE_COLOR="1", COLUMNS="300", **environment(urls))
    assert all(heading in result.stdout for heading in ("发生", "记录", "部门", "经办", "经过"))
    assert all(line.sentence in result.stdout for line in await history_of(CASE, Known(urls)))


async def test_as_of_a_moment_only_what_was_recorded_by_then_is_told(urls: dict[str, str]) -> None:
    moment: datetime = T0 + 24 * HOUR + timedelta(minutes=2)
    names = [line.name for line in await history_of(CASE, Known(urls, moment))]
    assert names == ["intake.report_received", "relief.case_opened", "intake.help_needed", *names[3:]]
    assert names[3:] == ["relief.advance_decided", "ledger.reserved"]
    told = await jiujinan("history", CASE, "--as-of", "2026-11-03T08:12", "--json", **environment(urls))
    assert [line["name"] for line in json.loads(told.stdout)["history"]] == names
    before = await jiujinan("history", CASE, "--as-of", "2026-11-03T00:10:00Z", **environment(urls))
    assert before.exit_code == 1


async def test_a_case_that_is_not_there_and_a_service_that_is_not_given_are_told(urls: dict[str, str]) -> None:
    assert (await jiujinan("history", "C-7", **environment(urls))).exit_code == 1
    partly = await jiujinan("history", CASE, RELIEF_URL=urls["relief"], INTAKE_URL=urls["intake"])
    assert (partly.exit_code, len(partly.stdout.splitlines())) == (0, 7)
    assert partly.stderr == "没有给出 LEDGER_URL,资金部分从略\n"


TOLD = [
    key
    for key in SAMPLES
    if key[0].startswith(("intake.", "ledger.")) and fact_types()[key[0]].__module__ != intake_desk.__name__
]
"""The facts that are told. The desk's own books are nobody's story."""


@pytest.mark.parametrize("key", TOLD)
def test_every_fact_has_a_sentence_and_none_repeats_what_is_sealed_or_a_pseudonym(key: tuple[str, int]) -> None:
    fact = decode(*key, SAMPLES[key])
    told = (intake_sentence if key[0].startswith("intake.") else ledger_sentence)(fact)  # pyright: ignore[reportArgumentType]  any fact of the service
    document = json.loads(SAMPLES[key])
    hidden = [document.get("person"), *(document.get("match_keys") or ())]
    hidden += [value["box"] for value in document.values() if isinstance(value, dict) and "box" in value]
    assert told.endswith("。")
    assert not any(word in told for word in hidden if word)
