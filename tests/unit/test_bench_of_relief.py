"""The bench of relief measures what it says: every open clock is judged, and every fact is supposed."""

from bench.contest import Stage
from bench.deciding import at_hand, folded, read
from bench.judging import compare, judge
from bench.supposing import FACTS_PER_CASE, fold, suppose

CLOCKS = 400
FACTS = 250 * FACTS_PER_CASE


def stage(facts: int) -> Stage:
    return Stage("", "", 1.0, facts, "")


def test_every_open_clock_is_judged_by_both() -> None:
    assert (judge(stage(CLOCKS)).done, compare(stage(CLOCKS)).done) == (CLOCKS, CLOCKS)


def test_every_fact_is_folded_and_supposed() -> None:
    assert (fold(stage(FACTS)).done, suppose(stage(FACTS)).done) == (FACTS, FACTS)


def test_a_case_of_sixty_facts_decides_in_each_way_as_often_as_it_is_asked() -> None:
    assert [way(stage(3)).done for way in (at_hand, folded, read)] == [3, 3, 3]
