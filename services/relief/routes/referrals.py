"""Referrals over HTTP (转介): sent, answered, closed."""

from datetime import date
from typing import Literal

from fastapi import APIRouter, Response

from events.relief_referral import Need, Partner
from events.words import Code, PositiveFen, Sha256
from services.chassis.http import PersonRoute
from services.chassis.routing import PathId
from services.relief.routes.calling import Call, Deed
from services.relief.steps.referral import AnswerReferral, CloseReferral, SendReferral

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["referrals"], route_class=PersonRoute)


class Sending(Deed):
    """Who is asked, for what, by when, and whether the household agrees."""

    partner: Partner
    organisation: Code
    need: Need
    answer_by: date
    consented: bool = False


class ReferralAnswer(Deed):
    """Whether they take it on; a refusal has a reason."""

    accepted: bool
    reason: Code | None = None


class ReferralResult(Deed):
    """What came of it."""

    result: Literal["helped", "not_helped", "withdrawn"]
    record_sha256: Sha256 | None = None
    helped_on: date | None = None
    amount_fen: PositiveFen | None = None
    """What they gave, in fen, where they have told it."""


@router.post("/referrals", status_code=201, name="relief.send_referral")
async def send(call: Call, body: Sending) -> Response:
    """Ask somebody else to help (转介), or to give a service."""
    said = SendReferral(
        call.id_of("referral"),
        body.partner,
        body.organisation,
        body.need,
        body.answer_by,
        body.consented,
    )
    return await call.give(body, lambda found, at: said)


@router.post("/referrals/{referral_id}/answer", status_code=201, name="relief.answer_referral")
async def answer(referral_id: PathId, call: Call, body: ReferralAnswer) -> Response:
    """Put down whether they take it on."""
    said = AnswerReferral(referral_id, body.accepted, body.reason)
    return await call.give(body, lambda found, at: said)


@router.post("/referrals/{referral_id}/close", status_code=201, name="relief.close_referral")
async def close(referral_id: PathId, call: Call, body: ReferralResult) -> Response:
    """Close a referral with its result."""
    said = CloseReferral(referral_id, body.result, body.record_sha256, body.helped_on, body.amount_fen)
    return await call.give(body, lambda found, at: said)
