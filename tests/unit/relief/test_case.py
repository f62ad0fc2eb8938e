import re
from typing import Literal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.relief import (
    AdvanceDeclined,
    AdvanceVoided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    FundsReserved,
    FundsShort,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReviewRaised,
    advance_claim,
)
from events.relief_words import Contact, MakeUpTerm, decision_claim
from services.relief.case import DECIDER
from services.relief.case_commands import (
    AcceptCase,
    CaseCommand,
    CloseCase,
    FilePaper,
    HandOverGoods,
    LetAdvanceGo,
    LinkReport,
    Note,
    OpenCase,
    RecordContact,
)
from services.relief.policy import NoPolicy, resolve
from tests.support.given import NOON, given, recorded
from tests.unit.relief.facts import (
    ACCEPTED,
    CALENDAR,
    CASE,
    CONTACTED,
    COUNTY,
    FIRST,
    PAPERS,
    PERSON,
    POLICY,
    QUILTS,
    SECOND,
    again,
    at,
    came_back,
    closed,
    decide_advance,
    decided,
    got_goods,
    linked,
    need,
    opened,
    policy,
    received,
    relieved,
    reserved,
    returned,
    short,
    voided,
)

CLAIM = advance_claim(PERSON, "fire")
SHORT = FundsShort(case_id=CASE, decision_id=FIRST, available_fen=120_000, shortfall_fen=80_000)
HELD = FundsReserved(case_id=CASE, decision_id=FIRST, amount_fen=200_000)
DEBT = PaperworkDebtOpened(
    case_id=CASE,
    debt_id=FIRST,
    papers=PAPERS,
    due_on=at("11-09 00:00").date(),
    clause="演示三",
    relieved_at=at("11-02 11:20"),
    term=MakeUpTerm(length=5, unit="working_day"),
    report_ids=("report-1",),
)
SHA = "a" * 64


def names(found: list[CaseFact]) -> list[str]:
    return [fact.NAME.removeprefix("relief.") for fact in found]


# --- opened, linked, accepted, contacted


def test_a_need_opens_a_case_with_all_that_intake_knows() -> None:
    assert given(DECIDER).when(OpenCase(CASE, need())) == [opened()]


def test_the_same_need_heard_again_opens_nothing() -> None:
    assert given(DECIDER, opened(), linked()).when(OpenCase(CASE, need())) == []


def test_a_case_is_not_opened_for_another_need() -> None:
    assert given(DECIDER, opened()).refused(OpenCase(CASE, need("report-9"))).code == "case_exists"


@pytest.mark.parametrize("command", [AcceptCase(), LinkReport(again()), decide_advance(), CloseCase(), received()])
def test_nothing_happens_in_a_case_that_was_never_opened(command: CaseCommand) -> None:
    assert given(DECIDER).refused(command).code == "unknown_case"


def test_another_report_is_linked_once() -> None:
    assert given(DECIDER, opened()).when(LinkReport(again())) == [linked()]
    assert given(DECIDER, opened(), linked()).when(LinkReport(again())) == []


def test_a_report_that_joins_an_accepted_and_relieved_case_says_what_it_has_missed() -> None:
    assert given(DECIDER, opened(), ACCEPTED).when(LinkReport(again())) == [
        linked().model_copy(update={"accepted_at": NOON})
    ]
    (late,) = given(DECIDER, opened(), ACCEPTED, decided(), relieved()).when(LinkReport(again()))
    assert late == linked().model_copy(update={"accepted_at": NOON, "relieved_at": relieved().relieved_at})


def test_a_report_linked_after_closing_gets_the_same_answer_and_frees_nobody() -> None:
    link, answer = given(DECIDER, opened(), decided(), closed()).when(LinkReport(again()))
    assert link == linked()
    assert answer == closed().model_copy(update={"report_ids": ("report-2",), "person": None})
    assert answer.releases() == ()


def test_the_officer_who_acts_accepts_and_only_once() -> None:
    assert given(DECIDER, opened()).when(AcceptCase()) == [
        CaseAccepted(case_id=CASE, report_ids=("report-1",), accepted_by="S-0001")
    ]
    assert given(DECIDER, opened(), ACCEPTED).refused(AcceptCase()).code == "already_accepted"


