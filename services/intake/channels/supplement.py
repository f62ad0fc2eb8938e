"""A supplement (补充) in our own plain JSON: what a report's sender was asked for."""

from dataclasses import dataclass

from services.intake.channels.payload import Payload, Phone, Story, load
from services.intake.channels.plain import Site
from services.intake.channels.told import PLACE
from services.intake.gazetteer import Gazetteer, Place


class Supplement(Payload):
    """Where the need arose, how the household is reached, and anything else worth keeping."""

    place: Site = Site()
    phone: Phone | None = None
    note: Story | None = None


@dataclass(frozen=True, slots=True)
class Supplemented:
    """What a supplement settled."""

    place: Place
    contact: str | None
    """Under which number the household is to be reached."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still asked for, by JSON pointer."""
        return () if self.place.township is not None else (PLACE,)


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Supplemented:
    """What was added. ``near`` is the report's county. Raises ``Unreadable``."""
    added = load(Supplement, raw)
    site = added.place
    return Supplemented(gazetteer.locate(site.division_code, site.address_text, near), added.phone)
