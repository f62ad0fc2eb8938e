"""An instalment is paid only once relief has released it, and stays with the fund until it is paid or let go."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from events.ledger import HoldReleased, RefusedShort
from events.relief_approval import InstalmentCalled
from services.ledger.fund_commands import Reserve, TryAgain
from services.ledger.hold_commands import LetGo, Release, Void
from services.ledger.subscribers import reserves_instalment
from tests.support.saying import message_of
from tests.unit.ledger.test_fund import (
    CASHIER,
    FED,
    INSTRUCT,
    INSTRUCTED,
    OPENED,
    RECEIVED,
    RESERVE,
    RESERVED,
    RETURNED,
    RETURNED_LATE,
    VOIDED,
    after,
)

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


@pytest.mark.parametrize("was_received", [False, True])
def test_an_instalment_that_came_back_is_paid_again_only_after_a_new_release(was_received: bool) -> None:
    paid = [INSTRUCTED, RECEIVED, RETURNED_LATE] if was_received else [INSTRUCTED, RETURNED]
    anew = replace(INSTRUCT, payment_id="P2")
    assert after(OPENED, FED, WAITING, RELEASED, *paid).refused(anew, actor=CASHIER).code == "not_released"
    assert after(OPENED, FED, WAITING, RELEASED, *paid, RELEASED).when(anew, actor=CASHIER)
    assert after(OPENED, FED, RESERVED, *paid).when(anew, actor=CASHIER)


async def test_an_instalment_is_held_until_midnight_after_its_plans_last_day() -> None:
    called = InstalmentCalled(
        case_id="case-1",
        approval_id="approval-1",
        instalment_id="instalment-1",
        hold_id="instalment-1",
        fund_id="320115001-2026",
        amount_fen=1_000,
        decided_by="S-1",
        until=date(2026, 12, 31),
    )
    (asked,) = await reserves_instalment(
        called, message_of(called, "case:case-1", at=datetime(2026, 9, 20, tzinfo=UTC))
    )
    assert isinstance(asked.command, Reserve)
    assert asked.command.until == datetime(2026, 12, 31, 16, tzinfo=UTC)
