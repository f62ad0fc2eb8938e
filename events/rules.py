"""What a jurisdiction may lay down (政策参数): each rule with its unit, whether its number counts in, its clause."""

from typing import Literal, NamedTuple, Self

from pydantic import Field

from events.fact import Value
from events.words import Cause, Code, PositiveFen

Clause = str
"""A document, its number and the clause, as one would cite it."""

DayUnit = Literal["natural_day", "working_day"]
"""日, 工作日."""

Unit = Literal["hour", "natural_day", "working_day"]
"""小时 (nights and holidays count), 日, 工作日."""

Modal = Literal["must", "may"]
"""应当 or 可: a deadline that passes is broken, or only missed."""

Residence = Literal["urban", "rural"]
"""Which of the two low-income standards (低保标准) is meant: 城市, 农村."""

Window = Literal["natural_year", "rolling_year"]
"""自然年度 from 1 January to 31 December, or the twelve months before."""

Subject = Literal["person", "household"]
"""人, 户."""

PauseCause = Literal[
    "means_check",
    "letter_inquiry",
    "publicity",
    "objection",
    "applicant_unreachable",
    "coordination_meeting",
]
"""Why a clock may stand still: 信息核对, 信函索证, 公示, 异议, 联系不上, 一事一议."""

Remedy = Literal["emergency_replenishment", "county_pays", "overdraft"]
"""What is done when a fund is short: 紧急补充, 县级直接支付, 乡镇垫付."""

FundSource = Literal["carried_over", "central", "province", "city", "county", "local_match", "relief_fund", "donation"]
"""上年结转, 中央, 省, 市, 县, 本级配套, 救急难基金, 捐赠."""


class Measure(NamedTuple):
    """The number of a rule that a floor or a ceiling of a higher level holds for: its field, its unit, itself."""

    field: str
    unit: str
    number: int


class Rule(Value):
    """A rule. A level above may lay it down as a floor (不低于) or a ceiling (不超过) for those below it."""

    clause: Clause = Field(max_length=200)
    binds: Literal["value", "floor", "ceiling"] = "value"

    def measure(self) -> Measure | None:
        """The number that can be compared between levels, or ``None``."""
        return None

    def inside(self, bound: "Rule") -> Self:
        """The rule inside a floor or ceiling of a higher level; numbers in different units are not compared."""
        own, other = self.measure(), bound.measure()
        if bound.binds == "value" or own is None or other is None or own.unit != other.unit:
            return self
        allowed = min(own.number, other.number) if bound.binds == "ceiling" else max(own.number, other.number)
        return self if allowed == own.number else self.model_copy(update={own.field: allowed})


class Deadline(Rule):
    """What every deadline (时限) has. A term in natural days ends on a working day only where it ``rolls``."""

    length: int = Field(ge=1, le=1_000)
    modal: Modal = "must"
    rolls: bool = False
    pausable: tuple[PauseCause, ...] = ()
    pause_days_at_most: int | None = Field(default=None, ge=1, le=366)
    """Natural days after which a pause ends by itself, where nobody names an earlier day."""
    warn_percent: int = Field(default=75, ge=1, le=99)
    """From which share of the time on a clock that still runs is expected to be broken."""


class TimeLimit(Deadline):
    """A deadline in hours or days."""

    unit: Unit

    def measure(self) -> Measure | None:
        """Its length."""
        return Measure("length", self.unit, self.length)


class DayLimit(Deadline):
    """A deadline in days."""

    unit: DayUnit

    def measure(self) -> Measure | None:
        """Its length."""
        return Measure("length", self.unit, self.length)


class AdvanceRule(TimeLimit):
    """Help first (先行救助): from which moment it is judged, and what stops it."""

    start: Literal["reported", "accepted"] = "reported"
    stop: Literal["received", "decided"] = "received"


class MakeUpRule(DayLimit):
    """The paperwork that follows (补齐手续): which papers, and from which moment on.

    Where the term runs from the end of the emergency, it is deemed over some natural days after the help.
    """

    anchor: Literal["relieved", "emergency_lifted"] = "relieved"
    deemed_lifted_days: int | None = Field(default=None, ge=0, le=366)
    papers: tuple[Code, ...] = Field(min_length=1)


