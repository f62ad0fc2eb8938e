"""The village app (村级急难救助信息员): plain JSON, made on a phone and sent when there is signal."""

from services.intake.channels.payload import Line, Reference, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer


class VillageReport(PlainReport):
    """A report as the app sends it; its number was made on the phone."""

    device_id: Reference | None = None
    app_version: Line | None = None


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the informant told us. ``near`` is the app's county. Raises ``Unreadable``."""
    return told(load(VillageReport, raw), "village", gazetteer, near)
