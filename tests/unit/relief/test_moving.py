"""A case goes to another township of its county: what is paid stays, what is not is let go and decided anew there."""

from dataclasses import replace
from datetime import date

import pytest

from events.relief import AdvanceDecided, AdvanceLetGo, ReviewRaised
from events.relief_after import TownshipMoved
from events.relief_approval import ApprovalSentBack, InstalmentLetGo, Plan, Planned
from events.rules import FundMode, Staging
from services.relief import caseload
from services.relief.case_commands import NoteVoided
from services.relief.policy import Policy
from services.relief.steps.authority import payer_of
from services.relief.steps.moving import MoveTownship
from services.relief.story import sentence
from tests.support.given import recorded
from tests.unit.relief.facts import (
    CASE,
    COUNTY,
    FIRST,
    SECOND,
    TOWNSHIP,
    at,
    decide_advance,
    policy,
    received,
    reserved,
    voided,
)
from tests.unit.relief.told import BUREAU, LEADER, OFFICER, A, Told, told

OTHER = f"{COUNTY}009"
OWN = f"{TOWNSHIP}-2026"
REVIEW = ReviewRaised(case_id=CASE, about=CASE, reason="township_moved")


def moves(case: Told, township: str = OTHER) -> list[object]:
    return [*case.does(MoveTownship(township, "wrong_township", case.policy), BUREAU)]


def held(fund_id: str, found: Policy | None = None) -> Told:
    """A case with an advance that a fund holds."""
    case = told(found)
    case.does(replace(decide_advance(), fund_id=fund_id), LEADER)
    case.does(reserved(fund_id=fund_id))
    return case


def plan() -> Plan:
    parts = tuple(
        Planned(instalment_id=f"{A}-{number}", amount_fen=50_000, due_on=date(2026, month, 20))
        for number, month in ((1, 11), (2, 12))
    )
    return Plan(payer=TOWNSHIP, ceiling_fen=100_000, instalments=parts)


def test_a_case_without_help_yet_moves_and_its_clocks_run_on() -> None:
    case = told()
    before = case.clock(at("11-02 12:00"))
    (moved,) = moves(case)
    assert isinstance(moved, TownshipMoved)
    assert (moved.from_township, moved.to_township) == (TOWNSHIP, OTHER)
    assert case.clock(at("11-02 12:00")) == before
    assert case.known.opened.township == OTHER
    assert moves(case) == []


def test_another_countys_township_is_a_transfer() -> None:
    case = told()
    assert case.refuses(MoveTownship("990102001", "wrong_township", case.policy), BUREAU) == "not_in_county"


def test_money_that_is_held_is_let_go_in_the_old_fund_and_decided_anew_in_the_new_one() -> None:
    case = held(OWN)
    _, gone, review = moves(case)
    assert isinstance(gone, AdvanceLetGo)
    assert (gone.decision_id, gone.fund_id, gone.reason) == (FIRST, OWN, "township_moved")
    assert review == REVIEW
    assert case.next_steps()[f"review:township_moved:{CASE}"] == "review"
    (freed,) = case.does(NoteVoided(voided().said.model_copy(update={"fund_id": OWN})))
    assert freed.releases()
    assert payer_of(case.policy, case.known.opened) == OTHER
    (anew,) = case.does(replace(decide_advance(SECOND), fund_id=f"{OTHER}-2026"), LEADER)
    assert isinstance(anew, AdvanceDecided)
    assert (anew.township, anew.although_helped) == (OTHER, False)


def test_what_is_paid_stays_where_it_was() -> None:
    case = held(OWN)
    case.does(received())
    assert [type(fact) for fact in moves(case)] == [TownshipMoved]
    assert case.known.received_fen(FIRST) == 200_000
    assert case.known.payer_of(FIRST) == TOWNSHIP


def test_instalments_that_are_not_paid_are_let_go_and_a_proposal_is_sent_back() -> None:
    case = told(policy(900_000, staging=Staging(within="natural_year", clause="演示分期")))
    case.proposes(plan())
    case.signs(OFFICER, LEADER)
    case.does(reserved(f"{A}-1"))
    (one, _) = plan().instalments
    other = one.model_copy(update={"instalment_id": "B-1"})
    case.proposes(Plan(payer=TOWNSHIP, ceiling_fen=50_000, instalments=(other,)), "B")
    facts = moves(case)
    assert [fact.instalment_id for fact in facts if isinstance(fact, InstalmentLetGo)] == [f"{A}-1", f"{A}-2"]
    assert [fact.approval_id for fact in facts if isinstance(fact, ApprovalSentBack)] == ["B"]
    assert facts[-1] == REVIEW


def test_what_the_county_pays_is_not_touched() -> None:
    case = held(f"{COUNTY}-2026")
    assert [type(fact) for fact in moves(case)] == [TownshipMoved]


def test_where_townships_have_but_a_quota_the_old_ones_is_freed() -> None:
    case = held(f"{COUNTY}-2026", policy(fund_mode=FundMode(mode="quota", clause="演示额度")))
    assert any(isinstance(fact, AdvanceLetGo) for fact in moves(case))


@pytest.mark.parametrize("township", [OTHER, TOWNSHIP])
def test_the_list_of_cases_shows_it_to_who_has_it_now(township: str) -> None:
    moved = TownshipMoved(
        case_id=CASE, from_township=OTHER, to_township=township, reason="wrong_township", moved_by="S-3"
    )
    assert caseload.changes(recorded(moved)) == [("moved", (CASE, township))]
    assert township in sentence(moved)
