"""Approvals over HTTP (审批): proposed, signed, sent back; each instalment called, released, let go."""

from datetime import date, datetime
from typing import Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from events.relief_approval import Grounds, LettingGo, Plan, Planned
from events.words import Code, Fen, PositiveFen, StaffId
from services.chassis.http import PersonRoute
from services.chassis.routing import PathId
from services.relief.case_commands import CaseCommand
from services.relief.desk import Dossier
from services.relief.routes.calling import Call, Deed, must_be_countable
from services.relief.steps.approval import (
    ProposeApproval,
    RecordMeeting,
    SendBackApproval,
    SignApproval,
    StopApproval,
)
from services.relief.steps.authority import payer_of
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["approvals"], route_class=PersonRoute)


class Share(BaseModel):
    """One instalment: fen, and from which day it is to be paid."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    amount_fen: PositiveFen
    due_on: date


class Proposal(Deed):
    """What is to be approved. Without a ceiling the sum of the instalments is the ceiling."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "instalments": [
                        {"amount_fen": 150000, "due_on": "2026-11-20"},
                        {"amount_fen": 90000, "due_on": "2026-12-20"},
                    ],
                    "ceiling_fen": 240000,
                }
            ]
        }
    )

    instalments: tuple[Share, ...] = Field(min_length=1, max_length=60)
    ceiling_fen: PositiveFen | None = None
    follow_up: bool = False
    """More relief after a visit (跟进救助), as a decision of its own."""
    county_pays: bool = False
    grounds: Grounds | None = None
    """What the household was found to need, where the county reckons amounts or asks for residence."""

    @model_validator(mode="after")
    def countable(self) -> Self:
        """All instalments together are an amount, too."""
        must_be_countable(sum(one.amount_fen for one in self.instalments))
        return self


class Signature(Deed):
    """The signer agrees."""


class SentBack(Deed):
    """The signer does not agree; the reason as a code."""

    reason: Code


class Meeting(Deed):
    """What the coordination meeting decided."""

    number: str = Field(min_length=1, max_length=40)
    held_on: date
    attendees: tuple[StaffId, ...] = Field(min_length=2, max_length=40)
    amount_fen: PositiveFen


class LettingGoBody(Deed):
    """How an instalment is let go, why, and in fen what remains of a reduced one."""

    how: LettingGo
    reason: Code
    to_fen: Fen = 0


class Stop(Deed):
    """Why all that is not paid yet is let go."""

    reason: Code


class Nothing(Deed):
    """Nothing more to say than when."""


_SIGNED, _NOTHING = Signature(), Nothing()


@router.post("/approvals", status_code=201, name="relief.propose_approval")
async def propose(call: Call, body: Proposal) -> Response:
    """Put relief to its signers (呈批). The answer says whether the plan ran beyond what the policy allows."""
    approval_id = call.id_of("approval")

    def command(found: Dossier, at: datetime) -> CaseCommand:
        policy = call.policy(found, at)
        plan = _plan(approval_id, found.opened.county if body.county_pays else payer_of(policy, found.opened), body)
        return ProposeApproval(approval_id, body.follow_up, plan, policy, body.grounds)

    return await call.give(body, command)


def _plan(approval_id: str, payer: str, body: Proposal) -> Plan:
    shares = enumerate(body.instalments, start=1)
    return Plan(
        payer=payer,
        ceiling_fen=body.ceiling_fen or sum(one.amount_fen for one in body.instalments),
        instalments=tuple(
            Planned(instalment_id=f"{approval_id}-{number}", amount_fen=one.amount_fen, due_on=one.due_on)
            for number, one in shares
        ),
    )


@router.post("/approvals/{approval_id}/signatures", status_code=201, name="relief.sign_approval")
async def sign(approval_id: PathId, call: Call, body: Signature = _SIGNED) -> Response:
    """Agree as the next signer (签批); the last one approves."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return SignApproval(approval_id, call.policy(found, at))

    return await call.give(body, command)


@router.post("/approvals/{approval_id}/send-back", status_code=201, name="relief.send_back_approval")
async def send_back(approval_id: PathId, call: Call, body: SentBack) -> Response:
    """Do not agree (退回)."""
    sent_back = SendBackApproval(approval_id, body.reason)
    return await call.give(body, lambda found, at: sent_back)


@router.post("/approvals/{approval_id}/meetings", status_code=201, name="relief.record_meeting")
async def meet(approval_id: PathId, call: Call, body: Meeting) -> Response:
    """Put down what the county's coordination meeting decided (一事一议)."""
    met = RecordMeeting(approval_id, body.number, body.held_on, body.attendees, body.amount_fen)
    return await call.give(body, lambda found, at: met)


@router.post("/approvals/{approval_id}/stop", status_code=201, name="relief.stop_approval")
async def stop(approval_id: PathId, call: Call, body: Stop) -> Response:
    """Let go all instalments that are not paid yet (终止)."""
    stopped = StopApproval(approval_id, body.reason)
    return await call.give(body, lambda found, at: stopped)


@router.post("/instalments/{instalment_id}/call", status_code=201, name="relief.call_instalment")
async def call_for(instalment_id: PathId, call: Call, body: Nothing = _NOTHING) -> Response:
    """Ask the fund of its year to hold an instalment (占用)."""
    called = CallInstalment(instalment_id)
    return await call.give(body, lambda found, at: called)


@router.post("/instalments/{instalment_id}/release", status_code=201, name="relief.release_instalment")
async def release(instalment_id: PathId, call: Call, body: Nothing = _NOTHING) -> Response:
    """Let an instalment be paid: the hardship goes on (发放)."""
    released = ReleaseInstalment(instalment_id)
    return await call.give(body, lambda found, at: released)


@router.post("/instalments/{instalment_id}/let-go", status_code=201, name="relief.let_go_instalment")
async def let_go(instalment_id: PathId, call: Call, body: LettingGoBody) -> Response:
    """Skip, reduce or stop one instalment (跳过、减发、终止)."""
    gone = LetGoInstalment(instalment_id, body.how, body.to_fen, body.reason)
    return await call.give(body, lambda found, at: gone)
