"""An instalment is paid only once relief has released it, and stays with the fund until it is paid or let go."""

from dataclasses import replace

from events.ledger import HoldReleased, RefusedShort
from services.ledger.fund_commands import TryAgain
from services.ledger.hold import LetGo, Release, Void
from tests.unit.ledger.test_fund import CASHIER, FED, INSTRUCT, INSTRUCTED, OPENED, RESERVE, RESERVED, VOIDED, after

WAITING = RESERVED.model_copy(update={"waits": True})
RELEASED = HoldReleased(fund_id="town", hold_id="D1")


def test_an_instalment_is_held_and_waits() -> None:
    (held,) = after(OPENED, FED).when(replace(RESERVE, waits=True))
    assert held == WAITING


def test_the_cashier_is_refused_until_relief_has_released_it() -> None:
    assert after(OPENED, FED, WAITING).refused(INSTRUCT, actor=CASHIER).code == "not_released"
    assert after(OPENED, FED, WAITING).when(Release("D1")) == [RELEASED]
    assert after(OPENED, FED, WAITING, RELEASED).when(INSTRUCT, actor=CASHIER)[0] == INSTRUCTED
    assert after(OPENED, FED, WAITING, RELEASED).when(Release("D1")) == []


def test_what_does_not_wait_is_not_there_or_was_let_go_is_not_released() -> None:
    assert after().when(Release("D1")) == []
    for history in ([], [RESERVED], [WAITING, VOIDED]):
        assert after(OPENED, FED, *history).when(Release("D1")) == []


def test_an_instalment_that_waits_can_be_skipped() -> None:
    assert after(OPENED, FED, WAITING).when(LetGo("D1", "skipped")) == [VOIDED.model_copy(update={"reason": "skipped"})]
    assert after(OPENED, FED, WAITING).when(Void("D1", "not_needed")) == [VOIDED]


def test_an_instalment_that_the_fund_was_short_of_still_waits_when_it_is_held_at_last() -> None:
    (short,) = after(OPENED).when(replace(RESERVE, waits=True))
    assert isinstance(short, RefusedShort)
    (held,) = after(OPENED, short, FED).when(TryAgain("D1"))
    assert held == WAITING