def test_every_attempt_to_reach_the_household_is_put_down() -> None:
    tried = CONTACTED.model_copy(update={"reached": False, "contacted_at": NOON})
    assert given(DECIDER, opened()).when(RecordContact(reached=False)) == [tried]
    assert given(DECIDER, opened(), tried).when(RecordContact(reached=False)) == [tried]


# --- the advance


def test_an_advance_needs_an_accepted_case() -> None:
    assert given(DECIDER, opened()).refused(decide_advance()).code == "not_accepted"


def test_an_advance_inside_the_limit_is_decided_and_claims_the_person() -> None:
    (fact,) = given(DECIDER, opened(), ACCEPTED).when(decide_advance(amount_fen=260_000, goods=(QUILTS,)))
    assert fact == decided(amount_fen=260_000, goods=(QUILTS,))
    assert fact.takes() == (CLAIM, decision_claim(FIRST))


def test_goods_count_at_cost_against_the_limit() -> None:
    (fact,) = given(DECIDER, opened(), ACCEPTED).when(decide_advance(amount_fen=260_001, goods=(QUILTS,)))
    assert isinstance(fact, AdvanceDeclined)
    assert (fact.reason, fact.asked_fen, fact.basis.limit_fen) == ("over_limit", 300_001, 300_000)
    assert fact.takes() == ()


@pytest.mark.parametrize(("inclusive", "outcome"), [(True, "advance_decided"), (False, "advance_declined")])
def test_the_limit_itself_is_inside_only_where_it_is_inclusive(inclusive: bool, outcome: str) -> None:
    command = decide_advance(amount_fen=300_000, policy=policy(300_000, inclusive=inclusive))
    assert names(given(DECIDER, opened(), ACCEPTED).when(command)) == [outcome]


@pytest.mark.parametrize(("scope", "outcome"), [("case", "advance_declined"), ("decision", "advance_decided")])
def test_splitting_does_not_defeat_a_limit_on_the_case(scope: Literal["case", "decision"], outcome: str) -> None:
    """Worked example 3: earlier 800 yuan and now 3,430 against 4,200."""
    command = decide_advance(SECOND, 343_000, policy=policy(420_000, scope=scope))
    for earlier in ((), (HELD,), (HELD, relieved(amount_fen=80_000))):
        case = given(DECIDER, opened(), ACCEPTED, decided(amount_fen=80_000), *earlier)
        assert names(case.when(command)) == [outcome]


def test_a_decision_that_the_fund_was_short_for_does_not_count_towards_the_limit() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), SHORT)
    assert names(case.when(decide_advance(SECOND, 300_000))) == ["advance_decided", "advance_let_go"]


def test_goods_in_hand_count_even_if_the_money_beside_them_was_short() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(goods=(QUILTS,)), got_goods(), SHORT)
    assert names(case.when(decide_advance(SECOND, 260_001))) == ["advance_declined"]
    assert names(case.when(decide_advance(SECOND, 260_000))) == ["advance_decided", "advance_let_go"]


def test_a_voided_decision_does_not_count_towards_the_limit() -> None:
    (void,) = given(DECIDER, opened(), ACCEPTED, decided(), HELD).when(voided())
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, void)
    assert names(case.when(decide_advance(SECOND, 300_000))) == ["advance_decided"]


def test_a_person_whom_another_case_has_advanced_is_declined() -> None:
    case = given(DECIDER, opened(), ACCEPTED)
    (fact,) = case.when(decide_advance(), owners={CLAIM: "case:case-7"})
    assert isinstance(fact, AdvanceDeclined)
    assert fact.reason == "already_advanced"
    assert names(case.when(decide_advance(), owners={CLAIM: f"case:{CASE}"})) == ["advance_decided"]


def test_an_unknown_person_claims_nothing() -> None:
    (fact,) = given(DECIDER, opened(person=None), ACCEPTED).when(decide_advance())
    assert fact == decided(person=None)
    assert fact.takes() == ()


def test_goods_alone_are_an_advance_but_nothing_at_all_is_none() -> None:
    case = given(DECIDER, opened(), ACCEPTED)
    assert case.when(decide_advance(amount_fen=0, goods=(QUILTS,))) == [decided(amount_fen=0, goods=(QUILTS,))]
    assert case.refused(decide_advance(amount_fen=0)).code == "nothing_decided"


