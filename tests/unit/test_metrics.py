"""Figures that are read in the background: shown as they last were, and never waited for longer than for a start."""

import asyncio
from collections.abc import Sequence

import pytest
from prometheus_client.metrics_core import Metric

from services.chassis.metrics import Snapshot, gauge


async def two() -> Sequence[Metric]:
    return [gauge("waiting", "Households that wait", 2)]


async def never() -> Sequence[Metric]:
    await asyncio.Event().wait()
    return []


async def broken() -> Sequence[Metric]:
    raise ValueError("汪样根")


def shown(snapshot: Snapshot) -> dict[str, float]:
    return {sample.name: sample.value for metric in snapshot.collect() for sample in metric.samples}


async def test_a_service_begins_with_its_figures() -> None:
    snapshot = Snapshot([two])
    await snapshot.first(60)
    assert shown(snapshot) == {"waiting": 2}


async def test_figures_that_take_long_hold_up_no_start() -> None:
    snapshot = Snapshot([two, never])
    async with asyncio.timeout(60):
        await snapshot.first(0.01)
    assert shown(snapshot) == {}


async def test_what_cannot_be_read_leaves_the_last_figures_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    snapshot = Snapshot([two])
    await snapshot.refresh()
    snapshot.figures = [broken]
    await snapshot.refresh()
    assert shown(snapshot) == {"waiting": 2}
    assert caplog.messages == ["figures_unavailable"]
