"""A payee on paper: a name and an account as they are printed, masked (脱敏)."""

from dataclasses import dataclass

_HOUSEHOLD = {"self", "household_member"}
"""Relations of those whom the money is for; everybody else is an agent (代领人)."""
ERASED = "(已删除)"


@dataclass(frozen=True, slots=True)
class Payee:
    """A payee as printed: the name masked (样**), of the account its last four digits."""

    masked: str
    account: str | None
    of_the_household: bool

    @property
    def told(self) -> str:
        """The name, and that it is an agent's where it is."""
        return self.masked if self.of_the_household else f"{self.masked}(代领)"


def on_paper(name: str | None, account: str | None, relation: str) -> Payee:
    """A payee of this name and account; none where they are erased, or where there is no account."""
    masked = ERASED if name is None else f"{name[0]}{'*' * (len(name) - 1)}"
    return Payee(masked, account and account[-4:], relation in _HOUSEHOLD)
