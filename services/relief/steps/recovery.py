"""Recovery (追回): ordered by the county, then received, waived or offset bit by bit, and never more than ordered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from events.relief import ReliefCameBack, ReviewRaised
from events.relief_after import RecoveryFact, RecoveryOrdered, RecoverySettled
from services.chassis.decider import Circumstances, Refused
from services.relief.steps.case_file import CaseFile

# --- commands


@dataclass(frozen=True, slots=True)
class OrderRecovery:
    """Order money of a decision back, in fen."""

    recovery_id: str
    decision_id: str
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class SettleRecovery:
    """Put down what was received, waived or offset, in fen."""

    recovery_id: str
    settlement_id: str
    how: Literal["received", "waived", "offset"]
    amount_fen: int


RecoveryCommand = OrderRecovery | SettleRecovery

# --- state


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is owed back under one order, in fen, less what a returned payment has made void."""

    decision_id: str
    ordered_fen: int
    settled: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def open_fen(self) -> int:
        """What is still owed."""
        return self.ordered_fen - sum(self.settled.values())


Recoveries = Mapping[str, Recovery]

# --- decide


def decide(
    case: CaseFile, recoveries: Recoveries, command: RecoveryCommand, now: Circumstances
) -> tuple[RecoveryFact, ...]:
    """What happens to a recovery. Raises ``Refused`` for a senseless command."""
    match command:
        case OrderRecovery():
            return _order(case, recoveries, command, now.actor.id)
        case SettleRecovery():
            return _settle(case, recoveries, command, now.actor.id)


def _order(case: CaseFile, recoveries: Recoveries, command: OrderRecovery, by: str) -> tuple[RecoveryFact, ...]:
    known = recoveries.get(command.recovery_id)
    if known is not None:
        return ()
    if case.ordered_back_fen(command.decision_id) + command.amount_fen > case.received_fen(command.decision_id):
        raise Refused("recovery_over_paid", "追回金额不能超过该决定已经发放的金额。")
    return (ordered(case, command, by),)


def ordered(case: CaseFile, command: OrderRecovery, by: str) -> RecoveryOrdered:
    """The order."""
    return RecoveryOrdered(
        case_id=case.case_id,
        recovery_id=command.recovery_id,
        decision_id=command.decision_id,
        amount_fen=command.amount_fen,
        reason=command.reason,
        ordered_by=by,
    )


def _settle(case: CaseFile, recoveries: Recoveries, command: SettleRecovery, by: str) -> tuple[RecoveryFact, ...]:
    known = recoveries.get(command.recovery_id)
    if known is None:
        raise Refused("unknown_recovery", "该个案没有这项追回,请核对编号。")
    if command.settlement_id in known.settled:
        return ()
    if command.amount_fen > known.open_fen:
        raise Refused("recovery_over_owed", "金额超过了尚未追回的部分。")
    return (
        RecoverySettled(
            case_id=case.case_id,
            recovery_id=command.recovery_id,
            settlement_id=command.settlement_id,
            how=command.how,
            amount_fen=command.amount_fen,
            settled_by=by,
        ),
    )


def undone(
    case: CaseFile, recoveries: Recoveries, decided: str, returned: ReliefCameBack, by: str
) -> tuple[RecoverySettled | ReviewRaised, ...]:
    """A payment of a decision came back by itself: of what was ordered back, the household owes no more than it has.

    Where it had given money back already, the fund has more than it paid: a person must look at it.
    """
    kept_fen = case.received_fen(decided) - returned.amount_fen
    beyond_fen = case.ordered_back_fen(decided) - kept_fen
    facts: list[RecoverySettled | ReviewRaised] = []
    for recovery_id, known in recoveries.items():
        void_fen = min(beyond_fen, known.open_fen) if known.decision_id == decided else 0
        if void_fen > 0:
            beyond_fen -= void_fen
            facts.append(_void(case, recovery_id, returned.payment_id, void_fen, by))
    if beyond_fen > 0 and case.ordered_back_fen(decided) > 0:
        facts.append(ReviewRaised(case_id=case.case_id, about=decided, reason="returned_after_recovery"))
    return tuple(facts)


def _void(case: CaseFile, recovery_id: str, payment_id: str, amount_fen: int, by: str) -> RecoverySettled:
    return RecoverySettled(
        case_id=case.case_id,
        recovery_id=recovery_id,
        settlement_id=payment_id,
        how="returned",
        amount_fen=amount_fen,
        settled_by=by,
    )


# --- evolve


def evolve(recoveries: Recoveries, fact: RecoveryFact) -> Recoveries:
    """The recoveries after a fact."""
    match fact:
        case RecoveryOrdered():
            return {**recoveries, fact.recovery_id: Recovery(fact.decision_id, fact.amount_fen)}
        case RecoverySettled():
            known = recoveries.get(fact.recovery_id)
            if known is None:
                return recoveries
            if fact.how == "returned":
                return {**recoveries, fact.recovery_id: replace(known, ordered_fen=known.ordered_fen - fact.amount_fen)}
            settled = {**known.settled, fact.settlement_id: fact.amount_fen}
            return {**recoveries, fact.recovery_id: replace(known, settled=settled)}
