"""Open clocks judged as the scheduler judges them, beside a bare comparison of moments that knows no rule."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from uuid import UUID

from bench.contest import Run, Stage
from events.fact import Actor, Meta, Recorded
from events.policy import PolicyPublished
from events.rules import AdvanceRule, TimeLimit
from services.relief.rulebook import Rulebook, rulebook
from services.relief.signal import Signal, Source
from services.relief.watch import DueList, assess

COUNTY = "990101"
BEGINNING = datetime(2026, 11, 2, tzinfo=UTC)
NOW = BEGINNING + timedelta(hours=30)

Case = tuple[Signal, ...]


def county() -> Rulebook:
    """A county whose clocks are a reply in working days and an advance in hours."""
    published = PolicyPublished(
        set_id="bench",
        division=COUNTY,
        title="压测",
        effective_from=date(2020, 1, 1),
        reply=TimeLimit(length=5, unit="working_day", clause="压测"),
        advance=AdvanceRule(length=24, unit="hour", modal="must", clause="压测"),
    )
    actor = Actor(id="bench", role="system", scope="")
    meta = Meta(actor=actor, correlation="bench", causation="bench")
    at = datetime(2020, 1, 1, tzinfo=UTC)
    return rulebook(COUNTY, [Recorded(COUNTY, 1, "policy", 1, published, UUID(int=1), UUID(int=1), at, at, meta)])


def cases(clocks: int) -> list[Case]:
    """Cases with two open clocks each, one of which was due for the first half of them."""
    return [_case(number) for number in range(clocks // 2)]


def _case(number: int) -> Case:
    at = BEGINNING + timedelta(hours=12 * (number % 2), seconds=number % 3600)
    source = Source(COUNTY, number, "relief.case_opened", at, at, "bench")
    return Signal("reply", "start", at, source, f"r{number}"), Signal("advance_from_report", "start", at, source)


def judge(stage: Stage) -> Run:
    """Every clock of every case, and when each case is to be looked at again."""
    book, told, due = county(), cases(stage.facts), DueList()
    began = perf_counter()
    broken = 0
    for number, said in enumerate(told):
        found = assess(said, book, NOW)
        broken += len(found.unrecorded)
        due.put((COUNTY, str(number)), found.look_at)
    seconds = perf_counter() - began
    assert broken == len(told) - len(told) // 2
    return Run(2 * len(told), seconds)


def compare(stage: Stage) -> Run:
    """Only whether a due moment has passed: what no scheduler can be quicker than."""
    moments = [one.at + timedelta(hours=24) for said in cases(stage.facts) for one in said]
    began = perf_counter()
    late = sum(moment < NOW for moment in moments)
    seconds = perf_counter() - began
    assert late
    return Run(len(moments), seconds)
