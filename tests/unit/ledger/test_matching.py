"""The bank's lines are matched to the right payments or to none, whatever their order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiujinan.bank_months import BankMonth, bank_month
from jiujinan.chance import Chance
from services.chassis.pseudonyms import Pseudonyms
from services.ledger.files.statement_lines import Telling
from services.ledger.matchable import Leg, Line, Match, MatchRules
from services.ledger.matching import match
from services.ledger.payment_number import batch_number, numbers_in

RULES = MatchRules()
DAY = date(2026, 11, 3)
NUMBER = "LS990101001260000011"
BATCH = batch_number(NUMBER)
LEG = Leg("P1", "paid", 200_000, DAY, number=NUMBER, name="样甲", account="6200000000000017")
BACK = replace(LEG, way="returned")
LINE = Line("20261103.-200000.0.1", DAY, -200_000)
NAMED = replace(LINE, name="样甲")
NUMBERED = replace(LINE, numbers=(NUMBER,))


def matched(lines: Sequence[Line], legs: Sequence[Leg], rules: MatchRules = RULES) -> list[tuple[str, str, str]]:
    return [
        (found.rule, ",".join(line.line_id for line in found.lines), ",".join(leg.leg_id for leg in found.legs))
        for found in match(lines, legs, rules).matches
    ]


def odd(lines: Sequence[Line], legs: Sequence[Leg]) -> list[str]:
    found = match(lines, legs, RULES)
    assert found.matches == ()
    return [one.kind for one in found.odd]


# --- rule by rule


def test_our_number_amount_and_direction_are_a_match_that_says_why() -> None:
    (found,) = match([NUMBERED], [LEG], RULES).matches
    assert (found.rule, found.evidence) == ("number", ("number", "amount", "direction"))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (replace(NUMBERED, amount_fen=-200_001), "amount_diff"),
        (replace(NUMBERED, name="样乙"), "wrong_payee"),
        (replace(NUMBERED, account="6200000000000025"), "wrong_payee"),
        (replace(NUMBERED, day=DAY - timedelta(days=1)), "late_payment"),
        (replace(NUMBERED, day=DAY + timedelta(days=61)), "late_payment"),
    ],
)
def test_a_number_that_disagrees_is_a_doubt_and_never_a_match(line: Line, kind: str) -> None:
    assert odd([line], [LEG]) == [kind]


def test_a_number_that_shows_twice_matches_neither_line() -> None:
    again = replace(NUMBERED, line_id="20261103.-200000.0.2")
    assert odd([NUMBERED, again], [LEG]) == ["duplicate_suspect"] * 2
    assert odd([again], [replace(LEG, matched_on=DAY)]) == ["duplicate_suspect"]


def test_a_credit_with_the_number_is_the_payment_come_back() -> None:
    credit = replace(NUMBERED, line_id="back", amount_fen=200_000, day=DAY + timedelta(days=2))
    assert matched([NUMBERED, credit], [LEG, BACK]) == [
        ("number", LINE.line_id, "P1:paid"),
        ("number", "back", "P1:returned"),
    ]


def test_the_banks_serial_matches_where_there_is_no_number() -> None:
    leg = replace(LEG, serial="A7")
    assert matched([replace(LINE, serial="A7")], [leg]) == [("serial", LINE.line_id, "P1:paid")]
    assert matched([replace(LINE, serial="A7", amount_fen=-1)], [leg]) == []
    assert matched([replace(LINE, serial="A7")], [leg, replace(leg, payment_id="P2")]) == []


def test_one_debit_is_a_batch_and_one_credit_its_failures() -> None:
    legs = [
        Leg(f"P{n}", way, 100_000, DAY, batch=BATCH, failed=n == 3) for n in (1, 2, 3) for way in ("paid", "returned")
    ]
    whole = Line("whole", DAY, -300_000, numbers=(BATCH,))
    back = Line("back", DAY, 100_000, numbers=(BATCH,))
    assert matched([whole, back], legs) == [
        ("batch", "back", "P3:returned"),
        ("batch", "whole", "P1:paid,P2:paid,P3:paid"),
    ]
    net = replace(whole, amount_fen=-200_000)
    assert matched([net], legs) == [("batch", "whole", "P1:paid,P2:paid")]
    assert odd([replace(whole, amount_fen=-299_999)], legs) == ["batch_short"]


def test_amount_and_day_alone_never_match() -> None:
    assert matched([LINE], [LEG]) == []


@pytest.mark.parametrize("line", [NAMED, replace(LINE, account=LEG.account)])
def test_name_or_account_with_amount_and_days_match_where_unique(line: Line) -> None:
    assert matched([line], [LEG]) == [("party", LINE.line_id, "P1:paid")]
    assert matched([line], [LEG], RULES.model_copy(update={"party_matches": False})) == []
    assert matched([line], [LEG, replace(LEG, payment_id="P2")]) == []
    assert matched([line, replace(line, line_id="other")], [LEG]) == []
    assert matched([replace(line, day=DAY + timedelta(days=10))], [LEG]) != []
    assert matched([replace(line, day=DAY + timedelta(days=11))], [LEG]) == []
    assert matched([replace(line, day=DAY - timedelta(days=1))], [LEG]) == []


def test_a_namesake_with_another_account_is_somebody_else() -> None:
    assert matched([replace(NAMED, account="6200000000000025")], [LEG]) == []


def test_money_that_comes_back_is_matched_with_the_payment_that_had_gone() -> None:
    credit = replace(NAMED, line_id="back", amount_fen=200_000, day=DAY + timedelta(days=15))
    assert matched([NUMBERED, credit], [LEG, BACK])[1:] == [("returned", "back", "P1:returned")]
    assert matched([credit], [LEG, BACK]) == []
    assert matched([NUMBERED, replace(credit, day=DAY + timedelta(days=16))], [LEG, BACK])[1:] == []


def test_a_line_that_the_bank_takes_back_cancels_the_other() -> None:
    back = replace(LINE, line_id="back", amount_fen=200_000, kind="reversal")
    assert matched([LINE, back], []) == [("reversal", f"{LINE.line_id},back", "")]
    assert matched([LINE, replace(LINE, line_id="other"), back], []) == []


# --- laws

TELLING = Telling(Pseudonyms(bytes(32)).term, {})


def lines_of(month: BankMonth) -> Iterator[Line]:
    """A month's lines, people behind their pseudonyms; a masked name has none."""
    for place, row in enumerate(month.rows):
        party = (TELLING.name(row.name), TELLING.account(row.account))
        yield Line(str(place), row.at.date(), row.amount_fen, tuple(numbers_in(row.text)), "", *party)