def test_a_township_without_a_limit_decides_nothing() -> None:
    refused = given(DECIDER, opened(), ACCEPTED).refused(decide_advance(policy=resolve([], COUNTY, NOON.date())))
    assert isinstance(refused, NoPolicy)
    assert refused.rule == "township_limit"
    assert "乡镇审批额度" in refused.sentence


@pytest.mark.parametrize("amount_fen", [200_000, 120_000])
def test_a_short_decision_may_be_tried_again_with_no_more_money(amount_fen: int) -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), SHORT)
    again = decided(amount_fen=amount_fen)
    assert case.when(decide_advance(amount_fen=amount_fen)) == [again]
    assert given(DECIDER, opened(), ACCEPTED, decided(), SHORT, again).when(short()) == [SHORT]


def test_goods_in_hand_are_counted_once_when_the_money_beside_them_is_tried_again() -> None:
    decision = decided(amount_fen=260_000, goods=(QUILTS,))
    case = given(DECIDER, opened(), ACCEPTED, decision, got_goods(), SHORT)
    assert case.when(decide_advance(amount_fen=260_000, goods=(QUILTS,))) == [decision]


@pytest.mark.parametrize("later", [(), (HELD,), (HELD, relieved()), (SHORT, decided(SECOND))])
def test_the_number_of_a_decision_that_is_not_short_is_not_used_again(later: tuple[CaseFact, ...]) -> None:
    assert given(DECIDER, opened(), ACCEPTED, decided(), *later).refused(decide_advance()).code == "decision_exists"


def test_trying_again_is_no_way_to_more_money() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), SHORT)
    assert case.refused(decide_advance(amount_fen=200_001)).code == "decision_exists"


def test_a_closed_case_takes_no_advance() -> None:
    assert given(DECIDER, opened(), ACCEPTED, closed()).refused(decide_advance()).code == "case_closed"


# --- what ledger answers


def test_ledgers_answers_are_put_down() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided())
    assert case.when(reserved()) == [HELD]
    assert case.when(short()) == [SHORT]


def test_a_fund_that_was_filled_up_holds_a_short_decision_after_all() -> None:
    assert given(DECIDER, opened(), ACCEPTED, decided(), SHORT).when(reserved()) == [HELD]


def test_money_in_hand_relieves_the_household_and_opens_the_debt_of_paperwork() -> None:
    found = given(DECIDER, opened(), ACCEPTED, decided(), HELD, at=at("11-02 09:30")).when(received())
    assert found == [relieved(), DEBT]


def test_what_is_said_to_have_come_before_its_decision_counts_from_the_decision_on() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, at=at("11-02 09:30"))
    first, debt, review = case.when(received(when=at("10-30 08:00")))
    assert (first, debt) == (
        relieved(when=at("11-02 09:30")),
        DEBT.model_copy(update={"relieved_at": at("11-02 09:30")}),
    )
    assert review == ReviewRaised(case_id=CASE, about=FIRST, reason="received_before_decision")


def test_papers_are_due_by_the_day_in_shanghai_on_which_the_money_came() -> None:
    _, debt = given(DECIDER, opened(), ACCEPTED, decided(), HELD).when(
        received(when=at("11-03 00:30")), at=at("11-03 01:00")
    )
    assert isinstance(debt, PaperworkDebtOpened)
    assert debt.due_on == at("11-10 00:00").date()


def test_a_second_payment_of_a_decision_opens_no_second_debt() -> None:
    paid = [opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, came_back()]
    case = given(DECIDER, *paid, at=at("11-02 09:30"))
    assert case.when(received(payment_id="payment-2")) == [relieved(payment_id="payment-2")]


def test_each_decision_has_its_own_debt() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, decided(SECOND))
    assert names(case.when(received(SECOND, "payment-2"))) == ["household_relieved", "paperwork_debt_opened"]


def test_goods_handed_over_relieve_the_household_once() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(amount_fen=0, goods=(QUILTS,)))
    first, debt = case.when(HandOverGoods(FIRST, POLICY, CALENDAR), at=at("11-02 11:20"))
    assert (first, debt) == (got_goods(), DEBT)
    after = given(DECIDER, opened(), ACCEPTED, decided(amount_fen=0, goods=(QUILTS,)), first, debt)
    assert after.refused(HandOverGoods(FIRST, POLICY, CALENDAR)).code == "already_handed_over"


