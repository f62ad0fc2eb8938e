"""What is suggested of lines that no rule matches: sums that are sure (T6), what recurs (T7), and nothing twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.matchable import Leg, Line, MatchRules
from services.ledger.payment_number import batch_number
from services.ledger.suggesting import Booked, Draft, Open, Suggestion, drafts, suggest

RULES = MatchRules()
DAY = date(2026, 11, 3)
BATCH = batch_number("LS990101001260000011")
EVIDENCE = ("total", "day", "direction")


def line(name: str, amount_fen: int, **told: object) -> Line:
    return replace(Line(name, DAY, amount_fen), **told)


def leg(name: str, amount_fen: int, **told: object) -> Leg:
    return replace(Leg(name, "paid", amount_fen, DAY), **told)


def suggested(lines: Sequence[Line], legs: Sequence[Leg], rules: MatchRules = RULES) -> Sequence[Suggestion]:
    return suggest(Open(lines, legs, [], {}), rules)


# --- T6


def test_one_line_that_is_the_sum_of_two_payments_of_its_day_is_suggested() -> None:
    legs = [leg("P1", 200_000), leg("P2", 50_000), leg("P3", 30_000)]
    assert suggested([line("L", -250_000)], legs) == [Suggestion("sum", ("L",), ("P1:paid", "P2:paid"), EVIDENCE)]
    assert suggested([line("L", -250_000, day=DAY + timedelta(days=1))], legs) == []
    assert suggested([line("L", 250_000)], legs) == []


def test_one_payment_that_the_bank_made_in_several_lines_is_suggested() -> None:
    lines = [line("A", -150_000), line("B", -50_000), line("C", -70_000)]
    assert suggested(lines, [leg("P1", 200_000)]) == [Suggestion("sum", ("A", "B"), ("P1:paid",), EVIDENCE)]


def test_a_second_way_to_come_to_the_sum_leaves_nothing_to_suggest() -> None:
    legs = [leg("P1", 100_000), leg("P2", 150_000), leg("P3", 150_000)]
    assert suggested([line("L", -250_000)], legs) == []
    assert suggested([line("L", -250_000)], [*legs[:2], leg("P4", 250_000)]) == []


def test_amount_and_day_of_a_single_payment_are_no_sum() -> None:
    assert suggested([line("L", -200_000)], [leg("P1", 200_000)]) == []


def test_two_lines_that_claim_one_payment_get_it_neither() -> None:
    legs = [leg("P1", 200_000), leg("P2", 50_000), leg("P3", 70_000)]
    assert suggested([line("L", -250_000), line("M", -270_000)], legs) == []


def test_part_of_a_batch_is_suggested_for_the_line_with_its_number() -> None:
    legs = [leg(f"P{n}", n * 10_000, batch=BATCH) for n in (1, 2, 4)]
    short = line("L", -50_000, numbers=(BATCH,))
    assert suggested([short], legs) == [
        Suggestion("sum", ("L",), ("P1:paid", "P4:paid"), ("total", "batch", "direction"))
    ]
    assert suggested([replace(short, numbers=())], legs) == []


def test_more_parts_than_the_policy_lets_be_tried_are_not_tried() -> None:
    legs = [leg(f"P{n:02}", 2**n) for n in range(12)]
    (found,) = suggested([line("L", -(2**12 - 1))], legs)
    assert len(found.legs) == 12
    assert suggested([line("L", -3)], [*legs, leg("P12", 2**12)]) == []
    assert suggested([line("L", -3)], legs, RULES.model_copy(update={"subset_items": 11})) == []


AMOUNTS = st.lists(st.integers(1, 12), max_size=7)


@given(AMOUNTS, AMOUNTS)
def test_a_sum_is_equal_the_only_one_and_no_part_is_suggested_twice(paid: list[int], shown: list[int]) -> None:
    lines = [line(f"L{n}", -fen) for n, fen in enumerate(shown)]
    legs = [leg(f"P{n}", fen) for n, fen in enumerate(paid)]
    found = suggested(lines, legs)
    assert suggested(lines[::-1], legs[::-1]) == found
    parts = [part for one in found for part in (*one.lines, *one.legs)]
    assert len(parts) == len({*parts})
    fen_of = {one.line_id: one.amount_fen for one in lines} | {one.leg_id: one.signed_fen for one in legs}
    for one in found:
        whole, split = (one.lines, one.legs) if len(one.lines) == 1 else (one.legs, one.lines)
        among = [fen_of[part] for part in fen_of if part.endswith(":paid") == split[0].endswith(":paid")]
        ways = [way for size in range(1, len(among) + 1) for way in combinations(among, size)]
        assert [sum(way) for way in ways].count(fen_of[whole[0]]) == 1
        assert sum(fen_of[part] for part in split) == fen_of[whole[0]]


# --- T7


def left(lines: Sequence[Line], *booked: Booked) -> Open:
    return Open(lines, [], booked, {"payer": "province"})


def test_interest_and_money_of_finance_are_drafted_and_a_fee_is_other_business() -> None:
    interest, fee = line("A", 31, kind="interest"), line("B", -500, kind="fee")
    grant, unknown = line("C", 100_000, account="payer"), line("D", 900, kind="fiscal")
    assert drafts(left([fee, unknown, interest, grant, line("E", 7)]), RULES) == [
        Draft("A", "interest_paid", 31, "county"),
        Draft("B", "other_business", 500, None),
        Draft("C", "appropriation", 100_000, "province"),
        Draft("D", "appropriation", 900, None),
    ]


def test_interest_that_goes_out_and_a_fee_that_comes_in_are_nothing_that_recurs() -> None:
    assert drafts(left([line("A", -31, kind="interest"), line("B", 500, kind="fee")]), RULES) == []


def test_what_recurs_and_is_booked_already_is_suggested_and_not_drafted_again() -> None:
    grant, booked = line("C", 100_000, account="payer"), Booked("T1:in", 100_000, DAY - timedelta(days=10))
    evidence = ("kind", "amount", "direction", "days")
    assert suggest(left([grant], booked), RULES) == [Suggestion("booked", ("C",), ("T1:in",), evidence)]
    assert drafts(left([grant], booked), RULES) == []
    assert suggest(left([grant], replace(booked, day=DAY - timedelta(days=11))), RULES) == []
    assert suggest(left([grant], booked, replace(booked, leg_id="T2:in")), RULES) == []
    assert suggest(left([grant, replace(grant, line_id="D")], booked), RULES) == []
