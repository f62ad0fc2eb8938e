"""Policy as dated data: what a jurisdiction decided, published as a fact, each value with its clause."""

from datetime import date

from pydantic import Field

from events.fact import Fact, Public, Value
from events.rules import (
    AdvanceRule,
    AmountFormula,
    DirectRelief,
    DrawOrder,
    ExtendableLimit,
    FundMode,
    HouseholdCap,
    HouseholdVisit,
    LastingCause,
    MakeUpRule,
    MinimumRelief,
    MoneyLimit,
    Months,
    Overdraft,
    Patience,
    Permission,
    Publicity,
    RecoveryWaiver,
    RemedyOrder,
    RepeatRule,
    RequiredPapers,
    Residence,
    SecondAdvance,
    Share,
    SignerChain,
    SmallFast,
    Staging,
    TimeLimit,
    TownshipLimit,
)
from events.words import Code, PositiveFen, StaffId


class Rules(Value):
    """Everything that a jurisdiction may lay down; what it leaves out, it inherits. A title names a rule for people."""

    reply: TimeLimit | None = Field(default=None, title="答复时限")
    advance: AdvanceRule | None = Field(default=None, title="先行救助时限")
    small_amount_first: Permission | None = Field(default=None, title="小金额先行救助")
    township_limit: TownshipLimit | None = Field(default=None, title="乡镇审批额度")
    county_limit: MoneyLimit | None = Field(default=None, title="县级审批上限")
    small_fast: SmallFast | None = Field(default=None, title="小额快救")
    make_up: MakeUpRule | None = Field(default=None, title="补齐手续期限")
    required_papers: RequiredPapers | None = Field(default=None, title="所需材料")
    minimum_relief: MinimumRelief | None = Field(default=None, title="单次最低救助额")
    amount_formula: AmountFormula | None = Field(default=None, title="救助金额计算")
    same_cause: RepeatRule | None = Field(default=None, title="同一事由重复救助")
    lasting_cause: LastingCause | None = Field(default=None, title="同一事由持续较长")
    second_advance: SecondAdvance | None = Field(default=None, title="同一急难再次先行救助")
    household_cap: HouseholdCap | None = Field(default=None, title="家庭年度限额")
    general: TimeLimit | None = Field(default=None, title="一般程序时限")
    general_township: TimeLimit | None = Field(default=None, title="一般程序乡镇时限")
    general_county: TimeLimit | None = Field(default=None, title="一般程序县级时限")
    acceptance_notice: TimeLimit | None = Field(default=None, title="受理通知时限")
    severe_measures: TimeLimit | None = Field(default=None, title="重大急难措施时限")
    means_check_start: TimeLimit | None = Field(default=None, title="发起核对时限")
    means_check_report: TimeLimit | None = Field(default=None, title="核对报告时限")
    police_check: TimeLimit | None = Field(default=None, title="公安身份核查时限")
    household_visit: HouseholdVisit | None = Field(default=None, title="入户调查")
    publicity: Publicity | None = Field(default=None, title="公示")
    disclosure: TimeLimit | None = Field(default=None, title="信息公开时限")
    payment: TimeLimit | None = Field(default=None, title="公示后发放时限")
    filing: TimeLimit | None = Field(default=None, title="备案时限")
    sampling: Share | None = Field(default=None, title="抽查比例")
    signers: SignerChain | None = Field(default=None, title="审批签字")
    staging: Staging | None = Field(default=None, title="分阶段救助")
    hotline_return: TimeLimit | None = Field(default=None, title="热线退单时限")
    hotline_finish: ExtendableLimit | None = Field(default=None, title="热线办结时限")
    fund_mode: FundMode | None = Field(default=None, title="备用金管理方式")
    overdraft: Overdraft | None = Field(default=None, title="超支垫付")
    remedies: RemedyOrder | None = Field(default=None, title="备用金不足处理顺序")
    draw_order: DrawOrder | None = Field(default=None, title="资金使用顺序")
    residence: Months | None = Field(default=None, title="居住期限要求")
    no_income: Months | None = Field(default=None, title="连续无收入月数")
    disqualification: Months | None = Field(default=None, title="骗取救助后不予受理期限")
    recovery_waiver: RecoveryWaiver | None = Field(default=None, title="免予追回的确认")
    direct_relief: DirectRelief | None = Field(default=None, title="名单直接救助")
    pre_event_help: Permission | None = Field(default=None, title="先期垫付")
    charity_referral: Permission | None = Field(default=None, title="慈善转介")
    chain_check: Patience | None = Field(default=None, title="跨县重复核查等待")
    backdating: Patience | None = Field(default=None, title="补记时间")


class SetHead(Value):
    """Whose set it is, and from when on it holds."""

    set_id: Code
    division: str = Field(pattern=r"^[0-9]{6}$")
    title: str = Field(max_length=120)
    effective_from: date


class PolicyPublished(Rules, SetHead, Public, name="policy.set_published"):
    """A jurisdiction's set comes into force. What it leaves out, it inherits from the level above."""


class PolicyConfirmed(Fact, name="policy.set_confirmed"):
    """A person has looked at a newer set above (上位政策) and says that the own values stand."""

    set_id: Code
    division: str = Field(pattern=r"^[0-9]{6}$")
    newer_set_id: Code
    reason: str = Field(max_length=200)
    confirmed_by: StaffId


class StandardPublished(Fact, name="policy.standard_published"):
    """The low-income standard (最低生活保障标准) of a place from a day on: fen a month and person, urban or rural."""

    division: str = Field(pattern=r"^[0-9]{6}$")
    residence: Residence
    effective_from: date
    monthly_fen: PositiveFen
    document: str = Field(max_length=200)


class CalendarPublished(Fact, name="policy.calendar_published"):
    """The State Council's arrangement of one year's holidays (放假安排): days off, and weekend days worked instead."""

    division: str = Field(pattern=r"^[0-9]{6}$")
    year: int = Field(ge=2000, le=2100)
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]
    document: str = Field(max_length=120)


PolicyFact = PolicyPublished | PolicyConfirmed | StandardPublished | CalendarPublished
