"""The monitoring platform (低收入人口动态监测信息平台): its warnings that a household may need help."""

from typing import Literal

from services.intake.channels.payload import Line, Reference, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer


class Warning(PlainReport):  # noqa: A001  what the platform calls it (预警)
    """A warning as the platform pushes it; its number is the report's, and the result goes back under it."""

    level: Literal["red", "orange", "yellow"] | None = None
    rule_code: Reference | None = None
    """Which comparison gave the warning."""
    household_class: Line | None = None
    """On which register the household stands (低保, 特困, 低保边缘, 刚性支出, 易返贫)."""


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the platform warned of. ``near`` is its county or province. Raises ``Unreadable``."""
    return told(load(Warning, raw), "monitor", gazetteer, near)
