"""What became of the money, told: each fact one Chinese sentence, in which nobody is named."""

from collections.abc import Mapping

from events.bank import AccountFact, BatchFact, LayoutFact
from events.ledger import (
    Act,
    ActApproved,
    ActDeclined,
    ActProposed,
    AllocationArrived,
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    BalanceRestored,
    CarriedIn,
    CashHandedOver,
    CashMoved,
    Committed,
    Correction,
    EntryPosted,
    FundFact,
    FundOpened,
    GoodsBought,
    GoodsIssued,
    HoldReleased,
    InterestPaid,
    LowBalanceAlerted,
    OpeningEntered,
    OwnMoneyAdded,
    OwnMoneyRepaid,
    PaidWithoutHold,
    PapersMarked,
    PayeeFact,
    PayeeRegistered,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    PeriodAdjusting,
    PeriodClosed,
    PeriodReopened,
    QuotaSet,
    RecoveryOrdered,
    RecoveryReceived,
    RecoveryWaived,
    RefusedShort,
    RemainderReleased,
    Reserved,
    ShortLetGo,
    Source,
    SuspenseCleared,
    TermsSet,
    Voided,
    VouchersChecked,
    YearClosed,
)
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from services.ledger import bank_story
from services.ledger.fund_state import AfterFact, MonthFact, MoveFact, PromiseFact
from services.ledger.sources import total

SOURCES: Mapping[Source, str] = {
    "central": "中央",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "local_match": "本级配套",
    "relief_fund": "救急难基金",
    "donation": "捐赠",
    "carried_over": "上年结转",
    "township_own": "乡镇自筹",
}
METHODS = {"bank_transfer": "银行转账", "cash": "现金", "card": "一卡通"}
_PAPERS = {"filed": "已补齐", "admitted": "县级准予列支", "rejected": "县级不予列支", "borne": "由乡镇承担"}
CAUSES = {"below_line": "余额低于预警线", "expected_need": "预计需求", "emergency": "突发事件"}
DESKS = {"township_leader": "分管领导", "county_civil_affairs": "县民政局", "county_finance": "县财政局"}
_OUTCOMES = {"spent": "确认为救助支出", "came_back": "款项已退回", "to_recover": "应予追回"}

_Term = FundOpened | TermsSet | QuotaSet | LowBalanceAlerted | BalanceRestored | YearClosed
_Paying = PayeeRegistered | PaymentInstructed | PaymentReceived | PaymentReturned | CashHandedOver | PaidWithoutHold
_ByHand = ActProposed | ActApproved | ActDeclined


def sentence(fact: FundFact | PayeeFact | AccountFact | LayoutFact | BatchFact) -> str:
    """What a fact says, for people."""
    if isinstance(fact, AccountFact | LayoutFact | BatchFact):
        return bank_story.sentence(fact)
    match fact:
        case FundOpened() | TermsSet() | QuotaSet() | LowBalanceAlerted() | BalanceRestored() | YearClosed():
            return _standing(fact)
        case (
            AppropriationReceived()
            | AllocationSent()
            | AllocationReceived()
            | AllocationArrived()
            | CarriedIn()
            | OpeningEntered()
        ):
            return _fed(fact)
        case (
            Reserved()
            | Committed()
            | RefusedShort()
            | ShortLetGo()
            | HoldReleased()
            | Voided()
            | RemainderReleased()
            | OwnMoneyAdded()
        ):
            return _held(fact)
        case PayeeRegistered() | CashHandedOver() | PaidWithoutHold():
            return _paid(fact)
        case PaymentInstructed() | PaymentReceived() | PaymentReturned():
            return _paid(fact)
        case RecoveryOrdered() | RecoveryReceived() | PapersMarked() | GoodsIssued():
            return _settled(fact)
        case ActProposed() | ActApproved() | ActDeclined():
            return _by_hand(fact)
        case PeriodAdjusting() | VouchersChecked() | PeriodClosed() | PeriodReopened():
            return _month(fact)
        case (
            ReplenishmentDrafted()
            | ReplenishmentSubmitted()
            | ReplenishmentSigned()
            | ReplenishmentDeclined()
            | ReplenishmentArrived()
        ):
            return _asked(fact)
        case EntryPosted():
            amount = yuan(sum(line.debit_fen for line in fact.lines))
            return f"记账 {fact.dated} {fact.word}字第{fact.number}号:{fact.summary},{amount}。"


