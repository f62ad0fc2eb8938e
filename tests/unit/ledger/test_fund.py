"""What a standby fund does and refuses, rule by rule."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from events.fact import Actor
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    CashHandedOver,
    Draw,
    EntryPosted,
    FundFact,
    FundOpened,
    Line,
    PaidWithoutHold,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from events.shanghai import SHANGHAI
from services.chassis.decider import Circumstances
from services.ledger.fund import DECIDER
from services.ledger.fund_commands import (
    CloseAllocation,
    Command,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    Reserve,
    SendAllocation,
    Transfer,
)
from services.ledger.fund_state import Fund
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Slip, Void
from tests.support.given import CLERK, NOON, Given, given

CASHIER = Actor(id="S-0009", role="cashier", scope="990101")
DECIDED_BY = "S-0007"
RECEIVED_AT = datetime(2026, 11, 2, 5, 20, tzinfo=UTC)

OPENED = FundOpened(fund_id="town", county="990101", township="990101001", year=2026)
COUNTY_OPENED = FundOpened(fund_id="county", county="990101", township=None, year=2026)
FED = AppropriationReceived(
    fund_id="town", appropriation_id="A1", amount_fen=500_000, source="county", document="急难〔2026〕1号"
)
COUNTY_FED = FED.model_copy(update={"fund_id": "county"})
RESERVED = Reserved(
    fund_id="town",
    hold_id="D1",
    case_id="C1",
    amount_fen=200_000,
    decided_by=DECIDED_BY,
    draws=(Draw(source="county", amount_fen=200_000),),
)
VOIDED = Voided(fund_id="town", hold_id="D1", case_id="C1", amount_fen=200_000, reason="not_needed")
INSTRUCTED = PaymentInstructed(
    fund_id="town",
    hold_id="D1",
    case_id="C1",
    payment_id="P1",
    amount_fen=200_000,
    method="bank_transfer",
    payee_ref="Y1",
    instructed_by=CASHIER.id,
    payment_number="LS990101001260000011",
)
RECEIVED = PaymentReceived(
    fund_id="town",
    hold_id="D1",
    case_id="C1",
    payment_id="P1",
    amount_fen=200_000,
    received_at=RECEIVED_AT,
    evidence="R-88",
)
RETURNED = PaymentReturned(
    fund_id="town",
    hold_id="D1",
    case_id="C1",
    payment_id="P1",
    amount_fen=200_000,
    was_received=False,
    reason="account_closed",
)
RETURNED_LATE = RETURNED.model_copy(update={"was_received": True})

RESERVE = Reserve("D1", "C1", 200_000, DECIDED_BY, "town")
INSTRUCT = Instruct("D1", "P1", "bank_transfer", "Y1")
CONFIRM = ConfirmReceived("P1", RECEIVED_AT, "R-88")
RETURN = ReturnPayment("P1", "account_closed")
TRANSFER = Transfer("T1", "county", "town", 360_000, "county", "急难〔2026〕2号")


def after(*facts: FundFact) -> Given[Command, Fund | None, FundFact]:
    return given(DECIDER, *facts)


def balances(*facts: FundFact) -> tuple[int, int, int]:
    """Book, reserved and available, in fen."""
    fund = after(*facts).state
    assert fund is not None
    return fund.book_fen, fund.reserved_fen, fund.available_fen


def moved(entry: FundFact) -> tuple[str, str, int]:
    """The debited and the credited account of a posted pair, and the fen."""
    assert isinstance(entry, EntryPosted)
    debit, credit = entry.lines
    assert debit.debit_fen == credit.credit_fen
    return debit.account, credit.account, debit.debit_fen


def test_a_fund_is_opened_once() -> None:
    command = OpenFund("town", "990101", "990101001", 2026)
    assert after().when(command) == [OPENED]
    assert after(OPENED).when(command) == []
    assert after(OPENED).refused(replace(command, year=2027)).code == "fund_differs"


@pytest.mark.parametrize("command", [INSTRUCT, CONFIRM, RETURN, Void("D1", "x"), SendAllocation(TRANSFER)])
def test_nothing_happens_in_a_fund_that_is_not_open(command: Command) -> None:
    refused = after().refused(command)
    assert refused.code == "fund_not_open"
    assert "开设" in refused.sentence


def test_a_fund_that_nobody_opened_is_short_and_holds_once_there_is_one() -> None:
    (short,) = after().when(RESERVE)
    assert short == RefusedShort(
        fund_id="town",
        hold_id="D1",
        case_id="C1",
        asked_fen=200_000,
        available_fen=0,
        shortfall_fen=200_000,
        decided_by=DECIDED_BY,
    )
    assert after(short).when(OpenFund("town", "990101", "990101001", 2026)) == [OPENED]
    assert after(short, OPENED, FED).when(RESERVE) == [RESERVED]


def test_a_hold_in_a_fund_that_is_not_open_is_short_of_everything_until_there_is_money() -> None:
    (short,) = after().when(RESERVE)
    assert short == RefusedShort(
        fund_id="town",
        hold_id="D1",
        case_id="C1",
        asked_fen=200_000,
        available_fen=0,
        shortfall_fen=200_000,
        decided_by=DECIDED_BY,
    )
    assert after(short).when(RESERVE) == [short]
    assert after(short, OPENED, FED).when(RESERVE) == [RESERVED]


def test_an_appropriation_is_posted_from_above_into_the_bank() -> None:
    fact, entry = after(COUNTY_OPENED).when(ReceiveAppropriation("A1", 500_000, "county", "急难〔2026〕1号"))
    assert fact == COUNTY_FED
    assert moved(entry) == ("100", "200", 500_000)
    assert balances(COUNTY_OPENED, COUNTY_FED) == (500_000, 0, 500_000)


def test_the_same_appropriation_again_gives_nothing_and_another_under_its_number_is_refused() -> None:
    fed = after(COUNTY_OPENED, COUNTY_FED)
    assert fed.when(ReceiveAppropriation("A1", 500_000, "county", "急难〔2026〕1号")) == []
    assert fed.refused(ReceiveAppropriation("A1", 500_001, "county", "急难〔2026〕1号")).code == "transfer_differs"


def test_nothing_is_posted_on_a_day_before_the_budget_year() -> None:
    said = ReceiveAppropriation("A1", 500_000, "county", "急难〔2026〕1号")
    new_year = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert after(COUNTY_OPENED).refused(said, at=new_year - timedelta(seconds=1)).code == "before_the_year"
    assert len(after(COUNTY_OPENED).when(said, at=new_year)) == 2


def test_an_allocation_leaves_the_county_and_reaches_the_township() -> None:
    sent, posted_out = after(COUNTY_OPENED, COUNTY_FED).when(SendAllocation(TRANSFER))
    received, posted_in = after(OPENED).when(ReceiveAllocation(TRANSFER))
    assert isinstance(sent, AllocationSent)
    assert isinstance(received, AllocationReceived)
    assert (sent.transfer_id, sent.to_fund_id, sent.amount_fen) == ("T1", "town", 360_000)
    assert (received.transfer_id, received.from_fund_id, received.amount_fen) == ("T1", "county", 360_000)
    assert moved(posted_out) == ("150", "100", 360_000)
    assert moved(posted_in) == ("100", "200", 360_000)
    assert balances(COUNTY_OPENED, COUNTY_FED, sent) == (140_000, 0, 140_000)
    assert balances(OPENED, received) == (360_000, 0, 360_000)
    _, posted_over = after(COUNTY_OPENED, COUNTY_FED, sent).when(CloseAllocation(TRANSFER))
    assert moved(posted_over) == ("209", "150", 360_000)


def test_both_halves_of_an_allocation_said_again_give_nothing() -> None:
    sent, _ = after(COUNTY_OPENED, COUNTY_FED).when(SendAllocation(TRANSFER))
    received, _ = after(OPENED).when(ReceiveAllocation(TRANSFER))
    assert after(COUNTY_OPENED, COUNTY_FED, sent).when(SendAllocation(TRANSFER)) == []
    assert after(OPENED, received).when(ReceiveAllocation(TRANSFER)) == []
    other = ReceiveAllocation(replace(TRANSFER, amount_fen=1))
    assert after(OPENED, received).refused(other).code == "transfer_differs"


def test_a_county_cannot_pass_on_what_it_has_not_or_has_promised() -> None:
    held = RESERVED.model_copy(update={"fund_id": "county"})
    transfer = replace(TRANSFER, amount_fen=300_001)
    assert after(COUNTY_OPENED, COUNTY_FED, held).refused(SendAllocation(transfer)).code == "fund_short"
    assert after(COUNTY_OPENED, COUNTY_FED, held).when(SendAllocation(replace(transfer, amount_fen=300_000)))


def test_money_goes_down_and_across_and_out_of_the_fund_that_the_document_names() -> None:
    backwards = replace(TRANSFER, from_fund_id="town", to_fund_id="county")
    assert after(COUNTY_OPENED).refused(ReceiveAllocation(backwards)).code == "wrong_fund"
    assert after(COUNTY_OPENED, COUNTY_FED).refused(SendAllocation(backwards)).code == "wrong_fund"


def test_a_reservation_holds_the_amount() -> None:
    assert after(OPENED, FED).when(RESERVE) == [RESERVED]
    assert balances(OPENED, FED, RESERVED) == (500_000, 200_000, 300_000)


def test_the_last_fen_can_be_promised_and_not_one_more() -> None:
    held = after(OPENED, FED, RESERVED)
    assert held.when(Reserve("D2", "C2", 300_000, DECIDED_BY, "town"))
    assert held.when(Reserve("D2", "C2", 300_001, DECIDED_BY, "town")) == [
        RefusedShort(
            fund_id="town",
            hold_id="D2",
            case_id="C2",
            asked_fen=300_001,
            available_fen=300_000,
            shortfall_fen=1,
            decided_by=DECIDED_BY,
        )
    ]


def test_a_refused_hold_moves_nothing_and_succeeds_when_money_came() -> None:
    (short,) = after(OPENED).when(RESERVE)
    assert isinstance(short, RefusedShort)
    assert balances(OPENED, short) == (0, 0, 0)
    assert after(OPENED, short, FED).when(RESERVE) == [RESERVED]


def test_the_same_hold_again_gives_nothing_and_another_amount_is_refused() -> None:
    for history in ([], [INSTRUCTED], [INSTRUCTED, RECEIVED], [VOIDED]):
        fund = after(OPENED, FED, RESERVED, *history)
        assert fund.when(RESERVE) == []
        assert fund.refused(replace(RESERVE, amount_fen=1)).code == "hold_differs"


def test_a_live_hold_can_be_let_go_and_stays_so() -> None:
    held = after(OPENED, FED, RESERVED)
    assert held.when(Void("D1", "not_needed")) == [VOIDED]
    assert balances(OPENED, FED, RESERVED, VOIDED) == (500_000, 0, 500_000)
    voided = after(OPENED, FED, RESERVED, VOIDED)
    assert voided.when(Void("D1", "other_reason")) == []
    assert voided.refused(INSTRUCT, actor=CASHIER).code == "hold_voided"


def test_after_an_instruction_it_is_too_late_to_let_go() -> None:
    for history in ([INSTRUCTED], [INSTRUCTED, RECEIVED]):
        assert after(OPENED, FED, RESERVED, *history).refused(Void("D1", "not_needed")).code == "too_late"


def test_a_hold_whose_payment_came_back_can_be_let_go() -> None:
    assert after(OPENED, FED, RESERVED, INSTRUCTED, RETURNED).when(Void("D1", "not_needed")) == [VOIDED]


def test_unknown_holds_and_payments_are_refused() -> None:
    for command in (Void("D1", "x"), INSTRUCT, CONFIRM, RETURN):
        assert after(OPENED, FED).refused(command, actor=CASHIER).code == "no_such_hold"


def test_an_instruction_names_payee_method_and_cashier_and_moves_no_money() -> None:
    assert after(OPENED, FED, RESERVED).when(INSTRUCT, actor=CASHIER) == [INSTRUCTED]
    assert balances(OPENED, FED, RESERVED, INSTRUCTED) == (500_000, 200_000, 300_000)


def test_who_decided_may_not_pay() -> None:
    officer = Actor(id=DECIDED_BY, role="cashier", scope="990101")
    assert after(OPENED, FED, RESERVED).refused(INSTRUCT, actor=officer).code == "same_person"


def test_a_hold_has_one_payment_at_a_time() -> None:
    second = replace(INSTRUCT, payment_id="P2")
    instructed = after(OPENED, FED, RESERVED, INSTRUCTED)
    assert instructed.when(INSTRUCT, actor=CASHIER) == []
    assert instructed.refused(second, actor=CASHIER).code == "already_instructed"
    received = after(OPENED, FED, RESERVED, INSTRUCTED, RECEIVED)
    assert received.refused(second, actor=CASHIER).code == "already_received"


def test_a_payment_number_names_one_payment_for_ever() -> None:
    other_hold = RESERVED.model_copy(update={"hold_id": "D2"})
    returned = after(OPENED, FED, RESERVED, other_hold, INSTRUCTED, RETURNED)
    assert returned.when(INSTRUCT, actor=CASHIER) == []
    for command in (replace(INSTRUCT, hold_id="D2"), replace(INSTRUCT, payee_ref="Y2")):
        assert returned.refused(command, actor=CASHIER).code == "payment_differs"


def test_a_confirmed_transfer_is_expenditure_dated_by_its_receipt() -> None:
    received, entry = after(OPENED, FED, RESERVED, INSTRUCTED).when(CONFIRM, at=RECEIVED_AT + timedelta(days=40))
    assert received == RECEIVED
    assert entry == EntryPosted(
        fund_id="town",
        number=1,
        dated=date(2026, 11, 2),
        summary="先行救助支付",
        lines=(
            Line(account="310", debit_fen=200_000, source="county", functional="2082001", economic="50901"),
            Line(account="100", credit_fen=200_000, source="county"),
        ),
        case_id="C1",
        about="P1",
        towards="Y1",
        basis="D1",
        made_by=CASHIER.id,
        signed_by=DECIDED_BY,
    )
    assert balances(OPENED, FED, RESERVED, INSTRUCTED, RECEIVED) == (300_000, 0, 300_000)


def test_a_confirmed_cash_payment_leaves_the_cash_box() -> None:
    in_cash = INSTRUCTED.model_copy(update={"method": "cash"})
    _, entry, _ = after(OPENED, FED, RESERVED, in_cash).when(replace(CONFIRM, slip=Slip("Y1", "S-0010")))
    assert moved(entry) == ("310", "101", 200_000)
    _, red = after(OPENED, FED, RESERVED, in_cash, RECEIVED).when(RETURN)
    assert moved(red) == ("101", "310", 200_000)


def test_cash_needs_two_signatures_the_registered_payees_and_the_handlers() -> None:
    in_cash = after(OPENED, FED, RESERVED, INSTRUCTED.model_copy(update={"method": "cash"}))
    for slip in (None, Slip("Y2", "S-0010"), Slip("Y1", "Y1")):
        assert in_cash.refused(replace(CONFIRM, slip=slip)).code == "two_signatures"
    *_, handed = in_cash.when(replace(CONFIRM, slip=Slip("Y1", "S-0010")))
    assert handed == CashHandedOver(fund_id="town", payment_id="P1", payee_ref="Y1", handed_by="S-0010")


def test_cash_is_handed_over_neither_by_who_decided_or_signed_nor_by_who_confirms_it() -> None:
    signed = RESERVED.model_copy(update={"signers": (RESERVED.decided_by, "S-0020")})
    in_cash = after(OPENED, FED, signed, INSTRUCTED.model_copy(update={"method": "cash"}))
    for handler in (RESERVED.decided_by, "S-0020", CLERK.id):
        assert in_cash.refused(replace(CONFIRM, slip=Slip("Y1", handler))).code == "same_person"
    alone = replace(CONFIRM, slip=Slip("Y1", CLERK.id), by_handler=True)
    assert isinstance(in_cash.when(alone)[-1], CashHandedOver)
    for handler in (RESERVED.decided_by, "S-0020"):
        assert in_cash.refused(replace(alone, slip=Slip("Y1", handler))).code == "same_person"


def test_cash_that_came_back_is_paid_anew_and_is_no_payment_of_the_bank() -> None:
    in_cash = INSTRUCTED.model_copy(update={"method": "cash"})
    came_back = after(OPENED, FED, RESERVED, in_cash, RECEIVED, RETURNED_LATE)
    assert came_back.when(CONFIRM) == []
    for slip in (None, Slip("Y1", CLERK.id), Slip("Y1", "S-0010")):
        assert came_back.refused(replace(CONFIRM, evidence="R-90", slip=slip)).code == "cash_came_back"
    never_paid = after(OPENED, FED, RESERVED, in_cash, RETURNED)
    assert never_paid.refused(CONFIRM).code == "cash_came_back"


def test_a_second_confirmation_gives_nothing() -> None:
    received = after(OPENED, FED, RESERVED, INSTRUCTED, RECEIVED)
    assert received.when(replace(CONFIRM, evidence="R-89")) == []


def test_a_payment_that_came_back_and_was_paid_after_all_is_kept_in_suspense() -> None:
    late, entry = after(OPENED, FED, RESERVED, INSTRUCTED, RETURNED).when(CONFIRM)
    assert isinstance(late, PaidWithoutHold)
    assert (late.amount_fen, late.uncovered_fen) == (200_000, 0)
    assert moved(entry) == ("160", "100", 200_000)
    assert balances(OPENED, FED, RESERVED, INSTRUCTED, RETURNED, late) == (300_000, 200_000, 100_000)
    assert after(OPENED, FED, RESERVED, INSTRUCTED, RETURNED, late).when(CONFIRM) == []


def test_a_payment_returned_before_it_was_received_posts_nothing_and_the_hold_is_live_again() -> None:
    assert after(OPENED, FED, RESERVED, INSTRUCTED).when(RETURN) == [RETURNED]
    assert balances(OPENED, FED, RESERVED, INSTRUCTED, RETURNED) == (500_000, 200_000, 300_000)
    again = after(OPENED, FED, RESERVED, INSTRUCTED, RETURNED)
    assert again.when(RETURN) == []
    (second,) = again.when(replace(INSTRUCT, payment_id="P2"), actor=CASHIER)
    assert isinstance(second, PaymentInstructed)


def test_a_payment_returned_after_it_was_received_is_reversed_and_paid_under_a_new_number() -> None:
    returned, red = after(OPENED, FED, RESERVED, INSTRUCTED, RECEIVED).when(RETURN)
    assert returned == RETURNED_LATE
    assert moved(red) == ("100", "310", 200_000)
    history = (OPENED, FED, RESERVED, INSTRUCTED, RECEIVED, RETURNED_LATE)
    assert balances(*history) == (500_000, 200_000, 300_000)
    assert after(*history).when(replace(INSTRUCT, payment_id="P2"), actor=CASHIER)


def test_a_receipt_told_again_after_the_money_came_back_is_no_second_payment() -> None:
    came_back = after(OPENED, FED, RESERVED, INSTRUCTED, RECEIVED, RETURNED_LATE)
    assert came_back.when(CONFIRM) == []
    late, _ = came_back.when(replace(CONFIRM, evidence="R-90"))
    assert isinstance(late, PaidWithoutHold)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True])
def test_what_is_not_a_positive_number_of_fen_never_becomes_a_fact(amount: int) -> None:
    with pytest.raises(ValidationError):
        after(OPENED, FED).when(replace(RESERVE, amount_fen=amount))
    with pytest.raises(ValidationError):
        after(COUNTY_OPENED).when(ReceiveAppropriation("A1", amount, "county", "x"))


def test_vouchers_are_numbered_by_month_of_the_day_in_shanghai() -> None:
    history: list[FundFact] = [OPENED]
    at_midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    dated: list[tuple[date, int]] = []
    for number, at in enumerate([at_midnight - timedelta(seconds=1), at_midnight, at_midnight, RECEIVED_AT]):
        facts = after(*history).when(ReceiveAllocation(replace(TRANSFER, transfer_id=f"T{number}")), at=at)
        dated += [(fact.dated, fact.number) for fact in facts if isinstance(fact, EntryPosted)]
        history += facts
    assert dated == [
        (date(2026, 11, 30), 1),
        (date(2026, 12, 1), 1),
        (date(2026, 12, 1), 2),
        (date(2026, 11, 2), 2),
    ]


def test_a_voucher_bears_the_day_on_which_money_moved_and_never_one_to_come() -> None:
    known, command = after(OPENED).state, ReceiveAllocation(TRANSFER)
    for moved_at, day in ((NOON - timedelta(days=5), 28), (NOON + timedelta(days=5), 2)):
        _, entry = DECIDER.decide(known, command, Circumstances(CLERK, moved_at, NOON))
        assert isinstance(entry, EntryPosted)
        assert entry.dated.day == day


def test_a_receipt_is_dated_in_shanghai_whatever_its_offset() -> None:
    west = datetime(2026, 10, 31, 12, 30, tzinfo=timezone(timedelta(hours=-5)))
    _, entry = after(OPENED, FED, RESERVED, INSTRUCTED).when(replace(CONFIRM, received_at=west))
    assert isinstance(entry, EntryPosted)
    assert entry.dated == date(2026, 11, 1)


def test_callers_are_told_ids_only() -> None:
    facts = after(OPENED, FED, RESERVED, INSTRUCTED).when(CONFIRM)
    assert DECIDER.answer(facts) == {"hold_id": "D1", "payment_id": "P1"}
    assert DECIDER.answer(after(COUNTY_OPENED, COUNTY_FED).when(SendAllocation(TRANSFER))) == {"transfer_id": "T1"}
    assert DECIDER.answer(()) == {}
