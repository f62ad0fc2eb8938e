"""What goes otherwise than planned: each exceptional path of a case, and what must not follow from it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from events.ledger import RefusedShort
from events.relief import AdvanceDecided, AdvanceLetGo, CaseClosed, HouseholdRelieved, ReviewRaised
from events.relief_after import CountyOverrode, LetterDelivered, PostReviewConcluded, RecoveryOrdered, ReportLeft
from events.relief_approval import InstalmentLetGo, Plan, Planned
from events.relief_clocks import ClockBroken
from events.relief_fast import CaseDiverted, RestReferred, SmallFastDecided
from events.relief_inquiry import MeansCheckRequested, NoticePosted, ObjectionAnswered
from events.relief_persons import (
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityEstablished,
    RepeatFound,
    RepeatWithdrawn,
)
from events.relief_words import HandedOver, fast_track_claim
from events.rules import (
    DirectRelief,
    HouseholdVisit,
    MinimumRelief,
    MoneyLimit,
    Months,
    Overdraft,
    Permission,
    Posting,
    Publicity,
    RemedyOrder,
    SmallFast,
    Staging,
    TownshipLimit,
)
from services.relief.case_commands import (
    AcceptCase,
    CloseCase,
    DecideAdvance,
    HandOverGoods,
    LinkReport,
    NoteShort,
    RecordContact,
)
from services.relief.clock_book import DECIDER as CLOCKS
from services.relief.clock_book import JudgeClock
from services.relief.policy import Policy
from services.relief.steps.approval import ProposeApproval, SignApproval, StopApproval
from services.relief.steps.county import ConcludeReview, DrawSample, JudgeDebt, Override, ReceiveFiling
from services.relief.steps.ending import (
    CorrectEntry,
    DeliverLetter,
    EndEarly,
    LetReportLeave,
    NoteReconsideration,
    RefuseRelief,
)
from services.relief.steps.fast_track import (
    CallEmergency,
    ChooseRemedy,
    DivertCase,
    GiveSmallFast,
    LiftEmergency,
    ListForDirectRelief,
)
from services.relief.steps.identity import (
    CheckDuplicates,
    EstablishIdentity,
    NoteHomeAnswer,
    TellHomeCounty,
    WithdrawIdentity,
)
from services.relief.steps.inquiry import AnswerCheck, HearPeers, JudgeType, RecordVisit, RequestCheck, TellMissing
from services.relief.steps.publicity import AnswerObjection, EndNotice, ObjectToNotice, PostNotice
from services.relief.steps.recovery import AnswerWaiver, OrderRecovery, SettleRecovery
from services.relief.steps.referral import AnswerReferral, CloseReferral, SendReferral
from services.relief.story import sentence, story
from services.relief.working_days import Calendar
from tests.support.given import given, recorded
from tests.unit.relief.facts import (
    CALENDAR,
    CASE,
    COUNTY,
    FIRST,
    FUND,
    PERSON,
    QUILTS,
    SECOND,
    TOWNSHIP,
    again,
    at,
    decide_advance,
    given_back,
    opened,
    policy,
    received,
    reserved,
    returned,
    voided,
)
from tests.unit.relief.told import BUREAU, HEAD, LEADER, OFFICER, A, Told, told

CLAIM = f"advance:{PERSON}:fire"
OTHER = "case:case-7"
SHA, SHA_2 = "a" * 64, "b" * 64
SMALL = SmallFast(limit_fen=100_000, inclusive=True, days=3, clause="小额快救")
PUBLISHES = Publicity(expenditure=Posting(days=3, unit="working_day"), clause="演示公示")
VISITS = HouseholdVisit(investigators=3, clause="演示入户")


def paid(found: Policy | None = None) -> Told:
    """A case whose household has an advance of 2,000 yuan in hand."""
    one = told(found)
    one.does(decide_advance(policy=one.policy), LEADER)
    one.does(reserved())
    one.does(received())
    return one


def plan(*amounts: int) -> Plan:
    instalments = tuple(
        Planned(instalment_id=f"{A}-{number}", amount_fen=amount, due_on=date(2026, 11, number))
        for number, amount in enumerate(amounts, start=1)
    )
    return Plan(payer=TOWNSHIP, ceiling_fen=sum(amounts), instalments=instalments)


def visit(visit_id: str = "v-1", found: Policy | None = None, *, by: int = 3, signed: bool = True) -> RecordVisit:
    investigators = tuple(f"S-{number}" for number in range(by))
    return RecordVisit(
        visit_id, investigators, signed, hardship_goes_on=True, record_sha256=SHA, policy=found or policy()
    )


# --- the twenty paths


def test_path_1_a_person_dies_before_payment_and_what_is_paid_is_kept() -> None:
    case = paid(policy(900_000, staging=Staging(months_at_most=6, clause="演示分期")))
    case.proposes(plan(100_000, 100_000))
    case.signs(OFFICER, LEADER)
    case.does(decide_advance(SECOND, 50_000, policy=case.policy), LEADER)
    facts = case.does(EndEarly("death"), LEADER)
    assert [fact.how for fact in facts if isinstance(fact, InstalmentLetGo)] == ["stopped", "stopped"]
    assert [fact.decision_id for fact in facts if isinstance(fact, AdvanceLetGo)] == [SECOND]
    assert case.known.received_fen(FIRST) == 200_000
    assert not case.known.recoveries
    assert case.refuses(decide_advance("third"), LEADER) == "case_over"


def test_path_2_a_person_who_cannot_be_reached_breaks_the_clock_with_every_attempt_on_record() -> None:
    case = told(accepted=False)
    case.does(AcceptCase())
    assert case.refuses(EndEarly("lost"), LEADER) == "not_sought"
    for hour in (10, 13, 20):
        case.now = at(f"11-02 {hour}:00")
        case.does(RecordContact(reached=False))
    assert [one.at for one in case.known.contacts] == [at("11-02 10:00"), at("11-02 13:00"), at("11-02 20:00")]
    assert case.clock(at("11-03 08:00")).verdict == "running"
    late = case.clock(at("11-04 09:00"))
    (broken,) = given(CLOCKS).when(JudgeClock(CASE, late, case.policy.policy_hash))
    assert isinstance(broken, ClockBroken)
    assert (broken.verdict, broken.unreached) == ("breached", True)
    assert "联系不上" in sentence(broken)
    case.now = at("11-04 10:00")
    case.does(RecordContact(reached=True))
    assert case.clock(case.now).unreached
    assert len(case.does(EndEarly("lost"), LEADER)) == 1


def test_who_was_reached_before_the_time_was_up_is_not_said_to_be_out_of_reach() -> None:
    case = told(accepted=False)
    case.does(RecordContact(reached=False))
    case.now = at("11-02 20:00")
    case.does(RecordContact(reached=True))
    assert not case.clock(at("11-04 09:00")).unreached
    assert not told().clock(at("11-04 09:00")).unreached


def test_path_3_an_unknown_person_gets_goods_and_no_claim_and_is_known_later() -> None:
    case = told(person=None)
    (decided,) = case.does(decide_advance(amount_fen=0, goods=(QUILTS,)), LEADER)
    assert decided.takes() == ()
    case.does(HandOverGoods(FIRST, case.policy, CALENDAR))
    (fact,) = case.does(EstablishIdentity(PERSON))
    assert isinstance(fact, IdentityEstablished)
    assert fact.takes() == (CLAIM,)
    assert case.does(EstablishIdentity(PERSON)) == ()
    assert case.refuses(EstablishIdentity("p:fedcba9876543210")) == "identity_known"


def test_path_4_a_second_case_of_the_same_person_is_found_reviewed_and_not_taken_back() -> None:
    case = told(person=None)
    case.does(decide_advance(amount_fen=0, goods=(QUILTS,)), LEADER)
    case.does(HandOverGoods(FIRST, case.policy, CALENDAR))
    case.owners = {CLAIM: OTHER}
    established, repeat, review = case.does(EstablishIdentity(PERSON))
    assert established.takes() == ()
    assert repeat == RepeatFound(case_id=CASE, person=PERSON, other=OTHER)
    assert review == ReviewRaised(case_id=CASE, about=CASE, reason="repeat_found")
    assert not case.known.recoveries
    withdrawn = case.does(WithdrawIdentity(PERSON, "wrong_person"), BUREAU)
    assert withdrawn[1:] == (RepeatWithdrawn(case_id=CASE, person=PERSON),)
    assert withdrawn[0].releases() == ()
    assert case.known.decisions[FIRST].goods == (QUILTS,)


def test_path_5_two_channels_one_case_one_advance_both_answered() -> None:
    case = told()
    case.does(LinkReport(again()))
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    relieved, _ = case.does(received())
    assert isinstance(relieved, HouseholdRelieved)
    assert relieved.report_ids == ("report-1", "report-2")
    assert case.refuses(decide_advance(), LEADER) == "decision_exists"
    (closed,) = case.does(CloseCase())
    assert isinstance(closed, CaseClosed)
    assert closed.report_ids == ("report-1", "report-2")


def test_path_6_two_townships_one_person_the_second_is_declined_and_other_counties_are_not_waited_for() -> None:
    case = told()
    case.does(CheckDuplicates("pending"))
    assert case.known.whose.duplicates == "pending"
    case.owners = {CLAIM: OTHER}
    assert [fact.NAME for fact in case.does(decide_advance(), LEADER)] == ["relief.advance_declined"]
    case.owners = {}
    assert [fact.NAME for fact in case.does(decide_advance(SECOND), LEADER)] == ["relief.advance_decided"]


def test_path_7_the_place_of_occurrence_decides_and_pays_and_the_county_of_the_hukou_is_told() -> None:
    case, home = told(), "990199"
    assert case.refuses(TellHomeCounty(COUNTY)) == "home_is_here"
    assert case.refuses(NoteHomeAnswer(home, "nothing_against", SHA)) == "home_not_told"
    (notice,) = case.does(TellHomeCounty(home))
    assert isinstance(notice, HomeCountyTold)
    assert (notice.home_county, notice.county, notice.township) == (home, COUNTY, TOWNSHIP)
    assert case.does(TellHomeCounty(home)) == ()
    assert "await_home_county" in case.next_steps().values()
    (decided,) = case.does(decide_advance(), LEADER)
    assert isinstance(decided, AdvanceDecided)
    assert (decided.county, decided.township) == (COUNTY, TOWNSHIP)
    answered, review = case.does(NoteHomeAnswer(home, "helped_there", SHA))
    assert isinstance(answered, HomeCountyAnswered)
    assert review == ReviewRaised(case_id=CASE, about=CASE, reason="duplicate_elsewhere")
    assert "await_home_county" not in case.next_steps().values()
    assert case.does(NoteHomeAnswer(home, "helped_there", SHA)) == ()
    assert not case.known.recoveries


def test_path_7_the_same_answer_of_the_county_of_the_hukou_with_another_document_is_kept_beside_the_first() -> None:
    case, home = told(), "990199"
    case.does(TellHomeCounty(home))
    for sha in (SHA, SHA_2):
        (answered,) = case.does(NoteHomeAnswer(home, "nothing_against", sha))
        assert isinstance(answered, HomeCountyAnswered)
        assert answered.record_sha256 == sha
    assert case.does(NoteHomeAnswer(home, "nothing_against", SHA)) == ()
    (changed,) = case.does(NoteHomeAnswer(home, "not_of_here", SHA))
    assert isinstance(changed, HomeCountyAnswered)


def test_path_8_no_hukou_no_permit_no_urgent_need_goes_to_the_rescue_station() -> None:
    case = told()
    (fact,) = case.does(DivertCase("vagrant_rescue", relief_follows=False, reference="〔2026〕11号"))
    assert isinstance(fact, CaseDiverted)
    assert case.refuses(decide_advance(), LEADER) == "case_elsewhere"
    case.does(DivertCase("medical_emergency_fund", relief_follows=True, reference=""))
    assert len(case.does(decide_advance(), LEADER)) == 1


def test_path_9_an_advance_found_ineligible_in_good_faith_is_paid_no_further_and_the_county_decides() -> None:
    case = paid(policy(900_000))
    case.proposes(plan(100_000))
    case.signs(OFFICER, LEADER)
    facts = case.does(ConcludeReview("w-1", "ineligible_in_good_faith", "", case.policy), BUREAU)
    assert [fact.NAME for fact in facts] == ["relief.post_review_concluded", "relief.instalment_let_go"]
    assert case.refuses(decide_advance(SECOND), LEADER) == "found_ineligible"
    assert not case.known.recoveries
    case.does(OrderRecovery("back-1", FIRST, 200_000, "ineligible"), BUREAU)
    case.does(SettleRecovery("back-1", "s-1", "waived", 150_000, "hardship"), BUREAU)
    case.does(AnswerWaiver("back-1", "s-1", True, case.policy), HEAD)
    assert case.refuses(SettleRecovery("back-1", "s-2", "offset", 50_001, "next_help"), BUREAU) == "recovery_over_owed"
    case.does(given_back("back-1", "s-3", 50_000))
    assert case.known.recoveries["back-1"].open_fen == 0


def test_path_10_a_fund_that_is_exhausted_refuses_nobody_and_its_remedies_have_an_order() -> None:
    """Worked example 10: 1,200 available, 2,000 needed; in the end the county pays."""
    order = RemedyOrder(order=("emergency_replenishment", "county_pays", "overdraft"), clause="演示顺序")
    case = told(policy(remedies=order))
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(_short())
    assert case.known.short_fen(FIRST) == 80_000
    assert case.refuses(RefuseRelief("funds_short", SHA, case.policy), LEADER) == "never_for_funds"
    assert case.refuses(ChooseRemedy(FIRST, "county_pays", case.policy), LEADER) == "remedy_order"
    case.does(ChooseRemedy(FIRST, "emergency_replenishment", case.policy), LEADER)
    _, anew, _ = case.does(ChooseRemedy(FIRST, "county_pays", case.policy), BUREAU)
    assert isinstance(anew, AdvanceDecided)
    assert (anew.fund_id, anew.amount_fen) == (f"{COUNTY}-2026", 200_000)
    assert case.clock(at("11-02 12:00")).verdict == "running"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (None, "overdraft_not_allowed"),
        (Overdraft(allowed=False, clause="演示"), "overdraft_not_allowed"),
        (Overdraft(allowed=True, cap_fen=79_999, settled="borne", clause="演示"), "over_overdraft_cap"),
        (Overdraft(allowed=True, cap_fen=80_000, settled="borne", clause="演示"), None),
    ],
)
def test_a_township_pays_beyond_its_fund_only_as_far_as_the_policy_lets_it(
    rule: Overdraft | None, code: str | None
) -> None:
    case = told(policy(remedies=RemedyOrder(order=("overdraft",), clause="演示顺序"), overdraft=rule))
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(_short())
    chosen = ChooseRemedy(FIRST, "overdraft", case.policy)
    if code is None:
        assert len(case.does(chosen, LEADER)) == 1
    else:
        assert case.refuses(chosen, LEADER) == code


@pytest.mark.parametrize(("fen", "outcome"), [(79_999, "below_minimum"), (80_000, None)])
def test_no_single_relief_is_below_the_policys_minimum(fen: int, outcome: str | None) -> None:
    case = told(policy(minimum_relief=MinimumRelief(limit_fen=80_000, clause="宁国")))
    (fact,) = case.does(decide_advance(amount_fen=fen, policy=case.policy), LEADER)
    assert getattr(fact, "reason", None) == outcome


def test_where_hardship_goes_on_after_help_charity_is_thought_of_if_the_policy_asks_for_it() -> None:
    visit = ("visit-1", ("S-1",), True, True, SHA)
    case = paid(policy(charity_referral=Permission(modal="must", clause="重庆")))
    _, review = case.does(RecordVisit(*visit, case.policy))
    assert isinstance(review, ReviewRaised)
    assert review.reason == "charity_referral"
    silent = paid()
    assert len(silent.does(RecordVisit(*visit, silent.policy))) == 1


def test_path_11_papers_that_never_come_are_the_countys_to_judge() -> None:
    case = paid()
    assert case.refuses(JudgeDebt(SECOND, "refused", "x"), BUREAU) == "unknown_debt"
    case.does(JudgeDebt(FIRST, "refused", "papers_never_came"), BUREAU)
    assert case.known.oversight.debts == {FIRST: "refused"}
    assert case.known.received_fen(FIRST) == 200_000


def test_path_11_a_township_whose_right_is_suspended_helps_first_no_more_and_its_county_does() -> None:
    case = told()
    case.owners = {fast_track_claim(TOWNSHIP): f"fast-track:{TOWNSHIP}"}
    before = case.clock(at("11-02 12:00"))
    assert case.refuses(decide_advance(policy=case.policy), LEADER) == "fast_track_suspended"
    (theirs,) = case.does(DecideAdvance(FIRST, f"{COUNTY}-2026", 200_000, (), case.policy, by_county=True), BUREAU)
    assert isinstance(theirs, AdvanceDecided)
    assert (theirs.by_county, case.clock(at("11-02 12:00"))) == (True, before)
    case.owners = {}
    assert isinstance(case.does(decide_advance(SECOND, amount_fen=100, policy=case.policy), LEADER)[0], AdvanceDecided)


def test_path_11_small_fast_relief_leaves_no_papers_and_is_not_suspended() -> None:
    case = told(policy(small_fast=SMALL))
    case.owners = {fast_track_claim(TOWNSHIP): f"fast-track:{TOWNSHIP}"}
    (given_all_the_same,) = case.does(GiveSmallFast(FIRST, FUND, 100_000, "house_fire", case.policy, CALENDAR))
    assert isinstance(given_all_the_same, SmallFastDecided)


@pytest.mark.parametrize(("to_fen", "back_fen"), [(150_000, [50_000]), (200_001, [])])
def test_path_12_the_county_overrides_the_township_and_only_too_much_comes_back(
    to_fen: int, back_fen: list[int]
) -> None:
    case = paid()
    facts = case.does(Override("o-1", FIRST, to_fen, "amount"), BUREAU)
    assert isinstance(facts[0], CountyOverrode)
    assert [fact.amount_fen for fact in facts if isinstance(fact, RecoveryOrdered)] == back_fen
    assert case.known.decisions[FIRST].amount_fen == 200_000
    assert case.does(Override("o-1", FIRST, to_fen, "amount"), BUREAU) == ()


def test_path_12_what_the_county_gives_beyond_the_township_it_decides_and_pays_itself() -> None:
    case = paid(policy(200_000, county_limit=MoneyLimit(limit_fen=900_000, inclusive=True, clause="演示县级")))
    case.does(Override("o-1", FIRST, 260_000, "amount"), BUREAU)
    difference = DecideAdvance("county-1", f"{COUNTY}-2026", 60_000, (), case.policy, by_county=True)
    (theirs,) = case.does(difference, HEAD)
    assert isinstance(theirs, AdvanceDecided)
    assert (theirs.by_county, theirs.fund_id, theirs.amount_fen) == (True, f"{COUNTY}-2026", 60_000)
    assert case.known.received_fen(FIRST) == 200_000


@pytest.mark.parametrize(("to_fen", "back_fen"), [(10_000, [30_000]), (40_001, [])])
def test_path_12_goods_that_are_handed_over_beyond_the_countys_word_are_ordered_back(
    to_fen: int, back_fen: list[int]
) -> None:
    case = told()
    case.does(decide_advance(amount_fen=0, goods=(QUILTS,)), LEADER)
    case.does(Override("o-1", FIRST, to_fen, "amount"), BUREAU)
    facts = case.does(HandOverGoods(FIRST, case.policy, CALENDAR))
    assert [fact.amount_fen for fact in facts if isinstance(fact, RecoveryOrdered)] == back_fen


def test_path_13_staged_relief_is_cancelled_half_way_with_its_reason() -> None:
    case = told(policy(900_000))
    case.proposes(plan(100_000))
    case.signs(OFFICER, LEADER)
    (gone,) = case.does(EndEarly("withdrawn"), LEADER)[1:]
    assert isinstance(gone, InstalmentLetGo)
    assert (gone.reason, case.known.approvals.standing_fen) == ("withdrawn", 0)
    assert "终止" in sentence(gone)
    assert "notify_household" in case.next_steps().values()
    (told_of_it,) = case.does(DeliverLetter(SHA, "post", at("11-02 10:00")))
    assert isinstance(told_of_it, LetterDelivered)
    assert "notify_household" not in case.next_steps().values()


def test_path_13_a_letter_of_before_does_not_tell_of_what_is_stopped_later() -> None:
    case = told(policy(900_000, staging=Staging(months_at_most=6, clause="演示分期")))
    case.proposes(plan(100_000, 100_000))
    case.signs(OFFICER, LEADER)
    case.does(DeliverLetter(SHA, "post", at("11-02 10:00")))
    assert "notify_household" not in case.next_steps().values()
    case.does(StopApproval(A, "hardship_over"), LEADER)
    assert [step for step in case.next_steps().values() if step == "notify_household"] == ["notify_household"]
    case.does(DeliverLetter(SHA_2, "in_person", at("11-02 11:00")))
    assert "notify_household" not in case.next_steps().values()


def test_path_14_a_returned_transfer_sets_the_first_clock_running_on() -> None:
    """Worked example 8: two hours and five minutes, then 31 hours and 45 minutes."""
    case = Told(policy(), now=at("10-09 09:00"))
    case.happens(opened(reported_at=at("10-09 09:00")))
    case.does(AcceptCase())
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.now = at("10-09 11:05")
    case.does(received(when=case.now))
    assert case.clock(case.now).elapsed == timedelta(hours=2, minutes=5)
    case.now = at("10-10 15:40")
    case.does(returned())
    case.now = at("10-10 16:45")
    case.does(received(payment_id="payment-2", when=at("10-10 16:45")))
    clock = case.clock(case.now)
    assert (clock.elapsed, clock.verdict) == (timedelta(hours=31, minutes=45), "breached")
    assert case.known.received_fen(FIRST) == 200_000


def test_path_15_cash_to_an_agent_is_ledgers_reference_and_no_name_here() -> None:
    case = paid()
    facts = [recorded(fact, number, case.now) for number, fact in enumerate(case.facts, start=1)]
    assert PERSON not in "".join(one.sentence for one in story(facts))


def test_path_16_an_objection_stops_the_notice_until_somebody_was_there() -> None:
    case = told(policy(publicity=PUBLISHES))
    case.does(JudgeType("expenditure", None))
    (posted,) = case.does(PostNotice("n-1", case.policy, CALENDAR))
    assert isinstance(posted, NoticePosted)
    assert (posted.ends_on, posted.masked) == (date(2026, 11, 5), True)
    case.does(ObjectToNotice("n-1", "j-1", "income_hidden"))
    case.now = at("11-06 09:00")
    assert case.refuses(EndNotice("n-1")) == "objection_open"
    answer = AnswerObjection("n-1", "j-1", "v-1", upheld=False, policy=case.policy, calendar=CALENDAR)
    assert case.refuses(answer) == "not_investigated"
    case.does(visit())
    (fact,) = case.does(answer)
    assert isinstance(fact, ObjectionAnswered)
    assert fact.ends_on == date(2026, 11, 11)
    case.now = at("11-11 23:59")
    assert case.refuses(EndNotice("n-1")) == "notice_running"
    case.now = at("11-12 00:00")
    case.does(EndNotice("n-1"))
    assert case.known.inquiry.notices["n-1"].standing == "ended"


def test_path_17_a_case_for_another_scheme_is_handed_on_with_its_reports() -> None:
    case = told()
    case.does(LinkReport(again()))
    (fact,) = case.does(DivertCase("disaster_resettlement", relief_follows=False, reference="〔2026〕1号"))
    assert isinstance(fact, CaseDiverted)
    assert fact.report_ids == ("report-1", "report-2")


def test_path_17_the_time_in_the_wrong_county_is_the_citizens_and_not_the_next_owners() -> None:
    wrong = told()
    (left, *_) = wrong.does(LetReportLeave("report-1", "returned"))
    assert isinstance(left, ReportLeft)
    assert (left.how, left.is_last) == ("returned", True)
    right = Told(policy(), now=at("11-04 09:00"))
    came = opened().model_copy(update={"came_from": HandedOver(county="990199", case_id="case-a")})
    right.happens(came)
    citizens, owners = (
        right.clock(at("11-04 10:00"), name) for name in ("advance_from_report", "advance_from_transfer")
    )
    assert (citizens.started_at, citizens.verdict) == (at("11-02 08:10"), "breached")
    assert (owners.started_at, owners.verdict) == (at("11-04 09:00"), "running")


def test_path_18_what_arrives_late_gives_the_same_clock() -> None:
    early, late = told(), told()
    early.does(LinkReport(again()))
    late.now = at("11-02 11:30")
    late.does(LinkReport(again()))
    assert early.clock(at("11-02 12:00")).due_at == late.clock(at("11-02 12:00")).due_at == at("11-03 07:55")


def test_path_19_a_policy_that_changes_leaves_a_decision_on_the_set_it_was_made_under() -> None:
    case = told(policy(200_000))
    (decided,) = case.does(decide_advance(policy=case.policy), LEADER)
    assert isinstance(decided, AdvanceDecided)
    newer = policy(100_000)
    assert decided.basis.policy_hash == case.policy.policy_hash != newer.policy_hash
    (declined,) = case.does(decide_advance(SECOND, 1, policy=newer), LEADER)
    assert declined.NAME == "relief.advance_declined"


def test_path_20_a_wrong_entry_is_corrected_by_a_fact_beside_it() -> None:
    case = told()
    case.does(visit(found=case.policy))
    before = list(case.facts)
    case.does(CorrectEntry("v-1", "investigators", SHA_2))
    assert case.facts[:-1] == before
    assert case.does(CorrectEntry("v-1", "investigators", SHA_2)) == ()


# --- worked examples


@pytest.mark.parametrize(("per", "outcome"), [("person", True), ("household", False)])
def test_worked_example_4_small_fast_relief_is_complete_and_leaves_no_debt(per: str, outcome: bool) -> None:
    rule = SmallFast.model_validate(
        {"limit_fen": 79_800, "inclusive": True, "per": per, "days": 3, "clause": "小额快救"}
    )
    case = Told(policy(small_fast=rule), now=at("10-02 09:00"))
    case.happens(opened(reported_at=at("09-30 09:00")))
    give = GiveSmallFast(FIRST, FUND, 200_000, "house_fire", case.policy, CALENDAR)
    if not outcome:
        assert case.refuses(give) == "over_small_fast"
        return
    (fact,) = case.does(give)
    assert isinstance(fact, SmallFastDecided)
    assert (fact.pay_by, fact.takes()[0]) == (date(2026, 10, 3), CLAIM)
    case.does(reserved())
    assert [fact.NAME for fact in case.does(received(when=at("10-02 09:00")))] == ["relief.household_relieved"]
    assert not case.known.debts
    assert case.clock(case.now).elapsed == timedelta(hours=48)


def test_a_county_may_have_small_fast_relief_checked_and_posted_all_the_same() -> None:
    strict = SMALL.model_copy(update={"means_check": True, "publicity": True})
    emergency = Publicity(emergency=Posting(days=2, unit="natural_day"), clause="演示公示")
    case = told(policy(small_fast=strict, publicity=emergency))
    give = GiveSmallFast(FIRST, FUND, 50_000, "fire", case.policy, CALENDAR)
    assert case.refuses(give) == "not_checked"
    case.does(RequestCheck("c-1", date(2026, 11, 2)))
    assert case.refuses(give) == "not_checked"
    case.does(AnswerCheck("c-1", "within", SHA))
    assert case.refuses(give) == "not_posted"
    case.does(PostNotice("n-1", case.policy, CALENDAR))
    case.now = at("11-05 00:00")
    case.does(EndNotice("n-1"))
    assert len(case.does(give)) == 1


def test_worked_example_4_the_outer_line_rolls_off_the_holidays_only_by_policy() -> None:
    days_off = frozenset(date(2026, 10, day) for day in range(1, 8))
    calendar = Calendar(frozenset({2026}), days_off)
    rule = SmallFast(limit_fen=79_800, inclusive=True, days=3, rolls=True, clause="小额快救")
    case = Told(policy(small_fast=rule), now=at("10-02 09:00"))
    case.happens(opened(reported_at=at("09-30 09:00")))
    (fact,) = case.does(GiveSmallFast(FIRST, FUND, 200_000, "house_fire", case.policy, calendar))
    assert isinstance(fact, SmallFastDecided)
    assert fact.pay_by == date(2026, 10, 8)


def test_worked_example_3_the_township_pays_up_to_its_limit_and_the_county_the_rest() -> None:
    limit = TownshipLimit(limit_fen=420_000, inclusive=True, advance_up_to_limit=True, clause="演示二")
    base = policy()
    case = told(resolve_with(base, limit))
    decided, rest = case.does(decide_advance(amount_fen=423_000, policy=case.policy), LEADER)
    assert isinstance(decided, AdvanceDecided)
    assert isinstance(rest, RestReferred)
    assert (decided.amount_fen, rest.rest_fen) == (420_000, 3_000)
    county = DecideAdvance("county-1", f"{COUNTY}-2026", rest.rest_fen, (), case.policy, by_county=True)
    (theirs,) = case.does(county, HEAD)
    assert isinstance(theirs, AdvanceDecided)
    assert theirs.amount_fen == 3_000


def resolve_with(base: Policy, limit: TownshipLimit) -> Policy:
    rules = base.rules.model_copy(update={"township_limit": limit})
    return Policy(base.county, rules, base.origins, base.standards)


# --- the general track


def test_an_expenditure_case_is_visited_checked_and_posted_before_it_is_approved() -> None:
    case = told(policy(900_000, publicity=PUBLISHES, household_visit=VISITS))
    case.does(JudgeType("expenditure", "dibao"))
    assert _proposal(case) == "not_visited"
    assert case.refuses(visit(found=case.policy, by=2)) == "too_few_investigators"
    assert case.refuses(visit(found=case.policy, signed=False)) == "not_signed"
    case.does(visit(found=case.policy))
    (asked,) = case.does(RequestCheck("c-1", date(2026, 11, 2)))
    assert isinstance(asked, MeansCheckRequested)
    assert asked.scope == "spending"
    assert _proposal(case) == "check_open"
    assert len(case.does(decide_advance(policy=case.policy), LEADER)) == 1
    case.does(AnswerCheck("c-1", "within", SHA))
    assert case.does(AnswerCheck("c-1", "within", SHA)) == ()
    assert case.refuses(AnswerCheck("c-1", "over", SHA)) == "check_answered"
    case.does(HearPeers(9, 7))
    assert _proposal(case) == "not_posted"
    case.does(PostNotice("n-1", case.policy, CALENDAR))
    case.now = at("11-06 00:00")
    case.does(EndNotice("n-1"))
    assert len(case.proposes(plan(100_000))) == 1


def _proposal(case: Told) -> str:
    return case.refuses(ProposeApproval(A, follow_up=False, plan=plan(100_000), policy=case.policy))


def test_an_emergency_case_is_never_posted_unless_the_policy_posts_that_type() -> None:
    case = told(policy(publicity=PUBLISHES))
    case.does(JudgeType("emergency", None))
    assert case.refuses(PostNotice("n-1", case.policy, CALENDAR)) == "nothing_to_post"


def test_a_notice_of_emergency_relief_stands_its_own_time_again_after_an_objection() -> None:
    """Changshou posts both types."""
    both = PUBLISHES.model_copy(update={"emergency": Posting(days=5, unit="natural_day")})
    case = told(policy(publicity=both))
    case.does(JudgeType("emergency", None))
    case.does(PostNotice("n-1", case.policy, CALENDAR))
    case.does(ObjectToNotice("n-1", "j-1", "income_hidden"))
    case.does(visit())
    (fact,) = case.does(AnswerObjection("n-1", "j-1", "v-1", upheld=False, policy=case.policy, calendar=CALENDAR))
    assert isinstance(fact, ObjectionAnswered)
    assert fact.ends_on == date(2026, 11, 7)


def test_what_is_missing_is_told_once() -> None:
    case = told()
    case.does(TellMissing(("cause",), case.policy))
    assert case.refuses(TellMissing(("amount",), case.policy)) == "told_already"


# --- other steps


def test_life_comes_first_and_the_case_stays_ours() -> None:
    case = told()
    case.does(CallEmergency("ambulance_120", "120-1"))
    assert case.does(CallEmergency("ambulance_120", "120-1")) == ()
    assert len(case.does(decide_advance(), LEADER)) == 1


def test_a_household_on_a_list_is_helped_without_acceptance() -> None:
    lists = DirectRelief(lists=("rural_monitoring",), clause="演示名单")
    case = told(policy(direct_relief=lists), accepted=False)
    assert case.refuses(decide_advance(policy=case.policy), LEADER) == "not_accepted"
    assert case.refuses(ListForDirectRelief("other_list", "row-1", case.policy)) == "list_unknown"
    case.does(ListForDirectRelief("rural_monitoring", "row-1", case.policy))
    assert len(case.does(decide_advance(policy=case.policy), LEADER)) == 1


def test_fraud_is_recorded_with_its_document_and_bars_for_the_policys_months() -> None:
    case = paid(policy(disqualification=Months(months=24, clause="演示")))
    assert case.refuses(ConcludeReview("w-1", "fraud", "", case.policy), BUREAU) == "no_document"
    (fact,) = case.does(ConcludeReview("w-1", "fraud", "决定〔2026〕1号", case.policy), BUREAU)
    assert isinstance(fact, PostReviewConcluded)
    assert fact.barred_until == date(2028, 11, 2)


@pytest.mark.parametrize(("day", "is_barred"), [("11-02 09:00", True), ("11-03 00:00", False)])
def test_after_fraud_no_ordinary_application_is_taken_until_the_policys_day(day: str, is_barred: bool) -> None:
    until = date(2026, 11, 3)
    case = Told(policy(900_000, small_fast=SMALL), now=at(day))
    case.happens(opened().model_copy(update={"urgency": "normal", "reported_at": case.now}))
    case.does(AcceptCase())
    (fact,) = case.does(replace(decide_advance(policy=case.policy), barred_until=until), LEADER)
    assert getattr(fact, "reason", None) == ("disqualified" if is_barred else None)
    small = GiveSmallFast(SECOND, FUND, 50_000, "fire", case.policy, CALENDAR, until)
    proposed = ProposeApproval(A, False, plan(100_000), case.policy, barred_until=until)
    if is_barred:
        assert case.refuses(small) == case.refuses(proposed) == "disqualified"
        case.proposes(plan(100_000))
        assert case.refuses(SignApproval(A, case.policy, until), OFFICER) == "disqualified"
    else:
        assert len(case.does(small)) == len(case.does(proposed)) == 1


def test_whoever_is_barred_is_helped_in_an_emergency_and_a_person_looks_at_it() -> None:
    until = date(2028, 11, 2)
    case = told(policy(900_000, small_fast=SMALL))
    review = ReviewRaised(case_id=CASE, about=FIRST, reason="helped_while_barred")
    assert case.does(replace(decide_advance(policy=case.policy), barred_until=until), LEADER)[1] == review
    assert len(case.does(GiveSmallFast(SECOND, FUND, 50_000, "fire", case.policy, CALENDAR, until))) == 2
    assert len(case.does(ProposeApproval(A, False, plan(100_000), case.policy, barred_until=until))) == 2


def test_a_refusal_is_written_delivered_and_may_be_disputed() -> None:
    case = told()
    (fact,) = case.does(RefuseRelief("not_eligible", SHA, case.policy), LEADER)
    assert fact.releases() == ()
    case.does(DeliverLetter(SHA, "in_person", at("11-02 10:00")))
    case.does(NoteReconsideration("reconsideration", "复议1号"), BUREAU)
    assert case.refuses(decide_advance(), LEADER) == "case_over"
    assert [fact.NAME for fact in case.does(CloseCase("not_relieved"))] == ["relief.case_closed"]


def test_a_refusal_cannot_stand_beside_help() -> None:
    assert paid().refuses(RefuseRelief("not_eligible", SHA, paid().policy), LEADER) == "help_stands"


def test_a_refusal_after_a_void_frees_nothing_twice() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(voided())
    (fact,) = case.does(RefuseRelief("not_eligible", SHA, case.policy), LEADER)
    assert fact.releases() == ()


def test_the_county_files_samples_and_recovers_no_more_than_was_paid() -> None:
    case = paid()
    case.does(ReceiveFiling(FIRST), BUREAU)
    assert case.does(ReceiveFiling(FIRST), BUREAU) == ()
    assert case.refuses(ReceiveFiling(SECOND), BUREAU) == "unknown_decision"
    case.does(DrawSample("2026-11"), BUREAU)
    assert case.refuses(OrderRecovery("b", FIRST, 200_001, "x"), BUREAU) == "recovery_over_paid"


def test_a_referral_is_taken_on_or_not_and_closed_with_a_result() -> None:
    case = told()
    send = SendReferral("f-1", "charity", "red_cross", "money", date(2026, 11, 9), consented=False)
    assert case.refuses(send) == "no_consent"
    case.does(SendReferral("f-1", "charity", "red_cross", "money", date(2026, 11, 9), consented=True))
    assert case.refuses(CloseReferral("f-1", "helped", None)) == "referral_not_accepted"
    assert case.refuses(AnswerReferral("f-1", accepted=False, reason=None)) == "no_reason"
    case.does(AnswerReferral("f-1", accepted=True, reason=None))
    assert case.refuses(CloseReferral("f-1", "not_helped", None, amount_fen=100)) == "not_helped"
    assert case.refuses(CloseReferral("f-1", "helped", SHA, helped_on=date(2026, 11, 3))) == "not_given_yet"
    case.does(CloseReferral("f-1", "helped", SHA, helped_on=date(2026, 11, 2)))
    assert case.does(CloseReferral("f-1", "helped", SHA)) == ()


def test_the_end_of_the_emergency_is_put_down_once() -> None:
    case = told()
    case.does(LiftEmergency(date(2026, 11, 2), CALENDAR))
    assert case.does(LiftEmergency(date(2026, 11, 2), CALENDAR)) == ()


def _short() -> NoteShort:
    return NoteShort(
        RefusedShort(
            fund_id=FUND,
            hold_id=FIRST,
            case_id=CASE,
            asked_fen=200_000,
            available_fen=120_000,
            shortfall_fen=80_000,
            decided_by="S-2",
        )
    )
