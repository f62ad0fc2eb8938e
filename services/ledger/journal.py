"""Read model: the funds and what they can still promise, the journal (明细账), the holds and their payments."""

from collections.abc import Iterable, Sequence
from typing import TypeGuard, get_args

from events.fact import Fact, Recorded
from events.ledger import (
    ActApproved,
    ActDeclined,
    ActProposed,
    AllocationArrived,
    AllocationReceived,
    AllocationReturned,
    AllocationSent,
    AppropriationReceived,
    BalanceRestored,
    CarriedIn,
    CashHandedOver,
    Committed,
    Correction,
    Draw,
    EntryPosted,
    FundFact,
    FundOpened,
    FundTerms,
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
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    PeriodAdjusting,
    PeriodClosed,
    PeriodReopened,
    PurchaseReversed,
    QuotaSet,
    RecoveryDeclined,
    RecoveryEnded,
    RecoveryOrdered,
    RecoveryReceived,
    RecoveryWaived,
    RefusedShort,
    RemainderReleased,
    Reserved,
    ShortLetGo,
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
from events.ledger_words import VoucherRef
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.ledger.fund_state import AfterFact, MonthFact, MoveFact, PromiseFact, moved
from services.ledger.ids import place_of
from services.ledger.story import told

SQL = statements("services.ledger", "journal.sql")

_PaymentFact = PaymentInstructed | PaymentReceived | PaymentReturned | CashHandedOver | PaidWithoutHold
_TermFact = FundOpened | TermsSet | QuotaSet | LowBalanceAlerted | BalanceRestored | YearClosed
_ActFact = ActProposed | ActApproved | ActDeclined
_Told = Recorded[Fact]
_FUND_FACTS = frozenset(get_args(FundFact))


def changes(recorded: _Told) -> Sequence[Change]:
    """What a fact changes in the tables."""
    fact = recorded.fact
    if not _is_of_a_fund(fact):
        return ()
    return [*_changes(fact, recorded), ("touched", (fact.fund_id, recorded.division, recorded.position))]


def _is_of_a_fund(fact: Fact) -> TypeGuard[FundFact]:
    """As ``isinstance`` says, which asks each of them in turn."""
    return type(fact) in _FUND_FACTS


def _changes(fact: FundFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case EntryPosted():
            return _posted(fact, recorded)
        case PaymentInstructed() | PaymentReceived() | PaymentReturned() | CashHandedOver() | PaidWithoutHold():
            return _paid(fact, recorded)
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
            return _held(fact, recorded)
        case FundOpened() | TermsSet() | QuotaSet() | LowBalanceAlerted() | BalanceRestored() | YearClosed():
            return _termed(fact, recorded)
        case (
            AppropriationReceived()
            | AllocationSent()
            | AllocationReceived()
            | AllocationArrived()
            | AllocationReturned()
            | CarriedIn()
            | OpeningEntered()
        ):
            return _moved(fact, recorded)
        case (
            RecoveryOrdered()
            | RecoveryReceived()
            | RecoveryDeclined()
            | RecoveryEnded()
            | PapersMarked()
            | GoodsIssued()
        ):
            return _settled(fact, recorded)
        case ActProposed() | ActApproved() | ActDeclined():
            return _by_hand(fact, recorded)
        case PeriodAdjusting() | VouchersChecked() | PeriodClosed() | PeriodReopened():
            return [_month(fact, recorded)]
        case (
            ReplenishmentDrafted()
            | ReplenishmentSubmitted()
            | ReplenishmentSigned()
            | ReplenishmentDeclined()
            | ReplenishmentArrived()
        ):
            return [_asked(fact, recorded)]


def _filled(fund_id: str, draws: Iterable[Draw]) -> list[Change]:
    return _pots(fund_id, draws, book=1)


def _pots(fund_id: str, draws: Iterable[Draw], *, book: int = 0, held: int = 0) -> list[Change]:
    """Each source's change; ``book`` and ``held`` say which way."""
    return [
        ("moved", (fund_id, draw.source, None, None, book * draw.amount_fen, held * draw.amount_fen)) for draw in draws
    ]


def _termed(fact: _TermFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case FundOpened():
            place = fact.township or fact.county
            row = (fact.fund_id, recorded.division, place, fact.year, recorded.position)
            return [("opened", row), _terms(fact.fund_id, recorded, fact.terms)]
        case TermsSet():
            return [_terms(fact.fund_id, recorded, fact.terms)]
        case QuotaSet():
            return [("quota", (fact.fund_id, fact.township, fact.quota_fen))]
        case LowBalanceAlerted() | BalanceRestored():
            return [("low", (fact.fund_id, recorded.division, isinstance(fact, LowBalanceAlerted)))]
        case YearClosed():
            left = [(draw.source, draw.amount_fen) for draw in fact.left]
            rows = [("left", (fact.fund_id, fact.round, fact.how, *row)) for row in left]
            return [*_pots(fact.fund_id, fact.left, book=-1), *rows]


def _terms(fund_id: str, recorded: _Told, terms: FundTerms) -> Change:
    shown = (terms.mode, terms.quota_fen, terms.retained_fen, list(terms.draw_order), terms.alert_permille)
    return "terms", (fund_id, recorded.division, *shown)


def _moved(fact: MoveFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case AllocationSent():
            row = (fact.fund_id, fact.transfer_id, fact.to_fund_id, fact.source, fact.amount_fen, fact.document)
            sent: Change = ("sent", (recorded.division, *row, recorded.position))
            return [*_pots(fact.fund_id, moved(fact), book=-1), sent]
        case AllocationArrived():
            return [("arrived", (recorded.division, fact.transfer_id, recorded.position))]
        case AllocationReturned():
            returned: Change = ("arrived", (recorded.division, fact.transfer_id, recorded.position))
            return [*_filled(fact.fund_id, moved(fact)), returned]
        case AppropriationReceived() | AllocationReceived() | CarriedIn() | OpeningEntered():
            return _filled(fact.fund_id, moved(fact))


def _posted(fact: EntryPosted, recorded: _Told) -> Sequence[Change]:
    reverses = fact.reverses
    taken_back = None if reverses is None else _voucher_name(reverses)
    header = (fact.towards, fact.basis, fact.made_by, fact.signed_by, fact.happened_on, taken_back)
    voucher = (fact.dated, fact.number, fact.summary)
    lines: list[Change] = []
    for number, line in enumerate(fact.lines, start=1):
        key = (fact.fund_id, recorded.position, number)
        side = (line.account, line.debit_fen, line.credit_fen)
        codes = (fact.word, line.source, line.functional, line.economic)
        lines.append(("posted", (*key, *voucher, *side, fact.case_id, fact.about, *codes, *header)))
    return lines


def _held(fact: PromiseFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case Reserved():
            row = (*_named(fact, recorded), fact.amount_fen, fact.decided_by, fact.expires_at, recorded.position)
            place = place_of(fact.fund_id, recorded.division)
            by_county = place == recorded.division and fact.township is None
            drawn = [("drawn", (recorded.division, fact.hold_id, draw.source, draw.amount_fen)) for draw in fact.draws]
            return [
                ("reserved", (*row, fact.case_township or place, by_county, fact.cause)),
                *drawn,
                *_pots(fact.fund_id, fact.draws, held=1),
            ]
        case Committed():
            row = (*_named(fact, recorded), fact.amount_fen, fact.decided_by, recorded.position)
            return [("committed", row)]
        case RefusedShort():
            short = (fact.asked_fen, fact.available_fen, fact.shortfall_fen)
            return [("short", (*_named(fact, recorded), *short, recorded.position))]
        case ShortLetGo():
            return [("short_let_go", (recorded.division, fact.hold_id, fact.fund_id))]
        case HoldReleased():
            return ()
        case Voided():
            return [_draws(fact, recorded, book=0, held=-1), _stands(fact, recorded, "voided")]
        case RemainderReleased():
            less = [("less", (recorded.division, fact.hold_id, draw.source, draw.amount_fen)) for draw in fact.draws]
            ended = [_stands(fact, recorded, "received")] if fact.ends else []
            return [*less, *_pots(fact.fund_id, fact.draws, held=-1), *ended]
        case OwnMoneyAdded():
            return [("moved", (fact.fund_id, "township_own", None, None, fact.amount_fen, 0))]


def _draws(fact: PromiseFact | _PaymentFact | PapersMarked, recorded: _Told, *, book: int, held: int) -> Change:
    """The sources of a hold change, each by what the hold has drawn of it."""
    if isinstance(fact, PapersMarked):
        return "draws_of_payment", (fact.fund_id, recorded.division, fact.payment_id)
    hold_id = getattr(fact, "hold_id", "")
    return "moved", (fact.fund_id, None, recorded.division, hold_id, book, held)


def _paid(fact: _PaymentFact, recorded: _Told) -> Sequence[Change]:
    payment = (recorded.division, fact.payment_id)
    match fact:
        case PaymentInstructed():
            shown = (fact.hold_id, fact.amount_fen, fact.method, fact.payee_ref, fact.instructed_by)
            row: Change = ("instructed", (*payment, *shown, fact.payment_number, recorded.position))
            return [row, _stands(fact, recorded, "instructed")]
        case PaymentReceived(from_suspense=True):
            return ()
        case PaymentReceived():
            receipt = (fact.received_at, fact.evidence, fact.amount_fen, fact.attachments)
            row = ("received", (*payment, *receipt, recorded.position))
            return [row, _draws(fact, recorded, book=-1, held=-1), _stands(fact, recorded, "received")]
        case PaymentReturned():
            row = ("returned", (*payment, fact.reason, recorded.position))
            if not fact.revives:
                return [row, *_filled(fact.fund_id, fact.draws)]
            back = [_draws(fact, recorded, book=1, held=1)] if fact.was_received else []
            return [row, *back, _stands(fact, recorded, "reserved")]
        case CashHandedOver():
            return [("handed", (*payment, fact.handed_by, recorded.position))]
        case PaidWithoutHold():
            row = ("suspended", (*payment, fact.received_at, fact.evidence, fact.amount_fen, recorded.position))
            return [row, *_pots(fact.fund_id, fact.draws, book=-1)]


def _settled(fact: AfterFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case RecoveryOrdered():
            row = (recorded.division, fact.recovery_id, fact.fund_id, fact.payment_id, fact.case_id, fact.amount_fen)
            return [("recovery", (*row, recorded.position))]
        case RecoveryReceived():
            row = (recorded.division, fact.recovery_id, fact.amount_fen, recorded.position)
            return [*_filled(fact.fund_id, fact.draws), ("recovered", row)]
        case RecoveryDeclined():
            return ()
        case RecoveryEnded():
            return [("ended", (recorded.division, fact.recovery_id, fact.amount_fen, recorded.position))]
        case PapersMarked():
            marked: Change = ("papers", (recorded.division, fact.payment_id, fact.standing, recorded.position))
            back = [_draws(fact, recorded, book=1, held=0)] if fact.standing == "borne" else []
            return [marked, *back]
        case GoodsIssued():
            cost_fen = sum(draw.amount_fen for draw in fact.draws)
            return [("issued", (fact.fund_id, fact.batch_id, fact.quantity, cost_fen))]


def _by_hand(fact: _ActFact, recorded: _Told) -> Sequence[Change]:
    match fact:
        case ActProposed():
            row = (fact.fund_id, fact.act_id, fact.act.kind, told(fact.act), fact.document, fact.proposed_by)
            return [("proposed", (recorded.division, *row, recorded.position))]
        case ActApproved():
            row = (recorded.division, fact.act_id, "approved", fact.approved_by, recorded.position)
            return [("settled", row), *_acted(fact, recorded)]
        case ActDeclined():
            return [("settled", (recorded.division, fact.act_id, "declined", fact.declined_by, recorded.position))]


def _acted(fact: ActApproved, recorded: _Told) -> Sequence[Change]:
    match fact.act:
        case InterestPaid():
            return _filled(fact.fund_id, fact.draws)
        case Correction() | OwnMoneyRepaid():
            return _pots(fact.fund_id, fact.draws, book=-1)
        case GoodsBought() as act:
            batch = (fact.fund_id, fact.act_id, act.item, act.quantity, act.cost_fen)
            return [*_pots(fact.fund_id, fact.draws, book=-1), ("stocked", batch)]
        case PurchaseReversed() as act:
            return [*_filled(fact.fund_id, fact.draws), ("unstocked", (fact.fund_id, act.about))]
        case SuspenseCleared() as act:
            back = _filled(fact.fund_id, fact.draws) if act.outcome == "came_back" else []
            standing = "returned" if act.outcome == "came_back" else "received"
            asked = (fact.fund_id, fact.act_id, recorded.division, act.payment_id, recorded.position)
            owed: list[Change] = [("recovery_found", asked)] if act.outcome == "to_recover" else []
            return [*back, *owed, ("cleared", (recorded.division, act.payment_id, standing, recorded.position))]
        case RecoveryWaived() as act:
            return [("waived", (recorded.division, act.recovery_id, recorded.position))]
        case _:
            return ()


def _month(fact: MonthFact, recorded: _Told) -> Change:
    key = (fact.fund_id, fact.month)
    match fact:
        case PeriodAdjusting():
            return "month", (*key, "adjusting", None, recorded.meta.actor.id, recorded.position)
        case VouchersChecked():
            return "checked", (*key, fact.checked_by, recorded.position)
        case PeriodClosed():
            return "month", (*key, "closed", fact.seal.model_dump_json(), fact.closed_by, recorded.position)
        case PeriodReopened():
            return "month", (*key, "reopened", None, fact.reopened_by, recorded.position)


def _asked(fact: ReplenishmentFact, recorded: _Told) -> Change:
    key = (recorded.division, fact.request_id)
    match fact:
        case ReplenishmentDrafted():
            asked = (fact.fund_id, place_of(fact.fund_id, recorded.division), fact.cause, fact.amount_fen)
            about = (fact.case_id, fact.hold_id, fact.township, fact.due_at, fact.figures.model_dump_json())
            return "request_drafted", (*key, *asked, *about, recorded.position)
        case ReplenishmentSubmitted():
            row = (fact.amount_fen, fact.submitted_by, fact.figures.model_dump_json(), recorded.position)
            return "request_submitted", (*key, *row)
        case ReplenishmentSigned():
            row = (fact.desk, fact.signed_by, fact.amount_fen, fact.opinion, fact.document, recorded.occurred_at)
            return "request_signed", (*key, *row, recorded.position)
        case ReplenishmentDeclined():
            return "request_declined", (*key, fact.declined_by, fact.reason, recorded.position)
        case ReplenishmentArrived():
            voucher = None if fact.voucher is None else _voucher_name(fact.voucher)
            row = (fact.amount_fen, fact.move_id, voucher, recorded.occurred_at, recorded.position)
            return "request_arrived", (*key, *row)


def _voucher_name(voucher: VoucherRef) -> str:
    return f"{voucher.month} {voucher.word}字第{voucher.number}号"


def _named(fact: Reserved | Committed | RefusedShort, recorded: _Told) -> tuple[str, ...]:
    place = place_of(fact.fund_id, recorded.division)
    return (recorded.division, fact.hold_id, fact.fund_id, place, fact.case_id, recorded.meta.correlation)


def _stands(fact: PromiseFact | _PaymentFact, recorded: _Told, standing: str) -> Change:
    return "stands", (recorded.division, getattr(fact, "hold_id", ""), standing, recorded.position)


_HOLD, _PAYMENT, _FUND = (("hold", 1),), (("payment", 1),), (("fund", 0),)

JOURNAL = ReadModel(
    name="journal",
    version=7,
    tables=(
        *("funds", "pots", "quotas", "entries", "balances", "daily", "holds", "hold_draws", "payments", "transfers"),
        *("recoveries", "stock", "acts", "months", "leavings", "requests", "request_steps"),
    ),
    sql=SQL,
    changes=changes,
    touches={
        "posted": (),
        **dict.fromkeys(("touched", "low"), _FUND),
        "moved": (("pots", 0), ("draws", 3)),
        **dict.fromkeys(("drawn", "less"), (("draws", 1),)),
        **dict.fromkeys(("reserved", "committed", "short", "stands"), _HOLD),
        **dict.fromkeys(("instructed", "received", "suspended", "returned", "handed", "papers"), _PAYMENT),
    },
    reads=frozenset(kind.NAME for kind in _FUND_FACTS),
    rows=frozenset({"posted", "touched", "moved", "drawn", "reserved", "stands", "instructed", "received"}),
)
