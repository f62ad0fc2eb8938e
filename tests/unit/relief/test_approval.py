"""An approval: signed by different people in their order, paid in instalments that never come to more than allowed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from events.fact import Actor
from events.ledger import Draw, PaymentInstructed, PaymentReceived, PaymentReturned, RefusedShort, Reserved, Voided
from events.relief import CaseClosed, HouseholdRelieved, ReviewRaised
from events.relief_approval import (
    ApprovalProposed,
    Grounds,
    InstalmentCalled,
    InstalmentFreed,
    InstalmentHeld,
    InstalmentLetGo,
    InstalmentReleased,
    InstalmentShort,
    Plan,
    PlanDeclined,
    Planned,
    ReliefApproved,
)
from events.rules import MoneyLimit, Staging
from events.shanghai import SHANGHAI
from services.chassis.decider import Refused
from services.relief.case_commands import (
    CloseCase,
    Note,
    NoteInstructed,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
)
from services.relief.steps.approval import (
    ProposeApproval,
    RecordMeeting,
    SendBackApproval,
    SignApproval,
    StopApproval,
)
from services.relief.steps.fast_track import ChooseRemedy
from services.relief.steps.inquiry import RecordVisit
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment
from services.relief.steps.staging import months_after
from tests.unit.relief.facts import (
    ACCEPTED,
    CALENDAR,
    CASE,
    CONTACTED,
    POLICY,
    TOWNSHIP,
    at,
    decided,
    opened,
    policy,
    relieved,
)
from tests.unit.relief.told import BUREAU, HEAD, LEADER, OFFICER, A, Told

SIX_MONTHS = Staging(months_at_most=6, clause="演示五")
NATURAL_YEAR = Staging(within="natural_year", clause="演示六")
EXAMPLE_5 = (("09-20", 2026, 1500), ("10-20", 2026, 1200), ("11-20", 2026, 1000), ("12-20", 2026, 900))
EXAMPLE_5_LATER = (("01-20", 2027, 800), ("02-20", 2027, 600))


def told(staging: Staging = SIX_MONTHS, limit_fen: int = 600_000, **more: Any) -> Told:
    one = Told(policy(limit_fen, staging=staging, **more))
    one.happens(opened(), ACCEPTED, CONTACTED)
    return one


def plan(*parts: tuple[str, int, int], ceiling: int | None = None, payer: str = TOWNSHIP, of: str = A) -> Plan:
    total = sum(amount for _, _, amount in parts) if ceiling is None else ceiling
    instalments = tuple(
        Planned(instalment_id=f"{of}-{number}", amount_fen=100 * amount, due_on=date(year, int(day[:2]), int(day[3:])))
        for number, (day, year, amount) in enumerate(parts, start=1)
    )
    return Plan(payer=payer, ceiling_fen=100 * total, instalments=instalments)


ONE = plan(("09-20", 2026, 1000))
I1, I2, I4, I5, I6 = (f"{A}-{number}" for number in (1, 2, 4, 5, 6))


def reserved(hold_id: str = I1) -> NoteReserved:
    return NoteReserved(
        Reserved(
            fund_id="f",
            hold_id=hold_id,
            case_id=CASE,
            amount_fen=1,
            decided_by="S-2",
            draws=(Draw(source="county", amount_fen=1),),
        )
    )


def short(hold_id: str, shortfall_fen: int = 40_000) -> NoteShort:
    return NoteShort(
        RefusedShort(
            fund_id="f",
            hold_id=hold_id,
            case_id=CASE,
            asked_fen=60_000,
            available_fen=0,
            shortfall_fen=shortfall_fen,
            decided_by="S-2",
        )
    )


def instructed(hold_id: str = I1, payment_id: str = "p-1") -> NoteInstructed:
    return NoteInstructed(
        PaymentInstructed(
            fund_id="f",
            hold_id=hold_id,
            case_id=CASE,
            payment_id=payment_id,
            amount_fen=100_000,
            method="cash",
            payee_ref="y-1",
            instructed_by="S-9",
        )
    )


def received(hold_id: str = I1, payment_id: str = "p-1", amount_fen: int = 100_000) -> NoteReceived:
    said = PaymentReceived(
        fund_id="f",
        hold_id=hold_id,
        case_id=CASE,
        payment_id=payment_id,
        amount_fen=amount_fen,
        received_at=at("09-20 10:00"),
        evidence="slip",
    )
    return NoteReceived(said, policy(), CALENDAR)


def returned(hold_id: str = I1, payment_id: str = "p-1", *, was_received: bool = True) -> NoteReturned:
    return NoteReturned(
        PaymentReturned(
            fund_id="f",
            hold_id=hold_id,
            case_id=CASE,
            payment_id=payment_id,
            amount_fen=100_000,
            was_received=was_received,
            reason="account_closed",
        ),
        CALENDAR,
    )


def voided(hold_id: str = I1, reason: str = "stopped") -> NoteVoided:
    return NoteVoided(Voided(fund_id="f", hold_id=hold_id, case_id=CASE, amount_fen=1, reason=reason))


# --- signing


def test_the_last_signer_approves_and_the_fund_is_asked() -> None:
    case = told()
    (proposed,) = case.proposes(ONE)
    assert isinstance(proposed, ApprovalProposed)
    assert (proposed.level, proposed.signers) == ("township", ("township_officer", "township_leader"))
    facts = case.signs(OFFICER, LEADER)
    assert [fact.NAME for fact in facts] == [
        "relief.approval_signed",
        "relief.approval_signed",
        "relief.relief_approved",
        "relief.instalment_called",
    ]
    approved = facts[2]
    assert isinstance(approved, ReliefApproved)
    assert approved.approved_by == ("S-1", "S-2")


def test_nobody_signs_twice_nor_before_their_turn() -> None:
    case = told()
    case.proposes(ONE)
    assert case.refuses(SignApproval(A, case.policy), LEADER) == "not_your_turn"
    case.signs(OFFICER)
    both = Actor(id="S-1", role="township_leader", scope="")
    assert case.refuses(SignApproval(A, case.policy), both) == "signed_already"


def test_over_the_townships_limit_the_county_signs_too() -> None:
    case = told(limit_fen=99_999)
    case.proposes(ONE)
    case.signs(OFFICER, LEADER, BUREAU)
    assert case.standings() == []
    case.signs(HEAD)
    assert case.standings() == ["called"]


def test_over_the_countys_limit_the_meeting_decides_first() -> None:
    case = told(limit_fen=1, county_limit=MoneyLimit(limit_fen=99_999, inclusive=True, clause="演示"))
    case.proposes(ONE)
    case.signs(OFFICER, LEADER, BUREAU)
    assert case.refuses(SignApproval(A, case.policy), HEAD) == "no_meeting"
    case.does(RecordMeeting(A, "纪要1号", date(2026, 9, 14), ("C-1", "C-2"), 90_000), BUREAU)
    assert case.refuses(SignApproval(A, case.policy), HEAD) == "over_meeting"
    case.does(RecordMeeting(A, "纪要2号", date(2026, 9, 15), ("C-1", "C-2"), 100_000), BUREAU)
    case.signs(HEAD)
    assert case.standings() == ["called"]


def test_what_was_sent_back_is_done_with_and_counts_no_more() -> None:
    case = told()
    case.proposes(ONE)
    assert case.standing_fen() == 100_000
    case.does(SendBackApproval(A, "amount_too_high"), LEADER)
    assert case.refuses(SignApproval(A, case.policy)) == "approval_decided"
    assert case.standing_fen() == 0


def test_advances_and_approvals_share_the_limit_of_the_case() -> None:
    case = told(limit_fen=300_000)
    case.happens(decided(amount_fen=200_001))
    (proposed,) = case.proposes(ONE)
    assert isinstance(proposed, ApprovalProposed)
    assert proposed.level == "county"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (plan(("09-20", 2026, 1000), payer="990101002"), "wrong_payer"),
        (plan(("09-20", 2026, 1000), ceiling=999), "over_ceiling"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(made: Plan, code: str) -> None:
    assert told().refuses(ProposeApproval(A, follow_up=False, plan=made, policy=told().policy)) == code


def test_more_help_after_a_visit_is_a_decision_of_its_own_under_the_same_limit() -> None:
    case = told(limit_fen=300_000)
    follow_up = ProposeApproval("approval-2", follow_up=True, plan=plan(*ONE_PART, of="approval-2"), policy=case.policy)
    assert case.refuses(follow_up) == "nothing_to_follow"
    case.happens(decided(amount_fen=250_000), relieved(amount_fen=250_000))
    assert case.refuses(follow_up) == "not_visited_again"
    case.now = at("11-03 09:00")
    case.does(
        RecordVisit("v-1", ("S-1",), both_signed=True, hardship_goes_on=True, record_sha256="a" * 64, policy=POLICY)
    )
    (proposed,) = case.does(follow_up)
    assert isinstance(proposed, ApprovalProposed)
    assert (proposed.follow_up, proposed.level) == (True, "county")


ONE_PART = (("09-20", 2026, 1000),)

# --- instalments


def _approved(case: Told, parts: Iterable[tuple[str, int, int]]) -> None:
    case.proposes(plan(*parts))
    case.signs(OFFICER, LEADER)


def test_worked_example_5_a_natural_year_refuses_what_runs_into_the_next() -> None:
    (fact,) = told(NATURAL_YEAR).proposes(plan(*EXAMPLE_5, *EXAMPLE_5_LATER))
    assert isinstance(fact, PlanDeclined)
    assert (fact.reason, fact.instalments, fact.amount_fen) == ("beyond_natural_year", (I5, I6), 140_000)


def test_worked_example_5_six_months_hold_this_year_and_promise_the_next() -> None:
    case = told(SIX_MONTHS)
    _approved(case, [*EXAMPLE_5, *EXAMPLE_5_LATER])
    called = [fact for fact in case.facts if isinstance(fact, InstalmentCalled)]
    assert sum(fact.amount_fen for fact in called) == 460_000
    assert {fact.signers for fact in called} == {(OFFICER.id, LEADER.id)}
    assert {fact.policy_hash for fact in called} == {case.policy.policy_hash}
    assert {fact.fund_id for fact in called} == {f"{TOWNSHIP}-2026"}
    assert case.standings() == ["called"] * 4 + ["planned"] * 2
    for number in range(1, 5):
        case.does(reserved(f"{A}-{number}"))
    for number, (_, _, amount) in enumerate(EXAMPLE_5[:3], start=1):
        hold_id = f"{A}-{number}"
        case.now = datetime(2026, 8 + number, 21, 9, 0, tzinfo=SHANGHAI)
        case.does(ReleaseInstalment(hold_id))
        case.does(instructed(hold_id, f"p-{number}"))
        case.does(received(hold_id, f"p-{number}", 100 * amount))
    (skipped,) = case.does(LetGoInstalment(I4, "skipped", 0, "taken_into_dibao"), LEADER)
    assert isinstance(skipped, InstalmentLetGo)
    case.does(voided(I4, "taken_into_dibao"))
    assert case.standings() == ["paid"] * 3 + ["gone"] + ["planned"] * 2
    assert sum(fact.amount_fen for fact in case.facts if isinstance(fact, HouseholdRelieved)) == 370_000
    _the_next_year_opens(case)


def _the_next_year_opens(case: Told) -> None:
    case.now = datetime(2027, 1, 5, 9, 0, tzinfo=SHANGHAI)
    (fifth,), (sixth,) = case.does(CallInstalment(I5)), case.does(CallInstalment(I6))
    assert isinstance(fifth, InstalmentCalled)
    assert isinstance(sixth, InstalmentCalled)
    assert fifth.fund_id == sixth.fund_id == f"{TOWNSHIP}-2027"
    assert [fact.NAME for fact in case.does(reserved(I5))] == [InstalmentHeld.NAME]
    (fact,) = case.does(short(I6))
    assert isinstance(fact, InstalmentShort)
    assert fact.shortfall_fen == 40_000
    assert case.refuses(ChooseRemedy(I6, "county_pays", case.policy), BUREAU) == "payer_is_planned"


def test_what_was_due_in_a_year_that_is_over_is_asked_of_this_years_fund() -> None:
    case = told(SIX_MONTHS)
    case.now = at("12-28 09:00")
    case.proposes(plan(("12-30", 2026, 100), ("01-30", 2027, 100)))
    case.now = datetime(2027, 1, 4, 9, 0, tzinfo=SHANGHAI)
    case.signs(OFFICER, LEADER)
    called = [fact for fact in case.facts if isinstance(fact, InstalmentCalled)]
    assert [(fact.hold_id, fact.fund_id) for fact in called] == [(I1, f"{TOWNSHIP}-2027"), (I2, f"{TOWNSHIP}-2027")]
    case.does(reserved(I1))
    (released,) = case.does(ReleaseInstalment(I1))
    assert isinstance(released, InstalmentReleased)
    assert released.fund_id == f"{TOWNSHIP}-2027"


@pytest.mark.parametrize("answer", [short, voided])
def test_an_instalment_that_the_old_year_did_not_pay_is_asked_of_the_new_one_under_a_new_number(
    answer: Callable[[str], Note],
) -> None:
    case = told()
    case.now = at("09-20 09:00")
    _approved(case, ONE_PART)
    case.does(answer(I1))
    case.now = at("12-31 23:00")
    (asked,) = case.does(CallInstalment(I1))
    assert isinstance(asked, InstalmentCalled)
    assert asked.fund_id == f"{TOWNSHIP}-2026"
    case.does(answer(asked.hold_id))
    case.now = datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    (anew,) = case.does(CallInstalment(I1))
    assert isinstance(anew, InstalmentCalled)
    assert anew.fund_id == f"{TOWNSHIP}-2027"
    assert anew.hold_id not in (I1, asked.hold_id)
    assert not case.does(reserved(I1))


@pytest.mark.parametrize(("last", "outcome"), [("03-15", "approval_proposed"), ("03-16", "plan_declined")])
def test_six_months_end_on_their_last_day_and_that_day_is_inside(last: str, outcome: str) -> None:
    (fact,) = told(SIX_MONTHS).proposes(plan(("09-20", 2026, 100), (last, 2027, 100)))
    assert fact.NAME.removeprefix("relief.") == outcome


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 9, 15), 6, date(2027, 3, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_months_last(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


@pytest.mark.parametrize(("months", "code"), [(None, "grounds_missing"), (3, "hardship_too_short"), (4, None)])
def test_only_hardship_of_more_than_three_months_is_staged_in_zhejiang(months: int | None, code: str | None) -> None:
    case = told(Staging(months_at_most=6, from_months=3, clause="浙江2018"))
    grounds = Grounds(hardship_months=months)
    single, several = plan(*ONE_PART), plan(("09-20", 2026, 100), ("10-20", 2026, 50))
    staged = ProposeApproval(A, follow_up=False, plan=several, policy=case.policy, grounds=grounds)
    if code is not None:
        assert case.refuses(staged) == code
        assert case.does(ProposeApproval(A, follow_up=False, plan=single, policy=case.policy, grounds=grounds))
    else:
        assert case.does(staged)


@pytest.mark.parametrize(("second", "is_taken"), [(100, True), (99, False)])
def test_where_the_policy_wants_equal_instalments_none_differs(second: int, is_taken: bool) -> None:
    case = told(Staging(months_at_most=6, equal=True, clause="演示"))
    asked = ProposeApproval(A, False, plan(("09-20", 2026, 100), ("10-20", 2026, second)), case.policy)
    if is_taken:
        assert case.does(asked)
    else:
        assert case.refuses(asked) == "unequal_instalments"


def test_a_single_payment_is_no_staging() -> None:
    case = told(NATURAL_YEAR)
    _approved(case, [("01-20", 2027, 800)])
    assert case.standings() == ["planned"]


def test_a_reduced_instalment_is_held_anew_for_less_once_ledger_has_let_go() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(reserved())
    case.does(LetGoInstalment(I1, "reduced", 60_000, "income_recovered"), LEADER)
    assert (case.standings(), case.standing_fen()) == (["leaving"], 60_000)
    (freed,) = case.does(voided())
    assert isinstance(freed, InstalmentFreed)
    assert case.standings() == ["planned"]
    (called,) = case.does(CallInstalment(I1))
    assert isinstance(called, InstalmentCalled)
    assert (called.hold_id, called.amount_fen) == (f"{I1}.2", 60_000)
    assert case.does(reserved(I1)) == ()
    assert case.does(voided(I1)) == ()
    case.does(reserved(f"{I1}.2"))
    assert case.standings() == ["held"]


def test_a_reduced_instalment_that_its_fund_was_short_for_is_to_be_called_and_awaits_nobody() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(short(I1))
    assert case.next_steps()[I1] == "find_funds"
    case.does(LetGoInstalment(I1, "reduced", 60_000, "funds_short"), BUREAU)
    assert (case.standings(), case.next_steps()[I1]) == (["planned"], "call_instalment")


def test_a_reduced_instalment_that_is_held_awaits_ledger_until_it_has_let_go() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(reserved())
    case.does(LetGoInstalment(I1, "reduced", 60_000, "less_needed"), BUREAU)
    assert case.next_steps()[I1] == "await_ledger"
    case.does(voided())
    assert case.next_steps()[I1] == "call_instalment"


def test_a_stopped_instalment_that_its_fund_turns_out_short_for_leaves_nothing_to_pay() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(LetGoInstalment(I1, "stopped", 0, "death"), LEADER)
    case.does(short(I1))
    assert (case.standings(), I1 in case.next_steps()) == (["gone"], False)


def test_an_instalment_that_its_fund_was_short_for_is_asked_for_again_under_the_same_number() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(short(I1))
    (again,) = case.does(CallInstalment(I1))
    assert isinstance(again, InstalmentCalled)
    assert again.hold_id == I1
    case.does(reserved(I1))
    assert case.standings() == ["held"]
    case.does(voided(I1))
    (anew,) = case.does(CallInstalment(I1))
    assert isinstance(anew, InstalmentCalled)
    assert anew.hold_id == f"{I1}.2"


def test_a_stop_that_meets_a_payment_is_too_late_and_raises_a_review() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(reserved())
    case.does(LetGoInstalment(I1, "stopped", 0, "death"), LEADER)
    facts = case.does(instructed())
    assert facts[1:] == (ReviewRaised(case_id=CASE, about=I1, reason="too_late"),)
    assert case.standings() == ["instructed"]
    assert case.refuses(LetGoInstalment(I1, "stopped", 0, "death"), LEADER) == "instalment_too_late"


def test_a_fund_that_lets_go_at_the_years_end_leaves_the_promise() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(reserved())
    case.does(voided(I1, "year_closed"))
    assert (case.standings(), case.standing_fen()) == (["planned"], 100_000)


def test_nothing_is_released_before_its_day_or_without_money() -> None:
    case = told()
    _approved(case, ONE_PART)
    assert case.refuses(ReleaseInstalment(I1)) == "instalment_not_held"
    case.does(reserved())
    assert case.refuses(ReleaseInstalment(I1)) == "instalment_not_due"
    case.now = at("09-20 00:00")
    case.does(ReleaseInstalment(I1))
    assert case.standings() == ["released"]


def test_who_calls_an_instalment_again_has_not_decided_it_and_the_last_signer_still_has() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.does(short(I1))
    (again,) = case.does(CallInstalment(I1), OFFICER)
    assert isinstance(again, InstalmentCalled)
    assert again.decided_by == LEADER.id


def test_a_returned_instalment_may_be_paid_again_and_a_bounced_one_is_released_anew() -> None:
    case = told()
    _approved(case, ONE_PART)
    case.now = at("09-21 00:00")
    case.does(reserved())
    case.does(ReleaseInstalment(I1))
    case.does(instructed())
    case.does(returned(was_received=False))
    assert case.standings() == ["held"]
    case.does(ReleaseInstalment(I1))
    case.does(instructed(payment_id="p-2"))
    case.does(received(payment_id="p-2"))
    assert case.standings() == ["paid"]
    came_back, held = case.does(returned(payment_id="p-2"))
    assert (came_back.NAME, held.NAME) == ("relief.relief_came_back", "relief.instalment_held")
    assert case.standings() == ["held"]
    assert case.does(returned(payment_id="p-2")) == ()
    case.does(ReleaseInstalment(I1))
    case.does(instructed(payment_id="p-3"))
    case.does(received(payment_id="p-3"))
    assert case.standings() == ["paid"]


@pytest.mark.parametrize(("rule", "last"), [("months", date(2027, 3, 15)), ("year", date(2026, 12, 31))])
def test_an_instalments_money_is_held_until_its_plan_ends_and_no_longer(rule: str, last: date) -> None:
    case = told(SIX_MONTHS if rule == "months" else NATURAL_YEAR)
    _approved(case, [*EXAMPLE_5])
    calls = [fact for fact in case.facts if isinstance(fact, InstalmentCalled)]
    assert {call.until for call in calls} == {last}
    for number in range(1, 5):
        case.does(reserved(f"{A}-{number}"))
        case.does(voided(f"{A}-{number}", "expired"))
    case.now = datetime.combine(last, time(23, 59), SHANGHAI)
    case.does(CallInstalment(I1))
    case.now += timedelta(minutes=1)
    assert case.refuses(CallInstalment(I4)) == "plan_ended"


def test_a_single_instalment_has_no_plan_that_could_end() -> None:
    case = told()
    _approved(case, ONE_PART)
    (call,) = [fact for fact in case.facts if isinstance(fact, InstalmentCalled)]
    assert call.until is None


@pytest.mark.parametrize("to_fen", [0, 100_000, 100_001])
def test_a_reduced_instalment_keeps_something_and_less(to_fen: int) -> None:
    case = told()
    _approved(case, ONE_PART)
    assert case.refuses(LetGoInstalment(I1, "reduced", to_fen, "x"), LEADER) == "not_less"


def test_stopping_lets_go_all_that_is_not_paid_and_the_case_can_be_closed() -> None:
    case = told()
    _approved(case, [*EXAMPLE_5])
    for number in range(1, 5):
        case.does(reserved(f"{A}-{number}"))
    case.does(instructed())
    case.does(received())
    assert case.refuses(CloseCase()) == "approval_open"
    stopped = case.does(StopApproval(A, "hardship_ended"), LEADER)
    assert {fact.how for fact in stopped if isinstance(fact, InstalmentLetGo)} == {"stopped"}
    assert len(stopped) == 3
    for number in range(2, 5):
        case.does(voided(f"{A}-{number}"))
    (closed,) = case.does(CloseCase())
    assert isinstance(closed, CaseClosed)
    assert closed.handling.endswith("已按规定审批发放救助金。")


# --- laws

MOVES: Sequence[Note | CallInstalment | LetGoInstalment | ReleaseInstalment | StopApproval] = [
    move
    for number in (1, 2)
    for hold in (f"{A}-{number}", f"{A}-{number}.2")
    for move in (
        reserved(hold),
        short(hold),
        instructed(hold, f"p-{hold}"),
        received(hold, f"p-{hold}"),
        returned(hold, f"p-{hold}"),
        returned(hold, f"p-{hold}", was_received=False),
        voided(hold),
        CallInstalment(f"{A}-{number}"),
        ReleaseInstalment(f"{A}-{number}"),
        LetGoInstalment(f"{A}-{number}", "reduced", 50_000, "x"),
        LetGoInstalment(f"{A}-{number}", "skipped", 0, "x"),
        StopApproval(A, "x"),
    )
]


@settings(max_examples=60)
@for_all(st.lists(st.sampled_from(MOVES), max_size=14))
def test_what_is_promised_called_or_paid_never_exceeds_what_was_decided(
    moves: list[Note | CallInstalment | LetGoInstalment | ReleaseInstalment | StopApproval],
) -> None:
    """Twice the same changes nothing, and no instalment is ever called for more than what stands of it."""
    case = told()
    _approved(case, [("09-10", 2026, 1000), ("09-12", 2026, 1000)])
    for move in moves:
        try:
            facts = case.does(move)
        except Refused:
            continue
        called = [fact for fact in facts if isinstance(fact, InstalmentCalled)]
        assert case.case is not None
        known = case.case.approvals.instalments
        assert all(fact.amount_fen == known[fact.instalment_id].amount_fen for fact in called)
        assert case.standing_fen() <= 200_000
        if not isinstance(move, CallInstalment | LetGoInstalment | ReleaseInstalment | StopApproval):
            assert case.does(move) == ()