@pytest.mark.parametrize(
    ("earlier", "code"),
    [
        ((), "unknown_decision"),
        ((decided(),), "no_goods"),
        ((decided(goods=(QUILTS,)), SHORT, decided(SECOND)), "decision_void"),
    ],
)
def test_goods_are_handed_over_only_for_a_decision_that_grants_them(earlier: tuple[CaseFact, ...], code: str) -> None:
    assert given(DECIDER, opened(), ACCEPTED, *earlier).refused(HandOverGoods(FIRST, POLICY, CALENDAR)).code == code


FIFTH = at("11-05 10:00")
LIFTED = PaperworkDebtLifted(case_id=CASE, debt_id=FIRST)


def test_a_returned_payment_takes_the_relief_back_and_no_papers_are_owed_for_it() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT)
    assert case.when(returned()) == [came_back(), LIFTED]
    after = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, came_back(), LIFTED)
    assert after.state is not None
    assert not after.state.owes_papers(FIRST)
    assert names(after.when(FilePaper(FIRST, "cause", SHA))) == ["paper_filed"]
    assert names(after.when(voided())) == ["advance_voided"]


def test_what_is_paid_anew_owes_the_papers_that_are_not_on_file_from_its_own_day() -> None:
    filed = PaperFiled(case_id=CASE, debt_id=FIRST, paper="cause", sha256=SHA, filed_by="S-0001")
    known = (opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, filed, came_back(), LIFTED)
    _, debt = given(DECIDER, *known).when(
        received(payment_id="payment-2", when=at("11-04 10:00")), at=at("11-04 10:00")
    )
    assert isinstance(debt, PaperworkDebtOpened)
    assert debt.papers == tuple(paper for paper in PAPERS if paper != "cause")
    assert debt.due_on == at("11-11 00:00").date()
    again = given(DECIDER, *known, relieved(payment_id="payment-2", when=at("11-04 10:00")), debt)
    assert again.state is not None
    assert again.state.debts[FIRST].missing == frozenset(debt.papers)


def test_what_was_sent_back_before_its_receipt_was_heard_of_owes_nothing() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, came_back())
    assert names(case.when(received())) == ["household_relieved"]


def test_goods_that_stay_keep_the_debt_when_the_money_comes_back_and_move_it_to_their_own_day() -> None:
    goods = got_goods().model_copy(update={"relieved_at": at("11-04 10:00")})
    case = given(DECIDER, opened(), ACCEPTED, decided(goods=(QUILTS,)), HELD, relieved(), DEBT, goods, at=FIFTH)
    _, moved = case.when(returned(), at=FIFTH)
    assert isinstance(moved, PaperworkDebtMoved)
    assert (moved.relieved_at, moved.due_on) == (at("11-04 10:00"), at("11-11 00:00").date())


def test_help_that_turns_out_to_have_come_earlier_moves_the_debt_to_its_day() -> None:
    goods = got_goods().model_copy(update={"relieved_at": at("11-04 10:00")})
    debt = DEBT.model_copy(update={"relieved_at": at("11-04 10:00"), "due_on": at("11-11 00:00").date()})
    earlier = recorded(decided(goods=(QUILTS,)), 3, at("11-02 09:30"))
    case = given(DECIDER, opened(), ACCEPTED, earlier, HELD, goods, debt, at=FIFTH)
    _, moved = case.when(received(), at=FIFTH)
    assert isinstance(moved, PaperworkDebtMoved)
    assert (moved.relieved_at, moved.due_on) == (DEBT.relieved_at, DEBT.due_on)


def test_where_no_rule_asks_for_papers_none_are_owed() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(goods=(QUILTS,)), HELD)
    assert names(case.when(received(policy=policy(make_up=None)))) == ["household_relieved"]
    assert names(case.when(HandOverGoods(FIRST, policy(make_up=None), CALENDAR))) == ["household_relieved"]


def test_a_return_and_a_void_after_the_closing_are_looked_at_by_a_person() -> None:
    paid = [opened(), ACCEPTED, CONTACTED, decided(), HELD, relieved(), DEBT, closed()]
    review, back, lifted = given(DECIDER, *paid).when(returned())
    assert review == ReviewRaised(case_id=CASE, about=FIRST, reason="returned_after_closing")
    void, again = given(DECIDER, *paid, review, back, lifted).when(voided())
    assert again == ReviewRaised(case_id=CASE, about=FIRST, reason="voided_after_closing")
    assert given(DECIDER, *paid, review, back, lifted, void, again).when(voided()) == []


