"""When money is said to have moved, where the bank's file tells it."""

from datetime import datetime, timedelta

from events.bank import BankLine
from events.shanghai import SHANGHAI
from services.ledger.matchable import Leg, Line, Match
from services.ledger.routes.matching_run import moment_of, sifted
from services.ledger.statement import Account
from services.ledger.statement_commands import ApplyMatches, Unmatch
from tests.unit.ledger.test_statement import MATCH, REGISTERED, SECOND, THREE, after, imported

NOON = datetime(2026, 11, 5, 12, tzinfo=SHANGHAI)
LINE = BankLine(
    line_id="20261105.-100.900.1",
    row=1,
    booked_at=None,
    amount_fen=-100,
    balance_fen=900,
    serial="",
    numbers=(),
    name=None,
    account=None,
    kind=None,
)


def test_a_line_with_only_a_day_is_booked_at_the_end_of_that_day_and_never_later_than_now() -> None:
    assert moment_of(LINE, NOON + timedelta(days=20)) == datetime(2026, 11, 5, 23, 59, 59, tzinfo=SHANGHAI)
    assert moment_of(LINE, NOON) == NOON


def test_a_line_with_a_time_is_booked_then() -> None:
    told = LINE.model_copy(update={"booked_at": NOON})
    assert moment_of(told, NOON + timedelta(days=20)) == NOON


def test_a_match_that_was_taken_back_is_made_by_no_rule_again() -> None:
    line, leg = Line(SECOND, NOON.date(), -500), Leg("P1", "paid", -500, NOON.date())
    again = Match("number", (line,), (leg,), ("number",))
    other = Match("number", (line,), (Leg("P2", "paid", -500, NOON.date()),), ("number",))
    known = [*imported(THREE), *after(*imported(THREE)).when(ApplyMatches((MATCH,)))]
    undone = after(*known, *after(*known).when(Unmatch("M1", "wrong_payment"))).state
    assert undone is not None
    assert sifted([again, other], Account(REGISTERED)) == ([again, other], [])
    assert sifted([again, other], undone) == ([other], [again])
