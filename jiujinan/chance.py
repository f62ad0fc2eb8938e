"""Chance that a seed decides: the same seed, the same choices."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice", bound=str)


class Chance(Random):
    """A seeded source of choices, for samples; never for a secret."""

    def weighted(self, weights: Mapping[Choice, int]) -> Choice:
        """One of the keys, as often as its weight says."""
        return self.choices(tuple(weights), tuple(weights.values()))[0]
