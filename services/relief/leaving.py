"""What of a case is not paid is let go: because it is over, because the county says so, because it moves away."""

from collections.abc import Sequence

from events.relief import CaseFact, ReviewRaised
from services.chassis.decider import Circumstances
from services.relief.advance import dropped
from services.relief.case_state import Case
from services.relief.steps import approval, moving
from services.relief.steps.approval import SendBackApproval, StopApproval
from services.relief.steps.authority import payer_of
from services.relief.steps.moving import MoveTownship


def all_let_go(case: Case, reason: str, now: Circumstances) -> Sequence[CaseFact]:
    """Nothing more is paid."""
    return [fact for key in (*case.approvals.known, *case.decisions) for fact in let_go(case, key, reason, now)]


def let_go(case: Case, decided: str, reason: str, now: Circumstances) -> Sequence[CaseFact]:
    """What of an approval or an advance is not paid yet."""
    if decided in case.approvals.known:
        return approval.decide(case, case.approvals, StopApproval(decided, reason), now)
    decision = case.decisions[decided]
    if decision.standing not in ("awaiting", "held", "short") or case.has_any_of(decided):
        return ()
    return (dropped(case, decided, reason),)


def moved(case: Case, command: MoveTownship, now: Circumstances) -> Sequence[CaseFact]:
    """What the old township was to pay is let go where it is not paid, and somebody sees that it is decided anew."""
    facts = moving.decide(case, command, now.actor.id)
    if not facts:
        return ()
    place = payer_of(command.policy, case.opened)
    unpaid = [
        fact
        for key in (*case.approvals.known, *case.decisions)
        if case.payer_of(key) == place
        for fact in _given_up(case, key, now)
    ]
    if not unpaid:
        return facts
    return *facts, *unpaid, ReviewRaised(case_id=case.case_id, about=case.case_id, reason="township_moved")


def _given_up(case: Case, decided: str, now: Circumstances) -> Sequence[CaseFact]:
    """Nothing of it is paid here any more; what waits to be signed is sent back."""
    known = case.approvals.known.get(decided)
    if known is not None and known.standing == "proposed":
        return approval.decide(case, case.approvals, SendBackApproval(decided, "township_moved"), now)
    return let_go(case, decided, "township_moved", now)
