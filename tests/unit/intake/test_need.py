"""How long a need is open: for the report that asked first, and for those that were linked to it."""

from dataclasses import replace

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from events.intake import HelpAskedAgain, HelpNeeded, IntakeFact, Order, need_claim
from services.chassis.decider import Circumstances
from services.intake.report import DECIDER, asks
from services.intake.report_commands import CloseReport, JoinNeed, LeaveNeed, ReportCommand
from services.intake.report_state import Report, stream_of
from tests.support.given import CLERK, given, recorded
from tests.unit.intake.test_report import ASKED_BY_PERSON, GIVE_BACK, JOIN, PERSON, PHONE, RECEIVE


def left_by_its_first(*before: IntakeFact) -> list[IntakeFact]:
    """A need whose own report was given back in time, after these facts."""
    return [*before, *given(DECIDER, *before).when(GIVE_BACK, at=RECEIVE.reported_at)]


def test_a_need_whose_first_report_leaves_stays_open_for_those_that_were_linked_to_it() -> None:
    joined = [*ASKED_BY_PERSON, *given(DECIDER, *ASKED_BY_PERSON).when(JOIN)]
    past = left_by_its_first(*joined)
    assert past[-1].releases() == ()
    (left,) = given(DECIDER, *past).when(LeaveNeed("R2"))
    assert set(left.releases()) == {need_claim(key, "illness") for key in JOIN.match_keys}
    (closed,) = given(DECIDER, *past).when(CloseReport())
    assert set(closed.releases()) == set(left.releases())
    assert given(DECIDER, *past, closed).when(CloseReport()) == []


def test_a_need_that_loses_a_linked_report_stays_open_for_its_first_and_for_the_others() -> None:
    joined = [*ASKED_BY_PERSON, *given(DECIDER, *ASKED_BY_PERSON).when(JOIN)]
    (left,) = given(DECIDER, *joined).when(LeaveNeed("R2"))
    assert left.releases() == ()
    assert left_by_its_first(*joined, left)[-1].releases() != ()
    both = [*joined, *given(DECIDER, *joined).when(replace(JOIN, linked_report_id="R3"))]
    (left,) = given(DECIDER, *left_by_its_first(*both)).when(LeaveNeed("R2"))
    assert left.releases() == ()


def test_a_link_that_is_learned_after_the_first_has_left_keeps_the_need_open() -> None:
    past = left_by_its_first(*ASKED_BY_PERSON)
    assert past[-1].releases() == (need_claim(PERSON, "illness"),)
    (joined,) = given(DECIDER, *past).when(JOIN)
    assert set(joined.takes()) == {need_claim(key, "illness") for key in JOIN.match_keys}
    (gone,) = given(DECIDER, *past).when(LeaveNeed("R2"))
    assert given(DECIDER, *past, gone).when(JOIN) == []


class County:
    """The reports of one household in a county, and who holds its keys; what relief says comes at once."""

    def __init__(self) -> None:
        self.reports: dict[str, Report | None] = {}
        self.owners: dict[str, str] = {}

    def receive(self, report_id: str) -> IntakeFact:
        """Another call from the same phone; says what was asked for it."""
        received = replace(RECEIVE, report_id=report_id, order=Order(number=report_id, push=1), match_keys=(PHONE,))
        asked = self._have(report_id, received)[-1]
        if isinstance(asked, HelpAskedAgain):
            self._have(asked.first_report_id, JoinNeed(report_id, (PHONE,), "illness"))
        return asked

    def give_back(self, report_id: str) -> None:
        """The order leaves; twice is once."""
        report = self.reports[report_id]
        assert report is not None
        if report.is_closed:
            return
        self._have(report_id, GIVE_BACK)
        if report.linked_to is not None:
            self._have(report.linked_to, LeaveNeed(report_id))

    def close(self) -> None:
        """Relief is done with all of them."""
        for report_id in self.reports:
            self._have(report_id, CloseReport())

    def is_waited_for(self) -> bool:
        """Whether any report is here still."""
        return any(report is not None and not report.is_closed for report in self.reports.values())

    def _have(self, report_id: str, command: ReportCommand) -> list[IntakeFact]:
        at = RECEIVE.reported_at
        known = {claim: self.owners[claim] for claim in asks(command) if claim in self.owners}
        facts = list(DECIDER.decide(self.reports.get(report_id), command, Circumstances(CLERK, at, at, known)))
        for fact in facts:
            self.reports[report_id] = DECIDER.evolve(self.reports.get(report_id), recorded(fact))
            self.owners |= dict.fromkeys(fact.takes(), stream_of(report_id))
            for claim in fact.releases():
                del self.owners[claim]
        return facts


@settings(deadline=None, max_examples=60)
@for_all(steps=st.lists(st.sampled_from(["call", "close", 1, 2, 3, 4]), min_size=1, max_size=9))
def test_a_household_has_one_need_as_long_as_any_of_its_reports_is_here(steps: list[str | int]) -> None:
    county = County()
    for step in ("call", *steps, "call"):
        if isinstance(step, int):
            if f"R{step}" in county.reports:
                county.give_back(f"R{step}")
        elif step == "close":
            county.close()
        else:
            is_known = county.is_waited_for()
            asked = county.receive(f"R{len(county.reports) + 1}")
            assert isinstance(asked, HelpAskedAgain if is_known else HelpNeeded)
