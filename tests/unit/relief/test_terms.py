"""The terms that the caseload's statements join with say, day by day, what the policies resolve to."""

from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.fact import Fact, Recorded
from events.policy import PolicyPublished
from events.rules import AdvanceRule
from events.shanghai import SHANGHAI
from services.relief.advance_terms import day_terms, in_days, terms
from services.relief.clocks import clocks
from services.relief.policy_cache import Policies
from services.relief.signal import Signal, Source
from tests.support.given import recorded

COUNTY = "320115"
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]

rules = st.none() | st.builds(
    AdvanceRule,
    length=st.integers(1, 99),
    unit=st.sampled_from(["hour", "hour", "working_day", "natural_day"]),
    rolls=st.booleans(),
    modal=st.just("must"),
    start=st.sampled_from(["reported", "accepted"]),
    clause=st.just("测试"),
)
sets = st.builds(
    PolicyPublished,
    set_id=st.just("a"),
    division=st.sampled_from(["000000", "320000", "320100", COUNTY, "110101"]),
    title=st.just("测试"),
    effective_from=st.sampled_from(DAYS[1:]),
    advance=rules,
)


def policies(published: list[PolicyPublished]) -> Policies:
    """The sets, published at noon of one day after another."""
    books: dict[str, tuple[Recorded[Fact], ...]] = {}
    for position, one in enumerate(published, start=1):
        books[one.division] = (*books.get(one.division, ()), recorded(one, position, noon(position)))
    return Policies(books)


def noon(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=SHANGHAI)


def said_of(shelf: Policies, day: date) -> list[Any]:
    """What the policies themselves say of a day."""
    found = shelf.policy(COUNTY, day).rules.advance
    return [(found.length, found.start)] if found is not None and found.unit == "hour" else []


@given(st.lists(sets, max_size=6))
def test_each_day_has_the_term_that_its_policy_has(published: list[PolicyPublished]) -> None:
    shelf = policies(published)
    known = [term for term in terms(shelf, [COUNTY]) if term.replaced_at is None]
    for day in DAYS:
        covering = [(term.hours, term.judged_from) for term in known if term.since <= day <= term.until]
        assert covering == said_of(shelf, day)


@given(st.lists(sets, max_size=6), st.integers(1, 8))
def test_what_was_known_at_a_moment_has_the_terms_that_were_published_by_then(
    published: list[PolicyPublished], day: int
) -> None:
    shelf, moment = policies(published), noon(day)
    known = [
        term
        for term in terms(shelf, [COUNTY])
        if term.published_at <= moment and (term.replaced_at is None or moment < term.replaced_at)
    ]
    for start in DAYS:
        covering = [(term.hours, term.judged_from) for term in known if term.since <= start <= term.until]
        assert covering == said_of(shelf.as_of(moment), start)


@given(st.lists(sets, max_size=6), st.integers(1, 8))
def test_a_term_in_days_is_due_when_the_clock_itself_is(published: list[PolicyPublished], day: int) -> None:
    shelf, moment = policies(published), noon(day)
    for start in DAYS:
        known = [
            term.due_at
            for term in day_terms(shelf, [(COUNTY, start)])
            if term.published_at <= moment and (term.replaced_at is None or moment < term.replaced_at)
        ]
        at = datetime.combine(start, time(9), SHANGHAI)
        said = Signal("advance_from_report", "start", at, Source(COUNTY, 1, "test", at, at, "S-1"))
        clock = clocks([said], shelf.as_of(moment).rulebook(COUNTY), at)
        assert known == [one.due_at for one in clock if one.term.unit != "hour"]
        assert not known or in_days(shelf, [COUNTY]) == [COUNTY]
