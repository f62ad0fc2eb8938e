"""The general track (一般程序): missing papers told once, a visit, a means check, the neighbours heard.

Nothing of this ever stands before an advance. What is posted is ``publicity``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from events.relief_approval import Grounds
from events.relief_inquiry import (
    Certified,
    HouseholdVisited,
    InquiryFact,
    MeansCheckAnswered,
    MeansCheckRequested,
    MissingTold,
    NoticeEnded,
    NoticeObjected,
    NoticePosted,
    ObjectionAnswered,
    PeersHeard,
    ReliefType,
    TypeJudged,
)
from events.rules import SmallFast
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy
from services.relief.steps import publicity
from services.relief.steps.amount import must_be_resident
from services.relief.steps.case_file import CaseFile
from services.relief.steps.publicity import Notice, PublicityCommand

# --- commands


@dataclass(frozen=True, slots=True)
class JudgeType:
    """Say which type of relief this is, and whether the family is certified already."""

    relief_type: ReliefType
    certified: Certified | None


@dataclass(frozen=True, slots=True)
class TellMissing:
    """Tell the applicant, once, what is missing."""

    papers: tuple[str, ...]
    policy: Policy


@dataclass(frozen=True, slots=True)
class RecordVisit:
    """Put down a visit to the household."""

    visit_id: str
    investigators: tuple[str, ...]
    both_signed: bool
    hardship_goes_on: bool
    record_sha256: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class RequestCheck:
    """Ask the checking office, on the household's signed authorisation."""

    check_id: str
    authorised_on: date


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """Put down what the checking office answered."""

    check_id: str
    result: str
    report_sha256: str


@dataclass(frozen=True, slots=True)
class HearPeers:
    """Put down the neighbours' opinion."""

    present: int
    in_favour: int


InquiryCommand = JudgeType | TellMissing | RecordVisit | RequestCheck | AnswerCheck | HearPeers | PublicityCommand

