"""Relief's story, the general track (一般程序): papers asked for once, a visit, a means check, a review, publicity."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Public
from events.rules import NoticeTerm
from events.words import Code, Id, Sha256, StaffId

ReliefType = Literal["emergency", "expenditure"]
"""急难型 or 支出型."""

Certified = Literal["dibao", "tekun", "dibao_edge", "rigid_spending"]
"""低保, 特困, 低保边缘, 刚性支出困难: families whose means are known already."""


class TypeJudged(Fact, name="relief.type_judged"):
    """Which of the two types of relief this is (救助类型), and whether the family is certified already."""

    case_id: Id
    relief_type: ReliefType
    certified: Certified | None
    judged_by: StaffId


class MissingTold(Fact, name="relief.missing_told"):
    """The applicant was told, once and in full, which papers are missing (一次性告知)."""

    case_id: Id
    papers: tuple[Code, ...] = Field(min_length=1, max_length=30)
    told_by: StaffId


class HouseholdVisited(Fact, name="relief.household_visited"):
    """Investigators were at the household (入户调查); the record by its digest."""

    case_id: Id
    visit_id: Id
    investigators: tuple[StaffId, ...] = Field(min_length=1, max_length=9)
    both_signed: bool
    hardship_goes_on: bool
    record_sha256: Sha256


class MeansCheckRequested(Fact, name="relief.means_check_requested"):
    """The checking office is asked (家庭经济状况核对), of certified families about their spending only."""

    case_id: Id
    check_id: Id
    scope: Literal["full", "spending"]
    authorised_on: date
    """The day of the household's signed authorisation."""
    requested_by: StaffId


class MeansCheckAnswered(Fact, name="relief.means_check_answered"):
    """The checking office has answered."""

    case_id: Id
    check_id: Id
    result: Literal["within", "over", "incomplete"]
    report_sha256: Sha256


class PeersHeard(Fact, name="relief.peers_heard"):
    """Neighbours gave their opinion (民主评议), where the township thought it useful."""

    case_id: Id
    present: int = Field(ge=3, le=99)
    in_favour: int = Field(ge=0, le=99)
    held_by: StaffId


class NoticePosted(Public, name="relief.notice_posted"):
    """The intended relief is posted (张榜公示) to the end of ``ends_on``; names masked where the policy says."""

    case_id: Id
    notice_id: Id
    levels: tuple[Literal["township", "village", "group"], ...]
    masked: bool
    ends_on: date
    clause: str = Field(max_length=200)
    posted_by: StaffId
    term: NoticeTerm | None = None
    """How long it stands; of one that does not say, the policy knows."""


class NoticeObjected(Fact, name="relief.notice_objected"):
    """Somebody objects (异议): the notice stands still until it was looked into."""

    case_id: Id
    notice_id: Id
    objection_id: Id
    reason: Code


class ObjectionAnswered(Fact, name="relief.objection_answered"):
    """An objection was looked into (补充调查); where it is upheld, the notice is withdrawn."""

    case_id: Id
    notice_id: Id
    objection_id: Id
    visit_id: Id
    """The visit that was made for it."""
    upheld: bool
    ends_on: date
    """Until when the notice goes on."""
    answered_by: StaffId
    term: NoticeTerm | None = None
    """How long it stands again; of one that does not say, the policy knows."""


class NoticeEnded(Fact, name="relief.notice_ended"):
    """The notice has stood its time without an open objection."""

    case_id: Id
    notice_id: Id


InquiryFact = (
    TypeJudged
    | MissingTold
    | HouseholdVisited
    | MeansCheckRequested
    | MeansCheckAnswered
    | PeersHeard
    | NoticePosted
    | NoticeObjected
    | ObjectionAnswered
    | NoticeEnded
)
