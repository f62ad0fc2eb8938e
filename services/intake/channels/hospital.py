"""A hospital (医疗机构): plain JSON, for patients whose living is in need; who they are may be unknown."""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from services.intake.channels.payload import Line, Moment, Phone, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer


class HospitalReport(PlainReport):
    """A report as the hospital sends it. A diagnosis is not asked for; treatment is paid from another fund."""

    ward: Line | None = None
    social_worker_phone: Phone | None = None
    arrived_at: Moment | None = None
    self_paid_band: Literal["under_5000", "5000_to_20000", "over_20000"] | None = None
    living_needs: tuple[Literal["food", "escort", "lodging"], ...] = Field(default=(), max_length=3)


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the hospital told us. ``near`` is the hospital's county. Raises ``Unreadable``."""
    report = load(HospitalReport, raw)
    reading = told(report, "hospital", gazetteer, near)
    return replace(reading, reporter_phone=report.social_worker_phone or reading.reporter_phone)
