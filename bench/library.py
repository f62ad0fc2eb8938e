"""What a user of Python would pick: the `eventsourcing` library's PostgreSQL recorder as it comes, from threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, ProcessRecorder, StoredEvent
from eventsourcing.utils import Environment

from bench.contest import Run, Stage, wait_for_the_others
from bench.grant import granted
from bench.load import WARM_UP_SHARE, measured
from events.upcasts import encode

EVENTS_KEPT = "select count(*) from stored_events"


def record(threads: int, stage: Stage) -> Run:
    """Let each thread record event after event of an aggregate of its own."""
    factory = InfrastructureFactory[ProcessRecorder].construct(Environment(env=_environment(stage.owner_dsn, threads)))
    recorder = factory.application_recorder()
    wait_for_the_others()
    began = perf_counter() + stage.seconds * WARM_UP_SHARE
    end = began + stage.seconds
    with ThreadPoolExecutor(threads) as pool:
        calls = [call for each in pool.map(_recording(recorder, end), range(threads)) for call in each]
    factory.close()
    return measured(calls, began, end)


def _recording(recorder: ApplicationRecorder, end: float) -> Callable[[int], list[tuple[float, float]]]:
    def run(thread: int) -> list[tuple[float, float]]:
        calls: list[tuple[float, float]] = []
        while (said := perf_counter()) < end:
            version = len(calls) + 1
            state = encode(granted(str(thread), version))
            recorder.insert_events([StoredEvent(UUID(int=thread + 1), version, "bench.granted", state)])
            calls.append((said, perf_counter()))
        return calls

    return run


def _environment(dsn: str, threads: int) -> dict[str, str]:
    """The default mode. The one that is turned on by ``POSTGRES_ENABLE_DB_FUNCTIONS`` loses events for readers."""
    address = urlsplit(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": address.path[1:],
        "POSTGRES_HOST": address.hostname or "",
        "POSTGRES_PORT": str(address.port),
        "POSTGRES_USER": address.username or "",
        "POSTGRES_PASSWORD": address.password or "",
        "POSTGRES_POOL_SIZE": str(threads),
        "POSTGRES_MAX_OVERFLOW": "0",
    }