def legs_of(month: BankMonth) -> Iterator[Leg]:
    for paid in month.payments:
        leg = Leg(paid.payment_id, "paid", paid.amount_fen, paid.at.date(), paid.number)
        leg = replace(leg, name=TELLING.name(paid.name), account=TELLING.account(paid.account))
        yield from (leg, replace(leg, way="returned"))


def verdict(month: BankMonth) -> tuple[float, int]:
    """Which share of our lines was matched by itself, and how many wrongly."""
    found = match(lines_of(month), legs_of(month), RULES).matches
    told = {int(line.line_id): leg.leg_id for one in found for line, leg in zip(one.lines, one.legs, strict=True)}
    wrong = [place for place, leg in told.items() if month.truth.get(place) != leg]
    return len(told) / len(month.truth), len(wrong)


@pytest.mark.parametrize(("numbered", "at_least"), [(1.0, 0.95), (0.6, 0.75)])
@pytest.mark.parametrize("payments", [30, 200, 1_000])
def test_seeded_months_are_matched_without_one_mistake(payments: int, numbered: float, at_least: float) -> None:
    verdicts = [verdict(bank_month(seed, payments, numbered)) for seed in range(5)]
    assert [wrong for _, wrong in verdicts] == [0] * 5
    assert sum(share for share, _ in verdicts) / 5 >= at_least


def test_nothing_is_matched_wrongly_where_no_line_bears_a_number() -> None:
    assert [verdict(bank_month(seed, 200, 0.0))[1] for seed in range(5)] == [0] * 5


@given(st.integers(0, 10_000))
def test_the_order_of_lines_and_payments_changes_nothing(seed: int) -> None:
    month = bank_month(7, 30, 0.6)
    lines, legs = list(lines_of(month)), list(legs_of(month))
    before = match(lines, legs, RULES)
    chance = Chance(seed)
    assert match(chance.sample(lines, len(lines)), chance.sample(legs, len(legs)), RULES) == before


@given(st.integers(0, 500))
def test_a_line_and_a_payment_are_in_one_match_at_most_and_both_sides_are_equal(seed: int) -> None:
    month = bank_month(seed, 30, 0.5)
    found: Sequence[Match] = match(lines_of(month), legs_of(month), RULES).matches
    lines = [line.line_id for one in found for line in one.lines]
    legs = [leg.leg_id for one in found for leg in one.legs]
    assert len(lines) == len({*lines})
    assert len(legs) == len({*legs})
    for one in found:
        assert sum(line.amount_fen for line in one.lines) == sum(leg.signed_fen for leg in one.legs)
