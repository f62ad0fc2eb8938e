"""What households would have had of their other cases (推演中的户), as those would have been decided, too.

Where of an earlier decision cannot be told what it would have been, a household has at least nothing and at most all of
it. Each rule about repetition only refuses more where there was more, so both ends give the same or nothing is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from events.fact import Recorded
from events.relief_household import CountedHelp, HouseholdFact, HouseholdJoined, MemberJoined
from services.relief.household_state import Household, evolve
from services.relief.supposed_outcome import Given, Outcome, Unknown

_JOINING = frozenset({HouseholdJoined.NAME, MemberJoined.NAME})


@dataclass(frozen=True, slots=True)
class UnreadOfHousehold:
    """A fact of a person's own household as its log holds it, which is read only if a decision hangs on it."""

    person: str
    name: str
    read: Callable[[], Recorded[HouseholdFact]]


@dataclass(frozen=True, slots=True)
class Had:
    """What counted for a household at a moment, and whether a case was allowed to repeat."""

    helps: Sequence[CountedHelp] = ()
    is_allowed: bool = False


@dataclass(slots=True)
class SupposedHouseholds:
    """The households of a county; facts and outcomes are to be told in the order of the log."""

    _known: dict[str, Household] = field(default_factory=dict[str, Household])
    _unread: dict[str, list[UnreadOfHousehold]] = field(default_factory=dict[str, list[UnreadOfHousehold]])
    _joined: set[str] = field(default_factory=set[str])
    _otherwise: dict[tuple[str, str], Outcome] = field(default_factory=dict[tuple[str, str], Outcome])
    """By case and decision, where it would have come to something else."""
    _helped: set[str | None] = field(default_factory=set[str | None])
    """Whose decisions those are; nothing stands for whoever was not known then and may be known by now."""
    _declined: dict[str, list[CountedHelp]] = field(default_factory=dict[str, list[CountedHelp]])
    """By person, what was declined and might have been given."""

    def hear(self, told: UnreadOfHousehold) -> None:
        """Take in the next fact of a household."""
        self._unread.setdefault(told.person, []).append(told)
        if told.name in _JOINING:
            self._joined.add(told.person)

    def note(self, case_id: str, decision_id: str, person: str | None, outcome: Outcome) -> None:
        """Keep in mind that a decision would have come to something else."""
        self._otherwise[case_id, decision_id] = outcome
        self._helped.add(person)

    def note_declined(self, asked: CountedHelp | None) -> None:
        """Keep in mind what might have been given at most, where in truth it was declined to a known person."""
        if asked is not None:
            self._declined.setdefault(asked.person, []).append(asked)

    def differs(self, person: str) -> bool:
        """Whether anything may have been otherwise in the household of a person."""
        return bool(self._helped) and (person in self._helped or None in self._helped or person in self._joined)

    def outcome_of(self, case_id: str, decision_id: str) -> Outcome | None:
        """What a decision would have come to instead; nothing where it is the same."""
        return self._otherwise.get((case_id, decision_id))

    def had(self, person: str, case_id: str) -> Had:
        """What the household of a person really had, when a case decided."""
        _, household = self._household(person)
        return Had(tuple(household.helps.values()), case_id in household.allowed)

    def would_have_had(self, person: str, case_id: str) -> tuple[Had, Had]:
        """What it would have had at least, and at most."""
        owner, household = self._household(person)
        least, most = list[CountedHelp](), list[CountedHelp]()
        for one in household.helps.values():
            low, high = self._span(one)
            least += _of(one, low)
            most += _of(one, high)
        for one in self._given_after_all(owner, household):
            low, high = self._span(one)
            if all(other.case_id != one.case_id for other in least):
                least += _of(one, low)
            most += _of(one, high)
        allowed = case_id in household.allowed
        return Had(tuple(least), allowed), Had(tuple(most), allowed)

    def _given_after_all(self, owner: str, household: Household) -> Sequence[CountedHelp]:
        """What was declined in truth; its case may have been given something else since."""
        noted = [one for person in (owner, *household.members) for one in self._declined.get(person, ())]
        return [one for one in noted if one.decision_id not in household.helps]

    def _span(self, one: CountedHelp) -> tuple[int, int]:
        match self._otherwise.get((one.case_id, one.decision_id)):
            case None:
                return one.amount_fen, one.amount_fen
            case Given(amount_fen):
                fen = min(one.amount_fen, amount_fen)
                return fen, fen
            case Unknown():
                return 0, one.amount_fen

    def _household(self, person: str) -> tuple[str, Household]:
        own = self._read(person)
        return (person, own) if own.into is None else (own.into, self._read(own.into))

    def _read(self, person: str) -> Household:
        household = self._known.get(person, Household())
        for told in self._unread.pop(person, ()):
            household = evolve(household, told.read())
        self._known[person] = household
        return household


def _of(one: CountedHelp, amount_fen: int) -> Sequence[CountedHelp]:
    if amount_fen == one.amount_fen:
        return [one]
    return [one.model_copy(update={"amount_fen": amount_fen})] if amount_fen > 0 else []
