"""Our own plain JSON of a report, which village apps and hospitals send with a few fields of theirs added."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from events.intake import Attachment
from events.words import Cause, Channel, Identity, Sha256, Urgency
from services.intake.channels.payload import (
    Address,
    Count,
    DivisionCode,
    Line,
    Moment,
    Payload,
    Phone,
    Reference,
    Story,
    error,
    is_id_number,
)
from services.intake.channels.told import Told, Unreadable
from services.intake.gazetteer import Gazetteer

_HOUSEHOLD = ("self", "family")


class Source(Payload):
    """Where the report comes from: the sender's own number of it, and of what it follows on."""

    system: Line | None = None
    channel: Channel | None = None
    external_id: Reference
    external_prev_id: Reference | None = None
    call_id: Reference | None = None
    recording_ref: Line | None = None
    """Of a recorded call the reference only, never the recording."""


class Reporter(Payload):
    """Who speaks for the household."""

    kind: Literal["self", "family", "agent", "neighbour", "village_cadre", "hospital", "police", "anonymous"]
    name: Line | None = None
    phone: Phone | None = None
    is_secret: bool = False
    consent: bool | None = None
    """Whether the household agreed to be reported; kept where a rule asks for it."""


class Subject(Payload):
    """Who is in need. An ID number is checked where there is one, and never required."""

    identity_status: Identity
    name: Line | None = None
    id_type: Literal["resident_id", "residence_permit", "passport", "other"] | None = None
    id_no: Line | None = None
    phone: Phone | None = None
    age_band: Literal["minor", "adult", "elderly"] | None = None
    persons_affected: Count = 1


class Site(Payload):
    """Where the need arose, by code or in words; a point says by which system its coordinates are meant."""

    division_code: DivisionCode | None = None
    address_text: Address | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    accuracy_m: int | None = Field(default=None, ge=0, le=100_000)
    coord_sys: Literal["WGS84", "GCJ02", "BD09", "CGCS2000"] | None = None


class Need(Payload):
    """What struck, and how pressing it is."""

    category_code: Cause = "other"
    code_system: Line | None = None
    urgency: Urgency
    reason_text: Story
    amount_hint_fen: int | None = Field(default=None, ge=0, le=10**15)


class SourceDeadline(Payload):
    """The sender's own deadline; both forms are kept as they came, and ``at`` is the one that binds."""

    unit: Literal["hour", "natural_day", "working_day"] | None = None
    n: int | None = Field(default=None, ge=0, le=366)
    at: Moment | None = None


class Announced(Payload):
    """An attachment that will be sent afterwards, under its digest."""

    sha256: Sha256
    media_type: Annotated[str, Field(pattern=r"^[a-z]{1,20}/[a-z0-9.+-]{1,60}$")]
    bytes: int = Field(ge=1, le=16 * 1024 * 1024)
    kind: Literal["id", "contact_evidence", "handling", "photo", "audio"]


class PlainReport(Payload):
    """A report. ``occurred_at`` is when the reporter spoke, by the sender's clock."""

    source: Source
    occurred_at: Moment
    received_at_source: Moment | None = None
    client_recorded_at: Moment | None = None
    clock_offset_ms: int = Field(default=0, ge=-86_400_000, le=86_400_000)
    """How far the sender's clock is ahead of ours."""
    reporter: Reporter
    subject: Subject
    place: Site = Site()
    need: Need
    deadline_from_source: SourceDeadline = SourceDeadline()
    attachments: tuple[Announced, ...] = Field(default=(), max_length=20)


def told(report: PlainReport, channel: Channel, gazetteer: Gazetteer, near: str) -> Told:
    """Our reading of a plain report. Raises ``Unreadable`` where its parts contradict one another."""
    _check(report)
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
        reply_due_at=report.deadline_from_source.at,
        consent=reporter.consent,
        follows=report.source.external_prev_id,
        attachments=tuple(
            Attachment(sha256=one.sha256, media_type=one.media_type, size=one.bytes, kind=one.kind)
            for one in report.attachments
        ),
    )


def _check(report: PlainReport) -> None:
    """Raise ``Unreadable`` where a report's parts contradict one another, or one lacks its other half."""
    subject, site = report.subject, report.place
    is_point = site.lat is not None and site.lon is not None
    wrong = {
        ("/subject/identity_status", "contradictory"): subject.identity_status == "unknown" and bool(subject.id_no),
        ("/subject/id_no", "id_number_wrong"): not _fits(subject),
        ("/subject/name", "required"): subject.identity_status != "unknown" and subject.name is None,
        ("/place/lon", "required"): (site.lat is None) != (site.lon is None),
        ("/place/coord_sys", "required"): is_point and site.coord_sys is None,
    }
    found = tuple(error(pointer, code) for (pointer, code), is_wrong in wrong.items() if is_wrong)
    if found:
        raise Unreadable(found)


def _fits(subject: Subject) -> bool:
    """Whether a citizen's ID number is one (GB 11643-1999); other documents have numbers of their own."""
    is_citizen = subject.id_type in (None, "resident_id")
    return subject.id_no is None or not is_citizen or is_id_number(subject.id_no)
