"""A standby fund (备用金): money comes in, is passed on, held, paid and posted, and never promised twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from events.fact import Recorded
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    FundFact,
    FundOpened,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Source,
    Voided,
)
from services.chassis.decider import Circumstances, Decider, Kept, Refused
from services.ledger import hold, posting
from services.ledger.hold import ConfirmReceived, Hold, Instruct, Reserve, ReturnPayment, Void
from services.ledger.payment_number import payment_number
from services.ledger.register import Register
from services.ledger.voucher import MoveFact, Vouchers, id_of

# --- commands


@dataclass(frozen=True, slots=True)
class OpenFund:
    """Open the fund of a county, or of one of its townships, for one budget year."""

    fund_id: str
    county: str
    township: str | None
    year: int


@dataclass(frozen=True, slots=True)
class ReceiveAppropriation:
    """Take in what a higher level has sent to the county, in fen."""

    appropriation_id: str
    amount_fen: int
    source: Source
    document: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that a county passes on to a township under one document, in fen; both halves carry the same words."""

    transfer_id: str
    from_fund_id: str
    to_fund_id: str
    amount_fen: int
    source: Source
    document: str


@dataclass(frozen=True, slots=True)
class SendAllocation:
    """The county's half of a transfer; it goes into one unit of work with ``ReceiveAllocation``."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class ReceiveAllocation:
    """The township's half of a transfer."""

    transfer: Transfer


MoveCommand = ReceiveAppropriation | SendAllocation | ReceiveAllocation
Command = OpenFund | MoveCommand | Reserve | hold.LaterCommand

# --- state


@dataclass(frozen=True, slots=True)
class Fund:
    """An open fund; amounts in fen.

    Settled holds are kept: a bank may return money days later, and a repeated command must find what it did. A fund
    comes to some 10,000 of them, so they live in registers that a fact changes in microseconds.
    """

    opened: FundOpened
    book_fen: int = 0
    reserved_fen: int = 0
    moves: Register[MoveFact] = field(default_factory=Register[MoveFact])
    holds: Register[Hold] = field(default_factory=Register[Hold])
    payments: Register[str] = field(default_factory=Register[str])
    """The hold of each payment."""
    vouchers: Vouchers = field(default_factory=Vouchers)

    @property
    def fund_id(self) -> str:
        """The fund's id, which every fact of it repeats."""
        return self.opened.fund_id

    @property
    def available_fen(self) -> int:
        """What can still be promised (可用余额): the book balance less all holds."""
        return self.book_fen - self.reserved_fen


# --- decide


def decide(fund: Fund | None, command: Command, now: Circumstances) -> Sequence[FundFact]:
    """What happens to the fund, and the entry it is posted with. A repeated command gives nothing.

    Raises ``Refused`` for a senseless command. Too little money for a hold is no such thing: it is ``RefusedShort``,
    also where nobody has opened the fund yet.
    """
    if isinstance(command, OpenFund):
        return _open(fund, command)
    if fund is None and isinstance(command, Reserve):
        return (hold.short(command.fund_id, 0, command),)
    if fund is None:
        raise Refused("fund_not_open", "该备用金尚未开设,请先开设备用金。")
    match command:
        case ReceiveAppropriation() | SendAllocation() | ReceiveAllocation():
            fact = _move(fund, command)
        case Reserve():
            fact = hold.reserve(fund, fund.holds.get(command.hold_id), command)
        case Void() | Instruct() | ConfirmReceived() | ReturnPayment():
            fact = _numbered(fund, hold.decide(fund.fund_id, _hold_of(fund, command), command, now.actor.id))
    return () if fact is None else (fact, *_entries(fund, fact, now))


def _open(fund: Fund | None, command: OpenFund) -> Sequence[FundFact]:
    opened = FundOpened(fund_id=command.fund_id, county=command.county, township=command.township, year=command.year)
    if fund is not None and fund.opened != opened:
        raise Refused("fund_differs", "该备用金已经开设,登记的县区、乡镇或年度不同。")
    return (opened,) if fund is None else ()


def _move(fund: Fund, command: MoveCommand) -> MoveFact | None:
    fact = _moved(fund, command)
    known = fund.moves.get(id_of(fact))
    if known == fact:
        return None
    if known is not None:
        raise Refused("transfer_differs", "该拨款编号已登记过,金额、来源或文号不同。")
    if isinstance(fact, AllocationSent) and fact.amount_fen > fund.available_fen:
        raise Refused("fund_short", "县级备用金可用余额不足,不能拨付。")
    return fact


def _moved(fund: Fund, command: MoveCommand) -> MoveFact:
    match command:
        case ReceiveAppropriation():
            return AppropriationReceived(
                fund_id=fund.fund_id,
                appropriation_id=command.appropriation_id,
                amount_fen=command.amount_fen,
                source=command.source,
                document=command.document,
            )
        case SendAllocation(transfer):
            _check_half(fund, transfer.from_fund_id, of_county=True)
            return AllocationSent(
                fund_id=fund.fund_id,
                transfer_id=transfer.transfer_id,
                to_fund_id=transfer.to_fund_id,
                amount_fen=transfer.amount_fen,
                source=transfer.source,
                document=transfer.document,
            )
        case ReceiveAllocation(transfer):
            _check_half(fund, transfer.to_fund_id, of_county=False)
            return AllocationReceived(
                fund_id=fund.fund_id,
                transfer_id=transfer.transfer_id,
                from_fund_id=transfer.from_fund_id,
                amount_fen=transfer.amount_fen,
                source=transfer.source,
                document=transfer.document,
            )


