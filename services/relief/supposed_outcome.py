"""What a decision would have come to (推演结果): how much, or that it cannot be told."""

from dataclasses import dataclass
from typing import Literal

Missing = Literal["residence", "hardship_months", "person", "other_cases"]
"""What was never asked: 城乡类别, 困难持续时间等测算依据, 身份.
``other_cases``: it hangs on another case of the household, of which it cannot be told either what it would have given.
"""


@dataclass(frozen=True, slots=True)
class Given:
    """What a decision came to: how much was given, in fen, and if nothing, why not."""

    amount_fen: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be told, because this was never asked."""

    missing: Missing


Outcome = Given | Unknown
