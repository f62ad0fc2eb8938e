"""May the township help first (先行救助)? Each rule is one sentence of the programme and returns its reason code."""

from collections.abc import Callable
from dataclasses import dataclass

from services.relief.limits import Limit


@dataclass(frozen=True, slots=True)
class Asked:
    """An advance that is asked for, and what it is judged by. Amounts in fen, goods included at cost."""

    asked_fen: int
    standing_fen: int
    """What earlier decisions of the same case have used up."""
    limit: Limit
    advanced_elsewhere: bool
    """Another case of the county holds this person's advance for the same incident."""
    least_fen: int | None = None
    """What a single relief is at least (单次最低救助额), where the policy has it."""
    ahead_of_expense: bool = False
    """It is for what the household is yet to spend."""
    may_be_ahead: bool = False
    """The policy helps before the expense (先期垫付)."""
    is_barred: bool = False
    """Relief had been got by fraud, and the time for that is not over; of an emergency nobody asks."""


def already_advanced(asked: Asked) -> str | None:
    """One advance per person and incident in a county."""
    return "already_advanced" if asked.advanced_elsewhere else None


def disqualified(asked: Asked) -> str | None:
    """No new application is taken for a time after fraud (骗取救助), where it is no emergency."""
    return "disqualified" if asked.is_barred else None


def over_limit(asked: Asked) -> str | None:
    """A township decides inside its limit (乡镇审批额度), by the decision or over the whole case."""
    total_fen = asked.asked_fen + (0 if asked.limit.by_decision else asked.standing_fen)
    return None if asked.limit.allows(total_fen) else "over_limit"


def below_minimum(asked: Asked) -> str | None:
    """No single relief is below the policy's minimum (单次最低救助额), goods at cost included."""
    return "below_minimum" if asked.least_fen is not None and asked.asked_fen < asked.least_fen else None


def expense_not_incurred(asked: Asked) -> str | None:
    """What is yet to be spent is paid only where the policy helps before the expense (先期垫付)."""
    return "expense_not_incurred" if asked.ahead_of_expense and not asked.may_be_ahead else None


RULES: tuple[Callable[[Asked], str | None], ...] = (
    already_advanced,
    disqualified,
    expense_not_incurred,
    over_limit,
    below_minimum,
)
"""In the order in which they are put to an officer."""


def objection(asked: Asked) -> str | None:
    """The first reason against the advance, or ``None``."""
    return next((reason for rule in RULES if (reason := rule(asked)) is not None), None)
