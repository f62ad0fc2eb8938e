"""A case's steps as one whole: which step a command is for, and what one step means for the others."""

from collections.abc import Sequence
from datetime import date

from events.relief import AdvanceDecided, CaseFact, ReviewRaised
from events.relief_after import CaseEndedEarly, ReportLeft
from events.relief_approval import ApprovalProposed
from events.relief_fast import SmallFastDecided
from events.relief_persons import DuplicateChecked, HomeCountyAnswered, RepeatFound
from events.relief_words import PolicyBasis
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.advance import decision_of, given_way, hold_number
from services.relief.case_commands import StepCommand
from services.relief.case_state import Case
from services.relief.leaving import all_let_go, let_go, moved
from services.relief.limits import township_limit
from services.relief.paperwork import emergency_over
from services.relief.reviews import although_barred, of_a_lasting_cause
from services.relief.steps import approval, county, ending, fast_track, identity, inquiry, recovery, referral
from services.relief.steps.approval import (
    ApprovalCommand,
    ProposeApproval,
    SignApproval,
    StopApproval,
)
from services.relief.steps.case_file import advanced_elsewhere, is_barred
from services.relief.steps.county import ConcludeReview, CountyCommand, Override
from services.relief.steps.ending import EndingCommand
from services.relief.steps.fast_track import ChooseRemedy, FastCommand, GiveSmallFast, LiftEmergency
from services.relief.steps.identity import EstablishIdentity, PersonCommand
from services.relief.steps.inquiry import InquiryCommand, RecordVisit
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment
from services.relief.steps.moving import MoveTownship
from services.relief.steps.recovery import RecoveryCommand


def proceed(case: Case, command: StepCommand, now: Circumstances) -> Sequence[CaseFact]:
    """What a step's command means for the case. Raises ``Refused``."""
    if isinstance(command, ApprovalCommand):
        return _approve(case, command, now)
    if isinstance(command, InquiryCommand):
        return _inquire(case, command, now)
    if isinstance(command, FastCommand):
        return _fast(case, command, now)
    if isinstance(command, CountyCommand | RecoveryCommand):
        return _look_again(case, command, now)
    if isinstance(command, EndingCommand):
        return _end(case, command, now)
    if isinstance(command, PersonCommand):
        return _identify(case, command, now)
    if isinstance(command, MoveTownship):
        return moved(case, command, now)
    return referral.decide(case, case.referrals, command, now)


def _inquire(case: Case, command: InquiryCommand, now: Circumstances) -> Sequence[CaseFact]:
    """Where help was not enough and the policy asks for charity then (慈善转介), somebody must see to it."""
    facts = inquiry.decide(case, case.inquiry, command, now)
    if not facts or not isinstance(command, RecordVisit) or not command.hardship_goes_on or case.relieved_at is None:
        return facts
    if command.policy.rules.charity_referral is None:
        return facts
    return *facts, ReviewRaised(case_id=case.case_id, about=command.visit_id, reason="charity_referral")


def _identify(case: Case, command: PersonCommand, now: Circumstances) -> Sequence[CaseFact]:
    """A repetition that is found is looked at once; nothing is refused or taken back for it."""
    facts = identity.decide(case, case.whose, command, now)
    if facts and isinstance(command, EstablishIdentity):
        facts = *facts, *of_a_lasting_cause(case, command.lasting)
    for fact in facts:
        if isinstance(fact, RepeatFound):
            return *facts, ReviewRaised(case_id=case.case_id, about=case.case_id, reason="repeat_found")
        if _is_elsewhere(fact):
            return *facts, ReviewRaised(case_id=case.case_id, about=case.case_id, reason="duplicate_elsewhere")
    return facts


def _is_elsewhere(fact: CaseFact) -> bool:
    """Another county has helped, as far as is known."""
    match fact:
        case DuplicateChecked(result="found") | HomeCountyAnswered(result="helped_there"):
            return True
        case _:
            return False


def must_be_helpable(case: Case) -> None:
    """Raise ``Refused`` where the case takes no new help any more."""
    if case.closed is not None:
        raise Refused("case_closed", "该个案已经办结。")
    _must_be_eligible(case)


def _must_be_eligible(case: Case) -> None:
    """Nothing more is given or paid where the case is over or another's. What was closed may still be owed."""
    if case.ending.is_over:
        raise Refused("case_over", "该个案已经不予救助或终止,不能再作救助决定。")
    if case.oversight.is_ineligible:
        raise Refused("found_ineligible", "事后审核不符合条件,不能继续发放。")
    if case.fast.is_elsewhere:
        raise Refused("case_elsewhere", "该个案已转其他救助渠道办理。")


def _approve(case: Case, command: ApprovalCommand, now: Circumstances) -> Sequence[CaseFact]:
    _must_be_open_to(case, command)
    if isinstance(command, ProposeApproval):
        _must_be_ready(case, command)
    if isinstance(command, SignApproval):
        _must_still_be_ready(case, command)
    if isinstance(command, ProposeApproval | SignApproval):
        _must_not_be_barred(case, command.barred_until, now)
    facts = approval.decide(case, case.approvals, command, now)
    if isinstance(command, ProposeApproval):
        if not any(isinstance(fact, ApprovalProposed) for fact in facts):
            return facts
        barred = although_barred(case, command.barred_until, command.approval_id, now)
        return *facts, *barred, *of_a_lasting_cause(case, command.lasting)
    return facts


