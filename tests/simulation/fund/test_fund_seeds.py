"""Whatever befalls the ledger, the laws of a fund hold after every fact; a seed that once broke one is kept."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.simulation.faults import Fault
from tests.simulation.fund.world import FundWorld
from tests.simulation.service import Parts
from tests.simulation.shape import Shape
from tests.simulation.simulate import Run, lived

TEST = "tests/simulation/fund/test_fund_seeds.py"
KEPT = Path(__file__).with_name("kept_seeds.txt")
"""Seeds that have broken a law: one that breaks it anew is added, and all are lived through for ever."""

HAPPENS = {
    "ledger.act_approved",
    "ledger.allocation_arrived",
    "ledger.allocation_returned",
    "ledger.balance_restored",
    "ledger.carried_in",
    "ledger.cash_handed_over",
    "ledger.goods_issued",
    "ledger.low_balance_alerted",
    "ledger.opening_entered",
    "ledger.own_money_added",
    "ledger.paid_without_hold",
    "ledger.payment_received",
    "ledger.payment_returned",
    "ledger.period_closed",
    "ledger.period_reopened",
    "ledger.quota_set",
    "ledger.recovery_received",
    "ledger.refused_short",
    "ledger.remainder_released",
    "ledger.replenishment_arrived",
    "ledger.replenishment_declined",
    "ledger.replenishment_drafted",
    "ledger.replenishment_signed",
    "ledger.replenishment_submitted",
    "ledger.voided",
    "ledger.year_closed",
}
"""Facts without which a fund's life would not be worth looking at."""
STRIKES: set[Fault] = {"rolled_back", "unheard", "killed_amid", "second_process", "clock_jump", "crash", "old_again"}
"""Commits whose end nobody hears of, either way; crashes anywhere; a zombie; clocks that jump; old messages again."""


def seeds() -> Sequence[int]:
    """``JIUJINAN_SEEDS`` as for the three services together; else three hundred, and those that are kept."""
    asked = os.environ.get("JIUJINAN_SEEDS")
    if asked is not None:
        return range(*(int(number) for number in asked.split(":")))
    return sorted({*range(300), *map(int, KEPT.read_text().split())})


def live(seed: int, parts: Parts | None = None, shape: Shape | None = None) -> Run:
    """Live through the funds of a seed."""
    return lived(FundWorld, TEST, seed, parts, shape)


@pytest.mark.parametrize("seed", seeds())
def test_no_law_of_a_fund_is_broken(seed: int) -> None:
    run = live(seed)
    if run.broken is not None:
        KEPT.write_text("".join(f"{kept}\n" for kept in sorted({*map(int, KEPT.read_text().split()), seed})))
        pytest.fail(str(run), pytrace=False)


def test_everything_that_can_happen_to_a_fund_does() -> None:
    facts, faults = set(HAPPENS), set(STRIKES)
    for seed in range(150):
        run = live(seed)
        facts -= run.facts.keys()
        faults -= run.struck
        if not facts | faults:
            return
    pytest.fail(f"never seen: {facts}, {faults}")


def test_the_same_seed_tells_the_same_life() -> None:
    assert live(3).digest == live(3).digest
