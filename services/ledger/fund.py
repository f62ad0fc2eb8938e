"""A standby fund (备用金): money comes in, is passed on, held, paid and posted, and never promised twice."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic import TypeAdapter

from events.ledger import (
    FundFact,
    HoldReleased,
    PaidWithoutHold,
    PaymentInstructed,
    ShortLetGo,
)
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Decider, Kept, Refused
from services.ledger import hold
from services.ledger.bookkeeping import voucher
from services.ledger.dealings import acts, consequences, moving, period, promising, replenishing, settling
from services.ledger.evolving import after, evolve
from services.ledger.fund_commands import (
    AddOwnMoney,
    Adjust,
    AfterCommand,
    Approve,
    CarryIn,
    CheckVouchers,
    Close,
    CloseAllocation,
    Command,
    Commit,
    Decline,
    EndYear,
    EnterOpening,
    OpenFund,
    Propose,
    ReceiveAllocation,
    ReceiveAppropriation,
    Reopen,
    Reserve,
    SendAllocation,
    SetQuota,
    SetTerms,
    TakeBackAllocation,
    TakeUpCommitments,
    TryAgain,
)
from services.ledger.fund_state import Fund
from services.ledger.hold_commands import (
    ConfirmReceived,
    Expire,
    Instruct,
    LaterCommand,
    LetGo,
    Release,
    ReturnPayment,
    Void,
)
from services.ledger.hold_state import Hold, LaterFact
from services.ledger.payment_number import payment_number
from services.ledger.replenishment import (
    AskUrgently,
    DeclineReplenishment,
    DraftReplenishment,
    SignReplenishment,
    SubmitReplenishment,
)
from services.ledger.sources import total
from services.ledger.voucher import happening


def decide(fund: Fund | None, command: Command, now: Circumstances) -> Sequence[FundFact]:
    """What happens to the fund, and the vouchers it is posted with. A repeated command gives nothing.

    Raises ``Refused`` for a senseless command. Too little money for a hold is no such thing: it is ``RefusedShort``,
    also where nobody has opened the fund yet.
    """
    return decide_and_fold(fund, command, now)[0]


def decide_and_fold(fund: Fund | None, command: Command, now: Circumstances) -> tuple[Sequence[FundFact], Fund | None]:
    """The same with the fund as it is then: a voucher's number and an alert need what the facts before them leave."""
    if isinstance(command, OpenFund):
        facts = moving.open_fund(fund, command)
        return facts, reduce(after, facts, fund or Fund(command.fund_id))
    known = _known(fund, command)
    happened = _happens(known, command, now) if known else ()
    return _posted(known, happened, now) if known and happened else ((), fund)


def _known(fund: Fund | None, command: Command) -> Fund | None:
    """The fund that the command is for; none where there is nothing to decide. Raises ``Refused``."""
    if isinstance(command, LetGo):
        return fund if _can_be_let_go(fund, command.hold_id) else None  # what nobody has opened was short
    if isinstance(command, Reserve | Commit | AskUrgently):
        return fund or Fund(command.fund_id)
    if isinstance(command, Release) or (fund is not None and fund.opened is not None):
        return fund
    raise Refused("fund_not_open", "该备用金尚未开设,请先开设备用金。")


def _happens(fund: Fund, command: Command, now: Circumstances) -> Sequence[FundFact]:
    if isinstance(command, AfterCommand):
        return settling.decide(fund, command)
    match command:
        case OpenFund():
            return moving.open_fund(fund, command)
        case SetTerms() | SetQuota():
            return moving.set_terms(fund, command)
        case (
            ReceiveAppropriation()
            | SendAllocation()
            | ReceiveAllocation()
            | CloseAllocation()
            | TakeBackAllocation()
            | CarryIn()
            | EnterOpening()
        ):
            return moving.decide(fund, command)
        case EndYear():
            return moving.end_year(fund, day_of(now.recorded_at).year)
        case Reserve() | Commit() | TryAgain() | AddOwnMoney() | TakeUpCommitments():
            return promising.decide(fund, command, now)
        case Void() | Expire() | Instruct() | ConfirmReceived() | ReturnPayment():
            return _later(fund, command, now)
        case LetGo():
            return _let_go(fund, command, now)
        case Release():
            return _released(fund, command)
        case Propose() | Approve() | Decline():
            return acts.decide(fund, command, now.actor.id)
        case Adjust() | CheckVouchers() | Close() | Reopen():
            return period.decide(fund, command, now.actor.id, now.recorded_at)
        case (
            DraftReplenishment() | AskUrgently() | SubmitReplenishment() | SignReplenishment() | DeclineReplenishment()
        ):
            return replenishing.decide(fund, command, now)


def _released(fund: Fund, command: Release) -> Sequence[FundFact]:
    known = fund.holds.get(command.hold_id)
    if known is None or not known.waits or known.standing == "voided":
        return ()
    return (HoldReleased(fund_id=fund.fund_id, hold_id=known.hold_id),)


