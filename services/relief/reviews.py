"""What a person must look at again (复核) because of what ledger says; no decision changes by itself."""

from collections.abc import Sequence
from datetime import date

from events.ledger import PaymentReceived
from events.relief import ReviewRaised
from events.relief_persons import LastingCauseFound
from events.shanghai import day_of
from services.chassis.decider import Circumstances
from services.relief.case_commands import Note, NoteReturned, NoteVoided
from services.relief.case_state import Case
from services.relief.signal import known_by


def before_its_decision(case: Case, said: PaymentReceived, now: Circumstances) -> Sequence[ReviewRaised]:
    """Help is said to have come on a day before its decision.

    By days, as a bank's statement often names no hour.
    """
    decided_on = case.decisions[said.hold_id].decided_on
    if decided_on is None or day_of(known_by(said.received_at, now.recorded_at)) >= decided_on:
        return ()
    return (ReviewRaised(case_id=case.case_id, about=said.hold_id, reason="received_before_decision"),)


def returned_after_closing(case: Case, command: Note) -> Sequence[ReviewRaised]:
    """What the household had when the case was closed has come back; until it is paid anew, that is awaited."""
    if not isinstance(command, NoteReturned):
        return ()
    about = case.decision_of_hold(command.said.hold_id)
    return (ReviewRaised(case_id=case.case_id, about=about, reason="returned_after_closing"),)


def voided_after_closing(case: Case, command: Note) -> Sequence[ReviewRaised]:
    """What the household had when the case was closed is not paid anew; an instalment that stands is called again."""
    if not isinstance(command, NoteVoided):
        return ()
    instalment = case.approvals.of_hold(command.said.hold_id)
    if instalment is not None and instalment.lets_go is None:
        return ()
    about = case.decision_of_hold(command.said.hold_id)
    if not any(case.decision_of_hold(one.decision_id) == about and one.payment_id for one in case.received):
        return ()
    return (ReviewRaised(case_id=case.case_id, about=about, reason="voided_after_closing"),)


def of_a_lasting_cause(case: Case, found: LastingCauseFound | None) -> Sequence[LastingCauseFound]:
    """Help for a cause that lasts is given, and somebody sees that the household is referred; once is enough."""
    asked = any(one.sent.partner == "department" and one.standing != "refused" for one in case.referrals.values())
    return () if found is None or asked or case.whose.is_lasting else (found,)


def although_barred(case: Case, barred_until: date | None, about: str, now: Circumstances) -> Sequence[ReviewRaised]:
    """An emergency is helped although the person had relief by fraud not long ago."""
    if barred_until is None or day_of(now.occurred_at) >= barred_until:
        return ()
    return (ReviewRaised(case_id=case.case_id, about=about, reason="helped_while_barred"),)
