"""Relief's story, referral (转介): asked of others, taken on or not, and what came of it."""

from datetime import date
from typing import Literal

from events.fact import Fact, Public
from events.words import Code, Id, PositiveFen, Sha256, StaffId

Partner = Literal["department", "charity", "social_work", "volunteers"]
"""部门, 慈善组织, 社工机构, 志愿服务."""

Need = Literal[
    "dibao", "tekun", "medical", "education", "housing", "employment", "legal_aid", "care", "counselling", "money"
]
"""低保 特困 医疗 教育 住房 就业 法律援助 照料 心理疏导 资金."""


class ReferralSent(Public, name="relief.referral_sent"):
    """Somebody else is asked to help (转介) or to give a service (服务类救助), with consent where needed."""

    case_id: Id
    referral_id: Id
    partner: Partner
    organisation: Code
    need: Need
    answer_by: date
    consented: bool
    sent_by: StaffId


class ReferralAnswered(Fact, name="relief.referral_answered"):
    """They take it on, or say why not."""

    case_id: Id
    referral_id: Id
    accepted: bool
    reason: Code | None


class ReferralClosed(Fact, name="relief.referral_closed"):
    """What came of it."""

    case_id: Id
    referral_id: Id
    result: Literal["helped", "not_helped", "withdrawn"]
    record_sha256: Sha256 | None
    closed_by: StaffId
    helped_on: date | None = None
    amount_fen: PositiveFen | None = None
    """What they gave, in fen, where they have told it."""


ReferralFact = ReferralSent | ReferralAnswered | ReferralClosed
