"""What became of the money, told: each fact one Chinese sentence, in which nobody is named."""

from collections.abc import Mapping

from events import ledger
from events.bank import AccountFact, BatchFact, LayoutFact
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from events.reasons import because
from events.yuan import yuan
from services.ledger import bank_story
from services.ledger.fund_state import AfterFact, MonthFact, MoveFact, PromiseFact
from services.ledger.sources import total

SOURCES: Mapping[ledger.Source, str] = {
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
_RELATIONS = {"self": "本人", "household_member": "家庭成员", "agent": "代领人"}
METHODS = {"bank_transfer": "银行转账", "cash": "现金", "card": "一卡通"}
_PAPERS = {"filed": "已补齐", "admitted": "县级准予列支", "rejected": "县级不予列支", "borne": "由乡镇承担"}
CAUSES = {"below_line": "余额低于预警线", "expected_need": "预计需求", "emergency": "突发事件"}
DESKS = {"township_leader": "分管领导", "county_civil_affairs": "县民政局", "county_finance": "县财政局"}
_UNCLAIMED = {
    "not_received": "款项已退回",
    "borne_by_township": "已不予列支,由乡镇承担",
    "more_than_paid": "超过实际支付而尚未追回的金额",
}
_ENDED = {"waived": "免予追回", "offset": "抵扣以后的救助"}
_OUTCOMES = {"spent": "确认为救助支出", "came_back": "款项已退回", "to_recover": "应予追回"}

_Term = (
    ledger.FundOpened
    | ledger.TermsSet
    | ledger.QuotaSet
    | ledger.LowBalanceAlerted
    | ledger.BalanceRestored
    | ledger.YearClosed
)
_Paying = (
    ledger.PayeeRegistered
    | ledger.PaymentInstructed
    | ledger.PaymentReceived
    | ledger.PaymentReturned
    | ledger.CashHandedOver
    | ledger.PaidWithoutHold
)
_ByHand = ledger.ActProposed | ledger.ActApproved | ledger.ActDeclined


def sentence(fact: ledger.FundFact | ledger.PayeeFact | AccountFact | LayoutFact | BatchFact) -> str:
    """What a fact says, for people."""
    if isinstance(fact, AccountFact | LayoutFact | BatchFact):
        return bank_story.sentence(fact)
    match fact:
        case (
            ledger.FundOpened()
            | ledger.TermsSet()
            | ledger.QuotaSet()
            | ledger.LowBalanceAlerted()
            | ledger.BalanceRestored()
            | ledger.YearClosed()
        ):
            return _standing(fact)
        case (
            ledger.AppropriationReceived()
            | ledger.AllocationSent()
            | ledger.AllocationReceived()
            | ledger.AllocationArrived()
            | ledger.AllocationReturned()
            | ledger.CarriedIn()
            | ledger.OpeningEntered()
        ):
            return _fed(fact)
        case (
            ledger.Reserved()
            | ledger.Committed()
            | ledger.RefusedShort()
            | ledger.ShortLetGo()
            | ledger.HoldReleased()
            | ledger.Voided()
            | ledger.RemainderReleased()
            | ledger.OwnMoneyAdded()
        ):
            return _held(fact)
        case ledger.PayeeRegistered() | ledger.CashHandedOver() | ledger.PaidWithoutHold():
            return _paid(fact)
        case ledger.PaymentInstructed() | ledger.PaymentReceived() | ledger.PaymentReturned():
            return _paid(fact)
        case (
            ledger.RecoveryOrdered()
            | ledger.RecoveryReceived()
            | ledger.RecoveryDeclined()
            | ledger.RecoveryEnded()
            | ledger.PapersMarked()
            | ledger.GoodsIssued()
        ):
            return _settled(fact)
        case ledger.ActProposed() | ledger.ActApproved() | ledger.ActDeclined():
            return _by_hand(fact)
        case ledger.PeriodAdjusting() | ledger.VouchersChecked() | ledger.PeriodClosed() | ledger.PeriodReopened():
            return _month(fact)
        case (
            ReplenishmentDrafted()
            | ReplenishmentSubmitted()
            | ReplenishmentSigned()
            | ReplenishmentDeclined()
            | ReplenishmentArrived()
        ):
            return _asked(fact)
        case ledger.EntryPosted():
            amount = yuan(sum(line.debit_fen for line in fact.lines))
            return f"记账 {fact.dated} {fact.word}字第{fact.number}号:{fact.summary},{amount}。"


def _standing(fact: _Term) -> str:
    match fact:
        case ledger.FundOpened():
            return f"设立 {fact.year} 年备用金 {fact.fund_id}。"
        case ledger.TermsSet():
            return f"调整备用金 {fact.fund_id} 的管理参数({fact.document})。"
        case ledger.QuotaSet():
            return f"核定乡镇 {fact.township} 的额度为 {yuan(fact.quota_fen)}({fact.document})。"
        case ledger.LowBalanceAlerted():
            return f"余额预警:可用 {yuan(fact.available_fen)},低于预警线 {yuan(fact.line_fen)}。"
        case ledger.BalanceRestored():
            return f"余额预警解除:可用 {yuan(fact.available_fen)}。"
        case ledger.YearClosed():
            how = "结转下年" if fact.how == "carry_over" else "上缴"
            return f"备用金 {fact.fund_id} 年终{how} {yuan(total(fact.left))}。"


def _fed(fact: MoveFact) -> str:
    match fact:
        case ledger.AppropriationReceived():
            return f"上级拨入 {yuan(fact.amount_fen)}({SOURCES[fact.source]},{fact.document})。"
        case ledger.AllocationSent():
            return f"拨付 {yuan(fact.amount_fen)} 至备用金 {fact.to_fund_id}({fact.document})。"
        case ledger.AllocationReceived():
            return f"收到备用金 {fact.from_fund_id} 拨来的 {yuan(fact.amount_fen)}({fact.document})。"
        case ledger.AllocationArrived():
            return f"拨付的 {yuan(fact.amount_fen)} 已经到账,在途资金结清。"
        case ledger.AllocationReturned():
            return f"拨付的 {yuan(fact.amount_fen)} 未能到账,已退回(原因:{because(fact.reason)})。"
        case ledger.CarriedIn():
            return f"备用金 {fact.from_fund_id} 结转来 {yuan(total(fact.draws))}。"
        case ledger.OpeningEntered():
            return f"备用金 {fact.fund_id} 建账,期初余额 {yuan(total(fact.draws))}({fact.file})。"


def _held(fact: PromiseFact) -> str:
    match fact:
        case ledger.Reserved():
            return f"备用金 {fact.fund_id} 占用 {yuan(fact.amount_fen)},决定人 {fact.decided_by}。"
        case ledger.Committed():
            return f"后续年度承诺 {yuan(fact.amount_fen)},待备用金 {fact.fund_id} 有款时占用。"
        case ledger.RefusedShort():
            short = f"可用 {yuan(fact.available_fen)},尚缺 {yuan(fact.shortfall_fen)}"
            return f"备用金 {fact.fund_id} 不足以占用 {yuan(fact.asked_fen)}:{short}。"
        case ledger.ShortLetGo():
            return f"不再占用:备用金不足的这笔申请已撤回(原因:{because(fact.reason)})。"
        case ledger.HoldReleased():
            return "该期救助金已同意发放,可以支付。"
        case ledger.Voided():
            return f"释放占用的 {yuan(fact.amount_fen)}(原因:{because(fact.reason)})。"
        case ledger.RemainderReleased():
            return f"未付完的 {yuan(fact.amount_fen)} 解除占用。"
        case ledger.OwnMoneyAdded():
            bearing = "自行承担" if fact.bearing == "borne" else "应予归还"
            return f"乡镇垫付 {yuan(fact.amount_fen)}({bearing})。"


def _paid(fact: _Paying) -> str:
    match fact:
        case ledger.PayeeRegistered():
            account = "" if fact.account is None else "〔账号已加密〕"
            relation = _RELATIONS.get(fact.relation, fact.relation)
            return f"登记领款人 {fact.payee_ref}〔姓名已加密〕{account}(关系:{relation})。"
        case ledger.PaymentInstructed():
            paying = f"支付 {yuan(fact.amount_fen)} 给领款人 {fact.payee_ref}({METHODS[fact.method]})"
            return f"指令 {fact.payment_id}:{paying}。"
        case ledger.PaymentReceived(from_suspense=True):
            return f"待查支付 {fact.payment_id} 的 {yuan(fact.amount_fen)} 查明已到领款人手中(凭据 {fact.evidence})。"
        case ledger.PaymentReceived():
            return f"{yuan(fact.amount_fen)} 已到领款人手中(凭据 {fact.evidence})。"
        case ledger.PaymentReturned():
            return f"支付 {fact.payment_id} 的 {yuan(fact.amount_fen)} 被退回(原因:{because(fact.reason)})。"
        case ledger.CashHandedOver():
            return f"现金由领款人 {fact.payee_ref} 与经办人 {fact.handed_by} 共同签收。"
        case ledger.PaidWithoutHold():
            return f"银行支付了未占用的 {yuan(fact.amount_fen)}(支付 {fact.payment_id}),列入待查。"


def _settled(fact: AfterFact) -> str:
    match fact:
        case ledger.RecoveryOrdered():
            return f"决定追回 {yuan(fact.amount_fen)}(追回 {fact.recovery_id})。"
        case ledger.RecoveryReceived():
            return f"追回入账 {yuan(fact.amount_fen)}(追回 {fact.recovery_id})。"
        case ledger.RecoveryDeclined():
            return f"追回 {fact.recovery_id} 中 {yuan(fact.amount_fen)}不能追回({_UNCLAIMED[fact.reason]})。"
        case ledger.RecoveryEnded():
            return f"追回 {fact.recovery_id} 中 {yuan(fact.amount_fen)}{_ENDED[fact.how]}。"
        case ledger.PapersMarked():
            return f"支付 {fact.payment_id} 的手续{_PAPERS[fact.standing]},{yuan(fact.amount_fen)}。"
        case ledger.GoodsIssued():
            return f"发放物资 {fact.quantity} 件,成本 {yuan(total(fact.draws))}。"


def _by_hand(fact: _ByHand) -> str:
    match fact:
        case ledger.ActProposed():
            return f"{fact.proposed_by} 制单:{told(fact.act)}({fact.document})。"
        case ledger.ActApproved():
            return f"{fact.approved_by} 复核通过:{told(fact.act)}。"
        case ledger.ActDeclined():
            return f"{fact.declined_by} 退回单据 {fact.act_id}(原因:{because(fact.reason)})。"


def told(act: ledger.Act) -> str:
    """What an act by hand does, for people."""
    match act:
        case ledger.CashMoved():
            return f"{'提取' if act.direction == 'withdrawn' else '交存'}现金 {yuan(act.amount_fen)}"
        case ledger.InterestPaid():
            return f"利息 {yuan(act.amount_fen)}({SOURCES[act.source]})"
        case ledger.Correction():
            return f"红字冲销 {act.about}"
        case ledger.OwnMoneyRepaid():
            return f"归还乡镇垫付 {yuan(act.amount_fen)}({SOURCES[act.source]})"
        case ledger.RecoveryWaived():
            return f"核销追回 {act.recovery_id} 的余款"
        case ledger.SuspenseCleared():
            return f"待查支付 {act.payment_id} {_OUTCOMES[act.outcome]}"
        case ledger.GoodsBought():
            basis = f"采购文件 {act.contract}" if act.contract else f"紧急购买,个案 {act.emergency_case}"
            known = act.contract or act.emergency_case
            return f"采购{act.item} {act.quantity} 件,{yuan(act.cost_fen)}{f'({basis})' if known else ''}"
        case ledger.PurchaseReversed():
            return f"红字冲销采购 {act.about} 尚未发放的物资"


def _month(fact: MonthFact) -> str:
    match fact:
        case ledger.PeriodAdjusting():
            return f"{fact.month} 转入结账调整。"
        case ledger.VouchersChecked():
            return f"{fact.checked_by} 复核 {fact.month} 凭证 {fact.vouchers} 张。"
        case ledger.PeriodClosed():
            quiet = f"声明月末前再无收支的账户:{'、'.join(fact.quiet_accounts)}。" if fact.quiet_accounts else ""
            return f"{fact.closed_by} 结账 {fact.month} 并封存,封存至第 {fact.seal.position} 条。{quiet}"
        case ledger.PeriodReopened():
            return f"{fact.reopened_by} 对 {fact.month} 反结账(原因:{because(fact.reason)})。"


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
            return f"{fact.declined_by} 退回补充申请 {fact.request_id}(原因:{because(fact.reason)})。"
        case ReplenishmentArrived():
            entry = fact.voucher
            voucher = "" if entry is None else f"({entry.month} {entry.word}字第{entry.number}号)"
            return f"补充申请 {fact.request_id} 到账 {yuan(fact.amount_fen)}{voucher}。"
