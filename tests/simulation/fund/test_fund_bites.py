"""Every bug that is planted beneath or in the fund is seen within fifty lives, by the law that it breaks."""

import pytest

from tests.simulation import bugs
from tests.simulation.fund.mutants import MUTANTS
from tests.simulation.fund.test_fund_seeds import live
from tests.simulation.service import Parts
from tests.simulation.shape import EAGER, IMPATIENT, Shape

SEEDS_AT_MOST = 50

TWICE = {"effect_twice", "handled_twice", "answered_unstored", "answer_changed"}
FORKED = {"position", "version", "chain", "answered_oddly", "fund_differs", "cache_differs", *TWICE}

CHASSIS: dict[str, tuple[Parts, set[str], Shape | None]] = {
    "holds are not counted": (
        Parts(deciders=bugs.counting_no_holds),
        {"overdrawn", "alert", "answered_oddly", "request"},
        EAGER,
    ),
    "a command repeated is done again": (Parts(store=bugs.ForgetsAnswers), TWICE, None),
    "a zombie is not fenced": (Parts(store=bugs.DoesNotFence), FORKED, None),
    "memory is kept after a commit that nobody heard of": (Parts(committer=bugs.KeepsCaches), FORKED, None),
    "the clock is trusted": (Parts(committer=bugs.TrustsTheClock), {"time_went_back"}, None),
    "published before it is stored": (
        Parts(committer=bugs.PublishesFirst, process=bugs.Hasty),
        {"published_unknown"},
        None,
    ),
    "the outbox marks before it sends": (Parts(process=bugs.MovesTheCursorFirst), {"cursor_ahead"}, None),
    "what is decided ahead does not see what is under way": (
        Parts(committer=bugs.ForgetsTheFlight),
        {*FORKED, "overdrawn"},
        IMPATIENT,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_bug_planted_in_the_fund_is_seen(mutant: str) -> None:
    deciders, laws = MUTANTS[mutant]
    assert_seen(Parts(deciders=deciders), laws, None)


@pytest.mark.parametrize("bug", CHASSIS)
def test_a_bug_planted_beneath_the_fund_is_seen(bug: str) -> None:
    assert_seen(*CHASSIS[bug])


def assert_seen(parts: Parts, laws: set[str], shape: Shape | None) -> None:
    for seed in range(SEEDS_AT_MOST):
        run = live(seed, parts, shape)
        if run.broken is not None:
            assert run.law in laws, str(run)
            return
    pytest.fail(f"not seen in {SEEDS_AT_MOST} lives")