def _check_half(fund: Fund, meant_for: str, *, of_county: bool) -> None:
    if fund.fund_id != meant_for or (fund.opened.township is None) != of_county:
        raise Refused("wrong_fund", "只能由县级备用金拨付给乡镇备用金,请核对拨出和拨入的备用金。")


def _hold_of(fund: Fund, command: hold.LaterCommand) -> Hold:
    known = fund.holds.get(_hold_id_of(fund, command) or "")
    if known is None:
        raise Refused("no_such_hold", "没有找到这笔占用或支付,请核对编号。")
    return known


def _hold_id_of(fund: Fund, command: hold.LaterCommand) -> str | None:
    match command:
        case Void():
            return command.hold_id
        case ConfirmReceived() | ReturnPayment():
            return fund.payments.get(command.payment_id)
        case Instruct():
            if fund.payments.get(command.payment_id) not in (None, command.hold_id):
                raise hold.payment_differs()
            return command.hold_id


def _numbered(fund: Fund, fact: hold.LaterFact | None) -> hold.LaterFact | None:
    """A payment bears the next number of its fund."""
    if not isinstance(fact, PaymentInstructed):
        return fact
    opened = fund.opened
    number = payment_number(opened.township or opened.county, opened.year, len(fund.payments) + 1)
    return fact.model_copy(update={"payment_number": number})


def _entries(fund: Fund, fact: MoveFact | hold.HoldFact, now: Circumstances) -> Sequence[EntryPosted]:
    """How a fact is posted: promises and instructions are not, because no money has moved."""
    match fact:
        case AppropriationReceived() | AllocationReceived():
            return (fund.vouchers.post(fact, posting.transfer_in(fact.amount_fen), now.recorded_at),)
        case AllocationSent():
            return (fund.vouchers.post(fact, posting.transfer_out(fact.amount_fen), now.recorded_at),)
        case PaymentReceived():
            method = fund.holds[fact.hold_id].payments[fact.payment_id].method
            return (fund.vouchers.post(fact, posting.payment(fact.amount_fen, method), fact.received_at),)
        case PaymentReturned(was_received=True):
            method = fund.holds[fact.hold_id].payments[fact.payment_id].method
            return (fund.vouchers.post(fact, posting.payment_returned(fact.amount_fen, method), now.recorded_at),)
        case PaymentReturned() | PaymentInstructed() | Reserved() | RefusedShort() | Voided():
            return ()


# --- evolve


def evolve(fund: Fund | None, recorded: Recorded[FundFact]) -> Fund | None:
    """The fund after a fact; after each one, also amid a command, nothing promised is more than there is."""
    fact = recorded.fact
    if isinstance(fact, FundOpened):
        return Fund(fact)
    return None if fund is None else _evolved(fund, fact)


def _evolved(fund: Fund, fact: MoveFact | hold.HoldFact | EntryPosted) -> Fund:
    match fact:
        case AppropriationReceived() | AllocationReceived() | AllocationSent():
            change_fen = -fact.amount_fen if isinstance(fact, AllocationSent) else fact.amount_fen
            return replace(fund, book_fen=fund.book_fen + change_fen, moves=fund.moves.put(id_of(fact), fact))
        case Reserved() | Voided() | RefusedShort():
            return _promised(fund, fact)
        case PaymentInstructed() | PaymentReceived() | PaymentReturned():
            return _paid(fund, fact)
        case EntryPosted():
            return replace(fund, vouchers=fund.vouchers.after(fact))


def _promised(fund: Fund, fact: Reserved | Voided | RefusedShort) -> Fund:
    match fact:
        case Reserved():
            holds = fund.holds.put(fact.hold_id, hold.begin(fact))
            return replace(fund, reserved_fen=fund.reserved_fen + fact.amount_fen, holds=holds)
        case Voided():
            holds = fund.holds.put(fact.hold_id, hold.evolve(fund.holds[fact.hold_id], fact))
            return replace(fund, reserved_fen=fund.reserved_fen - fact.amount_fen, holds=holds)
        case RefusedShort():
            return fund


def _paid(fund: Fund, fact: PaymentInstructed | PaymentReceived | PaymentReturned) -> Fund:
    """Money leaves from what is held for it, and comes back into it: what is available does not change."""
    before = fund.holds[fact.hold_id]
    after = hold.evolve(before, fact)
    change_fen = after.held_fen - before.held_fen
    return replace(
        fund,
        book_fen=fund.book_fen + change_fen,
        reserved_fen=fund.reserved_fen + change_fen,
        holds=fund.holds.put(fact.hold_id, after),
        payments=fund.payments.put(fact.payment_id, fact.hold_id),
    )


def answer(facts: Sequence[FundFact]) -> Mapping[str, Any]:
    """The ids of what was done; the facts' names, which say the rest, stand beside them."""
    told = {"hold_id", "payment_id", "payment_number", "transfer_id", "appropriation_id"}
    return {name: value for fact in facts for name, value in fact.model_dump(include=told).items()}


_STATE: TypeAdapter[Fund | None] = TypeAdapter(Fund | None)
KEPT = Kept("fund.1", _STATE.dump_json, _STATE.validate_json)

DECIDER: Decider[Command, Fund | None, FundFact] = Decider(None, decide, evolve, answer, KEPT)