def _standing(fact: _Term) -> str:
    match fact:
        case FundOpened():
            return f"设立 {fact.year} 年备用金 {fact.fund_id}。"
        case TermsSet():
            return f"调整备用金 {fact.fund_id} 的管理参数({fact.document})。"
        case QuotaSet():
            return f"核定乡镇 {fact.township} 的额度为 {yuan(fact.quota_fen)}({fact.document})。"
        case LowBalanceAlerted():
            return f"余额预警:可用 {yuan(fact.available_fen)},低于预警线 {yuan(fact.line_fen)}。"
        case BalanceRestored():
            return f"余额预警解除:可用 {yuan(fact.available_fen)}。"
        case YearClosed():
            how = "结转下年" if fact.how == "carry_over" else "上缴"
            return f"备用金 {fact.fund_id} 年终{how} {yuan(total(fact.left))}。"


def _fed(fact: MoveFact) -> str:
    match fact:
        case AppropriationReceived():
            return f"上级拨入 {yuan(fact.amount_fen)}({SOURCES[fact.source]},{fact.document})。"
        case AllocationSent():
            return f"拨付 {yuan(fact.amount_fen)} 至备用金 {fact.to_fund_id}({fact.document})。"
        case AllocationReceived():
            return f"收到备用金 {fact.from_fund_id} 拨来的 {yuan(fact.amount_fen)}({fact.document})。"
        case AllocationArrived():
            return f"拨付的 {yuan(fact.amount_fen)} 已经到账,在途资金结清。"
        case CarriedIn():
            return f"备用金 {fact.from_fund_id} 结转来 {yuan(total(fact.draws))}。"
        case OpeningEntered():
            return f"备用金 {fact.fund_id} 建账,期初余额 {yuan(total(fact.draws))}({fact.file_name})。"


def _held(fact: PromiseFact) -> str:
    match fact:
        case Reserved():
            return f"备用金 {fact.fund_id} 占用 {yuan(fact.amount_fen)},决定人 {fact.decided_by}。"
        case Committed():
            return f"后续年度承诺 {yuan(fact.amount_fen)},待备用金 {fact.fund_id} 有款时占用。"
        case RefusedShort():
            short = f"可用 {yuan(fact.available_fen)},尚缺 {yuan(fact.shortfall_fen)}"
            return f"备用金 {fact.fund_id} 不足以占用 {yuan(fact.asked_fen)}:{short}。"
        case ShortLetGo():
            return f"不再占用:备用金不足的这笔申请已撤回(原因:{fact.reason})。"
        case HoldReleased():
            return "该期救助金已同意发放,可以支付。"
        case Voided():
            return f"释放占用的 {yuan(fact.amount_fen)}(原因:{fact.reason})。"
        case RemainderReleased():
            return f"未付完的 {yuan(fact.amount_fen)} 解除占用。"
        case OwnMoneyAdded():
            bearing = "自行承担" if fact.bearing == "borne" else "应予归还"
            return f"乡镇垫付 {yuan(fact.amount_fen)}({bearing})。"


def _paid(fact: _Paying) -> str:
    match fact:
        case PayeeRegistered():
            account = "" if fact.account is None else "〔账号已加密〕"
            return f"登记领款人 {fact.payee_ref}〔姓名已加密〕{account}(关系:{fact.relation})。"
        case PaymentInstructed():
            paying = f"支付 {yuan(fact.amount_fen)} 给领款人 {fact.payee_ref}({METHODS[fact.method]})"
            return f"指令 {fact.payment_id}:{paying}。"
        case PaymentReceived(from_suspense=True):
            return f"待查支付 {fact.payment_id} 的 {yuan(fact.amount_fen)} 查明已到领款人手中(凭据 {fact.evidence})。"
        case PaymentReceived():
            return f"{yuan(fact.amount_fen)} 已到领款人手中(凭据 {fact.evidence})。"
        case PaymentReturned():
            return f"支付 {fact.payment_id} 的 {yuan(fact.amount_fen)} 被退回(原因:{fact.reason})。"
        case CashHandedOver():
            return f"现金由领款人 {fact.payee_ref} 与经办人 {fact.handed_by} 共同签收。"
        case PaidWithoutHold():
            return f"银行支付了未占用的 {yuan(fact.amount_fen)}(支付 {fact.payment_id}),列入待查。"


