"""A fund asks for more: what the books come to, who agrees to it in which order, and what answers it."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given as sample
from hypothesis import settings
from hypothesis import strategies as st

from events.fact import Actor
from events.ledger import FundFact, FundTerms, LowBalanceAlerted, QuotaSet, RefusedShort, Reserved
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDrafted,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from events.ledger_words import VoucherRef
from services.chassis.decider import Refused
from services.ledger.dealings.needed import figures_of, forecast_fen
from services.ledger.fund import KEPT
from services.ledger.fund_commands import (
    Command,
    MarkPapers,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    Reserve,
    SetQuota,
    Transfer,
    TryAgain,
)
from services.ledger.hold_commands import LetGo
from services.ledger.replenishment import (
    AskUrgently,
    DeclineReplenishment,
    DraftReplenishment,
    Request,
    SignReplenishment,
    SubmitReplenishment,
)
from services.ledger.story import sentence
from tests.unit.ledger.test_examples import CASHIER, NOON, Book, fen, imprest

FIRST = "town-2026-R001"
LEADER = Actor(id="S-10", role="township_leader", scope="")
CIVIL_AFFAIRS = Actor(id="C-20", role="county_civil_affairs", scope="")
FINANCE = Actor(id="F-30", role="county_finance", scope="")
DESKS = (LEADER, CIVIL_AFFAIRS, FINANCE)
GRANT = "样财社〔2026〕9号"
TODAY = date(2026, 11, 2)


def low() -> Book:
    """A fund of 50,000 that has fallen to 12,000, with 38,000 paid."""
    book = Book(terms=FundTerms(quota_fen=fen(50_000))).opened(("county", 50_000))
    book.pay("D1", 38_000)
    return book


def submitted(book: Book) -> Book:
    book.say(SubmitReplenishment(FIRST))
    return book


def granted(book: Book, yuan: int | None = None) -> Book:
    submitted(book)
    for desk in DESKS:
        book.say(SignReplenishment(FIRST, None if yuan is None else fen(yuan), "同意", GRANT), desk)
    return book


def request_of(book: Book, request_id: str = FIRST) -> Request:
    return book.fund.requests[request_id]


def refusal(book: Book, command: Command, by: Actor = CASHIER) -> str:
    with pytest.raises(Refused) as refused:
        book.say(command, by)
    return refused.value.code


def allocation(yuan: int, name: str = "T9", document: str = GRANT) -> ReceiveAllocation:
    return ReceiveAllocation(Transfer(name, "county-2026", "town-2026", fen(yuan), "county", document))


def told(facts: Sequence[FundFact]) -> list[str]:
    return [fact.NAME.removeprefix("ledger.") for fact in facts]


def test_a_balance_that_falls_below_its_line_drafts_a_request_with_what_the_books_say() -> None:
    (draft,) = (fact for fact in low().log if isinstance(fact, ReplenishmentDrafted))
    figures = draft.figures
    assert (draft.request_id, draft.cause, draft.amount_fen) == (FIRST, "below_line", fen(38_000))
    assert (figures.quota_fen, figures.allocated_fen) == (fen(50_000), fen(50_000))
    # held, and not yet received, when the line was crossed
    assert (figures.used_fen, figures.available_fen, figures.book_fen) == (0, fen(12_000), fen(50_000))


def test_what_was_drafted_is_counted_again_when_it_is_handed_in() -> None:
    (fact,) = low().say(SubmitReplenishment(FIRST))
    assert isinstance(fact, ReplenishmentSubmitted)
    assert (fact.figures.used_fen, fact.figures.unpapered_fen) == (fen(38_000), fen(38_000))
    assert (fact.figures.book_fen, fact.amount_fen) == (fen(12_000), fen(38_000))


@pytest.mark.parametrize(
    ("spent_fen", "back", "ahead", "needed_fen"),
    [
        (fen(9_000), 90, 30, fen(3_000)),
        (100, 90, 30, 34),
        (0, 90, 30, 0),
        (1, 366, 1, 1),
        (3_386_639, 30, 30, 3_386_639),
    ],
)
def test_what_the_days_ahead_need_is_what_a_day_took_so_far_times_the_days_and_never_a_fen_less(
    spent_fen: int, back: int, ahead: int, needed_fen: int
) -> None:
    assert forecast_fen(spent_fen, back, ahead) == needed_fen


def test_only_what_was_received_in_the_days_looked_back_on_is_a_measure() -> None:
    book = Book(terms=FundTerms(look_back_days=90, look_ahead_days=45)).opened(("county", 50_000))
    book.now = NOON - timedelta(days=90)
    book.pay("D1", 5_000)
    book.now = NOON - timedelta(days=89)
    book.pay("D2", 8_000)
    assert figures_of(book.fund, TODAY).expected_fen == fen(4_000)


def test_where_the_days_ahead_need_more_than_the_quota_that_is_asked_for() -> None:
    book = Book(terms=FundTerms(quota_fen=fen(10_000), look_back_days=30)).opened(("county", 20_000))
    book.pay("D1", 16_000)
    book.say(DeclineReplenishment(FIRST, "by_hand")) if book.fund.requests.get(FIRST) else ()
    draft = book.say(DraftReplenishment())[0]
    assert isinstance(draft, ReplenishmentDrafted)
    assert (draft.cause, draft.figures.expected_fen, draft.amount_fen) == ("expected_need", fen(16_000), fen(12_000))


def test_example_9_an_imprest_asks_only_for_what_the_county_has_admitted() -> None:
    book = imprest()
    assert refusal(book, DraftReplenishment()) == "nothing_needed"
    book.say(MarkPapers("P-D3", "filed"))
    assert refusal(book, DraftReplenishment()) == "nothing_needed"
    book.say(MarkPapers("P-D3", "admitted"))
    (draft,) = book.say(DraftReplenishment())
    assert isinstance(draft, ReplenishmentDrafted)
    assert (draft.amount_fen, draft.figures.unsettled_fen) == (fen(7_200), fen(500))


def test_one_crossing_is_one_request_and_nothing_is_drafted_while_one_is_on_its_way() -> None:
    book = low()
    book.say(ReceiveAppropriation("A9", fen(10_000), "county", "另文"))
    book.pay("D2", 10_000)
    assert sum(isinstance(fact, LowBalanceAlerted) for fact in book.log) == 2
    assert sum(isinstance(fact, ReplenishmentDrafted) for fact in book.log) == 1
    assert refusal(book, DraftReplenishment()) == "request_open"


def test_the_countys_own_fund_asks_nobody() -> None:
    book = Book(fund_id="county-2026", terms=FundTerms(quota_fen=fen(50_000)))
    book.say(OpenFund("county-2026", "990101", None, 2026, book.terms))
    book.say(ReceiveAppropriation("A1", fen(50_000), "county", "1号"))
    assert told(book.say(Reserve("D1", "C1", fen(40_000), "S-1", "county-2026"))) == ["reserved", "low_balance_alerted"]


def test_three_desks_sign_in_their_order_and_the_last_grants_it_under_a_document() -> None:
    book = submitted(low())
    for desk in DESKS:
        assert request_of(book).next_desk == desk.role
        (fact,) = book.say(SignReplenishment(FIRST, document=GRANT), desk)
        assert isinstance(fact, ReplenishmentSigned)
        assert fact.document == (GRANT if desk is FINANCE else "")
        assert book.say(SignReplenishment(FIRST, document=GRANT), desk) == ()
    assert (request_of(book).standing, request_of(book).document) == ("granted", GRANT)


@pytest.mark.parametrize("order", [order for order in permutations(DESKS) if order != DESKS])
def test_no_desk_signs_before_its_turn(order: tuple[Actor, ...]) -> None:
    book = submitted(low())
    codes: list[str] = []
    for desk in order:
        try:
            book.say(SignReplenishment(FIRST, document=GRANT), desk)
        except Refused as refused:
            codes.append(refused.code)
    assert "not_your_turn" in codes
    assert request_of(book).standing == "submitted"


def test_nobody_asks_and_signs_or_signs_twice() -> None:
    book = submitted(low())
    assert (
        refusal(book, SignReplenishment(FIRST), Actor(id=CASHIER.id, role="township_leader", scope="")) == "same_person"
    )
    book.say(SignReplenishment(FIRST), LEADER)
    assert (
        refusal(book, SignReplenishment(FIRST), Actor(id=LEADER.id, role="county_civil_affairs", scope=""))
        == "same_person"
    )


def test_a_desk_may_agree_to_less_and_none_to_more() -> None:
    book = submitted(low())
    book.say(SignReplenishment(FIRST), LEADER)
    assert refusal(book, SignReplenishment(FIRST, fen(38_001)), CIVIL_AFFAIRS) == "more_than_asked"
    book.say(SignReplenishment(FIRST, fen(20_000)), CIVIL_AFFAIRS)
    assert refusal(book, SignReplenishment(FIRST, fen(20_001), document=GRANT), FINANCE) == "more_than_asked"
    book.say(SignReplenishment(FIRST, document=GRANT), FINANCE)
    assert request_of(book).amount_fen == fen(20_000)


@pytest.mark.parametrize(("document", "code"), [("", "document_missing"), ("1号", "document_used")])
def test_the_document_that_grants_is_a_new_one(document: str, code: str) -> None:
    book = submitted(low())
    for desk in DESKS[:2]:
        book.say(SignReplenishment(FIRST), desk)
    assert refusal(book, SignReplenishment(FIRST, document=document), FINANCE) == code


def test_the_allocation_under_its_document_is_its_receipt_and_bears_the_voucher() -> None:
    book = granted(low())
    facts = book.say(allocation(38_000))
    assert told(facts) == ["allocation_received", "entry_posted", "replenishment_arrived", "balance_restored"]
    arrived = facts[2]
    assert isinstance(arrived, ReplenishmentArrived)
    assert (arrived.amount_fen, arrived.move_id) == (fen(38_000), "T9")
    assert arrived.voucher == VoucherRef(word="记", month="2026-11", number=3)
    assert request_of(book).standing == "arrived"
    assert book.say(allocation(38_000)) == ()


def test_money_that_comes_in_parts_answers_a_request_when_all_of_it_is_there() -> None:
    book = granted(low(), 30_000)
    book.say(allocation(10_000, "T1"))
    assert (request_of(book).standing, request_of(book).pending_fen) == ("granted", fen(20_000))
    book.say(allocation(20_000, "T2"))
    assert (request_of(book).standing, request_of(book).pending_fen) == ("arrived", 0)


def test_money_under_another_document_answers_nothing() -> None:
    book = granted(low())
    assert "replenishment_arrived" not in told(book.say(allocation(38_000, document="另文")))
    assert request_of(book).standing == "granted"


def test_what_is_asked_for_and_has_not_come_is_not_asked_for_again() -> None:
    book = granted(low(), 30_000)
    assert figures_of(book.fund, TODAY).pending_fen == fen(30_000)


def test_a_refused_request_is_over_and_another_can_be_drafted() -> None:
    book = submitted(low())
    assert told(book.say(DeclineReplenishment(FIRST, "not_needed"), CIVIL_AFFAIRS)) == ["replenishment_declined"]
    assert book.say(DeclineReplenishment(FIRST, "not_needed"), CIVIL_AFFAIRS) == ()
    assert refusal(book, SignReplenishment(FIRST), LEADER) == "request_settled"
    assert book.fund.requests["town-2026-R001"].pending_fen == 0
    (draft,) = book.say(DraftReplenishment())
    assert isinstance(draft, ReplenishmentDrafted)
    assert draft.request_id == "town-2026-R002"


@pytest.mark.parametrize(
    ("sent", "came"),
    [(allocation(30_000), 30_000), (allocation(38_000, "T11", "样财社〔2026〕10号"), 0)],
    ids=["less than was granted", "anew under another document"],
)
def test_a_granted_request_that_is_not_answered_to_the_fen_is_closed_by_the_county(
    sent: ReceiveAllocation, came: int
) -> None:
    book = granted(low())
    book.say(sent)
    assert (request_of(book).standing, refusal(book, DraftReplenishment(1))) == ("granted", "request_open")
    assert refusal(book, DeclineReplenishment(FIRST, "sent_otherwise"), LEADER) == "not_your_turn"
    assert told(book.say(DeclineReplenishment(FIRST, "sent_otherwise"), FINANCE)) == ["replenishment_declined"]
    closed = request_of(book)
    assert (closed.is_open, closed.pending_fen, closed.arrived_fen) == (False, 0, fen(came))
    book.pay("D9", 36_000)
    (again,) = (request for request in book.fund.requests.values() if request.is_open)
    assert again.standing == "drafted"


def test_overdue_papers_hold_up_a_request_from_the_first_one_over_what_the_terms_allow() -> None:
    def book_of(overdue_at_most: int) -> Book:
        terms = FundTerms(quota_fen=fen(50_000), overdue_days=5, overdue_at_most=overdue_at_most)
        book = Book(terms=terms).opened(("county", 50_000))
        book.now = NOON - timedelta(days=6)
        book.pay("D1", 20_000)
        book.now = NOON - timedelta(days=5)
        book.pay("D2", 20_000)
        book.now = NOON
        return book

    assert refusal(book_of(0), SubmitReplenishment(FIRST)) == "papers_overdue"
    assert told(book_of(1).say(SubmitReplenishment(FIRST))) == ["replenishment_submitted"]


def short_by_800() -> Book:
    """Example 10: available 1,200, need 2,000; and papers that are long overdue."""
    terms = FundTerms(overdue_days=1, emergency_hours=6)
    book = Book(terms=terms).opened(("county", 2_200))
    book.now = NOON - timedelta(days=30)
    book.pay("D0", 1_000)
    book.now = NOON
    assert isinstance(book.reserve("D1", 2_000), RefusedShort)
    return book


ASK = AskUrgently("town-2026", "D1", "L-1")


def test_example_10_what_is_missing_is_asked_for_urgently_for_the_case_and_never_held_up_by_papers() -> None:
    book = short_by_800()
    draft, asked = book.say(ASK)
    assert isinstance(draft, ReplenishmentDrafted)
    assert isinstance(asked, ReplenishmentSubmitted)
    assert (draft.cause, draft.case_id, draft.hold_id, draft.amount_fen) == ("emergency", "C-D1", "D1", fen(800))
    assert (draft.due_at, draft.figures.overdue) == (NOON + timedelta(hours=6), 1)
    assert (asked.submitted_by, asked.amount_fen) == ("L-1", fen(800))
    assert book.say(ASK) == ()


def test_example_10_an_emergency_goes_straight_to_the_county_and_its_money_lets_the_case_be_held() -> None:
    book = short_by_800()
    book.say(ASK)
    assert refusal(book, SignReplenishment(FIRST), LEADER) == "not_your_turn"
    for desk in DESKS[1:]:
        book.say(SignReplenishment(FIRST, document=GRANT), desk)
    book.say(allocation(800))
    assert request_of(book).standing == "arrived"
    assert [fact.amount_fen for fact in book.say(TryAgain("D1")) if isinstance(fact, Reserved)] == [fen(2_000)]


def test_an_emergency_and_an_ordinary_request_stand_side_by_side() -> None:
    book = low()
    assert isinstance(book.reserve("D2", 12_500), RefusedShort)
    draft, _ = book.say(AskUrgently("town-2026", "D2", "L-1"))
    assert isinstance(draft, ReplenishmentDrafted)
    assert (draft.request_id, draft.amount_fen, request_of(book).standing) == ("town-2026-R002", fen(500), "drafted")


@pytest.mark.parametrize("desks", [(), DESKS[1:]], ids=["handed in", "granted"])
def test_what_was_asked_for_urgently_is_over_when_its_hold_is_let_go(desks: Sequence[Actor]) -> None:
    book = short_by_800()
    book.say(ASK)
    for desk in desks:
        book.say(SignReplenishment(FIRST, document=GRANT), desk)
    assert told(book.say(LetGo("D1", "household_died"))) == ["short_let_go", "replenishment_declined"]
    assert (request_of(book).is_open, request_of(book).pending_fen) == (False, 0)


def test_what_was_asked_for_urgently_is_over_when_what_was_held_with_part_of_it_is_let_go() -> None:
    book = short_by_800()
    book.say(ASK)
    for desk in DESKS[1:]:
        book.say(SignReplenishment(FIRST, document=GRANT), desk)
    book.say(ReceiveAppropriation("A9", fen(800), "county", "另文"))
    book.say(TryAgain("D1"))
    assert told(book.say(LetGo("D1", "household_died"))) == ["voided", "replenishment_declined"]


@pytest.mark.parametrize("more", [800, 5_000])
def test_nothing_is_asked_for_when_the_money_is_there_by_now(more: int) -> None:
    book = short_by_800()
    book.say(ReceiveAppropriation("A9", fen(more), "county", "另文"))
    assert book.say(ASK) == ()


def test_a_fund_that_nobody_has_opened_asks_urgently_too() -> None:
    book = Book()
    assert isinstance(book.reserve("D1", 2_000), RefusedShort)
    draft, _ = book.say(ASK)
    assert isinstance(draft, ReplenishmentDrafted)
    assert draft.amount_fen == fen(2_000)


def test_where_the_county_pays_a_larger_quota_is_the_answer() -> None:
    book = Book(fund_id="county-2026", terms=FundTerms(mode="quota"))
    book.say(OpenFund("county-2026", "990101", None, 2026, book.terms))
    book.say(ReceiveAppropriation("A1", fen(30_000), "county", "1号"))
    book.say(SetQuota("990101001", fen(1_200), "2号"))
    book.say(Reserve("D1", "C-D1", fen(2_000), "S-1", "county-2026", township="990101001"))
    draft, _ = book.say(AskUrgently("county-2026", "D1", "L-1"))
    assert isinstance(draft, ReplenishmentDrafted)
    assert (draft.township, draft.amount_fen, draft.figures.quota_fen) == ("990101001", fen(800), fen(1_200))
    for desk in DESKS[1:]:
        book.say(SignReplenishment(draft.request_id, document=GRANT), desk)
    assert "replenishment_arrived" not in told(book.say(SetQuota("990101002", fen(900), GRANT)))
    facts = book.say(SetQuota("990101001", fen(2_000), GRANT))
    assert [fact.amount_fen for fact in facts if isinstance(fact, ReplenishmentArrived)] == [fen(800)]
    assert any(isinstance(fact, QuotaSet) for fact in facts)
    held = book.say(TryAgain("D1"))[0]
    assert isinstance(held, Reserved)
    assert held.township == "990101001"


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(DraftReplenishment, st.none() | st.integers(1, 900)),
    st.builds(SubmitReplenishment, st.sampled_from([FIRST, "town-2026-R002"]), st.none() | st.integers(1, 900)),
    st.builds(
        SignReplenishment, st.just(FIRST), st.none() | st.integers(1, 900), st.just(""), st.sampled_from([GRANT, ""])
    ),
    st.builds(DeclineReplenishment, st.sampled_from([FIRST, "town-2026-R002"]), st.just("no")),
    st.just(allocation(8)),
    st.just(ASK),
)


@settings(max_examples=60, deadline=None)
@sample(st.lists(st.tuples(COMMANDS, st.sampled_from([CASHIER, *DESKS])), max_size=14))
def test_whatever_is_said_a_granted_request_bears_distinct_hands_and_is_kept_as_it_is(
    said: list[tuple[Command, Actor]],
) -> None:
    book = short_by_800()
    for command, by in said:
        try:
            first = book.say(command, by)
        except Refused:
            continue
        if not isinstance(command, DraftReplenishment | SignReplenishment) or not first:
            assert book.say(command, by) == ()
    for request in book.fund.requests.values():
        hands = [request.submitted_by, *request.signed_by] if request.submitted_by else []
        assert len(set(hands)) == len(hands)
        assert (request.standing in ("granted", "arrived")) == (len(request.signed_by) == len(request.desks))
    assert KEPT.load(KEPT.dump(book.fund)) == book.fund


def test_each_step_is_a_sentence_that_names_nobody() -> None:
    book = granted(low())
    book.say(allocation(38_000))
    asked = [sentence(fact) for fact in book.log if fact.NAME.startswith("ledger.replenishment")]
    assert asked == [
        f"拟补充备用金申请 {FIRST}:38000元(余额低于预警线)。",
        f"S-2 提交补充申请 {FIRST}:38000元。",
        "分管领导 S-10 同意补充 38000元。",
        "县民政局 C-20 同意补充 38000元。",
        f"县财政局 F-30 同意补充 38000元,批复 {GRANT}。",
        f"补充申请 {FIRST} 到账 38000元(2026-11 记字第3号)。",
    ]
