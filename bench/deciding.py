"""A case of sixty facts decides once more: its state at hand, folded from its facts, and read from stored bytes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import reduce
from time import process_time
from typing import cast
from uuid import UUID

from bench.contest import Run, Stage
from bench.supposing import COUNTY, META, TOWNSHIP, county, life
from events.fact import Recorded
from events.relief import CaseFact, HouseholdRelieved, PolicyBasis, ReportLinked
from events.relief_approval import (
    ApprovalProposed,
    ApprovalSigned,
    InstalmentCalled,
    InstalmentHeld,
    InstalmentInstructed,
    InstalmentReleased,
    Plan,
    Planned,
    ReliefApproved,
)
from events.upcasts import encode
from services.chassis.decider import Circumstances
from services.chassis.event_store import Stored
from services.chassis.replay import Known, fold
from services.relief.case import DECIDER
from services.relief.case_commands import DecideAdvance
from services.relief.case_state import Case

FACTS = 60
AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
NOW = Circumstances(META.actor, AT, AT, {})
BASIS = PolicyBasis(policy_hash="0" * 64, clause="压测", limit_fen=9_000_000)
CASE, APPROVAL, REPORT, FUND = "case-0", "a-1", "r-0", f"{TOWNSHIP}-2026"
ANOTHER = DecideAdvance("d-2", FUND, 1_000, (), county(9_000_000).on(AT.date()))
ID = UUID(int=1)


def case() -> Sequence[Recorded[CaseFact]]:
    """A case that was advanced, reported ten times more, and approved in eight instalments that are paid."""
    links = (ReportLinked(case_id=CASE, report_id=f"r-{number}", reported_at=AT) for number in range(1, 11))
    facts = [*_advanced(), *links, *_approved(), *(fact for number in range(1, 9) for fact in _paid(number))]
    assert len(facts) == FACTS
    placed = enumerate(facts, start=1)
    return [Recorded(COUNTY, at, f"case:{CASE}", at, fact, ID, ID, AT, AT, META) for at, fact in placed]


def _advanced() -> Sequence[CaseFact]:
    """All of a short life but its end."""
    return list(life(CASE, 0, AT))[:-1]


def _approved() -> Iterator[CaseFact]:
    parts = tuple(
        Planned(instalment_id=f"i-{number}", amount_fen=1_000, due_on=date(2026, number, 1)) for number in range(1, 9)
    )
    plan = Plan(payer=TOWNSHIP, ceiling_fen=8_000, instalments=parts)
    told = {"case_id": CASE, "approval_id": APPROVAL, "follow_up": True, "plan": plan, "basis": BASIS}
    signers = ("township_officer", "township_leader")
    yield ApprovalProposed.model_validate({**told, "level": "township", "signers": signers, "proposed_by": "S-1"})
    for number, role in enumerate(signers, start=1):
        yield ApprovalSigned(case_id=CASE, approval_id=APPROVAL, role=role, signed_by=f"S-{number}")
    place = {"county": COUNTY, "township": TOWNSHIP, "level": "township"}
    yield ReliefApproved.model_validate({**told, **place, "approved_by": ("S-1", "S-2")})


def _paid(number: int) -> Iterator[CaseFact]:
    part, payment = f"i-{number}", f"p-{number}"
    hold = {"case_id": CASE, "instalment_id": part, "hold_id": part}
    called = {"approval_id": APPROVAL, "fund_id": FUND, "amount_fen": 1_000, "decided_by": "S-2"}
    yield InstalmentCalled.model_validate({**hold, **called})
    yield InstalmentHeld.model_validate(hold)
    yield InstalmentReleased.model_validate({**hold, "fund_id": FUND, "released_by": "S-1"})
    yield InstalmentInstructed.model_validate({**hold, "payment_id": payment})
    yield HouseholdRelieved(
        case_id=CASE, report_ids=(REPORT,), decision_id=part, amount_fen=1_000, relieved_at=AT, payment_id=payment
    )


def stored(facts: Sequence[Recorded[CaseFact]]) -> Sequence[Stored]:
    """The facts as the log holds them."""
    meta = META.model_dump_json(exclude_none=True).encode()
    return [
        Stored(
            *one[:4], one.fact.NAME, one.fact.VERSION, ID, ID, AT, AT, meta, encode(one.fact), public=False, hash=b""
        )
        for one in facts
    ]


def at_hand(stage: Stage) -> Run:
    """The state is in the writer's cache."""
    known = _folded(case())
    return _decided(stage, lambda: known)


def folded(stage: Stage) -> Run:
    """The state is folded from the case's first fact."""
    facts = case()
    return _decided(stage, lambda: _folded(facts))


def read(stage: Stage) -> Run:
    """The facts are decoded before."""
    rows = stored(case())
    return _decided(stage, lambda: cast(Case | None, fold(Known(0, None), DECIDER, rows).state))


def _folded(facts: Sequence[Recorded[CaseFact]]) -> Case | None:
    return reduce(DECIDER.evolve, facts, DECIDER.initial)


def _decided(stage: Stage, known: Callable[[], Case | None]) -> Run:
    """In CPU time of the process."""
    began = process_time()
    for _ in range(stage.facts):
        assert DECIDER.decide(known(), ANOTHER, NOW)
    return Run(stage.facts, process_time() - began)