def _settled(fact: AfterFact) -> str:
    match fact:
        case RecoveryOrdered():
            return f"决定追回 {yuan(fact.amount_fen)}(追回 {fact.recovery_id})。"
        case RecoveryReceived():
            return f"追回入账 {yuan(fact.amount_fen)}(追回 {fact.recovery_id})。"
        case PapersMarked():
            return f"支付 {fact.payment_id} 的手续{_PAPERS[fact.standing]},{yuan(fact.amount_fen)}。"
        case GoodsIssued():
            return f"发放物资 {fact.quantity} 件,成本 {yuan(total(fact.draws))}。"


def _by_hand(fact: _ByHand) -> str:
    match fact:
        case ActProposed():
            return f"{fact.proposed_by} 制单:{told(fact.act)}({fact.document})。"
        case ActApproved():
            return f"{fact.approved_by} 复核通过:{told(fact.act)}。"
        case ActDeclined():
            return f"{fact.declined_by} 退回单据 {fact.act_id}(原因:{fact.reason})。"


def told(act: Act) -> str:
    """What an act by hand does, for people."""
    match act:
        case CashMoved():
            return f"{'提取' if act.direction == 'withdrawn' else '交存'}现金 {yuan(act.amount_fen)}"
        case InterestPaid():
            return f"利息 {yuan(act.amount_fen)}({SOURCES[act.source]})"
        case Correction():
            return f"红字冲销 {act.about}"
        case OwnMoneyRepaid():
            return f"归还乡镇垫付 {yuan(act.amount_fen)}({SOURCES[act.source]})"
        case RecoveryWaived():
            return f"核销追回 {act.recovery_id} 的余款"
        case SuspenseCleared():
            return f"待查支付 {act.payment_id} {_OUTCOMES[act.outcome]}"
        case GoodsBought():
            return f"采购{act.item} {act.quantity} 件,{yuan(act.cost_fen)}"


def _month(fact: MonthFact) -> str:
    match fact:
        case PeriodAdjusting():
            return f"{fact.month} 转入结账调整。"
        case VouchersChecked():
            return f"{fact.checked_by} 复核 {fact.month} 凭证 {fact.vouchers} 张。"
        case PeriodClosed():
            return f"{fact.closed_by} 结账 {fact.month} 并封存,封存至第 {fact.seal.position} 条。"
        case PeriodReopened():
            return f"{fact.reopened_by} 对 {fact.month} 反结账(原因:{fact.reason})。"


def _asked(fact: ReplenishmentFact) -> str:
    match fact:
        case ReplenishmentDrafted():
            about = "" if fact.case_id is None else f",个案 {fact.case_id}"
            return f"拟补充备用金申请 {fact.request_id}:{yuan(fact.amount_fen)}({CAUSES[fact.cause]}{about})。"
        case ReplenishmentSubmitted():
            return f"{fact.submitted_by} 提交补充申请 {fact.request_id}:{yuan(fact.amount_fen)}。"
        case ReplenishmentSigned():
            document = f",批复 {fact.document}" if fact.document else ""
            return f"{DESKS[fact.desk]} {fact.signed_by} 同意补充 {yuan(fact.amount_fen)}{document}。"
        case ReplenishmentDeclined():
            return f"{fact.declined_by} 退回补充申请 {fact.request_id}(原因:{fact.reason})。"
        case ReplenishmentArrived():
            entry = fact.voucher
            voucher = "" if entry is None else f"({entry.month} {entry.word}字第{entry.number}号)"
            return f"补充申请 {fact.request_id} 到账 {yuan(fact.amount_fen)}{voucher}。"


def yuan(fen: int) -> str:
    """An amount as people write it."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}元" if rest else f"{whole}元"
