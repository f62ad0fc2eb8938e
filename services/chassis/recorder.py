"""The `eventsourcing` library's recorders over one of our logs: ``PERSISTENCE_MODULE=services.chassis.recorder``.

An application of the library then writes through the same queue, locks, chain and group commit as our services, and
the library's tools read what our services have written. Settings, read as the library reads its own: ``JIUJINAN_DSN``
is the database's address, ``JIUJINAN_SERVICE`` the service whose it is, ``JIUJINAN_LOG`` the division of the log.
"""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4  # noqa: TID251  a call of the library has no name to derive an id from, and this is the edge

from eventsourcing.persistence import (
    AggregateRecorder,
    DatabaseError,
    DataError,
    InfrastructureFactory,
    IntegrityError,
    InterfaceError,
    ListenNotifySubscription,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.popo import POPOAggregateRecorder
from eventsourcing.utils import Environment, EnvType, resolve_topic

from events.fact import Actor
from services.chassis.bridge import Bridge, BridgeClosed
from services.chassis.deciding import FACTS_AT_MOST
from services.chassis.event_store import Fenced, Stored, StoreRejected, StoreUnavailable
from services.chassis.mapping import library_event, notification, register_fact_topics, stored_event
from services.chassis.sequence import SEQUENCE, Extend
from services.chassis.unit import Directed, Heard, StreamUnreadable, Unit, VersionConflict

_LAST = 2**62
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_REJECTIONS: dict[str, type[DatabaseError]] = {
    "22": DataError,
    "28": OperationalError,
    "3D": OperationalError,
    "42": ProgrammingError,
}
"""By SQLSTATE class: what the database refuses for another reason than the integrity of the log."""


class LogRecorder(ProcessRecorder):
    """Records and reads one log. Notification ids are the log's positions, without gaps.

    What services have written is read in the form of ``FactMapper``; their streams cannot be extended from here.
    """

    def __init__(self, bridge: Bridge, application: str = "") -> None:
        self.bridge = bridge
        self._actor = Actor(id=application[:64] or "eventsourcing", role="system", scope="")

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> list[int]:
        """Record events, all or none, in this order, and a ``tracking`` with them; give their notification ids.

        Raises ``IntegrityError`` when an event is not next in its sequence or the tracking is not ahead,
        ``DataError`` for text with U+0000 or lone surrogates and for more than 1,000 events, ``OperationalError`` when
        the database stays away: then look whether they were recorded after all.
        """
        tracking: Tracking | None = kwargs.get("tracking")
        if not stored_events and tracking is None:
            return []
        last = self._commit(self._unit(stored_events, tracking))
        return list(range(last - len(stored_events) + 1, last + 1))

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record how far an application's notifications are processed. Raises ``IntegrityError`` if not further.

        It is the ``followed`` row of the application's name and this log, by which services follow a log, too. Without
        events there is nothing to tell whose it is: after a commit without an answer its own row is refused, too.
        """
        self.insert_events([], tracking=tracking)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """The events of a sequence, numbered after ``gt`` up to ``lte``."""
        after, upto = -1 if gt is None else gt, _LAST if lte is None else lte
        statement = "events_backwards" if desc else "events"
        one_more = None if limit is None else limit + 1
        rows = self._rows(statement, str(originator_id), after, upto, one_more)
        events = [event for event in map(stored_event, rows) if after < event.originator_version <= upto]
        return events[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        """What stands in the log from ``start`` to ``stop``, of these topics, at most ``limit``."""
        after = 0 if start is None else start - inclusive_of_start
        rows = self._rows("notifications", after, _LAST if stop is None else stop, list(topics), limit)
        return [notification(row) for row in rows]

    def max_notification_id(self) -> int | None:
        """The position where the log ends."""
        return self._number("position")

    def max_tracking_id(self, application_name: str) -> int | None:
        """How far an application's notifications are processed."""
        return self._number("tracked", application_name)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Follow the log after ``gt``: what this process records at once, what others record within a moment."""
        return LogSubscription(self, gt, topics)

    def _unit(self, events: Sequence[StoredEvent], tracking: Tracking | None) -> Unit:
        """A unit with an id that no other has: what it wrote can be told from what others wrote."""
        if len(events) > FACTS_AT_MOST:
            raise DataError(f"at most {FACTS_AT_MOST} events are recorded together")
        _check_text(*(text for event in events for text in (str(event.originator_id), event.topic)))
        runs = groupby(events, key=lambda event: str(event.originator_id))
        return Unit(
            division=self.bridge.log,
            parts=tuple(Directed(stream, Extend(tuple(map(library_event, run)))) for stream, run in runs),
            command_id=uuid4(),
            actor=self._actor,
            occurred_at=self.bridge.clock.now(),
            heard=None if tracking is None else self._heard(tracking),
        )

    def _heard(self, tracking: Tracking) -> Heard:
        _check_text(tracking.application_name)
        return Heard(
            source=tracking.application_name,
            division=self.bridge.log,
            position=tracking.notification_id,
            previous=None,
            subject="library.tracking",
            name="library.tracking",
        )

    def _commit(self, unit: Unit) -> int:
        """The position of the log after a unit.

        The writer tries again when it was not told whether it committed. A unit that comes too late may therefore have
        been committed by its own first try, and then it was not too late.
        """
        with _in_the_librarys_terms():
            try:
                outcome = self.bridge.call(self.bridge.submit(unit))
            except VersionConflict:
                outcome = None
        position = self._written_by(unit) if outcome is None or outcome.replayed else outcome.position
        if position is None:
            raise IntegrityError("an event is not next in its sequence, or a tracking not ahead")
        return position

    def _written_by(self, unit: Unit) -> int | None:
        if not unit.parts:
            return None
        last = unit.parts[-1]
        assert isinstance(last.command, Extend)
        return self._number("written", last.stream, last.command.events[-1].version, unit.command_id)

    def _number(self, statement: str, *arguments: object) -> int | None:
        with _in_the_librarys_terms():
            rows = self.bridge.call(self.bridge.fetch(statement, *arguments))
        return rows[0]["position"] if rows else None

    def _rows(self, statement: str, *arguments: object) -> list[Stored]:
        with _in_the_librarys_terms():
            return [Stored(*row) for row in self.bridge.call(self.bridge.fetch(statement, *arguments))]


class LogSubscription(ListenNotifySubscription[LogRecorder]):
    """Follows a log, woken by the bridge."""

    def __init__(self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder, gt, topics)
        recorder.bridge.listen(self._has_been_notified)

    def stop(self) -> None:
        """Stop following."""
        super().stop()
        self._recorder.bridge.unlisten(self._has_been_notified)


class Factory(InfrastructureFactory[LogRecorder]):
    """Makes the recorders of one application; they share a connection pool and a writer until it is closed.

    Raises ``OSError`` naming the setting that is missing, ``OperationalError`` when the database cannot be reached.
    """

    JIUJINAN_DSN = "JIUJINAN_DSN"
    JIUJINAN_SERVICE = "JIUJINAN_SERVICE"
    JIUJINAN_LOG = "JIUJINAN_LOG"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        register_fact_topics()
        dsn, service, log = (
            self._setting(key) for key in (self.JIUJINAN_DSN, self.JIUJINAN_SERVICE, self.JIUJINAN_LOG)
        )
        with _in_the_librarys_terms():
            self._bridge = Bridge(dsn, service, log, {Extend: SEQUENCE})

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Snapshots can always be taken again, so they stay in this process's memory and out of the log."""
        return POPOAggregateRecorder() if purpose == "snapshots" else self.application_recorder()

    def application_recorder(self) -> LogRecorder:
        """The recorder of the log."""
        return self._recorder(self.APPLICATION_RECORDER_TOPIC)

    def tracking_recorder(self, tracking_recorder_class: type[LogRecorder] | None = None) -> LogRecorder:
        """The recorder of the log, of the class given or set."""
        return self._recorder(self.TRACKING_RECORDER_TOPIC, tracking_recorder_class)

    def process_recorder(self) -> LogRecorder:
        """The recorder of the log."""
        return self._recorder(self.PROCESS_RECORDER_TOPIC)

    def close(self) -> None:
        """Close the pool and end the writer. May be called again."""
        self._bridge.close()

    def _recorder(self, key: str, recorder_class: type[LogRecorder] | None = None) -> LogRecorder:
        topic = self.env.get(key)
        chosen = recorder_class or (resolve_topic(topic) if topic else LogRecorder)
        return chosen(self._bridge, self.env.name)

    def _setting(self, key: str) -> str:
        value = self.env.get(key)
        if not value:
            raise OSError(f"environment variable {key} is not set")
        return value


@contextmanager
def _in_the_librarys_terms() -> Generator[None]:
    """Turn our errors into the library's, which are those of PEP 249."""
    try:
        yield
    except StoreRejected as rejected:
        raise _REJECTIONS.get(str(rejected)[:2], IntegrityError)(str(rejected)) from None
    except (StoreUnavailable, Fenced) as failure:
        raise OperationalError(str(failure)) from None
    except StreamUnreadable:
        raise NotSupportedError("the stream holds facts that this process does not know") from None
    except BridgeClosed:
        raise InterfaceError("the recorder is closed") from None


def _check_text(*texts: str) -> None:
    if any(map(_UNWRITABLE.search, texts)):
        raise DataError("text with U+0000 or a lone surrogate")
