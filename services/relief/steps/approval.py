"""An approval (审批): proposed by the amount's level, signed one after the other, carried out in instalments.

What is known of the approvals of a case stands in ``approval_state``, the life of an instalment in ``instalment``.
"""

from dataclasses import dataclass
from datetime import date

from events.relief_approval import (
    ApprovalFact,
    ApprovalProposed,
    ApprovalSentBack,
    ApprovalSigned,
    Grounds,
    InstalmentFact,
    MeetingHeld,
    Plan,
    ReliefApproved,
)
from events.relief_persons import LastingCauseFound
from events.relief_words import PolicyBasis
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.limits import township_limit
from services.relief.policy import Policy
from services.relief.steps import instalment
from services.relief.steps.amount import must_be_within, must_be_without_income, reckoned
from services.relief.steps.approval_state import Approval, Approvals, instalments_of
from services.relief.steps.authority import level_of, must_be_payable, signers
from services.relief.steps.case_file import CaseFile, must_be_accepted
from services.relief.steps.instalment import Instalment, InstalmentCommand, LetGoInstalment
from services.relief.steps.staging import declined, last_day, must_be_stageable

# --- commands


@dataclass(frozen=True, slots=True)
class ProposeApproval:
    """Put relief to its signers (呈批); ``follow_up`` is more of it after a visit (跟进救助)."""

    approval_id: str
    follow_up: bool
    plan: Plan
    policy: Policy
    grounds: Grounds | None = None
    elsewhere_fen: int = 0
    """What other cases gave the household in the year, where the township's limit counts by it."""
    barred_until: date | None = None
    """Until when no new application of the person is taken, for fraud that was found in an earlier case."""
    lasting: LastingCauseFound | None = None
    """What is put down where the household's help for this cause has lasted (同一事由持续较长)."""


@dataclass(frozen=True, slots=True)
class SignApproval:
    """Agree to a proposal as its next signer."""

    approval_id: str
    policy: Policy
    barred_until: date | None = None
    """Until when no new application of the person is taken, for fraud that was found in an earlier case."""


@dataclass(frozen=True, slots=True)
class SendBackApproval:
    """Do not agree; the reason as a code."""

    approval_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordMeeting:
    """Put down what the coordination meeting decided, in fen."""

    approval_id: str
    number: str
    held_on: date
    attendees: tuple[str, ...]
    amount_fen: int


@dataclass(frozen=True, slots=True)
class StopApproval:
    """Let go all that is not paid yet (终止分期救助)."""

    approval_id: str
    reason: str


ProposalCommand = ProposeApproval | SignApproval | SendBackApproval | RecordMeeting | StopApproval
ApprovalCommand = ProposalCommand | InstalmentCommand

# --- decide


def decide(
    case: CaseFile, approvals: Approvals, command: ApprovalCommand, now: Circumstances
) -> tuple[ApprovalFact, ...]:
    """What happens to an approval or to one of its instalments. Raises ``Refused`` for a senseless command."""
    match command:
        case ProposeApproval():
            return _propose(case, approvals, command, now)
        case SignApproval() | SendBackApproval() | RecordMeeting() | StopApproval():
            return _proceed(case, approvals, command, now)
        case _:
            return instalment.decide(_instalment(approvals, command.instalment_id), command, now)


def _propose(
    case: CaseFile, approvals: Approvals, command: ProposeApproval, now: Circumstances
) -> tuple[ApprovalFact, ...]:
    _must_be_proposable(case, approvals, command)
    late = declined(case.case_id, command.approval_id, command.plan, command.policy, now)
    if late is not None:
        return (late,)
    used_fen = case.advanced_fen + approvals.standing_fen
    level = level_of(command.policy, command.plan.ceiling_fen, used_fen, command.elsewhere_fen)
    must_be_without_income(command.policy, command.grounds)
    formula = reckoned(command.policy, case.opened, command.grounds)
    if level != "meeting":
        must_be_within(formula, command.plan.ceiling_fen + used_fen)
    limit = township_limit(command.policy)
    return (
        ApprovalProposed(
            case_id=case.case_id,
            approval_id=command.approval_id,
            follow_up=command.follow_up,
            level=level,
            plan=command.plan,
            signers=signers(command.policy, level),
            basis=PolicyBasis(policy_hash=command.policy.policy_hash, clause=limit.clause, limit_fen=limit.limit_fen),
            proposed_by=now.actor.id,
            township_signers=len(signers(command.policy, "township")),
            grounds=command.grounds,
            reckoned_fen=None if formula is None else formula.amount_fen,
        ),
    )


def _must_be_proposable(case: CaseFile, approvals: Approvals, command: ProposeApproval) -> None:
    must_be_accepted(case)
    if command.approval_id in {*approvals.known, *approvals.declined}:
        raise Refused("approval_exists", "该审批编号已经用过,请另行呈批。")
    must_be_payable(command.policy, case.opened, command.plan.payer)
    if sum(one.amount_fen for one in command.plan.instalments) > command.plan.ceiling_fen:
        raise Refused("over_ceiling", "各期救助金之和超过了呈批的总额。")
    must_be_stageable(command.plan, command.policy, command.grounds)
    if command.follow_up and case.relieved_at is None:
        raise Refused("nothing_to_follow", "该个案尚未给予救助,不能跟进救助。")


