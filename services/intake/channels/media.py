"""Media and internet supervision (媒体与网络监管): a clue to somebody's need, with its source."""

from typing import Annotated

from pydantic import Field

from services.intake.channels.payload import Line, Moment, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer


class Clue(PlainReport):
    """A clue: where it was published and when. Who it is about is often unknown."""

    source_link: Annotated[str, Field(pattern=r"^https?://[^ ]{4,480}$")]
    published_at: Moment | None = None
    outlet: Line | None = None


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the clue tells. ``near`` is the county of the desk that passes it on. Raises ``Unreadable``."""
    return told(load(Clue, raw), "media", gazetteer, near)