def _must_be_open_to(case: Case, command: ApprovalCommand) -> None:
    """An instalment that came back after the closing is called and released anew: the household is still to have it."""
    match command:
        case CallInstalment() | ReleaseInstalment():
            _must_be_eligible(case)
        case LetGoInstalment() | StopApproval():
            return
        case _:
            must_be_helpable(case)


def _must_not_be_barred(case: Case, barred_until: date | None, now: Circumstances) -> None:
    if is_barred(case, barred_until, now):
        raise Refused("disqualified", f"申请人曾骗取救助,{barred_until} 前不予受理;遭遇急难的,按急难情形办理。")


def _must_be_ready(case: Case, command: ProposeApproval) -> None:
    if command.follow_up:
        inquiry.must_be_visited_again(case, case.inquiry)
    inquiry.must_be_ready(case.inquiry, command.policy, command.grounds)


def _must_still_be_ready(case: Case, command: SignApproval) -> None:
    """What was found out since the proposal may ask for more than was asked for then."""
    found = case.approvals.known.get(command.approval_id)
    if found is not None and found.awaits_last:
        inquiry.must_be_ready(case.inquiry, command.policy, found.proposed.grounds)


def _fast(case: Case, command: FastCommand, now: Circumstances) -> Sequence[CaseFact]:
    if isinstance(command, GiveSmallFast):
        must_be_helpable(case)
        _must_not_be_barred(case, command.barred_until, now)
        inquiry.must_be_looked_into(case.inquiry, command.policy.rules.small_fast)
    if isinstance(command, ChooseRemedy) and command.remedy == "county_pays":
        return _from_the_county(case, command, now)
    facts = fast_track.decide(case, case.fast, command, now)
    return (*facts, *_therefore(case, command, now)) if facts else facts


def _therefore(case: Case, command: FastCommand, now: Circumstances) -> Sequence[CaseFact]:
    match command:
        case GiveSmallFast():
            barred = although_barred(case, command.barred_until, command.decision_id, now)
            return *barred, *of_a_lasting_cause(case, command.lasting)
        case LiftEmergency():
            return emergency_over(case, command.lifted_on, command.calendar)
        case _:
            return ()


def _from_the_county(case: Case, command: ChooseRemedy, now: Circumstances) -> Sequence[CaseFact]:
    """The same decision, asked of the county's own fund of the year."""
    if len(now.actor.scope) > len(case.opened.county):
        raise Refused("county_pays_not_yours", "由县级直接支付应由县级决定,请报县级民政部门办理。")
    if command.decision_id in case.approvals.instalments:
        raise Refused("payer_is_planned", "分期救助由审批确定的单位支付;请停止该期,另行呈批由县级支付。")
    facts = fast_track.decide(case, case.fast, command, now)
    if not facts:
        return ()
    fund_id = f"{case.opened.county}-{day_of(now.occurred_at).year}"
    return *facts, _asked_of(case, command, fund_id, now), *given_way(case, command.decision_id, fund_id)


def _asked_of(case: Case, command: ChooseRemedy, fund_id: str, now: Circumstances) -> AdvanceDecided | SmallFastDecided:
    by, although_helped = now.actor.id, advanced_elsewhere(case, now)
    small = case.fast.small.get(command.decision_id)
    hold_id = hold_number(case, command.decision_id, fund_id)
    if small is not None:
        given = {"fund_id": fund_id, "hold_id": hold_id, "handled_by": by, "although_helped": although_helped}
        return small.model_copy(update={**given, "report_ids": case.report_ids})
    decision = decision_of(case, command.decision_id)
    limit = township_limit(command.policy)
    return AdvanceDecided(
        case_id=case.case_id,
        decision_id=command.decision_id,
        county=case.opened.county,
        township=case.opened.township,
        fund_id=fund_id,
        amount_fen=decision.amount_fen,
        goods=decision.goods,
        person=case.person,
        cause=case.opened.cause,
        decided_by=by,
        basis=PolicyBasis(policy_hash=command.policy.policy_hash, clause=limit.clause, limit_fen=limit.limit_fen),
        by_county=True,
        hold_id=hold_id,
        although_helped=although_helped,
        report_ids=case.report_ids,
    )


def _look_again(case: Case, command: CountyCommand | RecoveryCommand, now: Circumstances) -> Sequence[CaseFact]:
    """Whoever is found ineligible is paid nothing more; what is paid comes back only if the county orders it."""
    if isinstance(command, RecoveryCommand):
        return recovery.decide(case, case.recoveries, command, now)
    facts = county.decide(case, case.oversight, command, now)
    if facts and isinstance(command, ConcludeReview) and command.finding != "eligible":
        return *facts, *all_let_go(case, command.finding, now)
    if facts and isinstance(command, Override) and command.to_fen == 0:
        return *facts, *let_go(case, command.decision_id, "county_override", now)
    return facts


def _end(case: Case, command: EndingCommand, now: Circumstances) -> Sequence[CaseFact]:
    """What is not paid yet is let go; what is paid is kept."""
    facts = ending.decide(case, case.ending, command, now)
    match facts:
        case (CaseEndedEarly(why=why),):
            return *facts, *all_let_go(case, why, now)
        case (ReportLeft(is_last=True, how=how),):
            return *facts, *all_let_go(case, how, now)
        case _:
            return facts
