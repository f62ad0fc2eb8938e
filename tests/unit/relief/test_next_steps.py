"""What the worklist says is still to be done: it begins, and it ends when somebody has done it."""

from datetime import date

import pytest

from events.relief_after import CaseEndedEarly, Finding
from events.rules import TownshipLimit
from services.relief.case_commands import DecideAdvance
from services.relief.policy import Policy
from services.relief.steps.county import ConcludeReview, DrawSample
from services.relief.steps.identity import CheckDuplicates, EstablishIdentity, WithdrawIdentity
from tests.unit.relief.facts import CASE, COUNTY, FIRST, FUND, PERSON, decide_advance, policy, received, reserved
from tests.unit.relief.told import BUREAU, HEAD, LEADER, Told, told


def up_to_the_limit() -> Policy:
    limit = TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", advance_up_to_limit=True, clause="演示")
    return policy(township_limit=limit)


def referred() -> Told:
    """A case of which the township has advanced what it may, and the county is to decide the rest."""
    case = told(up_to_the_limit())
    case.does(DecideAdvance(FIRST, FUND, 400_000, (), case.policy), LEADER)
    return case


def steps(case: Told) -> list[str]:
    return sorted(case.next_steps().values())


def test_the_rest_is_the_countys_to_decide_until_it_has() -> None:
    case = referred()
    assert steps(case) == ["county_decides"]
    case.does(DecideAdvance("county-1", f"{COUNTY}-2026", 100_000, (), case.policy, by_county=True), HEAD)
    assert steps(case) == []


def test_nothing_is_the_countys_to_decide_once_the_case_has_ended() -> None:
    case = referred()
    ended = CaseEndedEarly(case_id=CASE, report_ids=("report-1",), why="death", ended_by="S-2")
    case.happens(ended)
    assert steps(case) == []


@pytest.mark.parametrize("finding", ["eligible", "ineligible_in_good_faith"])
def test_what_is_to_be_looked_at_again_is_until_a_look_has_found_something(finding: Finding) -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(received())
    case.does(DrawSample("2026-11"), BUREAU)
    case.does(CheckDuplicates("found"), BUREAU)
    assert steps(case) == ["review", "review_sample"]
    assert case.does(ConcludeReview("w-1", finding, "", case.policy), BUREAU)
    assert steps(case) == []


def test_a_look_at_whom_was_barred_is_not_done_by_paying_him() -> None:
    case = told()
    case.does(DecideAdvance(FIRST, FUND, 200_000, (), case.policy, barred_until=date(2028, 1, 1)), LEADER)
    assert steps(case) == ["review"]
    case.does(reserved())
    case.does(received())
    assert "review" in steps(case)


def test_a_repetition_that_is_none_leaves_what_another_county_has_told_to_be_looked_at() -> None:
    case = told(person=None)
    case.does(CheckDuplicates("found"), BUREAU)
    case.owners = {f"advance:{PERSON}:fire": "case:other"}
    case.does(EstablishIdentity(PERSON), BUREAU)
    assert steps(case) == ["review", "review"]
    case.does(WithdrawIdentity(PERSON, "wrong_person"), BUREAU)
    assert steps(case) == ["review"]