class ExtendableLimit(TimeLimit):
    """A deadline that may be put off (延期) once, by so much at most in its own unit."""

    extension_at_most: int = Field(default=0, ge=0, le=366)


class MoneyLimit(Rule):
    """An amount: fixed in fen, or in per cent of a month's low-income standard per person, or without an end."""

    limit_fen: PositiveFen | None = None
    percent_of_standard: int | None = Field(default=None, ge=1, le=10_000)
    standard: Residence | None = None
    """Which standard the multiple is of; nothing: the one of the place where the household lives."""
    unlimited: bool = False
    inclusive: bool
    """Whether exactly the limit is inside (含本数)."""

    def measure(self) -> Measure | None:
        """The amount, or the multiple of one of the standards."""
        if self.limit_fen is not None:
            return Measure("limit_fen", "fen", self.limit_fen)
        if self.percent_of_standard is not None:
            return Measure("percent_of_standard", f"percent:{self.standard}", self.percent_of_standard)
        return None


class TownshipLimit(MoneyLimit):
    """What a township may decide by itself (乡镇审批额度), goods at cost included."""

    scope: Literal["decision", "case", "household_year"] = "case"
    advance_up_to_limit: bool = False
    """Over the limit, the township advances up to it and the county decides the rest (跟进救助)."""
    window: Window | None = None
    """Of a limit by the year: which year is meant."""
    subject: Subject | None = None
    """Of a limit by the year: whose help of all cases counts, the person's or the household's."""
    override_roles: tuple[Code, ...] | None = None
    """Of a limit by the year: who may let the township decide all the same, for a reason."""


class SmallFast(MoneyLimit):
    """Small-fast relief (小额快救): its ceiling, per person in need or per household, and its outer line in days."""

    per: Subject = "person"
    days: int = Field(ge=1, le=31)
    rolls: bool = False
    means_check: bool = False
    publicity: bool = False


class MinimumRelief(Rule):
    """No single relief is below this (单次最低救助额)."""

    limit_fen: PositiveFen

    def measure(self) -> Measure | None:
        """The amount."""
        return Measure("limit_fen", "fen", self.limit_fen)


class CauseDays(Value):
    """For how many days at most a cause is relieved, where amounts go by the day."""

    cause: Cause
    days: int = Field(ge=1, le=366)


class AmountTier(Value):
    """How much of the standard a degree of hardship brings (分类分档), in percent of it."""

    tier: Code
    percent: int = Field(ge=1, le=1_000)


class AmountFormula(Rule):
    """How much (救助标准): standard x persons x months, or the standard by the day; at most so many standards.

    It is the most that township and county may approve in a case; a meeting (一事一议) may go beyond it. Where it has
    tiers, the household's stands in the grounds. Rural people who have lived here for ``urban_after_months`` are given
    the urban standard (视同城镇居民).
    """

    kind: Literal["standard_persons_months", "standard_persons_days"]
    standard: Residence | None = None
    months_at_most: int | None = Field(default=None, ge=1, le=36)
    days_at_most: tuple[CauseDays, ...] = ()
    cap_percent_of_standard: int | None = Field(default=None, ge=1, le=100_000)
    cap_actual_expense: bool = False
    tiers: tuple[AmountTier, ...] = ()
    urban_after_months: int | None = Field(default=None, ge=1, le=1_200)
    deducts: tuple[Literal["insurance", "compensation", "other_relief"], ...] = ()


class RepeatRule(Rule):
    """How often the same cause is relieved (同一事由), and who may allow more, for a reason."""

    times: int = Field(ge=1, le=99)
    window: Window
    subject: Subject = "person"
    override_roles: tuple[Code, ...] = ()


class LastingCause(Rule):
    """When the hardship of one cause lasts (持续时间较长) and goes to another scheme (转介到其他社会救助).

    It does when help for it lies more than so many months back, that many included in what does not last. Help belongs
    to what came before it where no more than ``apart_at_most_months`` lie between.
    """

    months: int = Field(ge=1, le=60)
    apart_at_most_months: int = Field(default=12, ge=1, le=60)
    subject: Subject = "person"


