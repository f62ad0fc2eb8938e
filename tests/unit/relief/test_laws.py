"""The laws of the whole case, each named by its sentence; those of a single clock stand with the clocks."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from events.fact import Recorded
from events.policy import CalendarPublished
from events.relief import (
    AdvanceDecided,
    CaseFact,
    HouseholdRelieved,
    PaperworkDebtOpened,
    ReliefCameBack,
    advance_claim,
)
from events.relief_fast import EmergencyLifted, SmallFastDecided
from events.relief_household import RepeatAllowed
from events.relief_words import MakeUpTerm, decision_claim
from events.rules import SecondAdvance
from events.upcasts import decode, encode
from services.chassis.decider import Circumstances, Refused
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.replay import recorded
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.case import DECIDER
from services.relief.case_commands import (
    AcceptCase,
    CaseCommand,
    CloseCase,
    DecideAdvance,
    FilePaper,
    Note,
    NoteInstructed,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteVoided,
    OpenCase,
    RecordContact,
)
from services.relief.case_state import Case
from services.relief.clocks import clocks
from services.relief.household import household_of
from services.relief.household_commands import AllowRepeat
from services.relief.signals import signals
from services.relief.steps.approval import StopApproval
from services.relief.steps.case_file import stream_of
from services.relief.steps.fast_track import GiveSmallFast
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment
from services.relief.story import story
from services.relief.working_days import calendar_of
from tests.support.given import CLERK, NOON
from tests.support.running import running
from tests.unit.relief.facts import (
    ACCEPTED,
    CALENDAR,
    CASE,
    CONTACTED,
    FIRST,
    PAPERS,
    PERSON,
    POLICY,
    SECOND,
    at,
    book,
    came_back,
    decide_advance,
    decided,
    happened,
    linked,
    need,
    opened,
    policy,
    published,
    received,
    relieved,
    reserved,
    returned,
    short,
    voided,
)
from tests.unit.relief.test_amounts import policy_with
from tests.unit.relief.test_approval import instructed as told_to_pay
from tests.unit.relief.test_approval import plan, told
from tests.unit.relief.test_approval import received as paid_out
from tests.unit.relief.test_approval import reserved as held
from tests.unit.relief.test_approval import returned as sent_back
from tests.unit.relief.test_approval import voided as let_go_of
from tests.unit.relief.test_shipped_policies import shipped
from tests.unit.relief.told import BUREAU, LEADER, OFFICER, A, Told

DIGEST = "0" * 64

Moves = Sequence[CaseCommand]


_SAYABLE: Mapping[type, set[str]] = {
    NoteReserved: {"called"},
    NoteVoided: {"called", "held", "released", "leaving"},
    NoteInstructed: {"released"},
    NoteReceived: {"instructed"},
    NoteReturned: {"instructed", "paid"},
}


def may_be_said(note: Note, case: Told) -> bool:
    """Held only what was asked for, paid only what is held and released, sent back only what was paid last."""
    known = case.known.approvals.of_hold(note.said.hold_id)
    if known is None or known.hold_id != note.said.hold_id or known.standing not in _SAYABLE[type(note)]:
        return False
    return not isinstance(note, NoteReceived | NoteReturned) or note.said.payment_id == known.paying


PARTS = (f"{A}-1", f"{A}-2")
STAGES: Moves = [
    move
    for part in PARTS
    for move in (
        held(part),
        held(f"{part}.2"),
        told_to_pay(part, f"p-{part}"),
        told_to_pay(part, f"q-{part}"),
        paid_out(part, f"p-{part}"),
        paid_out(part, f"q-{part}"),
        sent_back(part, f"p-{part}"),
        sent_back(part, f"p-{part}", was_received=False),
        let_go_of(part),
        CallInstalment(part),
        ReleaseInstalment(part),
        LetGoInstalment(part, "reduced", 50_000, "x"),
        LetGoInstalment(part, "skipped", 0, "x"),
        StopApproval(A, "x"),
    )
]


@settings(max_examples=80, deadline=None)
@for_all(st.lists(st.sampled_from(STAGES), min_size=12, max_size=30))
def test_received_and_instructed_less_returned_never_exceeds_what_was_decided_nor_that_the_ceiling(
    moves: Moves,
) -> None:
    case, net_fen = told(), dict[str, int]()
    case.proposes(plan(("09-10", 2026, 1000), ("09-12", 2026, 1000)))
    case.signs(OFFICER, LEADER)
    ceiling_fen = case.known.approvals.known[A].proposed.plan.ceiling_fen
    for move in moves:
        if isinstance(move, Note) and not may_be_said(move, case):
            continue
        try:
            case.does(move)
        except Refused:
            continue
        if isinstance(move, NoteInstructed):
            instalment = case.known.approvals.of_hold(move.said.hold_id)
            assert instalment is not None
            net_fen[move.said.payment_id] = instalment.amount_fen
        if isinstance(move, NoteReturned):
            net_fen[move.said.payment_id] = 0
        decided_fen = case.known.decided_fen(A) or 0
        assert sum(net_fen.values()) <= decided_fen <= ceiling_fen


ADVANCES: Moves = [
    move
    for decision in (FIRST, SECOND)
    for move in (
        decide_advance(decision, 100_000),
        reserved(decision),
        short(decision),
        received(decision, f"p-{decision}"),
        returned(decision, f"p-{decision}"),
        received(decision, f"q-{decision}"),
        returned(decision, f"q-{decision}"),
        voided(decision),
        *(FilePaper(decision, paper, DIGEST) for paper in PAPERS),
    )
]


@settings(max_examples=80, deadline=None)
@for_all(st.lists(st.sampled_from(ADVANCES), min_size=6, max_size=24))
def test_open_make_up_debts_are_the_advances_without_their_papers_at_every_prefix(moves: Moves) -> None:
    case = Told(POLICY, at("11-02 10:00"))
    case.happens(opened(), ACCEPTED, CONTACTED)
    case.does(decide_advance(FIRST, 100_000))
    case.does(decide_advance(SECOND, 100_000))
    paid, back, filed = set[tuple[str, str | None]](), set[tuple[str, str | None]](), set[tuple[str, str]]()
    for move in moves:
        for fact in _given(case, move):
            if isinstance(fact, HouseholdRelieved):
                paid.add((fact.decision_id, fact.payment_id))
            if isinstance(fact, ReliefCameBack):
                back.add((fact.decision_id, fact.payment_id))
            if isinstance(move, FilePaper):
                filed.add((move.debt_id, move.paper))
        owing = {key for key, _ in paid - back if any((key, paper) not in filed for paper in PAPERS)}
        assert {key for key in case.known.debts if case.known.owes_papers(key)} == owing


def _given(case: Told, move: CaseCommand) -> Sequence[CaseFact]:
    try:
        return case.does(move)
    except Refused:
        return ()


@settings(max_examples=40, deadline=None)
@for_all(
    st.lists(
        st.sampled_from([reserved("small-1"), received("small-1"), returned("small-1"), voided("small-1"), CloseCase()])
    )
)
def test_small_fast_relief_never_leaves_a_debt(moves: Moves) -> None:
    policy = policy_with(small_fast={"percent_of_standard": 100, "inclusive": True, "days": 3, "clause": "T8"})
    case = Told(policy, at("11-02 10:00"))
    case.happens(opened(), ACCEPTED, CONTACTED)
    (fact,) = case.does(GiveSmallFast("small-1", "fund-1", 200_000, "fire", policy, CALENDAR))
    assert isinstance(fact, SmallFastDecided)
    for move in moves:
        _given(case, move)
        assert case.known.debts == {}
        assert "paperwork_debt_opened" not in case.names()


@settings(max_examples=60, deadline=None)
@for_all(st.lists(st.sampled_from([*ADVANCES, AcceptCase(), RecordContact(reached=True), CloseCase()]), max_size=16))
def test_replay_gives_the_same_decision_and_twice_is_once(moves: Moves) -> None:
    """At each command the case is read anew from the bytes as they are stored."""
    case = Told(POLICY, at("11-02 10:00"))
    case.happens(opened(), ACCEPTED)
    for move in moves:
        anew = _replayed(case.known_as)
        assert anew == case.case
        now = Circumstances(CLERK, case.now, case.now, {})
        assert _decided(anew, move, now) == _decided(case.case, move, now)
        if _given(case, move) and isinstance(move, Note | FilePaper):
            assert _given(case, move) == ()


def _replayed(facts: Sequence[Recorded[CaseFact]]) -> Case | None:
    known: Case | None = None
    for one in facts:
        known = DECIDER.evolve(known, one._replace(fact=decode(one.fact.NAME, one.fact.VERSION, encode(one.fact))))
    return known


def _decided(case: Case | None, command: CaseCommand, now: Circumstances) -> Sequence[CaseFact] | str:
    try:
        return DECIDER.decide(case, command, now)
    except Refused as refused:
        return refused.code


def debt_of(decision_id: str) -> PaperworkDebtOpened:
    """The papers of a decision."""
    term = MakeUpTerm(length=5, unit="working_day")
    due_on = at("11-09 00:00").date()
    return PaperworkDebtOpened(
        case_id=CASE, debt_id=decision_id, papers=PAPERS, due_on=due_on, clause="演示三", term=term
    )


REPORTED: Sequence[tuple[CaseFact, datetime]] = (
    (linked(), at("11-02 07:55")),
    (ACCEPTED, at("11-02 08:40")),
    (CONTACTED, at("11-02 09:00")),
    (decided(), at("11-02 10:00")),
    (relieved(), at("11-02 11:20")),
    (debt_of(FIRST), at("11-02 11:21")),
    (came_back(), at("11-03 09:00")),
    (EmergencyLifted(case_id=CASE, lifted_on=at("11-03 10:00").date(), noted_by="S-1"), at("11-03 10:00")),
    (relieved(payment_id="payment-2", when=at("11-03 12:00")), at("11-03 12:00")),
)
"""What was reported of a case after it was opened, and when it happened."""


@settings(max_examples=60, deadline=None)
@for_all(st.permutations(REPORTED))
def test_any_arrival_order_of_the_same_reported_facts_gives_the_same_clocks_and_the_same_whole_story(
    order: Sequence[tuple[CaseFact, datetime]],
) -> None:
    assert _as_told(order) == _as_told(REPORTED)


def _as_told(order: Sequence[tuple[CaseFact, datetime]]) -> tuple[Sequence[object], Sequence[str]]:
    """Each fact is learned a minute after the one before it, days after all has happened."""
    learned = at("11-05 08:00")
    arrived = [((opened(), at("11-02 08:10")), learned)]
    arrived += [(one, learned + timedelta(minutes=number)) for number, one in enumerate(order, start=1)]
    known = [
        happened(fact, when, known=heard_at, position=number)
        for number, ((fact, when), heard_at) in enumerate(arrived, start=1)
    ]
    said = [signal for one in known for signal in signals(one)]
    running = clocks(said, book(published()), at("11-20 08:00"))
    shown = [(one.name, one.subject, one.started_at, one.due_at, one.stopped_at, one.verdict) for one in running]
    assert {name for name, *_ in shown} >= {"advance_from_report", "make_up"}
    return shown, [one.sentence for one in story(known)]


class _StandingClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("cases", [2, 7, 40])
async def test_one_person_has_one_first_advance_for_an_incident_in_a_county_however_many_ask_at_once(
    cases: int,
) -> None:
    store = MemoryEventStore("relief")
    writers = [Writer(store, BLUEPRINT.deciders, _StandingClock()) for _ in range(2)]
    async with running(writers[0]), running(writers[1]):
        names = [f"case-{number}" for number in range(cases)]
        for name in names:
            await writers[0].submit(_unit(name, OpenCase(name, need(f"r-{name}"))))
            await writers[0].submit(_unit(name, AcceptCase()))
        asked = (
            writers[number % 2].submit(_unit(name, DecideAdvance(f"d-{name}", "f", 100, (), POLICY)))
            for number, name in enumerate(names)
        )
        await asyncio.gather(*asked)
    rows = [row async for row in store.read("990101")]
    first = [row for row in rows if isinstance(recorded(row).fact, AdvanceDecided)]
    assert len(first) == 1
    assert sum(row.name == "relief.advance_declined" for row in rows) == cases - 1


MAY_ALLOW = policy(second_advance=SecondAdvance(override_roles=("county_civil_affairs",), clause="正当理由"))


@settings(max_examples=15, deadline=None)
@for_all(allowed=st.sets(st.integers(0, 7), max_size=4))
async def test_only_who_was_allowed_to_has_a_further_first_advance_however_many_ask_at_once(allowed: set[int]) -> None:
    store = MemoryEventStore("relief")
    names, may = [f"case-{number}" for number in range(8)], {f"case-{number}" for number in allowed}
    async with running(Writer(store, BLUEPRINT.deciders, _StandingClock())) as writer:
        for name in ("first", *names):
            await writer.submit(_unit(name, OpenCase(name, need(f"r-{name}"))))
            await writer.submit(_unit(name, AcceptCase()))
        await writer.submit(_unit("first", DecideAdvance("d-first", "f", 100, (), POLICY)))
        await asyncio.gather(*(writer.submit(_allowing(name)) for name in may))
        asked = {name: DecideAdvance(f"d-{name}", "f", 100, (), POLICY, allowed=name in may) for name in names}
        await asyncio.gather(*(writer.submit(_unit(name, one)) for name, one in asked.items()))
    facts = [recorded(row).fact async for row in store.read("990101")]
    made = [fact for fact in facts if isinstance(fact, AdvanceDecided)]
    assert [fact.case_id for fact in made if not fact.although_helped] == ["first"]
    assert {fact.case_id for fact in made if fact.although_helped} == may
    allowances = {fact.case_id: fact.despite for fact in facts if isinstance(fact, RepeatAllowed)}
    assert allowances == dict.fromkeys(may, "first")


def _allowing(case_id: str) -> Unit:
    claim = advance_claim(PERSON, "fire")
    allow = AllowRepeat(PERSON, case_id, "second_fire", MAY_ALLOW, claim)
    asked = Directed(household_of(PERSON), allow, (claim,))
    return _unit(case_id, AcceptCase())._replace(parts=(asked,), command_id=uuid5(UUID(int=8), case_id), actor=BUREAU)


def _unit(case_id: str, command: CaseCommand) -> Unit:
    return Unit(
        division="990101",
        parts=(Directed(stream_of(case_id), command, _claims(command)),),
        command_id=uuid5(UUID(int=7), f"{case_id}|{type(command).__name__}"),
        actor=CLERK,
        occurred_at=NOON,
    )


def _claims(command: CaseCommand) -> tuple[str, ...]:
    of_decision = (decision_claim(command.decision_id),) if isinstance(command, DecideAdvance) else ()
    return advance_claim(PERSON, "fire"), *of_decision


HOLIDAYS = {
    2024: ("01-01", "02-10..02-17", "04-04..04-06", "05-01..05-05", "06-10", "09-15..09-17", "10-01..10-07"),
    2025: ("01-01", "01-28..02-04", "04-04..04-06", "05-01..05-05", "05-31..06-02", "10-01..10-08"),
    2026: (
        "01-01..01-03",
        "02-15..02-23",
        "04-04..04-06",
        "05-01..05-05",
        "06-19..06-21",
        "09-25..09-27",
        "10-01..10-07",
    ),
}
"""The State Council's arrangements as the notices have them: days off, then the weekends that are worked for them."""

WORKED = {
    2024: ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_the_years_2024_to_2026_is_as_the_fixed_holiday_table_says(year: int) -> None:
    calendar = calendar_of((one for one in shipped() if isinstance(one, CalendarPublished)), "000000")
    off = {day for span in HOLIDAYS[year] for day in _days(year, span)}
    worked = {day for text in WORKED[year] for day in _days(year, text)}
    for day in _days(year, "01-01..12-31"):
        assert calendar.is_working_day(day) == (day in worked or (day not in off and day.weekday() < 5)), day


def _days(year: int, span: str) -> list[date]:
    first, _, last = span.partition("..")
    begins, ends = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
    return [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]