def test_a_return_of_what_nobody_had_received_takes_nothing_back() -> None:
    assert given(DECIDER, opened(), ACCEPTED, decided(), HELD).when(returned(was_received=False)) == []


def test_payments_of_two_funds_may_bear_the_same_number() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, decided(SECOND, 50_000))
    assert "household_relieved" in names(case.when(received(SECOND, "payment-1")))


def test_a_void_frees_the_person_where_nothing_else_stands() -> None:
    (void,) = given(DECIDER, opened(), ACCEPTED, decided(), HELD).when(voided())
    assert isinstance(void, AdvanceVoided)
    assert void.releases() == (CLAIM,)


@pytest.mark.parametrize(
    "standing", [(decided(SECOND, 50_000),), (got_goods(),), (decided(SECOND, 50_000), relieved(SECOND))]
)
def test_a_void_does_not_free_a_person_who_keeps_other_help(standing: tuple[CaseFact, ...]) -> None:
    (void,) = given(DECIDER, opened(), ACCEPTED, decided(goods=(QUILTS,)), HELD, *standing).when(voided())
    assert void.releases() == ()


def test_what_closing_or_a_void_has_freed_is_not_freed_again_from_under_another_case() -> None:
    paid = [opened(), ACCEPTED, CONTACTED, decided(), HELD, relieved(), DEBT]
    late, _ = given(DECIDER, *paid, closed(), came_back()).when(voided())
    assert late.releases() == ()
    (void,) = given(DECIDER, opened(), ACCEPTED, CONTACTED, decided(), HELD).when(voided())
    case = given(DECIDER, opened(), ACCEPTED, CONTACTED, decided(), HELD, void)
    (end,) = case.when(CloseCase("not_relieved"))
    assert end.releases() == ()


@pytest.mark.parametrize(
    ("earlier", "note"),
    [
        ((HELD,), reserved()),
        ((SHORT,), short()),
        ((HELD,), short()),
        ((HELD, relieved(), DEBT), received()),
        ((HELD, relieved(), DEBT, came_back()), received()),
        ((HELD, relieved(), DEBT, came_back()), returned()),
    ],
)
def test_a_note_that_is_heard_again_gives_nothing(earlier: tuple[CaseFact, ...], note: Note) -> None:
    assert given(DECIDER, opened(), ACCEPTED, decided(), *earlier).when(note) == []


def test_a_voided_decision_stays_so() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD)
    (void,) = case.when(voided())
    after = given(DECIDER, opened(), ACCEPTED, decided(), HELD, void)
    assert [after.when(note) for note in (voided(), reserved(), short())] == [[], [], []]


@pytest.mark.parametrize("note", [reserved(), short(), received(), returned(), voided()])
def test_a_note_about_an_unknown_decision_is_refused(note: Note) -> None:
    assert given(DECIDER, opened(), ACCEPTED, decided(SECOND)).refused(note).code == "unknown_decision"


@for_all(st.lists(st.sampled_from([reserved(), short(), received(), returned(), voided()]), max_size=8))
def test_whatever_ledger_says_twice_is_heard_once(notes: list[Note]) -> None:
    happened: list[CaseFact] = [opened(), ACCEPTED, decided()]
    for note in notes:
        happened += given(DECIDER, *happened).when(note)
        assert given(DECIDER, *happened).when(note) == []


# --- papers


def test_goods_that_nobody_handed_over_are_let_go_and_the_case_can_be_closed() -> None:
    goods = [opened(), ACCEPTED, CONTACTED, decided(amount_fen=0, goods=(QUILTS,))]
    assert given(DECIDER, *goods).refused(CloseCase("not_relieved")).code == "decision_open"
    let_go = LetAdvanceGo(FIRST, "household_declined")
    facts = given(DECIDER, *goods).when(let_go)
    assert names(facts) == ["advance_let_go"]
    assert given(DECIDER, *goods, *facts).when(let_go) == []
    assert names(given(DECIDER, *goods, *facts).when(CloseCase("not_relieved"))) == ["case_closed"]


