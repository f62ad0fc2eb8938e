"""What ledger says about the money of a case: of an advance or of an instalment, held or not, received, let go."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from events.relief import (
    AdvanceVoided,
    CaseFact,
    FundsReserved,
    FundsShort,
    ReviewRaised,
)
from events.relief_approval import InstalmentFreed, InstalmentHeld, InstalmentInstructed, InstalmentShort
from services.chassis.decider import Circumstances
from services.relief.advance import decision_of, freed, letting_go
from services.relief.case_commands import (
    Note,
    NoteInstructed,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
)
from services.relief.case_state import Case, Decision
from services.relief.paperwork import owed_still, papers_owed
from services.relief.receipts import came_back, ordered_in_vain, received, too_much
from services.relief.reviews import before_its_decision, returned_after_closing, voided_after_closing
from services.relief.steps.instalment import Instalment


def note(case: Case, command: Note, now: Circumstances) -> Sequence[CaseFact]:
    """What ledger's word means for the case. Raises ``Refused`` for a decision that is not of this case."""
    facts = _noted(case, command, now)
    if not facts or case.closed is None:
        return facts
    return *returned_after_closing(case, command), *facts, *voided_after_closing(case, command)


def _noted(case: Case, command: Note, now: Circumstances) -> Sequence[CaseFact]:
    instalment = case.approvals.of_hold(command.said.hold_id)
    if instalment is not None:
        return _of_instalment(case, instalment, command, now)
    return _of_advance(case, _by_decision(case, command), now)


def _by_decision(case: Case, command: Note) -> Note:
    """Ledger's word under the decision's own number, whatever the number of the hold."""
    decision_id = case.decision_of_hold(command.said.hold_id)
    said: Any = command.said.model_copy(update={"hold_id": decision_id})
    return replace(command, said=said)


def _of_advance(case: Case, command: Note, now: Circumstances) -> Sequence[CaseFact]:
    decision = decision_of(case, command.said.hold_id)
    match command:
        case NoteReserved():
            return _reserved(case, decision, command)
        case NoteShort():
            return _short(case, decision, command)
        case NoteInstructed():
            return _too_late(case, decision, command)
        case NoteReceived():
            return _advance_received(case, command, now)
        case NoteReturned():
            return *_advance_returned(case, command), *ordered_in_vain(case, command, now)
        case NoteVoided():
            return _voided(case, decision, command)


def _of_instalment(case: Case, known: Instalment, command: Note, now: Circumstances) -> Sequence[CaseFact]:
    match command:
        case NoteReserved() | NoteShort() | NoteVoided():
            own = known.hold_id or known.instalment_id
            return _held_or_not(known, command) if command.said.hold_id == own else ()
        case NoteInstructed():
            return _instructed(case, known, command)
        case NoteReceived():
            return _instalment_received(case, known, command)
        case NoteReturned():
            return *_sent_back(case, known, command), *ordered_in_vain(case, command, now)


def _held_or_not(known: Instalment, command: NoteReserved | NoteShort | NoteVoided) -> Sequence[CaseFact]:
    case_id, instalment_id, hold_id = known.case_id, known.instalment_id, command.said.hold_id
    match command:
        case NoteReserved():
            if known.standing not in ("called", "short") and not known.is_promised:
                return ()
            return (InstalmentHeld(case_id=case_id, instalment_id=instalment_id, hold_id=hold_id),)
        case NoteShort(said):
            if known.standing not in ("called", "leaving"):
                return ()
            short_fen = said.shortfall_fen
            return (
                InstalmentShort(case_id=case_id, instalment_id=instalment_id, hold_id=hold_id, shortfall_fen=short_fen),
            )
        case NoteVoided(said):
            if known.standing in ("planned", "short", "paid", "gone"):
                return ()
            return (InstalmentFreed(case_id=case_id, instalment_id=instalment_id, hold_id=hold_id, reason=said.reason),)