# --- state


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was found out about the household."""

    relief_type: ReliefType | None = None
    certified: Certified | None = None
    told_missing: bool = False
    visits: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    checks: Mapping[str, MeansCheckAnswered | None] = field(default_factory=dict[str, MeansCheckAnswered | None])
    """By their id; ``None`` is unanswered."""
    notices: Mapping[str, Notice] = field(default_factory=dict[str, Notice])

    def visited_after(self, moment: datetime) -> bool:
        """Whether somebody was there after a moment."""
        return any(at > moment for at in self.visits.values())


# --- decide


def decide(case: CaseFile, inquiry: Inquiry, command: InquiryCommand, now: Circumstances) -> tuple[InquiryFact, ...]:
    """What is found out. Raises ``Refused`` for a senseless command."""
    match command:
        case JudgeType():
            return _judge(case, inquiry, command, now.actor.id)
        case TellMissing():
            return _tell(case, inquiry, command, now.actor.id)
        case RecordVisit():
            return _visit(case, inquiry, command)
        case RequestCheck():
            return _request(case, inquiry, command, now.actor.id)
        case AnswerCheck():
            return _answer(case, inquiry, command)
        case HearPeers():
            heard = PeersHeard(
                case_id=case.case_id, present=command.present, in_favour=command.in_favour, held_by=now.actor.id
            )
            return (heard,)
        case _:
            return publicity.decide(case, inquiry, command, now)


def _judge(case: CaseFile, inquiry: Inquiry, command: JudgeType, by: str) -> tuple[InquiryFact, ...]:
    if (inquiry.relief_type, inquiry.certified) == (command.relief_type, command.certified):
        return ()
    judged = TypeJudged(
        case_id=case.case_id, relief_type=command.relief_type, certified=command.certified, judged_by=by
    )
    return (judged,)


def _tell(case: CaseFile, inquiry: Inquiry, command: TellMissing, by: str) -> tuple[InquiryFact, ...]:
    if inquiry.told_missing:
        raise Refused("told_already", "需补正的材料应当一次性告知,不能再次要求补正。")
    if not set(command.papers) <= _required(inquiry, command):
        raise Refused("paper_not_required", "只能要求补正本地政策列明的材料,政府平台能查询的不得要求提供。")
    return (MissingTold(case_id=case.case_id, papers=command.papers, told_by=by),)


def _required(inquiry: Inquiry, command: TellMissing) -> set[str]:
    """The papers that the policy lists for this type of relief (所需材料); without a list, whatever is asked for."""
    rule = command.policy.rules.required_papers
    listed = () if rule is None else rule.expenditure if inquiry.relief_type == "expenditure" else rule.emergency
    return set(listed or command.papers)


def _visit(case: CaseFile, inquiry: Inquiry, command: RecordVisit) -> tuple[InquiryFact, ...]:
    rule = command.policy.rules.household_visit
    if rule is not None and len(set(command.investigators)) < rule.investigators:
        raise Refused("too_few_investigators", f"入户调查人员不得少于{rule.investigators}人。")
    if rule is not None and rule.both_sign and not command.both_signed:
        raise Refused("not_signed", "入户调查须由调查人员和被调查人分别签字确认。")
    if command.visit_id in inquiry.visits:
        return ()
    return (
        HouseholdVisited(
            case_id=case.case_id,
            visit_id=command.visit_id,
            investigators=command.investigators,
            both_signed=command.both_signed,
            hardship_goes_on=command.hardship_goes_on,
            record_sha256=command.record_sha256,
        ),
    )


def _request(case: CaseFile, inquiry: Inquiry, command: RequestCheck, by: str) -> tuple[InquiryFact, ...]:
    if command.check_id in inquiry.checks:
        return ()
    return (
        MeansCheckRequested(
            case_id=case.case_id,
            check_id=command.check_id,
            scope="full" if inquiry.certified is None else "spending",
            authorised_on=command.authorised_on,
            requested_by=by,
        ),
    )


def _answer(case: CaseFile, inquiry: Inquiry, command: AnswerCheck) -> tuple[InquiryFact, ...]:
    if command.check_id not in inquiry.checks:
        raise Refused("unknown_check", "该个案没有这次核对,请核对编号。")
    answered = MeansCheckAnswered.model_validate(
        {
            "case_id": case.case_id,
            "check_id": command.check_id,
            "result": command.result,
            "report_sha256": command.report_sha256,
        }
    )
    known = inquiry.checks[command.check_id]
    if known is not None and known != answered:
        raise Refused("check_answered", "该次核对已有不同的结果,如有更正请另行发起核对。")
    return (answered,) if known is None else ()


def must_be_visited_again(case: CaseFile, inquiry: Inquiry) -> None:
    """Raise ``Refused`` where help is to follow help and nobody was there since."""
    if case.relieved_at is not None and not inquiry.visited_after(case.relieved_at):
        raise Refused("not_visited_again", "跟进救助须在救助后再次入户了解情况。")


def must_be_looked_into(inquiry: Inquiry, rule: SmallFast | None) -> None:
    """Raise ``Refused`` where a county has small-fast relief (小额快救) checked or posted all the same."""
    if rule is not None and rule.means_check and not any(inquiry.checks.values()):
        raise Refused("not_checked", "本县(市、区)规定小额快救也须核对家庭经济状况,请先发起核对。")
    if rule is not None and rule.publicity and not _has_been_posted(inquiry):
        raise Refused("not_posted", "按规定须先公示且公示期满无异议。")


def must_be_ready(inquiry: Inquiry, policy: Policy, grounds: Grounds | None) -> None:
    """Raise ``Refused`` where an approval has to wait: for its type, a visit, an answer, the end of a notice."""
    if inquiry.relief_type is None and _depends_on_type(policy):
        raise Refused("type_not_judged", "尚未认定救助类型,请先认定是急难型还是支出型救助。")
    if inquiry.relief_type == "expenditure":
        _must_be_inquired_into(inquiry, policy, grounds)


def _depends_on_type(policy: Policy) -> bool:
    """Whether expenditure relief has to wait for anything that emergency relief has not."""
    rules = policy.rules
    return rules.residence is not None or rules.household_visit is not None or _posts_expenditure(policy)


def _posts_expenditure(policy: Policy) -> bool:
    return policy.rules.publicity is not None and policy.rules.publicity.expenditure is not None


def _has_been_posted(inquiry: Inquiry) -> bool:
    return any(notice.standing == "ended" for notice in inquiry.notices.values())


def _must_be_inquired_into(inquiry: Inquiry, policy: Policy, grounds: Grounds | None) -> None:
    must_be_resident(policy, grounds)
    if policy.rules.household_visit is not None and not inquiry.visits:
        raise Refused("not_visited", "支出型救助须先入户调查。")
    if None in inquiry.checks.values():
        raise Refused("check_open", "家庭经济状况核对尚无结果。")
    if _posts_expenditure(policy) and not _has_been_posted(inquiry):
        raise Refused("not_posted", "支出型救助须先公示且公示期满无异议。")


# --- evolve


def evolve(inquiry: Inquiry, fact: InquiryFact, at: datetime) -> Inquiry:
    """What is known after a fact that happened at ``at``."""
    match fact:
        case TypeJudged():
            return replace(inquiry, relief_type=fact.relief_type, certified=fact.certified)
        case MissingTold():
            return replace(inquiry, told_missing=True)
        case HouseholdVisited():
            return replace(inquiry, visits={**inquiry.visits, fact.visit_id: at})
        case MeansCheckRequested():
            return replace(inquiry, checks={**inquiry.checks, fact.check_id: None})
        case MeansCheckAnswered():
            return replace(inquiry, checks={**inquiry.checks, fact.check_id: fact})
        case PeersHeard():
            return inquiry
        case NoticePosted() | NoticeObjected() | ObjectionAnswered() | NoticeEnded():
            return replace(inquiry, notices=publicity.evolve(inquiry.notices, fact))
