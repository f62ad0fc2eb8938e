"""Tasks at work for the length of a block."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from services.chassis.writer import Writer


@asynccontextmanager
async def tasks(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None, None]:
    """Run these beside the block; end them, the last first, behind it."""
    started = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in reversed(started):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def running(writer: Writer) -> AsyncGenerator[Writer, None]:
    """A writer at work."""
    async with tasks(writer.run()):
        yield writer