def _instructed(case: Case, known: Instalment, command: NoteInstructed) -> Sequence[CaseFact]:
    """From here on it cannot be let go; where that was under way, a person must look at it."""
    said = command.said
    if said.payment_id in known.payments or known.is_settled or said.hold_id != known.hold_id:
        return ()
    instructed = InstalmentInstructed(
        case_id=case.case_id, instalment_id=known.instalment_id, hold_id=said.hold_id, payment_id=said.payment_id
    )
    if known.lets_go is None:
        return (instructed,)
    return instructed, ReviewRaised(case_id=case.case_id, about=known.instalment_id, reason="too_late")


def _sent_back(case: Case, known: Instalment, command: NoteReturned) -> Sequence[CaseFact]:
    """The bank sent it back, or would not pay at all (退汇): the money is held again, and released anew."""
    back = came_back(case, command)
    is_undone = known.standing == ("paid" if back else "instructed") and command.said.payment_id == known.paying
    if not is_undone or (command.said.was_received and not back):
        return back
    held = InstalmentHeld(case_id=known.case_id, instalment_id=known.instalment_id, hold_id=known.hold_id)
    return *back, held


def _too_late(case: Case, decision: Decision, command: NoteInstructed) -> Sequence[CaseFact]:
    """It is being paid although it was let go: a person must look at it.

    Where another fund was asked meanwhile, that one must not pay the same once more.
    """
    decision_id = command.said.hold_id
    review = ReviewRaised(case_id=case.case_id, about=decision_id, reason="too_late")
    if command.said.fund_id == decision.fund_id:
        return (review,) if decision.is_leaving else ()
    if review in case.reviews:
        return ()
    return (review, letting_go(case, decision_id, "paid_elsewhere")) if decision.counts else (review,)


def _reserved(case: Case, decision: Decision, command: NoteReserved) -> Sequence[CaseFact]:
    """Money that is held after all for what stands no longer is let go."""
    said = command.said
    if decision.standing in ("held", "voided") or said.fund_id != decision.fund_id:
        return ()
    held = FundsReserved(case_id=case.case_id, decision_id=said.hold_id, amount_fen=said.amount_fen)
    if decision.standing != "replaced":
        return (held,)
    return held, letting_go(case, said.hold_id, "replaced")


def _short(case: Case, decision: Decision, command: NoteShort) -> Sequence[CaseFact]:
    said = command.said
    if decision.standing != "awaiting" or said.fund_id != decision.fund_id:
        return ()
    short = FundsShort(
        case_id=case.case_id,
        decision_id=said.hold_id,
        available_fen=said.available_fen,
        shortfall_fen=said.shortfall_fen,
    )
    if not decision.is_leaving:
        return (short,)
    return short, letting_go(case, said.hold_id, "replaced", freed(case, said.hold_id))


def _advance_received(case: Case, command: NoteReceived, now: Circumstances) -> Sequence[CaseFact]:
    """An advance that is in hand leaves its papers owed."""
    return tuple(
        fact
        for relieved in received(case, command)
        for fact in (
            relieved,
            *papers_owed(case, relieved, command.policy, command.calendar, now),
            *too_much(case, relieved.decision_id, relieved),
            *before_its_decision(case, command.said, now),
        )
    )


def _instalment_received(case: Case, known: Instalment, command: NoteReceived) -> Sequence[CaseFact]:
    return tuple(
        fact
        for relieved in received(case, command)
        for fact in (relieved, *too_much(case, known.approval_id, relieved))
    )


def _advance_returned(case: Case, command: NoteReturned) -> Sequence[CaseFact]:
    """What is in hand no more leaves no papers owed."""
    return tuple(
        fact for back in came_back(case, command) for fact in (back, *owed_still(case, back, command.calendar))
    )


def _voided(case: Case, decision: Decision, command: NoteVoided) -> Sequence[CaseFact]:
    said = command.said
    if decision.standing == "voided" or said.fund_id != decision.fund_id:
        return ()
    return (
        AdvanceVoided(
            case_id=case.case_id,
            decision_id=said.hold_id,
            amount_fen=said.amount_fen,
            reason=said.reason,
            person=freed(case, said.hold_id),
            cause=case.opened.cause,
        ),
    )
