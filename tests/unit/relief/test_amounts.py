"""The rules on which an amount, a paying fund or a refusal hangs: just inside, exactly at, just outside."""

from datetime import date
from typing import Any

import pytest

from events.policy import PolicyPublished, StandardPublished
from events.relief import AdvanceDecided, AdvanceDeclined
from events.relief_approval import ApprovalProposed, Grounds, Plan, Planned
from events.relief_inquiry import ReliefType
from events.rules import CauseDays
from services.relief.case_commands import DecideAdvance, NoteLateEntry
from services.relief.case_view import NameView, case_view
from services.relief.contradictions import contradictions
from services.relief.policy import Policy, resolve
from services.relief.steps.amount import reckoned, with_told
from services.relief.steps.approval import ProposeApproval
from services.relief.steps.authority import payer_of
from services.relief.steps.ending import RefuseRelief
from services.relief.steps.inquiry import JudgeType, TellMissing
from tests.unit.relief.facts import ACCEPTED, COUNTY, SIGNERS, TOWNSHIP, at, book, opened, published
from tests.unit.relief.told import LEADER, OFFICER, A, Told

STANDARD_FEN = 90_000
RURAL_FEN = 60_000
DIGEST = "0" * 64
GANSU: dict[str, Any] = {
    "kind": "standard_persons_months",
    "standard": "urban",
    "months_at_most": 6,
    "clause": "甘肃2021",
}
BY_DAY: dict[str, Any] = {
    "kind": "standard_persons_days",
    "standard": "urban",
    "days_at_most": (CauseDays(cause="fire", days=180), CauseDays(cause="illness", days=120)),
    "cap_actual_expense": True,
    "clause": "按天折算",
}


def policy_with(**rules: Any) -> Policy:
    """The demo county with some rules more, and standards of 900 and 600 yuan a month."""
    told = published(10_000_000).model_dump() | {"signers": SIGNERS.model_dump()} | rules
    standards = (
        StandardPublished.model_validate(
            {
                "division": COUNTY,
                "residence": residence,
                "effective_from": "2020-01-01",
                "monthly_fen": fen,
                "document": "演示",
            }
        )
        for residence, fen in (("urban", STANDARD_FEN), ("rural", RURAL_FEN))
    )
    return resolve((PolicyPublished.model_validate(told), *standards), COUNTY, at("09-15 10:00").date())


def a_case(policy: Policy, **told: Any) -> Told:
    """A case of three persons, accepted."""
    case = Told(policy)
    case.happens(opened().model_copy(update=told), ACCEPTED)
    return case


def amount(rule: dict[str, Any], **grounds: Any) -> int:
    found = reckoned(policy_with(amount_formula=rule), opened(), Grounds(**grounds))
    assert found is not None
    return found.amount_fen


def plan_of(amount_fen: int, payer: str = TOWNSHIP) -> Plan:
    part = Planned(instalment_id=f"{A}-1", amount_fen=amount_fen, due_on=date(2026, 9, 20))
    return Plan(payer=payer, ceiling_fen=amount_fen, instalments=(part,))


def proposal(case: Told, ceiling_fen: int, grounds: Grounds | None) -> ProposeApproval:
    return ProposeApproval(A, follow_up=False, plan=plan_of(ceiling_fen), policy=case.policy, grounds=grounds)


def test_gansus_formula_is_standard_times_persons_times_months_and_six_months_at_most() -> None:
    assert amount(GANSU, hardship_months=2) == STANDARD_FEN * opened().persons * 2
    assert amount(GANSU, hardship_months=6) == amount(GANSU, hardship_months=9) == STANDARD_FEN * opened().persons * 6


def test_the_standard_is_the_one_of_where_the_household_lives_unless_the_formula_names_one() -> None:
    of_place = {key: value for key, value in GANSU.items() if key != "standard"}
    assert amount(of_place, hardship_months=1, residence="rural") == RURAL_FEN * opened().persons
    assert amount(GANSU, hardship_months=1, residence="rural") == STANDARD_FEN * opened().persons


def test_a_cap_in_standards_holds_for_the_whole_household() -> None:
    assert amount({**GANSU, "cap_percent_of_standard": 1_000}, hardship_months=6) == 10 * STANDARD_FEN


TIERED: dict[str, Any] = {**GANSU, "tiers": ({"tier": "heavy", "percent": 120}, {"tier": "light", "percent": 50})}


def test_the_degree_of_hardship_says_how_much_of_the_standard_it_brings() -> None:
    whole = STANDARD_FEN * opened().persons * 2
    assert amount(TIERED, hardship_months=2, tier="heavy") == whole * 120 // 100
    assert amount(TIERED, hardship_months=2, tier="light") == whole // 2
    assert amount(GANSU, hardship_months=2, tier="light") == whole


@pytest.mark.parametrize(("tier", "code"), [(None, "grounds_missing"), ("unheard", "unknown_tier")])
def test_a_formula_with_tiers_asks_for_one_that_it_knows(tier: str | None, code: str) -> None:
    case = a_case(policy_with(amount_formula=TIERED))
    assert case.refuses(proposal(case, 100, Grounds(hardship_months=1, tier=tier)), OFFICER) == code


