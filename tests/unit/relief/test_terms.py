"""The terms that the caseload's statements join with say, day by day, what the policies resolve to."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.fact import Fact, Recorded
from events.policy import PolicyPublished
from events.rules import AdvanceRule
from services.relief.caseload import terms
from services.relief.policy_cache import Policies
from tests.support.given import recorded

COUNTY = "320115"
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]

rules = st.none() | st.builds(
    AdvanceRule,
    length=st.integers(1, 99),
    unit=st.sampled_from(["hour", "hour", "working_day"]),
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
    books: dict[str, tuple[Recorded[Fact], ...]] = {}
    for position, one in enumerate(published, start=1):
        books[one.division] = (*books.get(one.division, ()), recorded(one, position))
    return Policies(books)


@given(st.lists(sets, max_size=6))
def test_each_day_has_the_term_that_its_policy_has(published: list[PolicyPublished]) -> None:
    shelf = policies(published)
    known = terms(shelf, [COUNTY])
    for day in DAYS:
        found = shelf.policy(COUNTY, day).rules.advance
        covering = [(term.hours, term.judged_from) for term in known if term.since <= day <= term.until]
        in_hours = found is not None and found.unit == "hour"
        assert covering == ([(found.length, found.start)] if found is not None and in_hours else [])
