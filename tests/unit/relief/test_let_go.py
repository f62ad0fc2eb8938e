"""What no longer stands holds no money: decisions that gave way, were let go, or were met by a payment."""

from events.ledger import PaymentInstructed
from events.relief import AdvanceLetGo, FundsReserved, ReviewRaised
from events.rules import RemedyOrder
from services.relief.case_commands import (
    AcceptCase,
    CloseCase,
    LetAdvanceGo,
    NoteInstructed,
    RecordContact,
)
from services.relief.policy import Policy
from services.relief.steps.fast_track import ChooseRemedy
from tests.unit.relief.facts import (
    CASE,
    COUNTY,
    FIRST,
    FUND,
    SECOND,
    at,
    decide_advance,
    opened,
    policy,
    reserved,
    returned,
    short,
    voided,
)
from tests.unit.relief.told import LEADER, Told


def told(found: Policy | None = None) -> Told:
    """An accepted case whose household was reached."""
    one = Told(found or policy(), now=at("11-02 09:00"))
    one.happens(opened())
    one.does(AcceptCase())
    one.does(RecordContact(reached=True))
    return one


def instructed(decision_id: str = FIRST) -> NoteInstructed:
    return NoteInstructed(
        PaymentInstructed(
            fund_id=FUND,
            hold_id=decision_id,
            case_id=CASE,
            payment_id="payment-1",
            amount_fen=200_000,
            method="card",
            payee_ref="y-1",
            instructed_by="S-9",
        )
    )


def let_go(reason: str, decision_id: str = FIRST, fund_id: str = FUND) -> AdvanceLetGo:
    return AdvanceLetGo(case_id=CASE, decision_id=decision_id, fund_id=fund_id, reason=reason)


def test_a_decision_that_gives_way_to_a_later_one_is_let_go_in_its_fund() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    assert case.does(decide_advance(SECOND), LEADER)[1:] == (let_go("replaced"),)
    assert case.known.decisions[FIRST].standing == "replaced"


def test_money_that_is_held_late_for_a_replaced_decision_is_let_go_and_counts_until_it_is() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    case.does(decide_advance(SECOND), LEADER)
    late = FundsReserved(case_id=CASE, decision_id=FIRST, amount_fen=200_000)
    assert case.does(reserved()) == (late, let_go("replaced"))
    assert case.does(reserved()) == ()
    assert case.known.advanced_fen == 400_000
    case.does(voided())
    assert (case.known.advanced_fen, case.known.decisions[FIRST].standing) == (200_000, "voided")


def test_money_that_is_held_late_for_a_short_decision_that_was_let_go_is_let_go_again() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    assert [fact.NAME for fact in case.does(reserved())] == ["relief.funds_reserved", "relief.advance_let_go"]


def test_a_decision_that_the_county_pays_leaves_nothing_asked_of_the_township() -> None:
    case = told(policy(remedies=RemedyOrder(order=("county_pays",), clause="演示顺序")))
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(short())
    assert case.does(ChooseRemedy(FIRST, "county_pays", case.policy), LEADER)[2:] == (let_go("replaced"),)
    assert case.does(reserved()) == case.does(voided()) == case.does(short()) == ()
    case.does(reserved(fund_id=f"{COUNTY}-2026"))
    assert case.known.decisions[FIRST].standing == "held"


def test_the_same_fund_asked_again_is_not_told_to_let_go() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    assert len(case.does(decide_advance(), LEADER)) == 1


def test_an_advance_that_is_let_go_while_it_is_being_paid_is_too_late_and_raises_a_review() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    assert case.does(instructed()) == (ReviewRaised(case_id=CASE, about=FIRST, reason="too_late"),)
    assert case.does(instructed()) == ()


def test_an_advance_that_the_bank_sent_back_can_be_let_go_once_more() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    case.does(instructed())
    case.does(returned(was_received=False))
    assert case.does(LetAdvanceGo(FIRST, "death"), LEADER) == (let_go("death"),)


def test_a_decision_that_was_let_go_before_its_fund_turned_out_short_is_settled() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    case.does(short())
    assert case.known.decisions[FIRST].standing == "replaced"
    assert [fact.NAME for fact in case.does(CloseCase("not_relieved"))] == ["relief.case_closed"]
