"""What a reporter told us, read from foreign words into ours, in plain text: the edge seals it before it goes on."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from events.intake import Attachment, Order
from events.words import Cause, Channel, Identity, Urgency
from services.chassis.field_errors import FieldError
from services.chassis.pseudonyms import normal_address
from services.intake.gazetteer import Place

PLACE = "/place"
"""What a report is asked for that does not say where: the pointer is the same for every channel."""

_DOOR = re.compile(r"[0-9〇零一二三四五六七八九十百]+[号室户]")


class Unreadable(Exception):
    """A payload that is no report. Its text names pointers and codes only."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.pointer or '/'}: {error.code}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Match:
    """Something by which a second report of the same need is known; the edge makes a pseudonym of ``text``."""

    kind: Literal["person", "phone", "address"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report as its sender meant it. ``name``, ``phone`` and ``id_number`` are the household's, never a bystander's.

    ``external_id`` is the sender's own number of the report, which a second sending repeats.
    """

    channel: Channel
    external_id: str
    order: Order | None = None
    follows: str | None = None
    """The sender's own number of what it goes on from (原工单号)."""
    place: Place
    address: str | None
    cause: Cause
    urgency: Urgency
    persons: int
    identity: Identity
    name: str | None
    id_number: str | None
    phone: str | None
    reporter_phone: str | None
    """Somebody else's, who can say where the household is; never a sign of who it is."""
    is_secret: bool
    reported_at: datetime
    reply_due_at: datetime | None = None
    consent: bool | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def contact(self) -> str | None:
        """Under which number the household is to be reached: its own, or of who can say where it is."""
        return self.phone or self.reporter_phone

    @property
    def missing(self) -> tuple[str, ...]:
        """What the reporter is asked for, by JSON pointer."""
        return () if self.place.township is not None else (PLACE,)

    @property
    def matches(self) -> tuple[Match, ...]:
        """By what a second report of this need is known, the strongest first.

        An illness belongs to a person, a fire to a door: an address counts only where it names the one that burnt,
        because a hospital's or a village's would join strangers. A hospital's report never tells a home.
        """
        found = (
            Match("person", self.id_number or ""),
            Match("phone", self.phone or ""),
            Match("address", self.address or "" if self._names_the_door_that_burnt() else ""),
        )
        return tuple(match for match in found if match.text)

    def _names_the_door_that_burnt(self) -> bool:
        is_home = self.cause == "fire" and self.channel != "hospital"
        return is_home and _DOOR.search(normal_address(self.address or "")) is not None
