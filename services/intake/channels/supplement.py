"""A supplement (补充) in our own plain JSON: what a report's sender was asked for."""

from dataclasses import dataclass

from services.intake.channels.payload import Payload, Story, load
from services.intake.channels.plain import Site
from services.intake.channels.told import PLACE
from services.intake.gazetteer import Gazetteer


class Supplement(Payload):
    """Where the need arose, and anything else worth keeping."""

    place: Site = Site()
    note: Story | None = None


@dataclass(frozen=True, slots=True)
class Supplemented:
    """What a supplement settled."""

    county: str | None
    township: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still asked for, by JSON pointer."""
        return () if self.township is not None else (PLACE,)


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Supplemented:
    """What was added. ``near`` is the report's county. Raises ``Unreadable``."""
    site = load(Supplement, raw).place
    place = gazetteer.locate(site.division_code, site.address_text, near)
    return Supplemented(place.county, place.township)
