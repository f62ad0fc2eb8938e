"""What became of the money, told: each fact one Chinese sentence, in which nobody is named."""

from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    FundFact,
    FundOpened,
    PayeeFact,
    PayeeRegistered,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)

_SOURCES = {
    "central": "中央",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "donation": "捐赠",
    "carried_over": "上年结转",
}
_METHODS = {"bank_transfer": "银行转账", "cash": "现金"}

_Feeding = FundOpened | AppropriationReceived | AllocationSent | AllocationReceived
_Holding = Reserved | RefusedShort | Voided
_Paying = PayeeRegistered | PaymentInstructed | PaymentReceived | PaymentReturned | EntryPosted


def sentence(fact: FundFact | PayeeFact) -> str:
    """What a fact says, for people."""
    match fact:
        case FundOpened() | AppropriationReceived() | AllocationSent() | AllocationReceived():
            return _fed(fact)
        case Reserved() | RefusedShort() | Voided():
            return _held(fact)
        case PayeeRegistered() | PaymentInstructed() | PaymentReceived() | PaymentReturned() | EntryPosted():
            return _paid(fact)


def _fed(fact: _Feeding) -> str:
    match fact:
        case FundOpened():
            return f"设立 {fact.year} 年备用金 {fact.fund_id}。"
        case AppropriationReceived():
            return f"上级拨入 {_yuan(fact.amount_fen)}({_SOURCES[fact.source]},{fact.document})。"
        case AllocationSent():
            return f"拨付 {_yuan(fact.amount_fen)} 至备用金 {fact.to_fund_id}({fact.document})。"
        case AllocationReceived():
            return f"收到备用金 {fact.from_fund_id} 拨来的 {_yuan(fact.amount_fen)}({fact.document})。"


def _held(fact: _Holding) -> str:
    match fact:
        case Reserved():
            return f"备用金 {fact.fund_id} 占用 {_yuan(fact.amount_fen)},决定人 {fact.decided_by}。"
        case RefusedShort():
            short = f"可用 {_yuan(fact.available_fen)},尚缺 {_yuan(fact.shortfall_fen)}"
            return f"备用金 {fact.fund_id} 不足以占用 {_yuan(fact.asked_fen)}:{short}。"
        case Voided():
            return f"释放占用的 {_yuan(fact.amount_fen)}(原因:{fact.reason})。"


def _paid(fact: _Paying) -> str:
    match fact:
        case PayeeRegistered():
            account = "" if fact.account is None else "〔账号已加密〕"
            return f"登记领款人 {fact.payee_ref}〔姓名已加密〕{account}(关系:{fact.relation})。"
        case PaymentInstructed():
            paying = f"支付 {_yuan(fact.amount_fen)} 给领款人 {fact.payee_ref}({_METHODS[fact.method]})"
            return f"指令 {fact.payment_id}:{paying}。"
        case PaymentReceived():
            return f"{_yuan(fact.amount_fen)} 已到领款人手中(凭据 {fact.evidence})。"
        case PaymentReturned():
            return f"支付 {fact.payment_id} 的 {_yuan(fact.amount_fen)} 被退回(原因:{fact.reason})。"
        case EntryPosted():
            amount = _yuan(sum(line.debit_fen for line in fact.lines))
            return f"记账 {fact.dated} 第{fact.number}号:{fact.summary},{amount}。"


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}元" if rest else f"{whole}元"
