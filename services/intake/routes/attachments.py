"""Documents that were announced with a report (附件): sent afterwards, checked, sealed, kept, shown."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from fastapi import APIRouter, Response

from events.intake import Attachment
from events.intake_later import DocumentKind
from services.chassis.http import PersonRoute
from services.chassis.openapi import a_file, raw
from services.chassis.problems import Problem
from services.chassis.routing import PathDigest, PathId, Service
from services.chassis.sealed_file import NotSealed, read_file
from services.chassis.sealing import Seals
from services.intake.desk import Desk, Found
from services.intake.evidence import Evidence, EvidenceLost
from services.intake.filed import must_have_room
from services.intake.report_commands import StoreAttachment
from services.intake.routes.caller import AtDesk, Caller, found_report, home_of, place_of
from services.intake.routes.messages import AboutReport, ReportCall

router = APIRouter(tags=["intake"], route_class=PersonRoute)

PATH = "/attachments/[^/]+"
"""How the paths end whose bodies may be larger than others."""

_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3"),
    "audio/amr": (b"#!AMR",),
    "audio/wav": (b"RIFF",),
}
"""The kinds of documents that are taken, by how their bytes begin."""


@router.put(
    "/v1/reports/{report_id}/attachments/{digest}",
    status_code=201,
    openapi_extra=raw(*_BEGINNINGS),
    name="intake.attach",
)
async def store(digest: PathDigest, call: AboutReport, kind: DocumentKind | None = None) -> Response:
    """Send a document that was announced with the report, or add another and say its ``kind``.

    It goes to whom the report was handed over to. A hotline that has its closure form already gets it anew.
    """
    place = place_of(call.found)
    call = replace(call, found=await call.desk.standing(call.found))
    evidence = _evidence(call.desk)
    body = await call.given.request.body()
    announced = _known(call.found, digest)
    document = announced or _added(digest, call, kind, len(body))
    subject = call.found.report.received.verbatim.subject
    seals = await call.given.service.sealer.prepare([subject])
    async with call.desk.sealing:
        sealed = await asyncio.to_thread(_checked_and_sealed, body, document, seals, subject)
    try:
        await evidence.put(_name(call.found, digest), sealed)
    except EvidenceLost:
        raise _away() from None
    is_added = digest not in {one.sha256 for one in call.found.report.received.attachments}
    said = (document.media_type, document.kind) if is_added else (None, None)
    command = StoreAttachment(digest, len(body), *said)
    at, found = call.given.service.clock.now(), call.found
    amendment = call.desk.teller.amendment(digest, found.report, county=found.division, at=at)
    return await call.give(command, *amendment, place=place)


@router.get("/v1/reports/{report_id}/attachments/{digest}", response_class=Response, responses=a_file(*_BEGINNINGS))
async def show(report_id: PathId, digest: PathDigest, service: Service, actor: Caller, desk: AtDesk) -> Response:
    """A document, for those who deal with the report, and for the system that announced it."""
    found = await found_report(desk, report_id)
    is_own = found.report.received.vendor == actor.id
    may, place = ("fetch", home_of(actor)) if is_own else ("see", place_of(found))
    service.access.permit(actor, f"intake.{may}_attachment", place)
    announced = _known(found, digest)
    if announced is None:
        raise _not_announced()
    kept = await _kept(desk, found, digest)
    if kept is None:
        raise _not_announced()
    try:
        sealed = read_file(kept)
    except NotSealed:
        raise _away() from None
    seals = await service.sealer.prepare([sealed.head.subject])
    async with desk.sealing:
        document = await asyncio.to_thread(seals.open_file, sealed)
    if document is None:
        raise Problem(410, "document_erased", "资料已按规定删除。")
    return Response(document, media_type=announced.media_type)


async def _kept(desk: Desk, found: Found, digest: str) -> bytes | None:
    """The sealed document, with whichever county it had come to."""
    evidence = _evidence(desk)
    for hand in await desk.through_hands(found):
        try:
            kept = await evidence.get(_name(hand, digest))
        except EvidenceLost:
            raise _away() from None
        if kept is not None:
            return kept
    return None


def _evidence(desk: Desk) -> Evidence:
    evidence = desk.evidence
    if evidence is None:
        raise _away()
    return evidence


def _known(found: Found, digest: str) -> Attachment | None:
    return next((one for one in found.report.known_documents if one.sha256 == digest), None)


def _added(digest: str, call: ReportCall, kind: DocumentKind | None, size: int) -> Attachment:
    """A document that nobody has announced: of the kind that its sender says.

    Raises ``Problem`` (404, 422), or ``Refused`` where there are too many: what is not taken is not kept either.
    """
    media_type = call.given.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind is None:
        raise _not_announced()
    if media_type not in _BEGINNINGS or not size:
        raise _type_refused()
    must_have_room(call.found.report)
    return Attachment(sha256=digest, media_type=media_type, size=size, kind=kind)


def _checked_and_sealed(body: bytes, announced: Attachment, seals: Seals, subject: str) -> bytes:
    """As it is kept. Raises ``Problem`` (422) unless these are the bytes that were announced, of the kind they say."""
    if sha256(body).hexdigest() != announced.sha256 or len(body) != announced.size:
        raise Problem(422, "digest_differs", "附件内容与事先登记的不一致,请重新上传。")
    if not body.startswith(_BEGINNINGS.get(announced.media_type, ())):
        raise _type_refused()
    return seals.seal_file(subject, "attachment", body)


def _type_refused() -> Problem:
    return Problem(422, "type_refused", "附件类型不在允许的范围内,或内容与类型不符。")


def _name(found: Found, digest: str) -> str:
    return f"{found.division}/{found.report_id}/{digest}"


def _not_announced() -> Problem:
    return Problem(404, "no_such_attachment", "没有登记过这个附件,或还没有上传。")


def _away() -> Problem:
    return Problem(503, "evidence_away", "附件存储暂时不可用,请稍后重试。")
