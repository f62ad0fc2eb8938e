"""The published policy sets and calendars at hand, so that a decision can be given the ones that bind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from events.fact import Fact, Recorded
from services.chassis.event_store import EventStore
from services.chassis.replay import recorded
from services.chassis.tireless import tireless
from services.chassis.writer import Clock
from services.relief.policy import Policy, levels
from services.relief.policy_set import STREAM
from services.relief.rulebook import Rulebook, rulebook
from services.relief.working_days import Calendar

_REFRESH_SECONDS = 5.0

Books = Mapping[str, tuple[Recorded[Fact], ...]]
"""What each division has published, in that order."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything published up to some moment."""

    books: Books = field(default_factory=dict[str, tuple[Recorded[Fact], ...]])
    _rulebooks: dict[str, Rulebook] = field(init=False, default_factory=dict[str, Rulebook], compare=False)

    @property
    def edition(self) -> int:
        """How much was published: it rises with every set, calendar, standard and confirmation."""
        return sum(len(book) for book in self.books.values())

    def policy(self, county: str, on: date) -> Policy:
        """What holds in a county on a day."""
        return self.rulebook(county).on(on)

    def calendar(self, county: str) -> Calendar:
        """The working days of a county."""
        return self.rulebook(county).calendar()

    def rulebook(self, county: str) -> Rulebook:
        """All that binds a county."""
        if county not in self._rulebooks:
            published = (one for division in levels(county) for one in self.books.get(division, ()))
            self._rulebooks[county] = rulebook(county, published)
        return self._rulebooks[county]

    def as_of(self, moment: datetime) -> "Policies":
        """What was published by then."""
        return Policies(
            {division: tuple(one for one in book if one.recorded_at <= moment) for division, book in self.books.items()}
        )


@dataclass(slots=True)
class PolicyCache:
    """The policies as the logs have them, read at the start and looked at again while the service runs."""

    store: EventStore
    policies: Policies = field(default_factory=Policies)

    async def refresh(self) -> None:
        """Take in what was published since. Raises ``StoreUnavailable``."""
        books = self.policies.books
        known = {(head.division, STREAM): len(books.get(head.division, ())) for head in await self.store.heads()}
        new: dict[str, tuple[Recorded[Fact], ...]] = {}
        for row in await self.store.load(known):
            new[row.division] = (*new.get(row.division, books.get(row.division, ())), recorded(row))
        if new:
            self.policies = Policies({**books, **new})

    async def keep(self, clock: Clock) -> None:
        """Learn what another process of this service publishes, until cancelled."""
        while True:
            await clock.sleep(_REFRESH_SECONDS)
            with tireless("policies"):
                await self.refresh()
