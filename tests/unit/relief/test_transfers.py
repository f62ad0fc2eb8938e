"""A need that goes to another county, or an order back to its hotline: whose clock, whose claim, whose case."""

from dataclasses import replace
from datetime import timedelta

from events.intake import CameFrom, ReportReturned, ReportVoided, TransferTaken
from events.relief import AdvanceLetGo, HandedOver, ReportLinked, advance_claim
from events.relief_after import ReportLeft
from events.relief_clocks import ClockName
from services.chassis.decider import Circumstances
from services.chassis.memory_event_store import MemoryEventStore
from services.relief.case import DECIDER
from services.relief.case_commands import CloseCase, LinkReport, OpenCase, RecordContact
from services.relief.caseload import changes
from services.relief.policy_cache import PolicyCache
from services.relief.steps.case_file import stream_of
from services.relief.steps.ending import LetReportLeave
from services.relief.subscribers import Reactions, case_id_of
from tests.support.given import CLERK, NOON, recorded
from tests.support.saying import message_of
from tests.unit.relief.facts import (
    ACCEPTED,
    CASE,
    PERSON,
    again,
    at,
    decide_advance,
    linked,
    need,
    opened,
    policy,
    relieved,
    reserved,
)
from tests.unit.relief.test_clock_signals import Watched
from tests.unit.relief.told import Told

ORIGIN = HandedOver(county="990199", case_id="case-a")
LEAVES = LetReportLeave("report-1", "transferred", "990102", "case-9")


def verdicts(case: Watched, now: str, *names: ClockName) -> list[str]:
    return [case.clock(name, now).verdict for name in names]


def test_worked_example_1_the_owner_is_in_time_and_the_citizens_clock_is_broken() -> None:
    """Reported to A on 30 September at 17:00, handed over on 8 October at 11:00, paid by B at 18:00."""
    case = Watched(Told(policy(), at("10-08 11:00")))
    came = opened(reported_at=at("09-30 17:00")).model_copy(update={"came_from": ORIGIN})
    case.told.happens(came)
    case.when("10-08 18:00").told.happens(relieved(when=at("10-08 18:00")))
    owner = case.clock("advance_from_transfer", "10-09 00:00", advance=ADVANCE)
    citizen = case.clock("advance_from_report", "10-09 00:00", advance=ADVANCE)
    assert (owner.elapsed, owner.verdict, owner.judged) == (timedelta(hours=7), "met", False)
    assert (citizen.elapsed, citizen.due_at) == (timedelta(hours=193), at("10-01 17:00"))
    assert (citizen.verdict, citizen.judged) == ("breached", True)


ADVANCE = {"length": 24, "unit": "hour", "clause": "演示"}


def test_worked_example_1_where_b_knew_of_the_need_itself_its_own_clock_runs_since_it_first_heard() -> None:
    """A's report of 30 September joins a need that B has open: B's clock runs from the earlier of what B received."""
    case = Watched(Told(policy(), at("10-08 10:00")))
    case.told.happens(opened(reported_at=at("10-08 10:00")))
    assert case.clocks("advance_from_transfer", "10-08 10:30", advance=ADVANCE) == []
    brought = LinkReport(again(reported_at=at("09-30 17:00")), ORIGIN)
    (joined,) = case.when("10-08 11:00").told.does(brought)
    assert isinstance(joined, ReportLinked)
    assert (joined.came_from, case.told.known.joined_from) == (ORIGIN, ORIGIN)
    case.when("10-08 18:00").told.happens(relieved(when=at("10-08 18:00")))
    owner = case.clock("advance_from_transfer", "10-09 00:00", advance=ADVANCE)
    citizen = case.clock("advance_from_report", "10-09 00:00", advance=ADVANCE)
    assert (owner.started_at, owner.verdict) == (at("10-08 10:00"), "met")
    assert (citizen.elapsed, citizen.verdict) == (timedelta(hours=193), "breached")


async def test_the_case_of_a_linked_report_is_that_of_the_first_of_its_need() -> None:
    reactions = Reactions(PolicyCache(MemoryEventStore("relief")))
    origin = CameFrom(county="990199", report_id="report-b", first_report_id="report-a")
    second = again().model_copy(update={"came_from": origin})
    (joining,) = await reactions.links_report(second, message_of(second, "report:report-1"))
    needed = need().model_copy(update={"came_from": origin})
    (opening,) = await reactions.opens_case(needed, message_of(needed, "report:report-1"))
    assert isinstance(joining.command, LinkReport)
    assert isinstance(opening.command, OpenCase)
    first = HandedOver(county="990199", case_id=case_id_of("report-a"))
    assert (joining.command.came_from, opening.command.came_from) == (first, first)


def test_a_case_that_came_from_another_county_keeps_the_citizens_start_and_names_that_case() -> None:
    needed = need().model_copy(update={"came_from": CameFrom(county="990199", report_id="report-a")})
    command = OpenCase(CASE, needed, HandedOver(county="990199", case_id=case_id_of("report-a")))
    (fact,) = DECIDER.decide(None, command, Circumstances(CLERK, NOON, NOON, {}))
    assert fact == opened().model_copy(update={"came_from": command.came_from, "due_at": needed.due_at})


def here() -> Told:
    case = Told(policy(), at("11-02 10:00"))
    case.happens(opened(), ACCEPTED)
    return case


