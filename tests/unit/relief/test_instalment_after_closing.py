"""An instalment that the bank sends back (退汇) after its case was closed."""

import pytest

from events.relief import ReviewRaised
from services.relief.case_commands import CloseCase
from services.relief.steps.instalment import CallInstalment, ReleaseInstalment
from tests.unit.relief.facts import CASE, at
from tests.unit.relief.test_approval import I1, ONE, instructed, received, reserved, returned, told, voided
from tests.unit.relief.told import LEADER, OFFICER, Told


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