def test_money_is_let_go_once_and_what_is_in_hand_is_kept() -> None:
    let_go = LetAdvanceGo(FIRST, "household_declined")
    decision = [opened(), ACCEPTED, decided()]
    facts = given(DECIDER, *decision).when(let_go)
    assert given(DECIDER, *decision, *facts).when(let_go) == []
    assert given(DECIDER, *decision, relieved()).refused(let_go).code == "help_given"


def test_the_last_paper_closes_the_debt() -> None:
    happened: list[CaseFact] = [opened(), ACCEPTED, decided(), HELD, relieved(), DEBT]
    for paper in PAPERS[:-1]:
        found = given(DECIDER, *happened).when(FilePaper(FIRST, paper, SHA))
        assert found == [PaperFiled(case_id=CASE, debt_id=FIRST, paper=paper, sha256=SHA, filed_by="S-0001")]
        happened += found
    _, done = given(DECIDER, *happened).when(FilePaper(FIRST, PAPERS[-1], SHA))
    assert done == PaperworkDebtClosed(case_id=CASE, debt_id=FIRST)


def test_papers_are_filed_after_the_case_was_closed_too() -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, closed())
    assert names(case.when(FilePaper(FIRST, "cause", SHA))) == ["paper_filed"]


def test_a_paper_on_file_is_not_filed_again() -> None:
    on_file = PaperFiled(case_id=CASE, debt_id=FIRST, paper="cause", sha256=SHA, filed_by="S-0001")
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT, on_file)
    assert case.when(FilePaper(FIRST, "cause", "b" * 64)) == []


@pytest.mark.parametrize(
    ("debt", "paper", "code"), [(FIRST, "photo", "unknown_paper"), (SECOND, "cause", "unknown_debt")]
)
def test_a_paper_that_nobody_owes_is_refused(debt: str, paper: str, code: str) -> None:
    case = given(DECIDER, opened(), ACCEPTED, decided(), HELD, relieved(), DEBT)
    assert case.refused(FilePaper(debt, paper, SHA)).code == code


# --- closing


def test_a_relieved_case_is_closed_with_its_answer_while_the_papers_are_owed() -> None:
    case = given(DECIDER, opened(), linked(), ACCEPTED, CONTACTED, decided(), HELD, relieved(), DEBT)
    (fact,) = case.when(CloseCase())
    assert isinstance(fact, CaseClosed)
    assert (fact.report_ids, fact.outcome) == (("report-1", "report-2"), "relieved")
    assert (fact.contacted_at, fact.relieved_at) == (at("11-02 09:00"), at("11-02 11:20"))
    assert fact.contacts == (Contact(at=at("11-02 09:00"), role="caseworker", reached=True),)


def test_an_answer_names_every_attempt_in_the_order_of_their_times_and_by_whom_in_role() -> None:
    later = CONTACTED.model_copy(update={"contacted_at": at("11-02 10:00"), "reached": False})
    case = given(DECIDER, opened(), ACCEPTED, later, CONTACTED, decided(), HELD, relieved(), DEBT)
    (fact,) = (fact for fact in case.when(CloseCase()) if isinstance(fact, CaseClosed))
    assert [(one.at, one.role, one.reached) for one in fact.contacts] == [
        (at("11-02 09:00"), "caseworker", True),
        (at("11-02 10:00"), "caseworker", False),
    ]
    assert (
        fact.handling
        == "乡镇(街道)已受理,并与求助人取得联系。已按急难型临时救助先行发放救助金。有关手续正在按规定补办。"
    )
    assert fact.releases() == (CLAIM,)
    assert fact.clauses == (decided().basis.clause,)


@pytest.mark.parametrize(
    ("happened", "command", "code"),
    [
        ((decided(), HELD, relieved()), CloseCase(), "not_contacted"),
        ((CONTACTED, decided()), CloseCase(), "decision_open"),
        ((CONTACTED, decided(), HELD), CloseCase("not_relieved"), "decision_open"),
        ((CONTACTED, decided(), SHORT), CloseCase("not_relieved"), "decision_open"),
        ((CONTACTED, decided(), HELD, relieved(), came_back()), CloseCase(), "decision_open"),
        ((CONTACTED, decided(goods=(QUILTS,)), HELD, relieved()), CloseCase(), "decision_open"),
        ((CONTACTED, decided(goods=(QUILTS,)), HELD, got_goods()), CloseCase(), "decision_open"),
        ((CONTACTED,), CloseCase(), "not_relieved_yet"),
        ((CONTACTED, decided(), HELD, relieved()), CloseCase("not_relieved"), "was_relieved"),
        ((CONTACTED, closed()), CloseCase(), "case_closed"),
    ],
)
def test_a_case_is_not_closed_before_it_is_done(happened: tuple[CaseFact, ...], command: CloseCase, code: str) -> None:
    assert given(DECIDER, opened(), ACCEPTED, *happened).refused(command).code == code


