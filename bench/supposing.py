"""What-if over a county's facts as the log holds them, beside a replay that only decodes them and folds the cases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import cast
from uuid import UUID

from bench.contest import Run, Stage
from events.fact import Actor, Meta, Recorded
from events.policy import PolicyPublished
from events.relief import (
    AdvanceDecided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    FundsReserved,
    HouseholdContacted,
    HouseholdRelieved,
    PolicyBasis,
)
from events.relief_household import CountedHelp, HelpCounted, HouseholdFact
from events.rules import RepeatRule, TownshipLimit
from events.shanghai import day_of
from events.upcasts import decode, encode
from services.chassis.event_store import Stored
from services.chassis.replay import as_recorded, recorded
from services.relief.case import DECIDER
from services.relief.case_state import Case
from services.relief.household_state import Household, evolve
from services.relief.rulebook import Rulebook, rulebook
from services.relief.supposed_households import UnreadOfHousehold
from services.relief.whatif import Comparison, Unread

COUNTY, TOWNSHIP = "990101", "990101001"
BEGINNING = datetime(2026, 1, 5, 1, tzinfo=UTC)
ID = UUID(int=1)
META = Meta(actor=Actor(id="bench", role="system", scope=""), correlation="bench", causation="bench")
FACTS_PER_CASE = 8
CASES_PER_PERSON = 2


def county(limit_fen: int, *, once: bool = False) -> Rulebook:
    """A county whose township decides up to a limit, and where it says so, once in a year for one cause."""
    limit = TownshipLimit(limit_fen=limit_fen, inclusive=True, clause="压测")
    head = {"set_id": "bench", "division": COUNTY, "title": "压测", "effective_from": date(2020, 1, 1)}
    published = PolicyPublished.model_validate({**head, "township_limit": limit.model_dump()})
    if once:
        rule = RepeatRule(times=1, window="natural_year", clause="压测")
        published = published.model_copy(update={"same_cause": rule})
    return rulebook(COUNTY, [Recorded(COUNTY, 1, "policy", 1, published, ID, ID, BEGINNING, BEGINNING, META)])


def log(facts: int) -> list[Stored]:
    """The stored facts of as many cases as make up so many facts, with what counts for their households."""
    meta, rows = META.model_dump_json(exclude_none=True).encode(), list[Stored]()
    for number in range(facts // FACTS_PER_CASE):
        at = BEGINNING + timedelta(minutes=number)
        for version, fact in enumerate(life(f"case-{number}", number, at), start=1):
            rows.append(_stored(f"case:case-{number}", version, fact, len(rows) + 1, meta))
            if isinstance(fact, AdvanceDecided):
                rows.append(_stored(f"household:{fact.person}", 1, _counted(fact, at), len(rows) + 1, meta))
    return rows


def _stored(stream: str, version: int, fact: CaseFact | HelpCounted, position: int, meta: bytes) -> Stored:
    at = BEGINNING + timedelta(minutes=position // FACTS_PER_CASE)
    place = (COUNTY, position, stream, version, fact.NAME, fact.VERSION, ID, ID)
    return Stored(*place, at, at, meta, encode(fact), public=False, hash=b"")


def _counted(fact: AdvanceDecided, at: datetime) -> HelpCounted:
    assert fact.person is not None
    key = {"case_id": fact.case_id, "decision_id": fact.decision_id, "person": fact.person, "cause": fact.cause}
    help_given = CountedHelp.model_validate({**key, "on": day_of(at), "amount_fen": fact.amount_fen})
    return HelpCounted(household=fact.person, help=help_given)


def life(case_id: str, number: int, at: datetime) -> Iterator[CaseFact]:
    """What happens in a case, from its opening to its end."""
    basis = PolicyBasis(policy_hash="0" * 64, clause="压测", limit_fen=300_000)
    person = f"p:{number // CASES_PER_PERSON:016d}"
    amount_fen = 50_000 + 1_000 * (number % 250)
    told = {"case_id": case_id, "county": COUNTY, "township": TOWNSHIP, "cause": "fire", "person": person}
    opened = {"report_id": f"r-{number}", "urgency": "urgent", "persons": 3, "identity": "claimed"}
    yield CaseOpened.model_validate({**told, **opened, "name": None, "reported_at": at})
    yield CaseAccepted(case_id=case_id, report_ids=(f"r-{number}",), accepted_by="S-1")
    yield HouseholdContacted(case_id=case_id, contacted_by="S-1", reached=True, contacted_at=at)
    decided = {"decision_id": "d-1", "fund_id": "f-1", "amount_fen": amount_fen, "decided_by": "S-1", "basis": basis}
    yield AdvanceDecided.model_validate({**told, **decided})
    yield FundsReserved(case_id=case_id, decision_id="d-1", amount_fen=amount_fen)
    reports, relieved = (f"r-{number}",), {"decision_id": "d-1", "relieved_at": at, "payment_id": "p-1"}
    yield HouseholdRelieved.model_validate(
        {"case_id": case_id, "report_ids": reports, "amount_fen": amount_fen, **relieved}
    )
    yield CaseClosed(
        case_id=case_id,
        report_ids=reports,
        outcome="relieved",
        handling="已办结。",
        contacted_at=at,
        relieved_at=at,
        closed_by="S-1",
        person=person,
        cause="fire",
    )


def suppose(stage: Stage) -> Run:
    """Every advance decided again under a lower limit, and once in a year: beside what its household would have had."""
    rows = log(stage.facts)
    found = Comparison(county(300_000), county(200_000, once=True), date(2026, 1, 1), date(2099, 12, 31))
    began = perf_counter()
    for row in rows:
        kind, _, whose = row.stream.partition(":")
        if kind == "case":
            found.hear(Unread(whose, row.name, row.occurred_at, partial(_read, row)))
        else:
            found.hear_household(UnreadOfHousehold(whose, row.name, partial(_read_household, row)))
    seconds = perf_counter() - began
    assert found.differences
    return Run(len(rows), seconds)


def _read(row: Stored) -> Recorded[CaseFact]:
    return cast(Recorded[CaseFact], as_recorded(row, decode(row.name, row.schema_version, row.data), META))


def _read_household(row: Stored) -> Recorded[HouseholdFact]:
    return cast(Recorded[HouseholdFact], as_recorded(row, decode(row.name, row.schema_version, row.data), META))


def fold(stage: Stage) -> Run:
    """Decode and fold only."""
    rows, cases, households = log(stage.facts), dict[str, Case | None](), dict[str, Household]()
    began = perf_counter()
    for row in rows:
        one = recorded(row)
        if row.stream.startswith("case:"):
            cases[row.stream] = DECIDER.evolve(cases.get(row.stream), cast(Recorded[CaseFact], one))
        else:
            known = households.get(row.stream, Household())
            households[row.stream] = evolve(known, cast(Recorded[HouseholdFact], one))
    return Run(len(rows), perf_counter() - began)
