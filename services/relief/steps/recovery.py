"""Recovery (追回): ordered of a payment and claimed by its fund; received there, waived or offset here by two officers.

Relief orders and waives, ledger keeps the claim and books what comes back: what is left is the same on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from events.ledger import RecoveryDeclined, RecoveryReceived
from events.relief import ReliefCameBack, ReviewRaised
from events.relief_after import RecoveryFact, RecoveryOrdered, RecoverySettled, WaiverDeclined, WaiverProposed
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy, required
from services.relief.steps.case_file import CaseFile, Given
from services.relief.steps.recovery_state import Recoveries, Recovery

# --- commands


@dataclass(frozen=True, slots=True)
class OrderRecovery:
    """Order money of a decision back, in fen; ``basis`` is the document or clause that it stands on."""

    recovery_id: str
    decision_id: str
    amount_fen: int
    reason: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SettleRecovery:
    """Put down goods that were given back, or propose to waive or offset some of what is owed, in fen."""

    recovery_id: str
    settlement_id: str
    how: Literal["received", "waived", "offset"]
    amount_fen: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerWaiver:
    """Confirm, as another officer of the role that the policy names, what one proposed to waive or offset, or not."""

    recovery_id: str
    settlement_id: str
    confirmed: bool
    policy: Policy


@dataclass(frozen=True, slots=True)
class NoteGivenBack:
    """Ledger has money that the household gave back."""

    said: RecoveryReceived


@dataclass(frozen=True, slots=True)
class NoteUnclaimed:
    """Ledger cannot claim what was ordered back."""

    said: RecoveryDeclined


RecoveryNote = NoteGivenBack | NoteUnclaimed
RecoveryCommand = OrderRecovery | SettleRecovery | AnswerWaiver | RecoveryNote

# --- decide


def decide(
    case: CaseFile, recoveries: Recoveries, command: RecoveryCommand, now: Circumstances
) -> Sequence[RecoveryFact | ReviewRaised]:
    """What happens to a recovery. Raises ``Refused`` for a senseless command."""
    if isinstance(command, OrderRecovery):
        return () if command.recovery_id in recoveries else _order(case, recoveries, command, now.actor.id)
    recovery_id = command.said.recovery_id if isinstance(command, RecoveryNote) else command.recovery_id
    known = recoveries.get(recovery_id)
    match command:
        case NoteGivenBack() | NoteUnclaimed():
            # What was in suspense is recovered in ledger alone.
            return () if known is None else _noted(case, known, command, now.actor.id)
        case SettleRecovery():
            return _settle(case, _known(known), command, now.actor.id)
        case AnswerWaiver():
            return _answer(case, _known(known), command, now)


def _known(known: Recovery | None) -> Recovery:
    if known is None:
        raise Refused("unknown_recovery", "该个案没有这项追回,请核对编号。")
    return known


def _order(case: CaseFile, recoveries: Recoveries, command: OrderRecovery, by: str) -> Sequence[RecoveryOrdered]:
    claimed_fen = sum(one.claimed_fen for one in recoveries.values() if one.decision_id == command.decision_id)
    if claimed_fen + command.amount_fen > case.received_fen(command.decision_id):
        raise Refused("recovery_over_paid", "追回金额不能超过该决定已经发放的金额。")
    return ordered(case, command, by)


def ordered(case: CaseFile, command: OrderRecovery, by: str, also: Sequence[Given] = ()) -> tuple[RecoveryOrdered, ...]:
    """The order, payment by payment, the last first: each is claimed by the fund that gave it.

    ``also`` is what the household gets in this moment.
    """
    facts: list[RecoveryOrdered] = []
    left_fen = command.amount_fen
    for given in reversed([*case.given(command.decision_id), *also]):
        part_fen = min(left_fen, given.amount_fen - given.claimed_fen)
        if part_fen <= 0:
            continue
        left_fen -= part_fen
        facts.append(
            RecoveryOrdered(
                case_id=case.case_id,
                recovery_id=f"{command.recovery_id}.{len(facts) + 1}" if facts else command.recovery_id,
                decision_id=command.decision_id,
                amount_fen=part_fen,
                reason=command.reason,
                ordered_by=by,
                basis=command.basis,
                fund_id=given.fund_id,
                payment_id=given.payment_id,
            )
        )
    return tuple(facts)


def _settle(case: CaseFile, known: Recovery, command: SettleRecovery, by: str) -> Sequence[RecoveryFact]:
    if command.settlement_id in known.settled or command.settlement_id in known.proposed:
        return ()
    if command.how == "received" and known.payment_id is not None:
        raise Refused("received_in_ledger", "追回款由财政所在备用金账上登记入账,个案随后自动更新。")
    _must_be_open(known, command.amount_fen)
    if command.how == "received":
        return (_settled(known, command.settlement_id, "received", command.amount_fen, by),)
    return (
        WaiverProposed(
            case_id=case.case_id,
            recovery_id=known.recovery_id,
            settlement_id=command.settlement_id,
            how=command.how,
            amount_fen=command.amount_fen,
            reason=command.reason,
            proposed_by=by,
        ),
    )


def _must_be_open(known: Recovery, amount_fen: int) -> None:
    if amount_fen > known.open_fen:
        raise Refused("recovery_over_owed", "金额超过了尚未追回的部分。")


def _answer(case: CaseFile, known: Recovery, command: AnswerWaiver, now: Circumstances) -> Sequence[RecoveryFact]:
    """Nobody waives alone: the policy names the role of who confirms, and it is another person."""
    proposed = known.proposed.get(command.settlement_id)
    if proposed is None:
        if command.settlement_id in known.settled:
            return ()
        raise Refused("no_such_waiver", "没有这项待确认的免予追回或抵扣,请核对编号。")
    if now.actor.id == proposed.proposed_by:
        raise Refused("same_person", "提出免予追回的人不能自己确认,请由另一人办理。")
    rule = required(command.policy.rules.recovery_waiver, "recovery_waiver")
    if now.actor.role not in rule.confirm_roles:
        raise Refused("waiver_not_yours", "按规定您无权确认免予追回,请由有权人员办理。")
    settlement_id, by = command.settlement_id, now.actor.id
    if not command.confirmed:
        recovery_id = known.recovery_id
        return (
            WaiverDeclined(case_id=case.case_id, recovery_id=recovery_id, settlement_id=settlement_id, declined_by=by),
        )
    _must_be_open(known, proposed.amount_fen)
    settled = _settled(known, settlement_id, proposed.how, proposed.amount_fen, by)
    return (settled.model_copy(update={"proposed_by": proposed.proposed_by}),)


def _noted(case: CaseFile, known: Recovery, command: RecoveryNote, by: str) -> Sequence[RecoverySettled | ReviewRaised]:
    """What ledger says stands, also where some of it was waived meanwhile: then that much less was given up."""
    match command:
        case NoteGivenBack(said):
            if said.receipt_id in known.settled:
                return ()
            return (_settled(known, said.receipt_id, "received", said.amount_fen, by),)
        case NoteUnclaimed(said):
            declined_id = f"{said.recovery_id}-declined"
            if declined_id in known.settled:
                return ()
            review = ReviewRaised(case_id=case.case_id, about=known.decision_id, reason="recovery_declined")
            open_fen = min(said.amount_fen, known.open_fen)
            return (_settled(known, declined_id, "declined", open_fen, by), review) if open_fen else ()


_How = Literal["received", "waived", "offset", "returned", "declined"]


def _settled(known: Recovery, settlement_id: str, how: _How, amount_fen: int, by: str) -> RecoverySettled:
    settled = RecoverySettled(
        case_id=known.case_id,
        recovery_id=known.recovery_id,
        settlement_id=settlement_id,
        how=how,
        amount_fen=amount_fen,
        settled_by=by,
        fund_id=known.fund_id,
    )
    return settled.model_copy(update={"left_fen": known.after(settled).open_fen})


def undone(
    case: CaseFile, recoveries: Recoveries, decided: str, returned: ReliefCameBack, by: str
) -> Sequence[RecoverySettled | ReviewRaised]:
    """A payment of a decision came back by itself: nothing of it is owed any more.

    Where the household had given some of it back already, the fund has more than it paid: a person must look at it.
    """
    of_it = [one for one in recoveries.values() if (one.decision_id, one.payment_id) == (decided, returned.payment_id)]
    facts: list[RecoverySettled | ReviewRaised] = [
        _settled(one, returned.payment_id, "returned", one.open_fen, by) for one in of_it if one.open_fen
    ]
    if any(one.given_back_fen for one in of_it):
        facts.append(ReviewRaised(case_id=case.case_id, about=decided, reason="returned_after_recovery"))
    return facts
