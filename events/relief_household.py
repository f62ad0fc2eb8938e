"""Relief's story, the household (户): what counts for repetition, who belongs to it, and what was found and allowed."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Value
from events.words import Cause, Code, Fen, Id, PositiveFen, Pseudonym, StaffId

RepeatRuleName = Literal["same_cause", "household_cap"]
"""同一事由, 家庭年度限额."""


Scheme = Literal[
    "disaster_relief",
    "medical_assistance",
    "education_aid",
    "housing_aid",
    "employment_aid",
    "temporary_relief",
    "charity",
    "other",
]
"""受灾人员救助 医疗救助 教育救助 住房救助 就业救助 其他地方或部门的临时救助 慈善帮扶 其他."""


class CountedHelp(Value):
    """One decision that counts: whose case, for whom and what, on which day, and how much in fen."""

    case_id: Id
    decision_id: Id
    person: Pseudonym
    cause: Cause
    on: date
    amount_fen: Fen


class HelpCounted(Fact, name="relief.help_counted"):
    """A decision counts for the household from now on."""

    household: Pseudonym
    help: CountedHelp


class HelpSettled(Fact, name="relief.help_settled"):
    """A case is done: of its decisions only what the household kept counts, in fen; nothing, where nothing was kept."""

    household: Pseudonym
    case_id: Id
    kept: tuple[CountedHelp, ...]


class HelpElsewhere(Value):
    """What somebody else has given (其他部门救助帮扶): by which scheme, who, for what, when, and in fen where told."""

    grant_id: Id
    person: Pseudonym
    scheme: Scheme
    organisation: Code
    cause: Cause
    on: date
    amount_fen: PositiveFen | None
    reference: str = Field(default="", max_length=40)
    """The document or the line of a list that tells it."""


class HelpElsewhereNoted(Fact, name="relief.help_elsewhere_noted"):
    """Another department or a charity has told what it gave a person of the household (一户一条救助链)."""

    household: Pseudonym
    help: HelpElsewhere
    noted_by: StaffId


class RepeatAllowed(Fact, name="relief.repeat_allowed"):
    """Somebody whom the policy names lets a case be helped although the rule is used up (特殊情况), and why.

    Help first for an incident for which another case (``despite``) has given it, is allowed in the same way.
    """

    household: Pseudonym
    case_id: Id
    reason: Code
    clause: str = Field(max_length=200)
    allowed_by: StaffId
    despite: Id | None = None


class PersonBarred(Fact, name="relief.person_barred"):
    """A person had relief by fraud (骗取救助): no new application is taken until a day, emergencies excepted."""

    person: Pseudonym
    case_id: Id
    until: date
    clause: str = Field(max_length=200)


class MemberJoined(Fact, name="relief.member_joined"):
    """A person belongs to this household (并户); what they were helped with counts here too."""

    household: Pseudonym
    member: Pseudonym
    helps: tuple[CountedHelp, ...]
    reason: Code
    joined_by: StaffId


class MemberLeft(Fact, name="relief.member_left"):
    """A person does not belong to this household after all (撤销并户); decisions stay as they were made."""

    household: Pseudonym
    member: Pseudonym
    reason: Code
    parted_by: StaffId


class HouseholdJoined(Fact, name="relief.household_joined"):
    """A person's own household is from now on judged as part of another one."""

    household: Pseudonym
    into: Pseudonym


class HouseholdParted(Fact, name="relief.household_parted"):
    """A person's household is judged by itself again, with all that the person was helped with."""

    household: Pseudonym
    helps: tuple[CountedHelp, ...]


class RepeatReported(Fact, name="relief.repeat_reported"):
    """Judged again, the household has had more than the rule allows: reported, and nothing is changed for it."""

    household: Pseudonym
    rule: RepeatRuleName
    cases: tuple[Id, ...]
    clause: str = Field(max_length=200)


class RepeatLifted(Fact, name="relief.repeat_lifted"):
    """Judged again, what was reported is so no longer."""

    household: Pseudonym
    rule: RepeatRuleName
    cases: tuple[Id, ...]


HouseholdFact = (
    HelpCounted
    | HelpSettled
    | HelpElsewhereNoted
    | RepeatAllowed
    | MemberJoined
    | MemberLeft
    | HouseholdJoined
    | HouseholdParted
    | RepeatReported
    | RepeatLifted
)
