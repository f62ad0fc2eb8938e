"""Approvals as they are shown: who has signed, who is next, and where each instalment stands."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from events.relief_approval import Level
from services.relief.steps.approval_state import Approval, Approvals
from services.relief.steps.instalment import Instalment, Standing


class InstalmentView(BaseModel):
    """One instalment; amounts in fen."""

    model_config = ConfigDict(frozen=True)

    instalment_id: str
    amount_fen: int
    due_on: date
    fund_id: str
    hold_id: str
    standing: Standing


class ApprovalView(BaseModel):
    """A proposal and what became of it."""

    model_config = ConfigDict(frozen=True)

    approval_id: str
    follow_up: bool
    level: Level
    standing: Literal["proposed", "approved", "ended"]
    ceiling_fen: int
    signed: tuple[str, ...]
    next_signer: str | None
    """The role of who signs next."""
    disclose_by: date | None
    """By when expenditure relief must be made public (信息公开), where the policy lays that down."""
    instalments: tuple[InstalmentView, ...]


def approval_views(approvals: Approvals, disclose_by: Mapping[str, date]) -> tuple[ApprovalView, ...]:
    """All approvals of a case; those that must be made public with the last day for it."""
    return tuple(
        _view(one, approvals.of(approval_id), disclose_by.get(approval_id))
        for approval_id, one in approvals.known.items()
    )


def _view(approval: Approval, instalments: tuple[Instalment, ...], disclose_by: date | None) -> ApprovalView:
    proposed = approval.proposed
    to_sign = proposed.signers[len(approval.signed) :] if approval.standing == "proposed" else ()
    return ApprovalView(
        approval_id=proposed.approval_id,
        follow_up=proposed.follow_up,
        level=proposed.level,
        standing=approval.standing,
        ceiling_fen=proposed.plan.ceiling_fen,
        signed=approval.signed,
        next_signer=to_sign[0] if to_sign else None,
        disclose_by=disclose_by,
        instalments=tuple(_instalment(one) for one in instalments),
    )


def _instalment(one: Instalment) -> InstalmentView:
    return InstalmentView(
        instalment_id=one.instalment_id,
        amount_fen=one.amount_fen,
        due_on=one.due_on,
        fund_id=one.fund_id,
        hold_id=one.hold_id,
        standing=one.standing,
    )
