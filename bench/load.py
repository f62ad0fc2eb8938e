"""Callers who wait for each answer before they say the next thing."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from bench.contest import Run, wait_for_the_others

WARM_UP_SHARE = 0.2
"""So much of the measured time is spent beforehand, to fill caches and prepare statements."""


async def closed_loop(callers: int, seconds: float, call: Callable[[int], Awaitable[None]]) -> Run:
    """Let so many callers call for so many seconds, after a warm-up."""
    wait_for_the_others()
    began = perf_counter() + seconds * WARM_UP_SHARE
    end = began + seconds
    calls: list[tuple[float, float]] = []

    async def caller(number: int) -> None:
        while (said := perf_counter()) < end:
            await call(number)
            calls.append((said, perf_counter()))

    async with asyncio.TaskGroup() as together:
        for number in range(callers):
            together.create_task(caller(number))
    return measured(calls, began, end)


def measured(calls: list[tuple[float, float]], began: float, end: float) -> Run:
    """What was answered between these moments."""
    waits = [(answered - said) * 1000 for said, answered in calls if began <= answered <= end]
    return Run(len(waits), end - began, waits, len(calls))
