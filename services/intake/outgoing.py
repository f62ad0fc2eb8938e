"""A reply as it leaves us: what no log may hold in plain text is put in on its way out."""

from services.intake.channels.closure import with_phone
from services.intake.desk import Desk
from services.intake.standing import FORMS


async def as_sent(desk: Desk, division: str, report_id: str, kind: str, document: str) -> str:
    """A prepared document as its receiver gets it: a closure form names the phone, masked, unless it was erased."""
    report = await desk.report(division, report_id) if kind in FORMS else None
    if report is None or report.received.order is None or report.phone is None:
        return document
    seals = await desk.reception.sealer.prepare([report.phone.subject])
    return with_phone(document, seals.open(report.phone))
