"""How a client of Kafka begins and ends, so that nothing of it is left behind."""

import asyncio
from contextlib import suppress

from aiokafka.errors import KafkaError  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker

_STOP_SECONDS = 30.0


async def started(broker: KafkaBroker) -> None:
    """Start a client. One that is left in the middle of its start cannot be stopped: a cancellation waits for it."""
    starting = asyncio.ensure_future(broker.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(Exception):
            await starting
        raise


async def stopped(broker: KafkaBroker) -> None:
    """End a client; one that cannot end is not waited for any longer."""
    stopping = asyncio.ensure_future(broker.stop())
    await asyncio.wait([stopping], timeout=_STOP_SECONDS)
    if stopping.done():
        with suppress(KafkaError, FastStreamException, OSError):
            stopping.result()


async def reachable(bootstrap: str) -> None:
    """Raise ``OSError`` unless a server accepts a connection: a client that cannot start leaks its sockets."""
    for server in bootstrap.split(","):
        host, _, port = server.rpartition(":")
        with suppress(OSError):
            _, connection = await asyncio.open_connection(host, int(port))
            connection.close()
            return
    raise ConnectionRefusedError
