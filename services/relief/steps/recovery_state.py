"""What is known of a recovery (追回): how much was ordered of which payment, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from events.relief_after import RecoveryFact, RecoveryOrdered, RecoverySettled, WaiverDeclined, WaiverProposed


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is owed back under one order, in fen; without a payment it is goods, or an order of old."""

    case_id: str
    recovery_id: str
    decision_id: str
    ordered_fen: int
    fund_id: str | None = None
    payment_id: str | None = None
    settled: Mapping[str, RecoverySettled] = field(default_factory=dict[str, RecoverySettled])
    proposed: Mapping[str, WaiverProposed] = field(default_factory=dict[str, WaiverProposed])
    """What one officer would waive or offset, and nobody has confirmed yet."""

    def _fen(self, *how: str) -> int:
        return sum(one.amount_fen for one in self.settled.values() if one.how in how)

    @property
    def open_fen(self) -> int:
        """What is still owed. A household may give back what is being waived: no more than all is ever settled."""
        return max(0, self.ordered_fen - sum(one.amount_fen for one in self.settled.values()))

    @property
    def given_back_fen(self) -> int:
        """What the household has given for it."""
        return self._fen("received", "offset")

    @property
    def stands_fen(self) -> int:
        """What was ordered and not found void: no other order asks for it again."""
        return self.ordered_fen - self._fen("returned", "declined")

    @property
    def claimed_fen(self) -> int:
        """What of the payment may not be ordered back once more; what was waived may."""
        return self.given_back_fen + self.open_fen

    def after(self, fact: RecoverySettled) -> "Recovery":
        """The recovery with some of it settled."""
        proposed = {key: one for key, one in self.proposed.items() if key != fact.settlement_id}
        return replace(self, settled={**self.settled, fact.settlement_id: fact}, proposed=proposed)


Recoveries = Mapping[str, Recovery]


def evolve(recoveries: Recoveries, fact: RecoveryFact) -> Recoveries:
    """The recoveries after a fact."""
    if isinstance(fact, RecoveryOrdered):
        known = Recovery(
            fact.case_id, fact.recovery_id, fact.decision_id, fact.amount_fen, fact.fund_id, fact.payment_id
        )
        return {**recoveries, fact.recovery_id: known}
    known = recoveries.get(fact.recovery_id)
    return recoveries if known is None else {**recoveries, fact.recovery_id: _after(known, fact)}


def _after(known: Recovery, fact: RecoverySettled | WaiverProposed | WaiverDeclined) -> Recovery:
    match fact:
        case RecoverySettled():
            return known.after(fact)
        case WaiverProposed():
            return replace(known, proposed={**known.proposed, fact.settlement_id: fact})
        case WaiverDeclined():
            proposed = {key: one for key, one in known.proposed.items() if key != fact.settlement_id}
            return replace(known, proposed=proposed)
