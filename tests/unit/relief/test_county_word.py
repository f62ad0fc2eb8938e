"""The county's word against the township's, and what must not be got round: time, type, ceilings, names."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from events.relief import AdvanceLetGo
from events.relief_after import RecoveryOrdered
from events.relief_approval import Plan, Planned
from events.rules import HouseholdVisit, MinimumRelief, Posting, Publicity, SmallFast, Staging, TownshipLimit
from services.chassis.decider import Circumstances, Refused
from services.relief.case import DECIDER
from services.relief.case_commands import CaseCommand
from services.relief.counting import helps_of
from services.relief.routes.approvals import Proposal
from services.relief.routes.calling import Deed
from services.relief.routes.cases import Advance
from services.relief.steps.approval import SignApproval
from services.relief.steps.county import Override
from services.relief.steps.fast_track import GiveSmallFast
from services.relief.steps.identity import EstablishIdentity, WithdrawIdentity
from services.relief.steps.inquiry import JudgeType
from services.relief.steps.instalment import ReleaseInstalment
from services.relief.steps.publicity import EndNotice, PostNotice
from services.relief.steps.recovery import OrderRecovery
from tests.unit.relief.facts import (
    CALENDAR,
    FIRST,
    FUND,
    PERSON,
    SECOND,
    TOWNSHIP,
    at,
    decide_advance,
    given_back,
    policy,
    received,
    reserved,
    short,
)
from tests.unit.relief.told import BUREAU, LEADER, OFFICER, A, Told, told

PUBLISHES = Publicity(expenditure=Posting(days=7, unit="natural_day"), clause="演示公示")
VISITS = HouseholdVisit(investigators=2, clause="演示入户")
SMALL = SmallFast(limit_fen=100_000, inclusive=True, per="household", days=3, clause="演示小额")
TODAY, LATER = "11-02 10:00", "12-01 10:00"


def held() -> Told:
    """A case with an advance of 2,000 yuan that ledger holds."""
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    return case


def ordered_fen(case: Told) -> list[int]:
    return [fact.amount_fen for fact in case.facts if isinstance(fact, RecoveryOrdered)]


def plan() -> Plan:
    parts = tuple(
        Planned(instalment_id=f"{A}-{number}", amount_fen=100_000, due_on=date(2026, month, 20))
        for number, month in ((1, 11), (2, 12))
    )
    return Plan(payer=TOWNSHIP, ceiling_fen=200_000, instalments=parts)


def ahead(case: Told, command: CaseCommand) -> str | None:
    """Why a command that is said to be given in December is refused today."""
    try:
        DECIDER.decide(case.case, command, Circumstances(OFFICER, at(LATER), case.now, {}))
    except Refused as refused:
        return refused.code
    return None


# --- an override


def test_a_second_override_orders_back_only_what_the_first_did_not() -> None:
    case = held()
    case.does(received())
    case.does(Override("o-1", FIRST, 100_000, "amount"), BUREAU)
    case.does(Override("o-2", FIRST, 50_000, "amount"), BUREAU)
    assert ordered_fen(case) == [100_000, 50_000]
    assert case.known.decided_fen(FIRST) == 50_000


def test_an_override_after_a_recovery_orders_nothing_back_twice() -> None:
    case = held()
    case.does(received())
    case.does(OrderRecovery("back-1", FIRST, 200_000, "amount"), BUREAU)
    case.does(given_back("back-1", "s-1", 200_000))
    case.does(Override("o-1", FIRST, 0, "amount"), BUREAU)
    assert ordered_fen(case) == [200_000]


def test_money_that_arrives_after_an_override_is_ordered_back_as_far_as_it_is_too_much() -> None:
    case = held()
    assert len(case.does(Override("o-1", FIRST, 150_000, "amount"), BUREAU)) == 1
    case.does(received())
    assert ordered_fen(case) == [50_000]


def test_an_advance_that_is_overridden_to_nothing_is_let_go() -> None:
    case = held()
    gone = case.does(Override("o-1", FIRST, 0, "amount"), BUREAU)[1]
    assert isinstance(gone, AdvanceLetGo)
    assert (gone.decision_id, gone.reason) == (FIRST, "county_override")
    case.does(received())
    assert ordered_fen(case) == [200_000]


# --- a name


def test_a_claim_goes_with_the_identity_that_it_was_made_under() -> None:
    case = told(person=None)
    case.does(EstablishIdentity(PERSON))
    case.does(decide_advance(), LEADER)
    (withdrawn,) = case.does(WithdrawIdentity(PERSON, "mistaken"))
    assert withdrawn.releases() == (f"advance:{PERSON}:fire",)
    assert not case.known.holds_claim


def test_whom_a_report_named_wrongly_is_withdrawn_and_replaced_and_the_claim_goes_with_them() -> None:
    case = held()
    real = "p:fedcba9876543210"
    assert case.refuses(EstablishIdentity(real)) == "identity_known"
    (withdrawn,) = case.does(WithdrawIdentity(PERSON, "mistaken"), BUREAU)
    assert withdrawn.releases() == (f"advance:{PERSON}:fire",)
    assert (case.known.person, case.known.holds_claim) == (None, False)
    assert case.refuses(WithdrawIdentity(PERSON, "mistaken"), BUREAU) == "not_this_person"
    (established,) = case.does(EstablishIdentity(real))
    assert established.takes() == (f"advance:{real}:fire",)
    assert (case.known.person, case.known.holds_claim) == (real, True)
    assert [one.person for one in helps_of(case.known, case.now.date())] == [real]


def test_whom_somebody_withdrew_by_mistake_is_established_again() -> None:
    case = held()
    case.does(WithdrawIdentity(PERSON, "mistaken"), BUREAU)
    case.does(EstablishIdentity(PERSON))
    assert (case.known.person, case.known.holds_claim) == (PERSON, True)


# --- a ceiling


@pytest.mark.parametrize(("first_fen", "second_fen", "is_inside"), [(60_000, 40_000, True), (60_000, 40_001, False)])
def test_small_fast_relief_stays_under_its_ceiling_over_the_whole_case(
    first_fen: int, second_fen: int, is_inside: bool
) -> None:
    case = told(policy(small_fast=SMALL))
    case.does(GiveSmallFast(FIRST, FUND, first_fen, "fire", case.policy, CALENDAR))
    case.does(short())
    second = GiveSmallFast(SECOND, FUND, second_fen, "fire", case.policy, CALENDAR)
    if is_inside:
        assert len(case.does(second)) == 1
    else:
        assert case.refuses(second) == "over_small_fast"


@pytest.mark.parametrize(("least_fen", "outcome"), [(1, "advance_decided"), (2, "advance_declined")])
def test_no_part_of_an_advance_is_given_that_is_less_than_a_single_relief(least_fen: int, outcome: str) -> None:
    limit = TownshipLimit(limit_fen=300_000, inclusive=True, advance_up_to_limit=True, clause="演示")
    case = told(policy(township_limit=limit, minimum_relief=MinimumRelief(limit_fen=least_fen, clause="演示")))
    case.does(decide_advance(FIRST, 299_999, policy=case.policy), LEADER)
    facts = case.does(decide_advance(SECOND, 60_000, policy=case.policy), LEADER)
    assert f"relief.{outcome}" == facts[0].NAME


# --- a sum


@pytest.mark.parametrize(
    "body",
    [
        (Advance, {"amount_fen": 10**15, "goods": [{"item": "棉被", "quantity": 1, "cost_fen": 1}]}),
        (Proposal, {"instalments": [{"amount_fen": 10**15, "due_on": "2026-11-20"}] * 2}),
    ],
)
def test_amounts_that_are_no_amount_together_are_refused_at_the_edge(body: tuple[type[Deed], dict[str, Any]]) -> None:
    kind, said = body
    with pytest.raises(ValidationError, match="too_much"):
        kind.model_validate_json(json.dumps(said))


# --- a time


def test_a_notice_does_not_end_by_being_said_to_end_in_the_future() -> None:
    case = told(policy(publicity=PUBLISHES))
    case.does(JudgeType("expenditure", None))
    case.does(PostNotice("n-1", case.policy, CALENDAR))
    assert ahead(case, EndNotice("n-1")) == "notice_running"


def test_an_instalment_is_not_released_by_being_said_to_be_due_in_the_future() -> None:
    case = told(policy(staging=Staging(within="natural_year", clause="演示分期")))
    case.proposes(plan())
    case.signs(OFFICER, LEADER)
    case.does(reserved(f"{A}-1"))
    assert ahead(case, ReleaseInstalment(f"{A}-1")) == "instalment_not_due"


# --- a type


def test_an_approval_waits_for_its_type_where_one_type_has_to_be_visited_and_posted() -> None:
    case = told(policy(publicity=PUBLISHES, household_visit=VISITS))
    proposal = Plan(payer=TOWNSHIP, ceiling_fen=200_000, instalments=plan().instalments[:1])
    with pytest.raises(Refused) as refused:
        case.proposes(proposal)
    assert refused.value.code == "type_not_judged"


def test_a_type_that_is_judged_after_the_proposal_is_looked_at_before_the_last_signature() -> None:
    case = told(policy(publicity=PUBLISHES, household_visit=VISITS))
    case.does(JudgeType("emergency", None))
    case.proposes(Plan(payer=TOWNSHIP, ceiling_fen=200_000, instalments=plan().instalments[:1]))
    case.does(JudgeType("expenditure", None))
    case.signs(OFFICER)
    assert case.refuses(SignApproval(A, case.policy), LEADER) == "not_visited"
