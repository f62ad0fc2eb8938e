"""Instalments of later budget years (后续年度): told to ledger at once, held when their fund has the money."""

from datetime import UTC, datetime

from events.cloudevents import Message
from events.fact import Fact
from events.ledger import (
    AppropriationReceived,
    Committed,
    Draw,
    FundOpened,
    FundTerms,
    QuotaSet,
    RefusedShort,
    Reserved,
    Voided,
)
from events.relief_approval import InstalmentCalled, InstalmentHeld, InstalmentLetGo, ReliefApproved
from services.ledger.fund import DECIDER
from services.ledger.fund_commands import Commit, Reserve, TakeUpCommitments
from services.ledger.ids import fund_stream
from services.ledger.subscribers import commits_later_years, reserves_instalment
from services.relief.case_commands import NoteReserved, NoteVoided
from services.relief.steps.instalment import CallInstalment, LetGoInstalment, ReleaseInstalment
from tests.support.given import given
from tests.support.saying import message_of
from tests.unit.relief.facts import CASE, TOWNSHIP, at
from tests.unit.relief.test_approval import plan, told
from tests.unit.relief.told import LEADER, OFFICER, A, Told

FIFTH, SIXTH, FUND = f"{A}-5", f"{A}-6", f"{TOWNSHIP}-2027"
JANUARY = datetime(2027, 1, 4, 2, tzinfo=UTC)


def said(fact: Fact) -> Message:
    """The fact as relief says it on 15 September 2026."""
    return message_of(fact, f"case:{CASE}", at=at("09-15 10:00"))


def approved() -> Told:
    """Worked example 5: six instalments within six months, two of them of the next year."""
    case = told()
    months = (("09-20", 2026, 1500), ("10-20", 2026, 1200), ("11-20", 2026, 1000), ("12-20", 2026, 900))
    case.proposes(plan(*months, ("01-20", 2027, 800), ("02-20", 2027, 600)))
    case.signs(OFFICER, LEADER)
    return case


def taken_up(hold_id: str = FIFTH, amount_fen: int = 80_000) -> NoteReserved:
    """The fund of the next year holds what it was told."""
    draws = (Draw(source="county", amount_fen=amount_fen),)
    return NoteReserved(
        Reserved(fund_id=FUND, hold_id=hold_id, case_id=CASE, amount_fen=amount_fen, decided_by="S-2", draws=draws)
    )


async def test_worked_example_5_instalments_of_the_next_year_are_promised_in_its_fund_and_this_years_are_not() -> None:
    fact = next(one for one in approved().facts if isinstance(one, ReliefApproved))
    parts = await commits_later_years(fact, said(fact))
    assert [part.stream for part in parts] == [fund_stream(FUND)] * 2
    commands = [part.command for part in parts if isinstance(part.command, Commit)]
    promised = [one for command in commands for one in given(DECIDER).when(command)]
    assert all(isinstance(one, Committed) and one.waits and one.township == TOWNSHIP for one in promised)
    assert [(one.hold_id, one.amount_fen) for one in promised if isinstance(one, Committed)] == [
        (FIFTH, 80_000),
        (SIXTH, 60_000),
    ]


def test_what_the_next_years_fund_holds_by_itself_may_be_released_and_paid() -> None:
    case = approved()
    case.now = JANUARY
    (held,) = case.does(taken_up())
    assert held == InstalmentHeld(case_id=CASE, instalment_id=FIFTH, hold_id=FIFTH)
    assert case.standings()[4] == "held"
    assert case.does(taken_up()) == ()
    assert case.does(CallInstalment(FIFTH)) == ()
    assert case.refuses(ReleaseInstalment(FIFTH)) == "instalment_not_due"


async def test_who_calls_before_the_fund_takes_it_up_asks_for_the_same_hold() -> None:
    case = approved()
    case.now = JANUARY
    (called,) = case.does(CallInstalment(FIFTH))
    assert isinstance(called, InstalmentCalled)
    assert (called.hold_id, called.fund_id) == (FIFTH, FUND)
    (asked,) = await reserves_instalment(called, said(called))
    assert asked.stream == fund_stream(FUND)
    assert [fact.NAME for fact in case.does(taken_up())] == ["relief.instalment_held"]


def test_a_promise_that_was_let_go_is_held_no_more() -> None:
    case = approved()
    (gone,) = case.does(LetGoInstalment(FIFTH, "skipped", 0, "x"))
    assert isinstance(gone, InstalmentLetGo)
    assert (gone.hold_id, gone.fund_id) == (FIFTH, FUND)
    void = NoteVoided(Voided(fund_id=FUND, hold_id=FIFTH, case_id=CASE, amount_fen=80_000, reason="x"))
    assert case.does(void) == case.does(taken_up()) == ()


QUOTA = (
    FundOpened(fund_id="990101-2027", county="990101", township=None, year=2027, terms=FundTerms(mode="quota")),
    QuotaSet(fund_id="990101-2027", township=TOWNSHIP, quota_fen=100_000, document="核定〔2027〕1号"),
    AppropriationReceived(
        fund_id="990101-2027", appropriation_id="A1", amount_fen=500_000, source="county", document="拨〔2027〕1号"
    ),
)


async def test_with_a_quota_an_instalment_uses_its_townships_quota_whether_called_or_taken_up() -> None:
    called = InstalmentCalled(
        case_id=CASE,
        approval_id=A,
        instalment_id=FIFTH,
        hold_id=FIFTH,
        fund_id="990101-2027",
        amount_fen=80_000,
        decided_by="S-2",
        township=TOWNSHIP,
    )
    (asked,) = await reserves_instalment(called, said(called))
    assert isinstance(asked.command, Reserve)
    promised = Committed(
        fund_id="990101-2027",
        hold_id=SIXTH,
        case_id=CASE,
        amount_fen=60_000,
        decided_by="S-2",
        township=TOWNSHIP,
        waits=True,
    )
    (held,) = (one for one in given(DECIDER, *QUOTA).when(asked.command) if isinstance(one, Reserved))
    (later,) = (one for one in given(DECIDER, *QUOTA, promised).when(TakeUpCommitments()) if isinstance(one, Reserved))
    (short,) = (one for one in given(DECIDER, *QUOTA, promised, held).when(TakeUpCommitments()))
    assert (held.township, later.township, later.waits) == (TOWNSHIP, TOWNSHIP, True)
    assert isinstance(short, RefusedShort)
    assert (short.available_fen, short.shortfall_fen) == (20_000, 40_000)