class SecondAdvance(Rule):
    """Who may allow, for a reason, that a person has help first for an incident although another case gave it."""

    override_roles: tuple[Code, ...] = Field(min_length=1)


class RecoveryWaiver(Rule):
    """Who confirms that money is not claimed back any more (免予追回) or is offset, beside whoever proposed it."""

    confirm_roles: tuple[Code, ...] = Field(min_length=1)


class HouseholdCap(Rule):
    """What a household may have in a year (家庭年度限额), whatever the causes; and who may allow more."""

    times: int | None = Field(default=None, ge=1, le=99)
    limit_fen: PositiveFen | None = None
    window: Window
    override_roles: tuple[Code, ...] = ()


class NoticeTerm(Value):
    """How long a public notice stands, and in which unit."""

    days: int = Field(ge=1, le=60)
    unit: DayUnit


class Posting(NoticeTerm):
    """A public notice (公示): how long, on which levels; names are masked unless it says otherwise."""

    levels: tuple[Literal["township", "village", "group"], ...] = ("village",)
    masked: bool = True


class Publicity(Rule):
    """What is posted before a decision, by type of relief (分类公示). What is not named here is not posted."""

    emergency: Posting | None = None
    expenditure: Posting | None = None


class Staging(Rule):
    """Instalments under one approval (一次审批、分阶段救助), and where they must end."""

    months_at_most: int | None = Field(default=None, ge=1, le=36)
    within: Literal["natural_year"] | None = None
    equal: bool = False
    from_months: int | None = Field(default=None, ge=1, le=36)
    """Only hardship that is expected to last longer than this is relieved in instalments."""


class Share(Rule):
    """A share in per cent, at least (比例不低于)."""

    percent: int = Field(ge=1, le=100)

    def measure(self) -> Measure | None:
        """The share."""
        return Measure("percent", "percent", self.percent)


class Overdraft(Rule):
    """May a township pay beyond its fund from its own money (超支垫付), up to how much, and who bears it."""

    allowed: bool
    cap_fen: PositiveFen | None = None
    settled: Literal["borne", "repayable"] | None = None


class FundMode(Rule):
    """Where the money sits (备用金管理方式): 预拨专账, 备用金报账制, 额度制.

    With a quota (额度制) townships have no fund of their own: what they decide is paid by their county's.
    """

    mode: Literal["preallocated", "imprest", "quota"]


class RequiredPapers(Rule):
    """The papers that a file must hold, by type of relief (所需材料)."""

    emergency: tuple[Code, ...] = ()
    expenditure: tuple[Code, ...] = ()
    small_fast: tuple[Code, ...] = ()


class RemedyOrder(Rule):
    """In which order remedies are tried when the fund is short (备用金不足的处理顺序)."""

    order: tuple[Remedy, ...] = Field(min_length=1)


class DrawOrder(Rule):
    """From which sources a fund pays first (资金使用顺序)."""

    order: tuple[FundSource, ...] = Field(min_length=1)


class SignerChain(Rule):
    """Who signs in which order (审批签字), by role, each a different person, in the township and in the county."""

    township: tuple[Code, ...] = Field(min_length=1)
    county: tuple[Code, ...] = ()


class HouseholdVisit(Rule):
    """A visit to the household (入户调查): by at least so many, signed by both sides or not."""

    investigators: int = Field(ge=1, le=9)
    both_sign: bool = True


class Permission(Rule):
    """Something that must or may be done, without a number."""

    modal: Modal


class Months(Rule):
    """A number of months."""

    months: int = Field(ge=0, le=120)

    def measure(self) -> Measure | None:
        """The months."""
        return Measure("months", "month", self.months)


class DirectRelief(Rule):
    """Lists whose people are helped without the general procedure (名单直接救助)."""

    lists: tuple[Code, ...] = Field(min_length=1)


class Patience(Rule):
    """For how long an answer is waited for, in seconds, or how far back something may be dated, in hours."""

    seconds: int | None = Field(default=None, ge=1, le=600)
    hours: int | None = Field(default=None, ge=1, le=24 * 31)
