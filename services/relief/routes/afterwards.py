"""What follows over HTTP: filing, override, sampling, review, recovery, refusal, early end, correction."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from events.relief_after import Finding
from events.words import Code, Fen, Id, PositiveFen, Sha256, Township
from services.chassis.http import PersonRoute
from services.chassis.routing import PathId
from services.relief.case_commands import CaseCommand
from services.relief.desk import Dossier
from services.relief.routes.calling import Call, Deed
from services.relief.steps.county import ConcludeReview, DrawSample, JudgeDebt, Override, ReceiveFiling
from services.relief.steps.ending import CorrectEntry, DeliverLetter, EndEarly, NoteReconsideration, RefuseRelief
from services.relief.steps.moving import MoveTownship
from services.relief.steps.recovery import AnswerWaiver, OrderRecovery, SettleRecovery

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["afterwards"], route_class=PersonRoute)


class Filing(Deed):
    """The county has it on file."""


class CountyOverride(Deed):
    """The new amount in fen, and why."""

    to_fen: Fen
    reason: Code


class Sample(Deed):
    """The sample that the case is drawn into."""

    sample_id: Id


class PostReview(Deed):
    """What was found, and the document of who decided it."""

    finding: Finding
    document: str = Field(default="", max_length=80)


class DebtJudgement(Deed):
    """Admitted without the papers, or not, and why."""

    outcome: Literal["admitted", "refused"]
    reason: Code


class RecoveryOrder(Deed):
    """Of which decision, how much in fen, why, and by which document or clause."""

    decision_id: Id
    amount_fen: PositiveFen
    reason: Code
    basis: str = Field(min_length=1, max_length=120)


class Settlement(Deed):
    """Goods that were given back, or what is to be waived or offset and why, in fen."""

    how: Literal["received", "waived", "offset"]
    amount_fen: PositiveFen
    reason: Code


class WaiverAnswer(Deed):
    """Whether another officer confirms it."""

    confirmed: bool


class Refusal(Deed):
    """Why, as a code, and the digest of the letter."""

    reason: Code
    letter_sha256: Sha256


class Delivery(Deed):
    """Which letter, how and when."""

    letter_sha256: Sha256
    how: Literal["in_person", "post", "left_at_home", "public_notice"]


class Dispute(Deed):
    """Reconsideration or litigation, and its reference."""

    kind: Literal["reconsideration", "litigation"]
    reference: str = Field(max_length=40)


class Move(Deed):
    """Which township of the county has the case now, and why."""

    township: Township
    reason: Code


class EarlyEnd(Deed):
    """Why the need ends."""

    why: Literal["death", "lost", "withdrawn"]


class Correction(Deed):
    """What was put down wrongly, and the digest of what is right."""

    about: Id
    what: Code
    correct_sha256: Sha256


_FILING = Filing()
"""What is meant by a call without a body."""


@router.post("/decisions/{decision_id}/filing", status_code=201, name="relief.receive_filing")
async def receive_filing(decision_id: PathId, call: Call, body: Filing = _FILING) -> Response:
    """Put a delegated decision on the county's file (备案)."""
    said = ReceiveFiling(decision_id)
    return await call.give(body, lambda found, at: said)


@router.post("/decisions/{decision_id}/override", status_code=201, name="relief.override")
async def override(decision_id: PathId, call: Call, body: CountyOverride) -> Response:
    """Decide otherwise than the township (县级变更); what was paid beyond it is ordered back."""
    said = Override(call.id_of("override"), decision_id, body.to_fen, body.reason)
    return await call.give(body, lambda found, at: said)


@router.post("/samples", status_code=201, name="relief.draw_sample")
async def draw_sample(call: Call, body: Sample) -> Response:
    """Take the case into a sample (抽查)."""
    said = DrawSample(body.sample_id)
    return await call.give(body, lambda found, at: said)


@router.post("/post-reviews", status_code=201, name="relief.conclude_review")
async def conclude_review(call: Call, body: PostReview) -> Response:
    """Put down what a look afterwards has found (事后审核)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return ConcludeReview(call.id_of("review"), body.finding, body.document, call.policy(found, at))

    return await call.give(body, command)


@router.post("/debts/{debt_id}/judgement", status_code=201, name="relief.judge_debt")
async def judge_debt(debt_id: PathId, call: Call, body: DebtJudgement) -> Response:
    """Decide about papers that never came (待核销处理)."""
    said = JudgeDebt(debt_id, body.outcome, body.reason)
    return await call.give(body, lambda found, at: said)


@router.post("/recoveries", status_code=201, name="relief.order_recovery")
async def order_recovery(call: Call, body: RecoveryOrder) -> Response:
    """Order money back (追回)."""
    said = OrderRecovery(call.id_of("recovery"), body.decision_id, body.amount_fen, body.reason, body.basis)
    return await call.give(body, lambda found, at: said)


@router.post("/recoveries/{recovery_id}/settlements", status_code=201, name="relief.settle_recovery")
async def settle_recovery(recovery_id: PathId, call: Call, body: Settlement) -> Response:
    """Propose to waive or offset some of what is owed back (免予追回、抵扣), or put down goods that were given back."""
    said = SettleRecovery(recovery_id, call.id_of("settlement"), body.how, body.amount_fen, body.reason)
    return await call.give(body, lambda found, at: said)


@router.post(
    "/recoveries/{recovery_id}/settlements/{settlement_id}/answer", status_code=201, name="relief.answer_waiver"
)
async def answer_waiver(recovery_id: PathId, settlement_id: PathId, call: Call, body: WaiverAnswer) -> Response:
    """Confirm what one officer proposed to waive or offset, as another, or not (免予追回的确认)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return AnswerWaiver(recovery_id, settlement_id, body.confirmed, call.policy(found, at))

    return await call.give(body, command)


@router.post("/refusal", status_code=201, name="relief.refuse_relief")
async def refuse(call: Call, body: Refusal) -> Response:
    """Refuse relief in writing (不予救助)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return RefuseRelief(body.reason, body.letter_sha256, call.policy(found, at))

    return await call.give(body, command)


@router.post("/deliveries", status_code=201, name="relief.deliver_letter")
async def deliver(call: Call, body: Delivery) -> Response:
    """Put down that a letter reached the household (送达)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return DeliverLetter(body.letter_sha256, body.how, at)

    return await call.give(body, command)


@router.post("/disputes", status_code=201, name="relief.note_reconsideration")
async def dispute(call: Call, body: Dispute) -> Response:
    """Put down that the household disputes the decision (复议、诉讼)."""
    said = NoteReconsideration(body.kind, body.reference)
    return await call.give(body, lambda found, at: said)


@router.post("/township", status_code=201, name="relief.move_township")
async def move_township(call: Call, body: Move) -> Response:
    """Let another township of the county have the case (变更乡镇); what is not paid is let go and decided anew."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return MoveTownship(body.township, body.reason, call.policy(found, at))

    return await call.give(body, command)


@router.post("/early-end", status_code=201, name="relief.end_early")
async def end_early(call: Call, body: EarlyEnd) -> Response:
    """End the case before all is paid (终止); what is not paid is let go."""
    said = EndEarly(body.why)
    return await call.give(body, lambda found, at: said)


@router.post("/corrections", status_code=201, name="relief.correct_entry")
async def correct(call: Call, body: Correction) -> Response:
    """Correct an entry (更正): the wrong one stays."""
    said = CorrectEntry(body.about, body.what, body.correct_sha256)
    return await call.give(body, lambda found, at: said)
