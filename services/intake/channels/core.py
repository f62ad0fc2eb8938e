"""A hotline that speaks our own plain JSON: the order's number is the report's, and belongs to it for ever."""

from dataclasses import replace

from events.intake import Order
from services.intake.channels.payload import load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the hotline told us. ``near`` is its city or county. Raises ``Unreadable``."""
    report = load(PlainReport, raw)
    order = Order(number=report.source.external_id, push=1)
    return replace(told(report, "hotline", gazetteer, near), order=order)
