"""The township's fund is short and the county pays (县级直接支付): two funds never hold one decision together."""

from dataclasses import replace
from typing import cast

from events.cloudevents import Message
from events.fact import Actor
from events.ledger import PaymentInstructed
from events.relief import AdvanceDecided, AdvanceLetGo, ReviewRaised
from events.relief_fast import SmallFastDecided
from events.rules import RemedyOrder, SmallFast
from services.ledger.fund_commands import Reserve
from services.ledger.hold_commands import LetGo
from services.ledger.subscribers import lets_advance_go, reserves, reserves_small
from services.relief.case_commands import NoteInstructed, NoteReceived
from services.relief.steps.fast_track import ChooseRemedy, GiveSmallFast
from tests.unit.relief.facts import (
    CALENDAR,
    CASE,
    COUNTY,
    FIRST,
    FUND,
    TOWNSHIP,
    decide_advance,
    policy,
    received,
    reserved,
    short,
    voided,
)
from tests.unit.relief.told import BUREAU, LEADER, Told, told

OURS = f"{COUNTY}-2026"
AGAIN = f"{FIRST}.2"
REMEDIES = RemedyOrder(order=("county_pays",), clause="演示顺序")
PAYS = policy(remedies=REMEDIES)
UNHEARD = cast("Message", None)
"""What ledger hears besides the fact makes no difference to it."""


def asked_of_the_county() -> Told:
    """The township's fund was short; the county pays."""
    case = told(PAYS)
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(short())
    case.does(ChooseRemedy(FIRST, "county_pays", case.policy), BUREAU)
    return case


def instructed(payment_id: str, hold_id: str = FIRST, fund_id: str = FUND) -> NoteInstructed:
    said = PaymentInstructed(
        fund_id=fund_id,
        hold_id=hold_id,
        case_id=CASE,
        payment_id=payment_id,
        amount_fen=200_000,
        method="cash",
        payee_ref="y-1",
        instructed_by="S-9",
    )
    return NoteInstructed(said)


def paid_by_the_county() -> NoteReceived:
    note = received(AGAIN, "payment-county")
    return replace(note, said=note.said.model_copy(update={"fund_id": OURS}))


async def test_the_county_is_asked_under_a_number_of_its_own_and_the_township_no_more() -> None:
    case = told(PAYS)
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(short())
    _, anew, gone = case.does(ChooseRemedy(FIRST, "county_pays", case.policy), BUREAU)
    assert isinstance(anew, AdvanceDecided)
    assert isinstance(gone, AdvanceLetGo)
    (asked,), (let_go,) = await reserves(anew, UNHEARD), await lets_advance_go(gone, UNHEARD)
    assert asked.command == Reserve(AGAIN, CASE, 200_000, BUREAU.id, OURS, township=TOWNSHIP, cause="fire")
    assert (let_go.stream, let_go.command) == (f"fund:{FUND}", LetGo(FIRST, "replaced"))


def test_what_the_township_answers_changes_nothing_and_what_the_county_answers_counts() -> None:
    case = asked_of_the_county()
    assert case.does(reserved()) == case.does(voided()) == case.does(short()) == ()
    case.does(reserved(AGAIN, OURS))
    assert case.known.decisions[FIRST].standing == "held"
    case.does(paid_by_the_county())
    assert (case.known.received_fen(FIRST), case.known.reviews) == (200_000, ())
    assert case.known.is_settled


def test_a_township_that_pays_all_the_same_stops_the_county_and_a_person_looks() -> None:
    """It had found the money, and instructed the payment, before it heard of the county."""
    case = asked_of_the_county()
    case.does(reserved())
    case.does(reserved(AGAIN, OURS))
    review = ReviewRaised(case_id=CASE, about=FIRST, reason="too_late")
    let_go = AdvanceLetGo(case_id=CASE, decision_id=FIRST, fund_id=OURS, reason="paid_elsewhere", hold_id=AGAIN)
    assert case.does(instructed("payment-town")) == (review, let_go)
    assert case.does(instructed("payment-town")) == ()
    case.does(received(payment_id="payment-town"))
    gone = voided(AGAIN)
    case.does(replace(gone, said=gone.said.model_copy(update={"fund_id": OURS})))
    assert case.known.decisions[FIRST].standing == "voided"
    assert (case.known.advanced_fen, case.known.is_settled) == (200_000, True)


def test_what_both_have_paid_is_looked_at() -> None:
    case = asked_of_the_county()
    for said in (reserved(AGAIN, OURS), instructed("payment-county", AGAIN, OURS), instructed("payment-town")):
        case.does(said)
    assert next(fact.NAME for fact in case.does(paid_by_the_county())) == "relief.household_relieved"
    facts = case.does(received(payment_id="payment-town"))
    assert ReviewRaised(case_id=CASE, about=FIRST, reason="received_over_decided") in facts


def test_a_township_does_not_spend_the_countys_money() -> None:
    case = told(PAYS)
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(short())
    townships = Actor(id="S-2", role="township_leader", scope=TOWNSHIP)
    assert case.refuses(ChooseRemedy(FIRST, "county_pays", case.policy), townships) == "county_pays_not_yours"


async def test_small_fast_relief_that_the_county_pays_stays_small_fast_relief() -> None:
    rule = SmallFast(limit_fen=79_800, inclusive=True, days=3, clause="小额快救")
    case = told(policy(remedies=REMEDIES, small_fast=rule))
    case.does(GiveSmallFast(FIRST, FUND, 200_000, "house_fire", case.policy, CALENDAR))
    case.does(short())
    _, anew, _ = case.does(ChooseRemedy(FIRST, "county_pays", case.policy), BUREAU)
    assert isinstance(anew, SmallFastDecided)
    (asked,) = await reserves_small(anew, UNHEARD)
    assert asked.command == Reserve(AGAIN, CASE, 200_000, BUREAU.id, OURS, township=TOWNSHIP, cause="fire")
    assert case.known.small_fast_fen == 200_000
    case.does(reserved(AGAIN, OURS))
    assert [fact.NAME for fact in case.does(paid_by_the_county())] == ["relief.household_relieved"]


def test_the_fund_of_the_next_year_is_asked_under_a_further_number_and_the_same_fund_under_the_same() -> None:
    case = told(PAYS)
    asked: list[str | None] = []
    for fund_id, hold_id in ((FUND, FIRST), ("fund-2", AGAIN), ("fund-2", AGAIN), ("fund-3", f"{FIRST}.3")):
        anew, *_ = case.does(replace(decide_advance(policy=case.policy), fund_id=fund_id), LEADER)
        assert isinstance(anew, AdvanceDecided)
        asked.append(anew.hold_id)
        case.does(short(hold_id, fund_id))
    assert asked == [None, AGAIN, AGAIN, f"{FIRST}.3"]