def _proceed(
    case: CaseFile,
    approvals: Approvals,
    command: SignApproval | SendBackApproval | RecordMeeting | StopApproval,
    now: Circumstances,
) -> tuple[ApprovalFact, ...]:
    approval = approvals.known.get(command.approval_id)
    if approval is None:
        raise Refused("unknown_approval", "该个案没有这个审批,请核对编号。")
    if isinstance(command, StopApproval):
        return _stop(approvals, command, now.actor.id)
    if approval.standing != "proposed":
        raise Refused("approval_decided", "该审批已经办结,不能再签批。")
    match command:
        case SignApproval():
            return _sign(case, approval, command, now)
        case SendBackApproval():
            return (_sent_back(case, command, now.actor.id),)
        case RecordMeeting():
            return (_met(case, command, now.actor.id),)


def _sent_back(case: CaseFile, command: SendBackApproval, by: str) -> ApprovalSentBack:
    return ApprovalSentBack(
        case_id=case.case_id, approval_id=command.approval_id, reason=command.reason, sent_back_by=by
    )


def _met(case: CaseFile, command: RecordMeeting, by: str) -> MeetingHeld:
    return MeetingHeld(
        case_id=case.case_id,
        approval_id=command.approval_id,
        number=command.number,
        held_on=command.held_on,
        attendees=command.attendees,
        amount_fen=command.amount_fen,
        noted_by=by,
    )


def _sign(case: CaseFile, approval: Approval, command: SignApproval, now: Circumstances) -> tuple[ApprovalFact, ...]:
    _must_be_next(approval, now)
    role = approval.proposed.signers[len(approval.signed)]
    signed = ApprovalSigned(
        case_id=case.case_id,
        approval_id=command.approval_id,
        role=role,
        signed_by=now.actor.id,
        passes_to_county=approval.passes_to_county,
    )
    if len(approval.signed) + 1 < len(approval.proposed.signers):
        return (signed,)
    late = declined(case.case_id, command.approval_id, approval.proposed.plan, command.policy, now)
    return (signed, late) if late is not None else (signed, *_approved(case, approval, command.policy, now))


def _must_be_next(approval: Approval, now: Circumstances) -> None:
    if now.actor.id in approval.signed:
        raise Refused("signed_already", "同一人不能在一次审批中签批两次,请由下一环节的人员签批。")
    if now.actor.role != approval.proposed.signers[len(approval.signed)]:
        raise Refused("not_your_turn", "尚未轮到您签批,请按规定的顺序办理。")
    allowed_fen = approval.meeting_fen if approval.proposed.level == "meeting" else approval.proposed.plan.ceiling_fen
    if allowed_fen is None and len(approval.signed) + 1 == len(approval.proposed.signers):
        raise Refused("no_meeting", "该救助须经县级协调机制会议(一事一议)决定,请先登记会议情况。")
    if allowed_fen is not None and allowed_fen < approval.proposed.plan.ceiling_fen:
        raise Refused("over_meeting", "呈批总额超过会议决定的金额,请退回后按会议决定重新呈批。")


def _approved(case: CaseFile, approval: Approval, policy: Policy, now: Circumstances) -> tuple[ApprovalFact, ...]:
    """The approval, and what the funds of this year are asked to hold; later years are promised without a hold.

    What was due in a year that ended before the last signature is asked of this year's fund.
    """
    proposed = approval.proposed
    approved = ReliefApproved(
        case_id=case.case_id,
        approval_id=proposed.approval_id,
        follow_up=proposed.follow_up,
        level=proposed.level,
        county=case.opened.county,
        township=case.opened.township,
        plan=proposed.plan,
        approved_by=(*approval.signed, now.actor.id),
        basis=proposed.basis,
        person=case.person,
        ends_on=last_day(proposed.plan, policy, day_of(now.occurred_at)),
    )
    year = day_of(now.recorded_at).year
    promised = (one for one in instalments_of(approved) if one.due_on.year <= year)
    return approved, *(instalment.called(one, now) for one in promised)


def _stop(approvals: Approvals, command: StopApproval, by: str) -> tuple[InstalmentFact, ...]:
    """Everything that is not paid or being paid is let go."""
    unpaid = [one for one in approvals.of(command.approval_id) if not (one.is_settled or one.standing == "instructed")]
    stops = ((one, LetGoInstalment(one.instalment_id, "stopped", 0, command.reason)) for one in unpaid)
    return tuple(fact for one, stop in stops for fact in instalment.let_go(one, stop, by))


def _instalment(approvals: Approvals, instalment_id: str) -> Instalment:
    found = approvals.instalments.get(instalment_id)
    if found is None:
        raise Refused("unknown_instalment", "该个案没有这一期救助金,请核对编号。")
    return found
