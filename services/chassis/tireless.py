"""What a service does again and again outlives what goes wrong in one round: it is told, and tried again at the next.

A task that ends takes the process with it, because liveness fails. What passes, a busy writer first of all, must not.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from services.chassis.event_store import Fenced, StoreRejected, StoreUnavailable
from services.chassis.writer import Busy

log = logging.getLogger(__name__)


@contextmanager
def tireless(task: str) -> Generator[None]:
    """One round of a task: whatever fails in the block is logged, and only a cancellation leaves it."""
    try:
        yield
    except (StoreUnavailable, StoreRejected, Fenced, Busy):
        log.warning("task_waits", extra={"source": task})
    except Exception:
        log.exception("task_failed", extra={"source": task})