def _can_be_let_go(fund: Fund | None, hold_id: str) -> bool:
    """Whether it is promised, or the fund was short of it, and nobody is paying it."""
    if fund is None:
        return False
    known = fund.holds.get(hold_id)
    if known is not None:
        return known.standing == "live"
    return hold_id in fund.commitments or fund.shorts.get(hold_id) is not None


def _let_go(fund: Fund, command: LetGo, now: Circumstances) -> Sequence[FundFact]:
    if fund.holds.get(command.hold_id) is None and command.hold_id not in fund.commitments:
        return (ShortLetGo(fund_id=fund.fund_id, hold_id=command.hold_id, reason=command.reason),)
    return _later(fund, Void(command.hold_id, command.reason), now)


def _later(fund: Fund, command: LaterCommand, now: Circumstances) -> Sequence[FundFact]:
    if isinstance(command, Void) and command.hold_id in fund.commitments:
        told = fund.commitments[command.hold_id]
        return (hold.dropped(told, command.reason),)
    known = _hold_of(fund, command)
    facts = hold.decide(fund.fund_id, known, command, now.actor.id, now.recorded_at)
    if isinstance(command, Instruct) and facts:
        if fund.is_over(happening(now)):
            raise Refused("year_over", "该备用金的预算年度已经结束,不能再支付,请由新年度备用金办理。")
        _must_lie_there(fund, known, command)
    if isinstance(command, ConfirmReceived) and facts and now.owners:
        raise Refused("same_person", "导出代发文件的人不能确认其中支付的到账,请换人办理。")
    return [_completed(fund, fact) for fact in facts]


def _must_lie_there(fund: Fund, known: Hold, command: Instruct) -> None:
    """Money is promised wherever it lies, but paid only from where it is: no account is ever negative."""
    if command.method == "cash" and known.amount_fen > fund.cash_fen - fund.cash_pinned_fen:
        raise Refused("cash_short", "库存现金不足,请先提取现金。")
    if command.method != "cash" and known.amount_fen > fund.bank_fen - fund.bank_pinned_fen:
        raise Refused("bank_short", "银行存款不足,请先将现金交存银行。")


def _completed(fund: Fund, fact: LaterFact) -> FundFact:
    """What only the fund knows: a payment bears its next number, and what it can give to one without a hold."""
    if isinstance(fact, PaidWithoutHold):
        return _covered(fund, fact)
    return _numbered(fund, fact) if isinstance(fact, PaymentInstructed) else fact


def _numbered(fund: Fund, fact: PaymentInstructed) -> PaymentInstructed:
    if fund.opened is None:
        return fact
    place = fund.opened.township or fund.opened.county
    number = payment_number(place, fund.opened.year, len(fund.payments) + 1)
    return fact.model_copy(update={"payment_number": number})


def _covered(fund: Fund, fact: PaidWithoutHold) -> PaidWithoutHold:
    """What the bank paid without a hold takes first what the fund has free."""
    there_fen = max(0, min(fund.available_fen, fund.bank_fen - fund.bank_pinned_fen))
    draws = fund.draw(min(fact.amount_fen, there_fen))
    return fact.model_copy(update={"draws": draws, "uncovered_fen": fact.amount_fen - total(draws)})


def _hold_of(fund: Fund, command: LaterCommand) -> Hold:
    known = fund.holds.get(_hold_id_of(fund, command) or "")
    if known is None:
        raise Refused("no_such_hold", "没有找到这笔占用或支付,请核对编号。")
    return known


def _hold_id_of(fund: Fund, command: LaterCommand) -> str | None:
    match command:
        case Void() | Expire():
            return command.hold_id
        case ConfirmReceived() | ReturnPayment():
            return fund.payments.get(command.payment_id)
        case Instruct():
            if fund.payments.get(command.payment_id) not in (None, command.hold_id):
                raise hold.payment_differs()
            return command.hold_id


def _posted(fund: Fund, facts: Sequence[FundFact], now: Circumstances) -> tuple[Sequence[FundFact], Fund]:
    """Each fact with its voucher behind it, what that answers, and an alert where the balance crossed its line."""
    before = fund
    told: list[FundFact] = []
    for fact in facts:
        entry = voucher(fund, fact, now)
        fund = after(fund, fact)
        told.append(fact)
        if entry is not None:
            fund = after(fund, entry)
            told.append(entry)
    following = consequences.follows(before, fund, facts, day_of(now.recorded_at))
    return (*told, *following), reduce(after, following, fund)


def answer(facts: Sequence[FundFact]) -> Mapping[str, Any]:
    """The ids of what was done; the facts' names, which say the rest, stand beside them."""
    return {name: vars(fact)[name] for fact in facts for name in _TOLD if name in vars(fact)}


_TOLD = ("hold_id", "payment_id", "payment_number", "transfer_id", "appropriation_id", "act_id", "request_id")
_STATE: TypeAdapter[Fund | None] = TypeAdapter(Fund | None)
KEPT = Kept("fund.14", _STATE.dump_json, _STATE.validate_json)

DECIDER: Decider[Command, Fund | None, FundFact] = Decider(None, decide, evolve, answer, KEPT, decide_and_fold)
