"""An instalment that the bank sends back (退汇) after its case was closed."""

import pytest

from events.relief import ReviewRaised
from services.relief.case_commands import CloseCase
from services.relief.steps.approval import ProposeApproval
from services.relief.steps.county import ConcludeReview
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment
from tests.unit.relief.facts import CASE, at
from tests.unit.relief.test_approval import I1, ONE, instructed, received, reserved, returned, told, voided
from tests.unit.relief.told import BUREAU, LEADER, OFFICER, A, Told


def paid_and_closed(*, calls: int = 1) -> Told:
    """All instalments are in hand, and the case is closed; the last hold bears the number of its call."""
    case = told()
    case.proposes(ONE)
    case.signs(OFFICER, LEADER)
    case.now = at("09-20 09:00")
    for call in range(1, calls):
        case.does(voided(_hold(call), "year_closed"))
        case.does(CallInstalment(I1))
    for command in (reserved(_hold(calls)), ReleaseInstalment(I1), instructed(_hold(calls)), received(_hold(calls))):
        assert case.does(command)
    assert case.does(CloseCase("relieved"))
    return case


def _hold(call: int) -> str:
    return I1 if call == 1 else f"{I1}.{call}"


@pytest.mark.parametrize("calls", [1, 2])
def test_an_instalment_that_comes_back_after_the_closing_is_looked_at_by_its_own_number(calls: int) -> None:
    case = paid_and_closed(calls=calls)
    facts = case.does(returned(_hold(calls)))
    assert facts[0] == ReviewRaised(case_id=CASE, about=I1, reason="returned_after_closing")
    assert case.names()[-2:] == ["relief_came_back", "instalment_held"]
    assert case.standings() == ["held"]


def test_an_instalment_that_comes_back_after_the_closing_is_released_and_paid_anew() -> None:
    case = paid_and_closed()
    case.does(returned())
    assert case.next_steps()[I1] == "release_instalment"
    (released,) = case.does(ReleaseInstalment(I1), LEADER)
    assert (released.NAME, case.next_steps()[I1]) == ("relief.instalment_released", "await_payment")
    case.does(instructed(payment_id="p-2"))
    case.does(received(payment_id="p-2"))
    assert (case.standings(), case.next_steps(), case.known.received_fen(A)) == (["paid"], {}, 100_000)


def test_an_instalment_that_came_back_and_was_let_go_at_the_years_end_is_called_again_in_the_closed_case() -> None:
    case = paid_and_closed()
    case.does(returned())
    assert [fact.NAME for fact in case.does(voided(reason="year_closed"))] == ["relief.instalment_freed"]
    assert case.next_steps()[I1] == "call_instalment"
    case.does(CallInstalment(I1))
    assert (case.standings(), case.next_steps()[I1]) == (["called"], "await_ledger")


def test_an_instalment_that_came_back_after_the_closing_and_is_stopped_is_looked_at_when_it_is_let_go() -> None:
    case = paid_and_closed()
    case.does(returned())
    case.does(LetGoInstalment(I1, "stopped", 0, "not_needed"), LEADER)
    assert case.does(voided())[-1] == ReviewRaised(case_id=CASE, about=I1, reason="voided_after_closing")
    assert case.refuses(CallInstalment(I1)) == "instalment_settled"


def test_whoever_was_found_ineligible_since_the_closing_is_not_paid_anew() -> None:
    case = paid_and_closed()
    case.does(ConcludeReview("w-1", "ineligible_in_good_faith", "", case.policy), BUREAU)
    case.does(returned())
    assert case.refuses(ReleaseInstalment(I1)) == "found_ineligible"


def test_a_closed_case_takes_no_new_approval() -> None:
    assert paid_and_closed().refuses(ProposeApproval("approval-2", False, ONE, told().policy)) == "case_closed"
