"""The simulation sees every bug that is planted, soon, and says which law it breaks."""

from dataclasses import dataclass

import pytest

from services.chassis import committing
from tests.simulation import bugs
from tests.simulation.core_bugs import CORE_BUGS
from tests.simulation.service import Parts
from tests.simulation.shape import DEADLY, EAGER, IMPATIENT, LOSSY, PAYING, Shape
from tests.simulation.simulate import simulate

SEEDS_AT_MOST = 30

LOST = {"report_unanswered", "decision_unanswered", "case_knows_otherwise", "payment_unknown"}
TWICE = {"effect_twice", "handled_twice", "answered_unstored", "answer_changed"}
FORKED = {"position", "version", "chain", "followed", "answered_oddly", *TWICE}
UNDONE = {"acknowledged_undone"}


@dataclass(frozen=True, slots=True)
class Bug:
    """The broken part, the laws that it may be seen to break, and the shape of world in which it is soon seen."""

    parts: Parts
    laws: set[str]
    shape: Shape | None = None


BUGS = {
    "answers are forgotten": Bug(Parts(store=bugs.ForgetsAnswers), TWICE),
    "claims are forgotten": Bug(Parts(store=bugs.ForgetsClaims), {"claim_twice"}, EAGER),
    "heads are not locked": Bug(Parts(store=bugs.DoesNotLock), FORKED),
    "heads are not compared": Bug(Parts(store=bugs.DoesNotFence), FORKED),
    "all is read before the lock": Bug(Parts(store=bugs.LooksBeforeTheLock), FORKED | LOST | {"task_died"}),
    "answered before the commit": Bug(Parts(store=bugs.AnswersBeforeTheCommit), {"answered_unstored"} | UNDONE),
    "the clock is trusted": Bug(Parts(committer=bugs.TrustsTheClock), {"time_went_back"}),
    "caches are kept after a failure": Bug(Parts(committer=bugs.KeepsCaches), {"cache_differs", *FORKED} | LOST),
    "the batch in flight is not seen": Bug(Parts(committer=bugs.ForgetsTheFlight), {"claim_twice"} | TWICE, EAGER),
    "what was heard is taken in again": Bug(
        Parts(committer=bugs.FollowsBlindly), {"effect_unfollowed", "gap_unnoticed", *FORKED} | UNDONE
    ),
    "gaps are skipped": Bug(Parts(committer=bugs.SkipsGaps), LOST, LOSSY),
    "one bad command fails its batch": Bug(Parts(writer=bugs.BlamesTheBatch), {"answered_oddly", "task_died"}),
    "callers are left waiting": Bug(Parts(writer=bugs.LeavesCallersWaiting), {"left_waiting"}, DEADLY),
    "holds are not counted": Bug(Parts(deciders=bugs.counting_no_holds), {"overdrawn", "answered_oddly"}, EAGER),
    "published before the commit": Bug(Parts(committer=bugs.PublishesFirst, process=bugs.Hasty), {"published_unknown"}),
    "the cursor moves first": Bug(Parts(process=bugs.MovesTheCursorFirst), {"cursor_ahead"}),
    "acknowledged before the work": Bug(Parts(process=bugs.AcknowledgesFirst), UNDONE),
    "acknowledged though it failed": Bug(Parts(process=bugs.SwallowsFailures), UNDONE),
    "a gap is forgotten too soon": Bug(Parts(store=bugs.ForgetsGaps), {"gap_unnoticed"}, LOSSY),
}


@pytest.mark.parametrize("bug", CORE_BUGS)
def test_a_bug_planted_in_a_core_is_seen(bug: str) -> None:
    broken, laws = CORE_BUGS[bug]
    assert_seen(Bug(Parts(deciders=broken), laws, PAYING))


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str) -> None:
    assert_seen(BUGS[bug])


def test_a_fence_that_does_not_see_answers_without_facts_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "_answers_without_facts", bugs.never)
    assert_seen(Bug(Parts(), TWICE, IMPATIENT))


def assert_seen(bug: Bug) -> None:
    for seed in range(SEEDS_AT_MOST):
        run = simulate(seed, bug.parts, bug.shape)
        if run.broken is not None:
            assert run.law in bug.laws, str(run)
            return
    pytest.fail(f"not seen in {SEEDS_AT_MOST} worlds")
