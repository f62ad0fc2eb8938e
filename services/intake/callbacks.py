"""Callbacks: what each reporter's system is told, signed as Standard Webhooks asks, in order per report, retried.

Attempts follow a fixed schedule counted from when a reply was prepared, so a restart neither hurries nor forgets.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import httpx
from standardwebhooks import Webhook

from events.fact import Actor
from services.chassis.access import Access, Callback, System
from services.chassis.database import Connection, Pool
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.projection import Projector
from services.chassis.sole import sole
from services.chassis.tireless import tireless
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Busy, Clock, Writer
from services.intake import receivers
from services.intake.attempts import SCHEDULE, begun, moments
from services.intake.desk import Desk
from services.intake.destinations import Destinations, Forbidden
from services.intake.outgoing import as_sent
from services.intake.report_commands import AbandonReply, RecordDelivery, ReportCommand
from services.intake.report_state import stream_of
from services.intake.reports import SQL

_NAMESPACE = UUID("5a0a2b51-2fcb-5c06-94a5-7e0b54d0c3d4")
_TIMEOUT_SECONDS = 15.0
_LOOK_SECONDS = 0.5
_LOCK = 5_120_003
_GONE = 410
_OVERBURDENED = (429, 502, 503, 504)
_SPARED_AT_MOST = timedelta(minutes=1)
"""For how long a receiver that has too much to do is sent nothing; at first only until its reply is tried again."""
AT_ONCE = 16
"""Replies that one vendor is sent at the same time, at most."""
_EVER = datetime.min.replace(tzinfo=UTC)

_ACTOR = Actor(id="intake", role="system", scope="", rule="delivers_replies")

log = logging.getLogger(__name__)


class _Owed(NamedTuple):
    """A reply and when it was prepared: one that is replayed is owed anew."""

    vendor: str
    reply_id: str
    prepared_at: datetime


@dataclass(slots=True)
class Deliverer:
    """Delivers owed replies until cancelled; of all processes of the service, one is at it."""

    pool: Pool
    projector: Projector
    writer: Writer
    access: Access
    desk: Desk
    clock: Clock
    destinations: Destinations
    page: int = 1_000
    """Replies looked at in one go."""
    _next: dict[_Owed, datetime | None] = field(default_factory=dict[_Owed, datetime | None])
    """When each owed reply that this process has tried is due again; never, once it is settled, because the read model
    tells so only a moment later."""
    _spared: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Until when a vendor is sent nothing more: it has said that it has too much to do."""

    async def run(self) -> None:
        """Wait to be the one, then look for replies that are due, again and again."""
        while True:
            with tireless("callbacks"):
                async with sole(self.pool, _LOCK) as lock:
                    await self._look(lock)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, lock: Connection) -> None:
        # no connection is kept: two hosts may share an address, and an open one would not be checked again
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            timeout=_TIMEOUT_SECONDS, limits=limits, follow_redirects=False, trust_env=False
        ) as client:
            served: dict[str, asyncio.Task[None]] = {}
            try:
                while await lock.fetchval("select true"):
                    for vendor in await self._owed_to():
                        if vendor not in served or served[vendor].done():
                            served[vendor] = asyncio.create_task(self._serve(client, vendor))
                    await asyncio.sleep(_LOOK_SECONDS)
            finally:
                for serving in served.values():
                    serving.cancel()
                await asyncio.gather(*served.values(), return_exceptions=True)

    async def _serve(self, client: httpx.AsyncClient, vendor: str) -> None:
        with tireless("callbacks"):
            await self.serve(client, vendor)

    async def serve(self, client: httpx.AsyncClient, vendor: str) -> None:
        """Try every reply to a vendor whose time has come, the oldest first, each report's first one only.

        Another vendor, who may be slow, is another's task; this one is sent no more than so many at the same time.
        """
        if self._is_spared(vendor):
            return
        room, seen = asyncio.Semaphore(AT_ONCE), set[_Owed]()
        async for page in self._owed(vendor):
            seen |= set(map(_owed, page))
            await asyncio.gather(*(self._try(client, row, room) for row in page if self._is_due(row)))
        self._next = {owed: at for owed, at in self._next.items() if owed.vendor != vendor or owed in seen}

    async def _owed_to(self) -> Sequence[str]:
        async with self.projector.reading() as connection:
            return [row["vendor"] for row in await connection.fetch(SQL["owed_to"])]

    async def _owed(self, vendor: str) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
        after: tuple[datetime, str] = (_EVER, "")
        while True:
            async with self.projector.reading() as connection:
                page = [dict(row) for row in await connection.fetch(SQL["owed"], vendor, *after, self.page)]
            if not page:
                return
            yield page
            after = page[-1]["prepared_at"], page[-1]["reply_id"]

    def _is_due(self, row: Mapping[str, Any]) -> bool:
        at = self._next.get(_owed(row), _EVER)
        return at is not None and self.clock.now() >= at

    def _spare(self, row: Mapping[str, Any]) -> None:
        now = self.clock.now()
        at_most, again = now + _SPARED_AT_MOST, _next(row, begun(row["reply_id"], now - row["prepared_at"]))
        self._spared[row["vendor"]] = min(again or at_most, at_most)

    def _is_spared(self, vendor: str) -> bool:
        return self.clock.now() < self._spared.get(vendor, _EVER)

    async def _try(self, client: httpx.AsyncClient, row: Mapping[str, Any], room: asyncio.Semaphore) -> None:
        async with room:
            if self._is_spared(row["vendor"]):
                return
            attempt = begun(row["reply_id"], self.clock.now() - row["prepared_at"])
            try:
                settled = await self._attempt(client, row, attempt)
            except (StoreUnavailable, StoreRejected, Busy):
                log.warning("callbacks_wait")
            except Exception:  # one reply that cannot be sent waits for its next attempt, and holds up no other
                log.exception("callback_failed", extra={"source": row["vendor"]})
                self._next[_owed(row)] = _next(row, attempt)
            else:
                self._next[_owed(row)] = None if settled else _next(row, attempt)

    async def _attempt(self, client: httpx.AsyncClient, row: Mapping[str, Any], attempt: int) -> bool:
        """Whether nothing more is owed."""
        document = await self._document(row)
        if document is None:
            return False
        system = self.access.systems.get(row["vendor"])
        if system is None or system.callback is None:
            await self._settle(row, AbandonReply(row["reply_id"], attempt, "no_callback"))
            return True
        failure = await self._post(client, system, system.callback, {**row, "document": document})
        if failure == "gone":
            await self._disable(row)
        elif failure is None:
            await self._settle(row, RecordDelivery(row["reply_id"], attempt))
            return True
        elif attempt == len(SCHEDULE):
            await self._settle(row, AbandonReply(row["reply_id"], attempt, failure))
            return True
        return False

    async def _document(self, row: Mapping[str, Any]) -> str | None:
        async with self.projector.reading() as connection:
            owed = await connection.fetchrow(SQL["document"], row["reply_id"])
        if owed is None:
            return None
        return await as_sent(self.desk, row["division"], row["report_id"], owed["kind"], owed["document"])

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
        if status in _OVERBURDENED:
            self._spare(row)
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


def _owed(row: Mapping[str, Any]) -> _Owed:
    return _Owed(row["vendor"], row["reply_id"], row["prepared_at"])


def _next(row: Mapping[str, Any], attempt: int) -> datetime | None:
    """When the attempt after this one is due; none after the last."""
    due = moments(row["reply_id"])
    return row["prepared_at"] + due[attempt] if attempt < len(due) else None


def _signed(callback: Callback, row: Mapping[str, Any], now: datetime) -> dict[str, str]:
    return {
        "content-type": "application/cloudevents+json",
        "webhook-id": row["reply_id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(callback.secret.get_secret_value()).sign(row["reply_id"], now, row["document"]),
    }
