"""What ends a world: a law that does not hold."""

from collections.abc import Callable

Report = Callable[[str, str], None]
"""Told of a broken law: its name, and what was seen."""


class Violation(AssertionError):
    """A law that was broken. ``law`` is its name."""

    def __init__(self, law: str, seen: str) -> None:
        super().__init__(f"{law}: {seen}")
        self.law = law
