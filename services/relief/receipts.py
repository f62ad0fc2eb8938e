"""What a household has in hand by ledger's word (到账、退汇): what it received, what came back, what was too much."""

from collections.abc import Sequence
from datetime import datetime

from events.relief import CaseFact, HouseholdRelieved, ReliefCameBack, ReviewRaised
from services.chassis.decider import Circumstances
from services.relief.case_commands import NoteReceived, NoteReturned
from services.relief.case_state import Case, cost_fen
from services.relief.steps import recovery
from services.relief.steps.case_file import Given
from services.relief.steps.county import beyond


def received(case: Case, command: NoteReceived) -> Sequence[HouseholdRelieved]:
    """The household has the money; a payment that was heard of before gives nothing.

    What is said to have come before its decision counts from the decision on: a date that somebody writes down
    stops no clock that nobody had set about to meet.
    """
    said = command.said
    if any((relief.decision_id, relief.payment_id) == (said.hold_id, said.payment_id) for relief in case.received):
        return ()
    relieved = HouseholdRelieved(
        case_id=case.case_id,
        report_ids=tuple(case.reports),
        decision_id=said.hold_id,
        amount_fen=said.amount_fen,
        relieved_at=_once_decided(case, said.hold_id, said.received_at),
        payment_id=said.payment_id,
        fund_id=said.fund_id,
    )
    return (relieved,)


def _once_decided(case: Case, decision_id: str, received_at: datetime) -> datetime:
    decision = case.decisions.get(decision_id)
    if decision is None or decision.decided_at is None:
        return received_at
    return max(received_at, decision.decided_at)


def came_back(case: Case, command: NoteReturned) -> Sequence[ReliefCameBack]:
    """A payment that had been received has come back (退汇); one that nobody had gives nothing."""
    said = command.said
    if not said.was_received or (said.hold_id, said.payment_id) in case.returned:
        return ()
    return (
        ReliefCameBack(
            case_id=case.case_id,
            report_ids=tuple(case.reports),
            decision_id=said.hold_id,
            payment_id=said.payment_id,
            amount_fen=said.amount_fen,
            reason=said.reason,
        ),
    )


def ordered_in_vain(case: Case, command: NoteReturned, now: Circumstances) -> Sequence[CaseFact]:
    """What was ordered back of a payment, by its own number or its approval's, is owed no more once it came back."""
    instalment = case.approvals.of_hold(command.said.hold_id)
    decided = () if instalment is None else (instalment.approval_id,)
    return tuple(
        fact
        for back in came_back(case, command)
        for one in (back.decision_id, *decided)
        for fact in recovery.undone(case, case.recoveries, one, back, now.actor.id)
    )


def too_much(case: Case, decided: str, relieved: HouseholdRelieved) -> Sequence[CaseFact]:
    """What is beyond an amount that the county has lowered meanwhile is ordered back at once; else a person looks."""
    overrode = case.oversight.override_of(decided)
    received_fen = case.received_fen(decided) + relieved.amount_fen + cost_fen(relieved.goods)
    if overrode is not None:
        now = Given(received_fen - case.received_fen(decided), relieved.fund_id, relieved.payment_id)
        return beyond(case, overrode, received_fen, f"{overrode.override_id}-{len(case.received)}", (now,))
    decided_fen = case.decided_fen(decided)
    if decided_fen is None or received_fen <= decided_fen:
        return ()
    return (ReviewRaised(case_id=case.case_id, about=decided, reason="received_over_decided"),)
