"""Referral (转介) and services: sent, taken on or not, and closed with a result; counted as relief without money."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from events.relief_referral import Need, Partner, ReferralAnswered, ReferralClosed, ReferralFact, ReferralSent
from services.chassis.decider import Circumstances, Refused
from services.relief.steps.case_file import CaseFile, must_have_been_given

# --- commands


@dataclass(frozen=True, slots=True)
class SendReferral:
    """Ask somebody else to help; ``consented`` says that the household agrees to be passed on."""

    referral_id: str
    partner: Partner
    organisation: str
    need: Need
    answer_by: date
    consented: bool


@dataclass(frozen=True, slots=True)
class AnswerReferral:
    """Put down whether they take it on; a refusal has a reason."""

    referral_id: str
    accepted: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class CloseReferral:
    """Put down what came of it."""

    referral_id: str
    result: Literal["helped", "not_helped", "withdrawn"]
    record_sha256: str | None
    helped_on: date | None = None
    amount_fen: int | None = None


ReferralCommand = SendReferral | AnswerReferral | CloseReferral

# --- state


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral and where it stands."""

    sent: ReferralSent
    standing: Literal["sent", "accepted", "refused", "closed"] = "sent"


Referrals = Mapping[str, Referral]

# --- decide


def decide(
    case: CaseFile, referrals: Referrals, command: ReferralCommand, now: Circumstances
) -> tuple[ReferralFact, ...]:
    """What happens to a referral. Raises ``Refused`` for a senseless command."""
    if isinstance(command, SendReferral):
        return _send(case, referrals, command, now.actor.id)
    known = referrals.get(command.referral_id)
    if known is None:
        raise Refused("unknown_referral", "该个案没有这项转介,请核对编号。")
    match command:
        case AnswerReferral():
            return _answer(case, known, command)
        case CloseReferral():
            return _close(case, known, command, now)


def _send(case: CaseFile, referrals: Referrals, command: SendReferral, by: str) -> tuple[ReferralFact, ...]:
    if command.referral_id in referrals:
        return ()
    if not command.consented and command.partner != "department":
        raise Refused("no_consent", "转介给慈善组织、社工或志愿服务,须先征得求助家庭同意。")
    return (
        ReferralSent(
            case_id=case.case_id,
            referral_id=command.referral_id,
            partner=command.partner,
            organisation=command.organisation,
            need=command.need,
            answer_by=command.answer_by,
            consented=command.consented,
            sent_by=by,
        ),
    )


def _answer(case: CaseFile, known: Referral, command: AnswerReferral) -> tuple[ReferralFact, ...]:
    wanted = "accepted" if command.accepted else "refused"
    if known.standing == wanted:
        return ()
    if known.standing != "sent":
        raise Refused("referral_answered", "该转介已有答复。")
    if not command.accepted and command.reason is None:
        raise Refused("no_reason", "不接受转介须说明原因。")
    return (
        ReferralAnswered(
            case_id=case.case_id,
            referral_id=command.referral_id,
            accepted=command.accepted,
            reason=command.reason,
        ),
    )


def _close(case: CaseFile, known: Referral, command: CloseReferral, now: Circumstances) -> tuple[ReferralFact, ...]:
    if known.standing == "closed":
        return ()
    if command.result == "helped" and known.standing != "accepted":
        raise Refused("referral_not_accepted", "对方尚未接受转介,不能登记已给予帮助。")
    if command.result != "helped" and (command.helped_on or command.amount_fen):
        raise Refused("not_helped", "对方没有给予帮助的,不能登记帮助的日期和金额。")
    must_have_been_given(command.helped_on, now)
    return (
        ReferralClosed(
            case_id=case.case_id,
            referral_id=command.referral_id,
            result=command.result,
            record_sha256=command.record_sha256,
            closed_by=now.actor.id,
            helped_on=command.helped_on,
            amount_fen=command.amount_fen,
        ),
    )


# --- evolve


def evolve(referrals: Referrals, fact: ReferralFact) -> Referrals:
    """The referrals after a fact."""
    if isinstance(fact, ReferralSent):
        return {**referrals, fact.referral_id: Referral(fact)}
    known = referrals.get(fact.referral_id)
    if known is None:
        return referrals
    match fact:
        case ReferralAnswered():
            return {**referrals, fact.referral_id: replace(known, standing="accepted" if fact.accepted else "refused")}
        case ReferralClosed():
            return {**referrals, fact.referral_id: replace(known, standing="closed")}
