"""How a child of the tests ends; it is left for others to clear away."""

import asyncio
import os


def end_of(pid: int) -> os.waitid_result | None:
    """How it has ended, if it has."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)


async def ended(pid: int) -> os.waitid_result:
    """Wait until it has ended, whoever ended it."""
    over, watched = asyncio.Event(), os.pidfd_open(pid)
    asyncio.get_running_loop().add_reader(watched, over.set)
    try:
        await over.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)
    end = end_of(pid)
    assert end is not None
    return end