def test_a_short_decision_is_settled_by_the_one_that_takes_its_place() -> None:
    happened = (CONTACTED, decided(), SHORT, decided(SECOND, 100_000), relieved(SECOND))
    assert names(given(DECIDER, opened(), ACCEPTED, *happened).when(CloseCase())) == ["case_closed"]


def test_a_case_without_help_is_closed_in_so_many_words_and_says_why() -> None:
    (declined,) = given(DECIDER, opened(), ACCEPTED).when(decide_advance(), owners={CLAIM: "case:case-7"})
    case = given(DECIDER, opened(), ACCEPTED, CONTACTED, declined)
    (fact,) = case.when(CloseCase("not_relieved"))
    assert isinstance(fact, CaseClosed)
    assert "同一急难事由已获先行救助" in fact.handling
    assert fact.relieved_at is None


def test_closing_a_case_that_never_held_the_claim_does_not_free_it() -> None:
    (fact,) = given(DECIDER, opened(), ACCEPTED, CONTACTED).when(CloseCase("not_relieved"))
    assert fact.releases() == ()


def test_nobody_is_said_to_have_been_reached_who_was_not() -> None:
    tried = CONTACTED.model_copy(update={"reached": False})
    (fact,) = given(DECIDER, opened(), tried).when(CloseCase("not_relieved"))
    assert isinstance(fact, CaseClosed)
    assert fact.contacted_at is None
    assert "暂未联系上" in fact.handling


@for_all(
    st.booleans(), st.integers(1, 250_000), st.sampled_from(["胰岛素", "棉被"]), st.sampled_from([(), (linked(),)])
)
def test_the_published_handling_names_no_person_no_amount_and_no_thing(
    paid: bool, amount_fen: int, item: str, more: tuple[CaseFact, ...]
) -> None:
    goods = () if paid else (QUILTS.model_copy(update={"item": item}),)
    help_given = relieved(amount_fen=amount_fen) if paid else got_goods().model_copy(update={"goods": goods})
    decision = decided(amount_fen=amount_fen if paid else 0, goods=goods)
    (fact,) = given(DECIDER, opened(), *more, ACCEPTED, CONTACTED, decision, help_given).when(CloseCase())
    assert isinstance(fact, CaseClosed)
    assert not re.search(r"[0-9A-Za-z]", fact.handling)
    assert item not in fact.handling


# --- answers


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], {}),
        ([decided()], {"case_id": CASE, "decision_id": FIRST, "outcome": "advance_decided"}),
        ([relieved(), DEBT], {"case_id": CASE, "decision_id": FIRST, "outcome": "household_relieved"}),
        ([ACCEPTED], {"case_id": CASE, "outcome": "case_accepted"}),
    ],
)
def test_a_caller_is_told_ids_and_codes(found: list[CaseFact], told: dict[str, str]) -> None:
    assert DECIDER.answer(found) == told


def test_a_caller_is_told_why_an_advance_was_declined() -> None:
    found = given(DECIDER, opened(), ACCEPTED).when(decide_advance(amount_fen=300_001))
    assert DECIDER.answer(found) == {"case_id": CASE, "decision_id": FIRST, "outcome": "over_limit"}


def test_every_fact_changes_a_case_in_any_order_without_failing() -> None:
    filed = PaperFiled(case_id=CASE, debt_id=FIRST, paper="cause", sha256=SHA, filed_by="S-0001")
    done = PaperworkDebtClosed(case_id=CASE, debt_id=FIRST)
    early = [opened(), linked(), ACCEPTED, CONTACTED, decided(), HELD, SHORT]
    late = [relieved(), came_back(), got_goods(), DEBT, filed, done, closed()]
    given(DECIDER, *reversed([*early, *late]), *early, *late)
