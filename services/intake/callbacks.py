"""Callbacks: what each reporter's system is told, signed as Standard Webhooks asks, in order per report, retried.

Attempts follow a fixed schedule counted from when a reply was prepared, so a restart neither hurries nor forgets.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import httpx
from standardwebhooks import Webhook

from events.fact import Actor
from services.chassis.access import Access, Callback, System
from services.chassis.database import Connection, Pool
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.projection import Projector
from services.chassis.sole import sole
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Busy, Clock, Writer
from services.intake import receivers
from services.intake.attempts import SCHEDULE, begun, moments
from services.intake.destinations import Destinations, Forbidden
from services.intake.report_commands import AbandonReply, RecordDelivery, ReportCommand
from services.intake.report_state import stream_of
from services.intake.reports import SQL

_NAMESPACE = UUID("5a0a2b51-2fcb-5c06-94a5-7e0b54d0c3d4")
_TIMEOUT_SECONDS = 15.0
_LOOK_SECONDS = 0.5
_LOCK = 5_120_003
_GONE = 410
_AT_ONCE = 200
"""Replies that one vendor is sent at the same time."""
_Owed = tuple[str, datetime]
"""A reply and when it was prepared: one that is replayed is owed anew."""

_ACTOR = Actor(id="intake", role="system", scope="", rule="delivers_replies")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Deliverer:
    """Delivers owed replies until cancelled; of all processes of the service, one is at it."""

    pool: Pool
    projector: Projector
    writer: Writer
    access: Access
    clock: Clock
    destinations: Destinations
    _tried: dict[_Owed, int] = field(default_factory=dict[_Owed, int])
    """How many attempts of the schedule each owed reply has had in this process; all of them once it is settled,
    because the read model tells so only a moment later."""

    async def run(self) -> None:
        """Wait to be the one, then look for replies that are due, again and again."""
        while True:
            try:
                async with sole(self.pool, _LOCK) as lock:
                    await self._look(lock)
            except (StoreUnavailable, StoreRejected):
                log.warning("callbacks_wait")
            except Exception:
                log.exception("callbacks_stopped")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, lock: Connection) -> None:
        # no connection is kept: two hosts may share an address, and an open one would not be checked again
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            timeout=_TIMEOUT_SECONDS, limits=limits, follow_redirects=False, trust_env=False
        ) as client:
            while await lock.fetchval("select true"):
                await self.deliver_due(client)
                await asyncio.sleep(_LOOK_SECONDS)

    async def deliver_due(self, client: httpx.AsyncClient) -> None:
        """Try every reply whose time has come, each report's first one only."""
        async with self.projector.reading() as connection:
            owed = [dict(row) for row in await connection.fetch(SQL["owed"])]
        self._tried = {_owed(row): self._tried.get(_owed(row), 0) for row in owed}
        due = _turn([row for row in owed if self._is_due(row)])
        await asyncio.gather(*(self._try(client, row) for row in due))

    def _is_due(self, row: Mapping[str, Any]) -> bool:
        tried = self._tried[_owed(row)]
        due = moments(row["reply_id"])
        return tried < len(due) and self.clock.now() >= row["prepared_at"] + due[tried]

    async def _try(self, client: httpx.AsyncClient, row: Mapping[str, Any]) -> None:
        attempt = begun(row["reply_id"], self.clock.now() - row["prepared_at"])
        try:
            settled = await self._attempt(client, row, attempt)
        except (StoreUnavailable, StoreRejected, Busy):
            log.warning("callbacks_wait")
        except Exception:  # one reply that cannot be sent waits for its next attempt, and holds up no other
            log.exception("callback_failed", extra={"source": row["vendor"]})
            self._tried[_owed(row)] = attempt
        else:
            self._tried[_owed(row)] = len(SCHEDULE) if settled else attempt

    async def _attempt(self, client: httpx.AsyncClient, row: Mapping[str, Any], attempt: int) -> bool:
        """Whether nothing more is owed."""
        system = self.access.systems.get(row["vendor"])
        if system is None or system.callback is None:
            await self._settle(row, AbandonReply(row["reply_id"], attempt, "no_callback"))
            return True
        failure = await self._post(client, system, system.callback, row)
        if failure == "gone":
            await self._disable(row)
        elif failure is None:
            await self._settle(row, RecordDelivery(row["reply_id"], attempt))
            return True
        elif attempt == len(SCHEDULE):
            await self._settle(row, AbandonReply(row["reply_id"], attempt, failure))
            return True
        return False

    async def _post(
        self, client: httpx.AsyncClient, system: System, callback: Callback, row: Mapping[str, Any]
    ) -> str | None:
        """Send one reply; only a 2xx confirms it, anything else has a code. Its id never changes, so that a receiver
        knows a repetition."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                to = await self.destinations.of(callback.url)
                headers = _signed(callback, row, self.clock.now())
                status = await to.post(client, row["document"].encode(), headers)
        except Forbidden:
            log.error("callback_forbidden", extra={"source": system.id})
            return "address_forbidden"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            return "not_confirmed"
        if status == _GONE:
            return "gone"
        return None if httpx.codes.is_success(status) else "not_confirmed"

    async def _disable(self, row: Mapping[str, Any]) -> None:
        """The receiver has said that it is gone: leave it alone until somebody enables it; the feed goes on."""
        log.error("callback_gone", extra={"source": row["vendor"]})
        command = receivers.DisableCallback(row["vendor"], row["reply_id"])
        await self.writer.submit(
            Unit(
                division=receivers.LOG,
                parts=(Directed(receivers.stream_of(row["vendor"]), command),),
                command_id=uuid5(_NAMESPACE, f"{row['reply_id']}|{row['prepared_at']}|gone"),
                actor=_ACTOR,
                occurred_at=self.clock.now(),
                correlation=row["report_id"],
            )
        )

    async def _settle(self, row: Mapping[str, Any], command: ReportCommand) -> None:
        await self.writer.submit(
            Unit(
                division=row["division"],
                parts=(Directed(stream_of(row["report_id"]), command),),
                command_id=uuid5(_NAMESPACE, f"{row['reply_id']}|{row['prepared_at']}|{type(command).__name__}"),
                actor=_ACTOR,
                occurred_at=self.clock.now(),
                correlation=row["report_id"],
            )
        )


def _turn(due: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Those that are sent at once, the oldest of each vendor: one who answers slowly does not take all connections."""
    turn: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(due, key=lambda row: row["prepared_at"]):
        turn.setdefault(row["vendor"], []).append(row)
    return [row for rows in turn.values() for row in rows[:_AT_ONCE]]


def _owed(row: Mapping[str, Any]) -> _Owed:
    return row["reply_id"], row["prepared_at"]


def _signed(callback: Callback, row: Mapping[str, Any], now: datetime) -> dict[str, str]:
    return {
        "content-type": "application/cloudevents+json",
        "webhook-id": row["reply_id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(callback.secret.get_secret_value()).sign(row["reply_id"], now, row["document"]),
    }