def test_a_degree_of_hardship_that_is_told_twice_makes_a_set_senseless() -> None:
    twice = {**GANSU, "tiers": ({"tier": "heavy", "percent": 120}, {"tier": "heavy", "percent": 50})}
    told = published(10_000_000).model_dump() | {"amount_formula": twice}
    (found,) = contradictions(PolicyPublished.model_validate(told))
    assert found.path == ("amount_formula", "tiers")


@pytest.mark.parametrize(("months", "standard_fen"), [(None, RURAL_FEN), (11, RURAL_FEN), (12, STANDARD_FEN)])
def test_rural_people_long_settled_in_a_city_are_treated_as_urban(months: int | None, standard_fen: int) -> None:
    of_place = {key: value for key, value in GANSU.items() if key != "standard"} | {"urban_after_months": 12}
    found = amount(of_place, hardship_months=1, residence="rural", resident_months=months)
    assert found == standard_fen * opened().persons


def test_what_others_paid_is_deducted_and_nothing_goes_below_zero() -> None:
    deducting = {**GANSU, "deducts": ("insurance", "compensation")}
    assert amount(deducting, hardship_months=1, paid_by_others_fen=70_000) == amount(GANSU, hardship_months=1) - 70_000
    assert amount(deducting, hardship_months=1, paid_by_others_fen=10**9) == 0


@pytest.mark.parametrize(
    ("formula", "counted_fen"),
    [
        ({"deducts": ("other_relief",)}, 80_000),
        ({"deducts": ("insurance",)}, 30_000),
        ({"cap_actual_expense": True}, 80_000),
        ({}, 30_000),
    ],
)
def test_what_other_departments_told_counts_where_the_formula_counts_other_relief(
    formula: dict[str, Any], counted_fen: int
) -> None:
    policy = policy_with(amount_formula={**GANSU, **formula})
    found = with_told(policy, Grounds(paid_by_others_fen=30_000), 80_000)
    assert found == Grounds(paid_by_others_fen=counted_fen)
    assert with_told(policy, Grounds(paid_by_others_fen=90_000), 80_000) == Grounds(paid_by_others_fen=90_000)
    assert with_told(policy, None, 80_000) is None


def test_relief_by_the_day_ends_with_the_days_of_its_cause_and_never_exceeds_the_actual_expense() -> None:
    days_fen = STANDARD_FEN * opened().persons * 180 // 30
    assert amount(BY_DAY, hardship_days=200, expense_fen=10**9) == days_fen
    assert amount(BY_DAY, hardship_days=200, expense_fen=500_000, paid_by_others_fen=120_000) == 380_000


@pytest.mark.parametrize("grounds", [None, Grounds(), Grounds(hardship_days=3)])
def test_a_formula_that_lacks_its_grounds_is_told_and_not_guessed(grounds: Grounds | None) -> None:
    case = a_case(policy_with(amount_formula=GANSU))
    assert case.refuses(proposal(case, 1_000, grounds)) == "grounds_missing"


def test_no_more_is_proposed_than_the_formula_gives_earlier_help_included() -> None:
    case = a_case(policy_with(amount_formula=GANSU))
    grounds = Grounds(hardship_months=1)
    most_fen = STANDARD_FEN * opened().persons
    case.does(DecideAdvance("decision-1", "fund-1", 50_000, (), case.policy))
    assert case.refuses(proposal(case, most_fen - 50_000 + 1, grounds)) == "over_formula"
    (proposed,) = case.does(proposal(case, most_fen - 50_000, grounds))
    assert isinstance(proposed, ApprovalProposed)
    assert (proposed.reckoned_fen, proposed.grounds) == (most_fen, grounds)


def test_the_coordination_meeting_may_go_beyond_the_formula() -> None:
    county = {"limit_fen": 100_000, "inclusive": True, "clause": "县级"}
    township = {"limit_fen": 1_000, "inclusive": True, "clause": "乡镇"}
    case = a_case(policy_with(amount_formula=GANSU, county_limit=county, township_limit=township))
    (proposed,) = case.does(proposal(case, 900_000, Grounds(hardship_months=1)))
    assert isinstance(proposed, ApprovalProposed)
    assert proposed.level == "meeting"


RESIDENCE = {"months": 6, "clause": "芜湖"}


@pytest.mark.parametrize(("months", "code"), [(None, "residence_unknown"), (5, "not_resident")])
def test_expenditure_relief_asks_for_six_months_of_residence_in_wuhu(months: int | None, code: str) -> None:
    case = a_case(policy_with(residence=RESIDENCE))
    case.does(JudgeType("expenditure", None))
    assert case.refuses(proposal(case, 1_000, Grounds(resident_months=months))) == code
    case.does(proposal(case, 1_000, Grounds(resident_months=6)))


def test_emergency_relief_never_asks_how_long_somebody_has_lived_here() -> None:
    case = a_case(policy_with(residence=RESIDENCE))
    case.does(JudgeType("emergency", None))
    case.does(proposal(case, 1_000, None))


