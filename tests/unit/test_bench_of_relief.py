"""The bench's judging of open clocks and its what-if, at a small size: right, and quick enough."""

from time import process_time

from bench.contest import Stage
from bench.judging import compare, judge
from bench.supposing import FACTS_PER_CASE, fold, suppose

CLOCKS = 4_000
PER_SECOND = 20_000
"""100,000 open clocks in five seconds."""
ON_A_BUSY_MACHINE = 3


def test_open_clocks_are_judged_quickly_enough() -> None:
    stage = Stage("", "", 1.0, CLOCKS)
    judge(stage)
    began = process_time()
    assert judge(stage).done == CLOCKS
    assert process_time() - began < CLOCKS / PER_SECOND * ON_A_BUSY_MACHINE


def test_the_rival_only_compares() -> None:
    assert compare(Stage("", "", 1.0, 200)).done == 200


FACTS = 700 * FACTS_PER_CASE
FACTS_PER_SECOND = 16_700
"""A million facts in a minute."""


def test_a_what_if_is_quick_enough() -> None:
    stage = Stage("", "", 1.0, FACTS)
    assert fold(stage).done == FACTS
    began = process_time()
    assert suppose(stage).done == FACTS
    assert process_time() - began < FACTS / FACTS_PER_SECOND * ON_A_BUSY_MACHINE
