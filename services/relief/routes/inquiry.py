"""The general track over HTTP (一般程序): type, missing papers, visit, means check, neighbours, publicity."""

from datetime import date, datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from events.relief_inquiry import Certified, ReliefType
from events.words import Code, Id, Sha256, StaffId
from services.chassis.http import PersonRoute
from services.chassis.routing import PathId
from services.relief.case_commands import CaseCommand
from services.relief.desk import Dossier
from services.relief.routes.calling import Call, Deed
from services.relief.steps.inquiry import AnswerCheck, HearPeers, JudgeType, RecordVisit, RequestCheck, TellMissing
from services.relief.steps.publicity import AnswerObjection, EndNotice, ObjectToNotice, PostNotice

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["general track"], route_class=PersonRoute)


class TypeOfRelief(Deed):
    """Which type of relief this is."""

    relief_type: ReliefType
    certified: Certified | None = None


class Missing(Deed):
    """What is missing, all of it at once."""

    papers: tuple[Code, ...] = Field(min_length=1, max_length=30)


class Visit(Deed):
    """Who was there, what they saw, and the digest of the record."""

    investigators: tuple[StaffId, ...] = Field(min_length=1, max_length=9)
    both_signed: bool
    hardship_goes_on: bool
    record_sha256: Sha256


class CheckRequest(Deed):
    """The day of the signed authorisation."""

    authorised_on: date


class CheckAnswer(Deed):
    """What the checking office found, and the digest of its report."""

    result: Literal["within", "over", "incomplete"]
    report_sha256: Sha256


class Peers(Deed):
    """How many were there, and how many in favour."""

    present: int = Field(ge=3, le=99)
    in_favour: int = Field(ge=0, le=99)


class Posting(Deed):
    """The intended relief is posted."""


class Objection(Deed):
    """Why somebody objects, as a code."""

    reason: Code


class ObjectionAnswer(Deed):
    """What the visit for an objection has shown."""

    objection_id: Id
    visit_id: Id
    upheld: bool


class NoticeEnd(Deed):
    """The notice has stood its time."""


_POSTING = Posting()
_NOTICE_END = NoticeEnd()
"""What is meant by a call without a body."""


@router.post("/type", status_code=201, name="relief.judge_type")
async def judge_type(call: Call, body: TypeOfRelief) -> Response:
    """Say which type of relief this is (救助类型)."""
    said = JudgeType(body.relief_type, body.certified)
    return await call.give(body, lambda found, at: said)


@router.post("/missing-papers", status_code=201, name="relief.tell_missing")
async def tell_missing(call: Call, body: Missing) -> Response:
    """Tell the applicant, once, what is missing (一次性告知)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return TellMissing(body.papers, call.policy(found, at))

    return await call.give(body, command)


@router.post("/visits", status_code=201, name="relief.record_visit")
async def visit(call: Call, body: Visit) -> Response:
    """Put down a visit to the household (入户调查)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return RecordVisit(
            call.id_of("visit"),
            body.investigators,
            body.both_signed,
            body.hardship_goes_on,
            body.record_sha256,
            call.policy(found, at),
        )

    return await call.give(body, command)


@router.post("/means-checks", status_code=201, name="relief.request_check")
async def request_check(call: Call, body: CheckRequest) -> Response:
    """Ask the checking office (家庭经济状况核对)."""
    said = RequestCheck(call.id_of("check"), body.authorised_on)
    return await call.give(body, lambda found, at: said)


@router.post("/means-checks/{check_id}/answer", status_code=201, name="relief.answer_check")
async def answer_check(check_id: PathId, call: Call, body: CheckAnswer) -> Response:
    """Put down what the checking office answered."""
    said = AnswerCheck(check_id, body.result, body.report_sha256)
    return await call.give(body, lambda found, at: said)


@router.post("/peer-reviews", status_code=201, name="relief.hear_peers")
async def hear_peers(call: Call, body: Peers) -> Response:
    """Put down the neighbours' opinion (民主评议)."""
    said = HearPeers(body.present, body.in_favour)
    return await call.give(body, lambda found, at: said)


@router.post("/notices", status_code=201, name="relief.post_notice")
async def post_notice(call: Call, body: Posting = _POSTING) -> Response:
    """Post the intended relief as the policy wants it (公示)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return PostNotice(call.id_of("notice"), call.policy(found, at), call.calendar(found))

    return await call.give(body, command)


@router.post("/notices/{notice_id}/objections", status_code=201, name="relief.object_to_notice")
async def object_to_notice(notice_id: PathId, call: Call, body: Objection) -> Response:
    """Put down an objection (异议)."""
    said = ObjectToNotice(notice_id, call.id_of("objection"), body.reason)
    return await call.give(body, lambda found, at: said)


@router.post("/notices/{notice_id}/answers", status_code=201, name="relief.answer_objection")
async def answer_objection(notice_id: PathId, call: Call, body: ObjectionAnswer) -> Response:
    """Answer an objection after a visit (补充调查)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return AnswerObjection(
            notice_id, body.objection_id, body.visit_id, body.upheld, call.policy(found, at), call.calendar(found)
        )

    return await call.give(body, command)


@router.post("/notices/{notice_id}/end", status_code=201, name="relief.end_notice")
async def end_notice(notice_id: PathId, call: Call, body: NoticeEnd = _NOTICE_END) -> Response:
    """End a notice that stood its time (公示期满)."""
    said = EndNotice(notice_id)
    return await call.give(body, lambda found, at: said)
