"""Whatever goes wrong in a world, no law is broken; and the same seed always tells the same history."""

import os
import subprocess
import sys
from itertools import count

import pytest

from tests.simulation.faults import WORST, Fault
from tests.simulation.simulate import simulate

SEEDS = range(*(int(number) for number in os.environ.get("JIUJINAN_SEEDS", "100").split(":")))
"""``1000`` for the first thousand, ``45:46`` for one alone."""

HAPPENS = {
    "intake.help_asked_again",
    "intake.reply_delivered",
    "intake.report_closed",
    "relief.advance_decided",
    "relief.advance_declined",
    "relief.advance_voided",
    "relief.case_closed",
    "relief.funds_short",
    "relief.household_relieved",
    "relief.relief_came_back",
    "relief.report_linked",
    "ledger.allocation_received",
    "ledger.payment_received",
    "ledger.payment_returned",
    "ledger.refused_short",
    "ledger.voided",
}
"""Facts without which a history would not be worth looking at."""


@pytest.mark.parametrize("seed", SEEDS)
def test_no_law_is_broken(seed: int) -> None:
    run = simulate(seed)
    if run.broken is not None:
        pytest.fail(str(run), pytrace=False)


def test_everything_that_may_go_wrong_does() -> None:
    faults: set[Fault] = set(WORST)
    facts = set(HAPPENS)
    for seed in count():
        run = simulate(seed)
        faults -= run.struck
        facts -= run.facts.keys()
        if not faults | facts:
            return
        assert seed < 40, f"never seen: {faults}, {facts}"


def test_the_same_seed_tells_the_same_history_in_every_process() -> None:
    tell = "from tests.simulation.simulate import simulate; print(simulate(3).digest)"
    elsewhere = subprocess.run(
        [sys.executable, "-c", tell],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout == f"{simulate(3).digest}\n"
