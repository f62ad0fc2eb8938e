"""Limits in fen (额度): fixed amounts as they are, multiples of the low-income standard as the day has it."""

from dataclasses import dataclass

from events.rules import MoneyLimit, Residence
from services.relief.policy import Policy, required


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be decided, in fen; ``None`` is without an end. Exactly the limit is inside where ``inclusive``."""

    limit_fen: int | None
    inclusive: bool
    clause: str
    by_decision: bool = False
    """What earlier decisions gave does not count."""
    advance_up_to_limit: bool = False

    def allows(self, total_fen: int) -> bool:
        """Whether so much is inside."""
        if self.limit_fen is None:
            return True
        return total_fen <= self.limit_fen if self.inclusive else total_fen < self.limit_fen

    def over_by(self, total_fen: int) -> int:
        """By how many fen an amount is over what is allowed; nothing where it is inside."""
        return 0 if self.limit_fen is None or self.allows(total_fen) else total_fen - self.most_fen

    @property
    def most_fen(self) -> int:
        """The most that is inside, in fen. Without an end, there is none."""
        assert self.limit_fen is not None
        return self.limit_fen if self.inclusive else self.limit_fen - 1


def township_limit(policy: Policy, residence: Residence = "urban") -> Limit:
    """What a township may decide by itself. Raises ``NoPolicy``, ``NoStandard``."""
    rule = required(policy.rules.township_limit, "township_limit")
    return Limit(
        limit_fen=amount_fen(policy, rule, residence),
        inclusive=rule.inclusive,
        clause=rule.clause,
        by_decision=rule.scope == "decision",
        advance_up_to_limit=rule.advance_up_to_limit,
    )


def county_limit(policy: Policy, residence: Residence = "urban") -> Limit | None:
    """Up to where the county decides without the coordination meeting, or ``None``. Raises ``NoStandard``."""
    rule = policy.rules.county_limit
    return None if rule is None else Limit(amount_fen(policy, rule, residence), rule.inclusive, rule.clause)


def small_fast_limit(policy: Policy, persons: int, residence: Residence = "urban") -> Limit:
    """The ceiling of small-fast relief (小额快救) for so many persons in need. Raises ``NoPolicy``, ``NoStandard``."""
    rule = required(policy.rules.small_fast, "small_fast")
    each_fen = amount_fen(policy, rule, residence)
    times = persons if rule.per == "person" else 1
    return Limit(None if each_fen is None else each_fen * times, rule.inclusive, rule.clause)


def amount_fen(policy: Policy, rule: MoneyLimit, residence: Residence) -> int | None:
    """A limit in fen, fractions of a fen dropped; ``None`` where it is without an end. Raises ``NoStandard``."""
    if rule.percent_of_standard is None:
        return rule.limit_fen
    return policy.standard_fen(rule.standard or residence) * rule.percent_of_standard // 100