def test_with_its_last_report_the_need_is_no_longer_this_countys() -> None:
    case = here()
    case.happens(linked())
    (first,) = case.does(LEAVES)
    assert isinstance(first, ReportLeft)
    assert (first.is_last, first.releases(), case.known.ending.is_over) == (False, (), False)
    (last,) = case.does(replace(LEAVES, report_id="report-2"))
    assert isinstance(last, ReportLeft)
    assert (last.is_last, case.known.ending.is_over) == (True, True)
    assert case.does(LEAVES) == case.does(replace(LEAVES, report_id="report-2")) == ()
    assert case.refuses(decide_advance(policy=case.policy)) == "case_over"


def test_the_claim_is_free_for_the_other_county_and_what_is_not_paid_is_let_go() -> None:
    case = here()
    case.does(decide_advance(policy=case.policy))
    case.does(reserved())
    left, let_go = case.does(LEAVES)
    assert isinstance(left, ReportLeft)
    assert isinstance(let_go, AdvanceLetGo)
    assert left.releases() == (advance_claim(PERSON, "fire"),)
    assert not case.known.holds_claim


def test_who_has_help_from_here_keeps_it_and_their_claim_stays() -> None:
    case = here()
    case.does(decide_advance(policy=case.policy))
    case.happens(relieved())
    (left,) = case.does(LEAVES)
    assert isinstance(left, ReportLeft)
    assert (left.releases(), case.known.holds_claim) == ((), True)
    case.does(RecordContact(reached=True))
    (closed,) = case.does(CloseCase())
    assert closed.releases() == (advance_claim(PERSON, "fire"),)


def test_the_first_county_answers_for_its_own_time_and_no_longer() -> None:
    """Handed over in time, the order's clock is met; what ran for help ends here, and is broken only if it was."""
    case = Watched(Told(policy(), at("09-30 17:00")))
    case.told.happens(opened(reported_at=at("09-30 17:00")))
    case.when("10-08 11:00").told.does(LEAVES)
    names: tuple[ClockName, ...] = ("hotline_return", "acceptance", "hotline_finish")
    assert verdicts(case, "12-01 00:00", *names) == ["met", "lapsed", "lapsed"]
    assert case.clock("advance_from_report", "12-01 00:00", advance=ADVANCE).verdict == "breached"


def test_a_report_that_left_before_its_place_was_known_has_no_case_and_is_no_error() -> None:
    assert list(DECIDER.decide(None, LEAVES, Circumstances(CLERK, NOON, NOON, {}))) == []


def test_a_case_that_left_is_off_the_worklist() -> None:
    left = ReportLeft(
        case_id=CASE,
        report_id="report-1",
        how="transferred",
        to_county="990102",
        to_case="case-9",
        is_last=True,
        person=None,
        cause="fire",
    )
    assert changes(recorded(left)) == [("left", (CASE, NOON, NOON))]
    assert changes(recorded(left.model_copy(update={"is_last": False}))) == ()


async def test_what_intake_says_of_a_transfer_reaches_both_counties_cases() -> None:
    reactions = Reactions(PolicyCache(MemoryEventStore("relief")))
    came = need().model_copy(update={"came_from": CameFrom(county="990199", report_id="report-a")})
    (opening,) = await reactions.opens_case(came, message_of(came, "report:report-1"))
    assert isinstance(opening.command, OpenCase)
    assert opening.command.came_from == HandedOver(county="990199", case_id=case_id_of("report-a"))
    taken = TransferTaken(
        report_id="report-2",
        new_report_id="report-9",
        frees=(),
        cause="fire",
        to_county="990102",
        first_report_id="report-1",
    )
    (leaving,) = await reactions.lets_go_over(taken, message_of(taken, "report:report-1"))
    assert leaving.stream == stream_of(case_id_of("report-1"))
    assert leaving.command == LetReportLeave("report-2", "transferred", "990102", case_id_of("report-9"))
    joined = taken.model_copy(update={"joined_report_id": "report-7"})
    (leaving,) = await reactions.lets_go_over(joined, message_of(joined, "report:report-1"))
    assert leaving.command == LetReportLeave("report-2", "transferred", "990102", case_id_of("report-7"))


async def test_a_report_that_is_void_leaves_its_case() -> None:
    reactions = Reactions(PolicyCache(MemoryEventStore("relief")))
    void = ReportVoided(report_id="report-2", reason="wrong_entry", voided_by="S-1", frees=(), cause="fire")
    linked_to_the_first = void.model_copy(update={"first_report_id": "report-1"})
    (leaving,) = await reactions.lets_error_go(linked_to_the_first, message_of(void, "report:report-2"))
    assert leaving.stream == stream_of(case_id_of("report-1"))
    assert leaving.command == LetReportLeave("report-2", "voided")


async def test_an_order_that_goes_back_to_its_hotline_leaves_its_case() -> None:
    reactions = Reactions(PolicyCache(MemoryEventStore("relief")))
    back = ReportReturned(
        report_id="report-1",
        reason="not_here",
        basis="热线工单办理办法第八条",
        number=1,
        due_on=at("11-04 00:00").date(),
        returned_by="S-1",
        frees=(),
        cause="fire",
    )
    (leaving,) = await reactions.lets_go_back(back, message_of(back, "report:report-1"))
    assert leaving.stream == stream_of(case_id_of("report-1"))
    assert leaving.command == LetReportLeave("report-1", "returned")