def test_who_asks_for_relief_for_want_of_income_has_had_none_for_three_months_in_guiyang() -> None:
    case = a_case(policy_with(no_income={"months": 3, "clause": "贵阳"}))
    assert case.refuses(proposal(case, 1_000, Grounds(months_without_income=2))) == "income_lately"
    case.does(proposal(case, 1_000, Grounds(months_without_income=3)))


def test_nobody_in_need_is_refused_for_papers_where_the_small_amount_comes_first() -> None:
    must, may = ({"modal": modal, "clause": "000二(六)"} for modal in ("must", "may"))
    refusal = RefuseRelief("papers_missing", DIGEST, policy_with(small_amount_first=must))
    urgent = a_case(refusal.policy, urgency="urgent")
    assert urgent.refuses(refusal, LEADER) == "help_comes_first"
    assert a_case(refusal.policy, urgency="normal").does(refusal, LEADER)
    lenient = policy_with(small_amount_first=may)
    assert a_case(lenient, urgency="urgent").does(RefuseRelief("papers_missing", DIGEST, lenient), LEADER)


def test_where_somebody_lives_is_a_reason_only_where_the_policy_asks_and_never_in_an_emergency() -> None:
    asks, silent = policy_with(residence=RESIDENCE), policy_with()
    for policy, urgency in ((asks, "urgent"), (silent, "normal")):
        case = a_case(policy, urgency=urgency)
        assert case.refuses(RefuseRelief("not_resident", DIGEST, policy), LEADER) == "residence_is_no_reason"
    assert a_case(asks, urgency="normal").does(RefuseRelief("not_resident", DIGEST, asks), LEADER)


@pytest.mark.parametrize(("rules", "kind"), [({}, AdvanceDeclined), ({"pre_event_help": True}, AdvanceDecided)])
def test_what_is_yet_to_be_spent_is_paid_only_where_the_policy_helps_before_the_event(
    rules: dict[str, bool], kind: type
) -> None:
    """Tongren's 先期垫付; elsewhere help follows the actual expense."""
    policy = policy_with(**({"pre_event_help": {"modal": "may", "clause": "同仁三"}} if rules else {}))
    (fact,) = a_case(policy).does(DecideAdvance("decision-1", "fund-1", 50_000, (), policy, ahead_of_expense=True))
    assert type(fact) is kind
    assert getattr(fact, "reason", "expense_not_incurred") == "expense_not_incurred"
    (spent,) = a_case(policy).does(DecideAdvance("decision-1", "fund-1", 50_000, (), policy))
    assert isinstance(spent, AdvanceDecided)


def test_a_township_with_a_quota_has_no_fund_and_its_county_pays() -> None:
    quota = policy_with(fund_mode={"mode": "quota", "clause": "沈丘"})
    own = policy_with(fund_mode={"mode": "preallocated", "clause": "长寿"})
    assert [payer_of(one, opened()) for one in (quota, own, policy_with())] == [COUNTY, TOWNSHIP, TOWNSHIP]
    case = a_case(quota)
    assert case.refuses(proposal(case, 1_000, None)) == "no_township_fund"
    assert case.does(ProposeApproval(A, follow_up=False, plan=plan_of(1_000, COUNTY), policy=quota))
    case = a_case(own)
    assert case.does(proposal(case, 1_000, None))


def test_no_paper_is_asked_for_that_the_policy_does_not_list_for_the_type() -> None:
    papers = {"emergency": ("cause",), "expenditure": ("cause", "invoice"), "clause": "演示"}
    policy = policy_with(required_papers=papers)
    assert a_case(policy).refuses(TellMissing(("cause", "invoice"), policy)) == "paper_not_required"
    assert a_case(policy).does(TellMissing(("cause",), policy))
    spending = a_case(policy)
    spending.does(JudgeType("expenditure", None))
    assert spending.does(TellMissing(("cause", "invoice"), policy))
    assert a_case(policy_with()).does(TellMissing(("anything",), policy_with()))


def test_expenditure_relief_shows_by_when_it_must_be_made_public_and_emergency_relief_does_not() -> None:
    disclosing = {"disclosure": {"length": 10, "unit": "working_day", "clause": "V10"}}
    policy = policy_with(**disclosing)
    rules = PolicyPublished.model_validate(published(10_000_000).model_dump() | disclosing)
    lasts: dict[ReliefType, date | None] = {"expenditure": date(2026, 9, 29), "emergency": None}
    for relief_type, last in lasts.items():
        case = a_case(policy)
        case.does(JudgeType(relief_type, None))
        case.does(proposal(case, 1_000, None))
        case.signs(OFFICER, LEADER)
        (shown,) = case_view(case.known, case.known_as, (), NameView(state="unknown"), book(rules)).approvals
        assert shown.disclose_by == last


def test_what_is_put_down_late_with_its_proof_raises_one_review() -> None:
    case = a_case(policy_with())
    (raised,) = case.does(NoteLateEntry(DIGEST))
    assert (raised.NAME, case.known.reviews[0].reason) == ("relief.review_raised", "recorded_late")
    assert case.does(NoteLateEntry(DIGEST)) == ()
