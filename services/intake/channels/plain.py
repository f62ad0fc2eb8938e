"""Our own plain JSON of a report, which village apps and hospitals send with a few fields of theirs added."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from events.words import Cause, Channel, Identity, Urgency
from services.intake.channels.payload import (
    Address,
    Count,
    DivisionCode,
    IdNumber,
    Line,
    Moment,
    Payload,
    Phone,
    Reference,
    Story,
    error,
)
from services.intake.channels.told import Told, Unreadable
from services.intake.gazetteer import Gazetteer

_HOUSEHOLD = ("self", "family")


class Source(Payload):
    """The sender's own number of the report."""

    external_id: Reference


class Reporter(Payload):
    """Who speaks for the household."""

    kind: Literal["self", "family", "neighbour", "village_cadre", "hospital", "police", "anonymous"]
    name: Line | None = None
    phone: Phone | None = None
    is_secret: bool = False


class Subject(Payload):
    """Who is in need."""

    identity_status: Identity
    name: Line | None = None
    id_no: IdNumber | None = None
    phone: Phone | None = None
    persons_affected: Count = 1


class Site(Payload):
    """Where the need arose, by code or in words."""

    division_code: DivisionCode | None = None
    address_text: Address | None = None


class Need(Payload):
    """What struck, and how pressing it is."""

    category_code: Cause = "other"
    urgency: Urgency
    reason_text: Story


class PlainReport(Payload):
    """A report. ``occurred_at`` is when the reporter spoke, by the sender's clock."""

    source: Source
    occurred_at: Moment
    clock_offset_ms: int = Field(default=0, ge=-86_400_000, le=86_400_000)
    """How far the sender's clock is ahead of ours."""
    reporter: Reporter
    subject: Subject
    place: Site = Site()
    need: Need


def told(report: PlainReport, channel: Channel, gazetteer: Gazetteer, near: str) -> Told:
    """Our reading of a plain report. Raises ``Unreadable`` where its parts contradict one another."""
    _check_identity(report.subject)
    subject, reporter, site = report.subject, report.reporter, report.place
    speaks_for_itself = reporter.kind in _HOUSEHOLD
    reporter_phone = None if speaks_for_itself or reporter.is_secret else reporter.phone
    return Told(
        channel=channel,
        external_id=report.source.external_id,
        place=gazetteer.locate(site.division_code, site.address_text, near),
        address=site.address_text,
        cause=report.need.category_code,
        urgency=report.need.urgency,
        persons=subject.persons_affected,
        identity=subject.identity_status,
        name=subject.name,
        id_number=subject.id_no,
        phone=subject.phone or (reporter.phone if speaks_for_itself else None),
        reporter_phone=reporter_phone,
        is_secret=reporter.is_secret,
        reported_at=report.occurred_at - timedelta(milliseconds=report.clock_offset_ms),
    )


def _check_identity(subject: Subject) -> None:
    if subject.identity_status == "unknown":
        if subject.id_no is not None:
            raise Unreadable((error("/subject/identity_status", "contradictory"),))
    elif subject.name is None:
        raise Unreadable((error("/subject/name", "required"),))
