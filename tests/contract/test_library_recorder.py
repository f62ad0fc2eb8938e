"""Our log as the `eventsourcing` library's recorder: the library's own cases, and what they do not ask."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from uuid import UUID, uuid5

import asyncpg
import pytest
from eventsourcing.application import Application, ProcessingEvent
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, DomainEventProtocol, event
from eventsourcing.persistence import (
    DataError,
    EventStore,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.popo import POPOAggregateRecorder
from eventsourcing.projection import EventSourcedProjection, EventSourcedProjectionRunner
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment

from services.chassis import bridge
from services.chassis.chain import genesis, link
from services.chassis.event_store import Stored, StoreUnavailable
from services.chassis.mapping import FactMapper
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.recorder import Factory, LogRecorder
from services.chassis.writer import Writer
from tests.support.counter import COUNTY, DECIDERS, NAMESPACE, Count, Counted, SteppingClock, said
from tests.support.databases import ServiceDatabase
from tests.support.running import running

SERVICE = "counting"
OX = uuid5(NAMESPACE, "ox")
HEN = uuid5(NAMESPACE, "hen")


def settings(dsn: str, **more: str) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "services.chassis.recorder",
        "JIUJINAN_DSN": dsn,
        "JIUJINAN_SERVICE": SERVICE,
        "JIUJINAN_LOG": COUNTY,
        **more,
    }


def happened(originator_id: UUID | str, version: int, topic: str = "happened") -> StoredEvent:
    return StoredEvent(originator_id, version, topic, b"\x00 any bytes \xff")


# --- the library's own cases ---


class OnOurLog:
    factory: Factory

    @pytest.fixture(autouse=True)
    def open_factory(self, service_database: ServiceDatabase) -> Iterator[None]:
        with closing(Factory(settings(service_database.app_dsn))) as self.factory:
            yield


class TestApplicationRecorder(OnOurLog, library.ApplicationRecorderTestCase[LogRecorder]):
    def create_recorder(self) -> LogRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIDs(OnOurLog, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> LogRecorder:
        return self.factory.application_recorder()


class TestTrackingRecorder(OnOurLog, library.TrackingRecorderTestCase):
    def create_recorder(self) -> LogRecorder:
        return self.factory.tracking_recorder()


class TestProcessRecorder(OnOurLog, library.ProcessRecorderTestCase):
    def create_recorder(self) -> LogRecorder:
        return self.factory.process_recorder()


class View(LogRecorder):
    """An application's own recorder, as the library lets it have one."""


class TestInfrastructureFactory(library.InfrastructureFactoryTestCase[Factory]):
    @pytest.fixture(autouse=True)
    def make_environment(self, service_database: ServiceDatabase) -> None:
        self.env = Environment("TestCase", settings(service_database.app_dsn))

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def expected_application_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def tracking_recorder_subclass(self) -> type[LogRecorder]:
        return View

    def expected_process_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder


# --- an application of the library ---


class Animal(Aggregate):
    TOPIC = "test.animal"

    class Created(Aggregate.Created):
        TOPIC = "test.animal_created"
        name: str

    class Taught(Aggregate.Event):
        TOPIC = "test.animal_taught"
        trick: str

    @event(Created)
    def __init__(self, name: str) -> None:
        self.name = name
        self.tricks: list[str] = []

    @event(Taught)
    def teach(self, trick: str) -> None:
        self.tricks.append(trick)


class Farm(Application[UUID]):
    pass


class Lessons(Aggregate):
    TOPIC = "test.lessons"

    class Created(Aggregate.Created):
        TOPIC = "test.lessons_created"

    class Given(Aggregate.Event):
        TOPIC = "test.lesson_given"
        trick: str

    @staticmethod
    def create_id() -> UUID:
        return uuid5(NAMESPACE, "lessons")

    @event(Created)
    def __init__(self) -> None:
        self.given: list[str] = []

    @event(Given)
    def give(self, trick: str) -> None:
        self.given.append(trick)


class School(EventSourcedProjection[UUID]):
    """Follows the farm, and keeps its own history in a log of its own."""

    topics = (Animal.Taught.TOPIC,)

    @singledispatchmethod
    def policy(self, domain_event: DomainEventProtocol[UUID], processing_event: ProcessingEvent[UUID]) -> None:
        raise AssertionError("the subscription asks for one topic only")

    @policy.register
    def _(self, domain_event: Animal.Taught, processing_event: ProcessingEvent[UUID]) -> None:
        begun = self.recorder.max_notification_id() is not None
        lessons: Lessons = self.repository.get(Lessons.create_id()) if begun else Lessons()
        lessons.give(domain_event.trick)
        processing_event.collect_events(lessons)


async def log(database: ServiceDatabase, division: str = COUNTY) -> list[Stored]:
    return [fact async for fact in PostgresEventStore(database.pool, SERVICE).read(division)]


async def test_what_an_application_saves_another_loads_from_a_chained_log(service_database: ServiceDatabase) -> None:
    environment = settings(service_database.app_dsn)
    with Farm(environment) as farm, Farm(environment) as elsewhere:
        ox = Animal("ox")
        ox.teach("plough")
        farm.save(ox)
        ox.teach("rest")
        assert [recording.notification.id for recording in farm.save(ox)] == [3]
        loaded: Animal = elsewhere.repository.get(ox.id)
    assert (loaded.name, loaded.tricks, loaded.version) == ("ox", ["plough", "rest"], 3)
    facts = await log(service_database)
    assert [(fact.position, fact.version, fact.name) for fact in facts] == [(n, n, "library.event") for n in (1, 2, 3)]
    previous = genesis(SERVICE, COUNTY)
    for fact in facts:
        assert fact.hash == link(previous, fact)
        previous = fact.hash


async def test_an_application_follows_another_exactly_once_across_restarts(service_database: ServiceDatabase) -> None:
    environment = settings(service_database.app_dsn, SCHOOL_JIUJINAN_LOG="990102")
    with Farm(environment) as farm:
        ox = Animal("ox")
        for trick in ("plough", "rest"):
            ox.teach(trick)
            last = farm.save(ox)[-1].notification.id
            with EventSourcedProjectionRunner(
                application_class=Farm, projection_class=School, env=environment
            ) as runner:
                runner.wait(last, timeout=30)
                lessons: Lessons = runner.projection.repository.get(Lessons.create_id())
    assert lessons.given == ["plough", "rest"]
    assert [fact.position for fact in await log(service_database, "990102")] == [1, 2, 3]


async def test_snapshots_stay_out_of_the_log(service_database: ServiceDatabase) -> None:
    with Farm(settings(service_database.app_dsn, IS_SNAPSHOTTING_ENABLED="y")) as farm:
        ox = Animal("ox")
        ox.teach("plough")
        farm.save(ox)
        farm.take_snapshot(ox.id)
        assert farm.snapshots is not None
        assert isinstance(farm.snapshots.recorder, POPOAggregateRecorder)
        assert len(list(farm.snapshots.get(ox.id))) == 1
        loaded: Animal = farm.repository.get(ox.id)
    assert loaded.tricks == ["plough"]
    assert len(await log(service_database)) == 2


# --- what the library's cases do not ask ---


@pytest.fixture
def factory(service_database: ServiceDatabase) -> Iterator[Factory]:
    with closing(Factory(settings(service_database.app_dsn))) as opened:
        yield opened


@pytest.fixture
def recorder(factory: Factory) -> LogRecorder:
    return factory.process_recorder()


@pytest.fixture
def elsewhere(service_database: ServiceDatabase) -> Iterator[LogRecorder]:
    """The recorder of another process."""
    with closing(Factory(settings(service_database.app_dsn))) as opened:
        yield opened.process_recorder()


@pytest.fixture
async def counting(service_database: ServiceDatabase) -> AsyncIterator[Writer]:
    """A service that writes facts of its own to the same log."""
    async with running(Writer(PostgresEventStore(service_database.pool, SERVICE), DECIDERS, SteppingClock())) as writer:
        yield writer


def test_events_of_several_sequences_keep_their_order(recorder: LogRecorder) -> None:
    events = [happened(OX, 1), happened("hen", 0), happened(OX, 2), happened("hen", 1)]
    assert recorder.insert_events(events) == [1, 2, 3, 4]
    notified = recorder.select_notifications(None, 10)
    assert [(n.id, n.originator_id, n.originator_version, n.state) for n in notified] == [
        (n, e.originator_id, e.originator_version, e.state) for n, e in enumerate(events, 1)
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_a_sequence_is_cut_by_the_librarys_own_count(recorder: LogRecorder, first: int) -> None:
    events = [happened(OX, version) for version in range(first, first + 6)]
    recorder.insert_events(events)
    assert recorder.select_events(OX, gt=events[1].originator_version, lte=events[4].originator_version) == events[2:5]
    assert recorder.select_events(OX, gt=events[1].originator_version, limit=2) == events[2:4]
    assert recorder.select_events(OX, lte=events[4].originator_version, desc=True, limit=2) == [events[4], events[3]]
    assert recorder.select_events(OX, gt=events[5].originator_version) == []


@pytest.mark.parametrize("versions", [[2], [1, 3], [1, 1], [2, 1], [-1, 0]])
def test_a_sequence_has_no_gap_and_no_fork(recorder: LogRecorder, versions: list[int]) -> None:
    with pytest.raises(IntegrityError):
        recorder.insert_events([happened(HEN, 1), *(happened(OX, version) for version in versions)])
    assert recorder.max_notification_id() is None


def test_two_processes_cannot_both_record_the_next_event(recorder: LogRecorder, elsewhere: LogRecorder) -> None:
    recorder.insert_events([happened(OX, 1)])
    elsewhere.insert_events([happened(OX, 2)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([happened(OX, 2, "late")])
    assert recorder.insert_events([happened(OX, 3)]) == [3]


async def test_events_of_many_threads_are_committed_in_groups(
    recorder: LogRecorder, service_database: ServiceDatabase
) -> None:
    with ThreadPoolExecutor(16) as threads:
        ids = threads.map(recorder.insert_events, ([happened(f"hen {n}", 1)] for n in range(160)))
    assert sorted(i for [i] in ids) == list(range(1, 161))
    facts = await log(service_database)
    assert len({fact.recorded_at for fact in facts}) < len(facts) == 160


async def test_events_that_come_too_late_take_no_tracking_and_leave_no_dead_letter(
    recorder: LogRecorder, service_database: ServiceDatabase
) -> None:
    recorder.insert_events([happened(OX, 1)], tracking=Tracking("farm", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([happened(OX, 1)], tracking=Tracking("farm", 8))
    assert recorder.max_tracking_id("farm") == 7
    assert recorder.insert_events([happened(OX, 2)], tracking=Tracking("farm", 8)) == [2]
    assert await service_database.pool.fetchval("select count(*) from dead_letters") == 0


def test_tracking_belongs_to_the_log(recorder: LogRecorder, service_database: ServiceDatabase) -> None:
    recorder.insert_tracking(Tracking("farm", 7))
    with closing(Factory(settings(service_database.app_dsn, JIUJINAN_LOG="990102"))) as other:
        assert other.tracking_recorder().max_tracking_id("farm") is None


class LostAnswer(Event):
    """Wakes with an error after a commit: to the writer it looks as if the database had not answered the commit."""

    answers_to_lose = 0

    def set(self) -> None:
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise StoreUnavailable
        super().set()


@pytest.mark.parametrize("tracking", [None, Tracking("farm", 7)])
async def test_what_was_committed_without_an_answer_is_recorded_once_and_not_refused(
    recorder: LogRecorder, service_database: ServiceDatabase, tracking: Tracking | None
) -> None:
    recorder.insert_events([happened(OX, 0)])
    lost = LostAnswer()
    recorder.bridge.listen(lost)
    lost.answers_to_lose = 3
    assert recorder.insert_events([happened(HEN, 1), happened(OX, 1), happened(OX, 2)], tracking=tracking) == [2, 3, 4]
    assert len(await log(service_database)) == 4
    with pytest.raises(IntegrityError):
        recorder.insert_events([happened(HEN, 1), happened(OX, 1), happened(OX, 2)], tracking=tracking)


@pytest.mark.parametrize(("writer", "seconds"), [("recorder", 3600.0), ("elsewhere", 0.05)])
def test_a_subscriber_is_woken_by_what_anybody_records(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, writer: str, seconds: float
) -> None:
    monkeypatch.setattr(bridge, "WATCH_SECONDS", seconds)
    reader: LogRecorder = request.getfixturevalue("recorder")
    other: LogRecorder = request.getfixturevalue(writer)
    reader.insert_events([happened(OX, 1)])
    with ThreadPoolExecutor(1) as thread, reader.subscribe(gt=0, topics=["happened", "later"]) as subscription:
        assert next(subscription).id == 1
        waiting = thread.submit(next, subscription)
        other.insert_events([happened(OX, 2, "unheeded"), happened(OX, 3, "later")])
        try:
            assert waiting.result(timeout=30).id == 3
        finally:
            subscription.stop()


async def test_the_librarys_tools_read_what_a_service_has_written(recorder: LogRecorder, counting: Writer) -> None:
    await counting.submit(said(Count(3), key="a"))
    await counting.submit(said(Count(4), key="b"))
    store = EventStore[str](FactMapper(), recorder)
    events = [event.recorded for event in map(FactMapper().to_domain_event, recorder.select_events("counter:1"))]
    assert [(e.fact, e.position, e.division) for e in events] == [
        (Counted(by=3), 1, COUNTY),
        (Counted(by=4), 2, COUNTY),
    ]
    assert [event.originator_version for event in store.get("counter:1", gt=1)] == [2]
    assert [n.topic for n in recorder.select_notifications(1, 10, topics=["test.counted"])] == ["test.counted"] * 2


@pytest.mark.parametrize("tracking", [None, Tracking("farm", 7)])
@pytest.mark.parametrize("version", [0, 1, 2])
async def test_a_services_stream_cannot_be_extended_by_the_library(
    recorder: LogRecorder, counting: Writer, version: int, tracking: Tracking | None
) -> None:
    await counting.submit(said(Count(3), key="a"))
    with pytest.raises(IntegrityError):
        recorder.insert_events([happened("counter:1", version)], tracking=tracking)
    assert (await counting.submit(said(Count(4), key="b"))).position == 2


async def test_a_stream_with_unknown_facts_is_left_alone(
    recorder: LogRecorder, counting: Writer, service_database: ServiceDatabase
) -> None:
    await counting.submit(said(Count(3), key="a"))
    connection = await asyncpg.connect(service_database.owner_dsn)
    await connection.execute("alter table facts disable trigger user")
    await connection.execute("update facts set name = 'of.tomorrow'")
    await connection.close()
    with pytest.raises(NotSupportedError):
        recorder.insert_events([happened("counter:1", 2)])


@pytest.mark.parametrize(
    "events",
    [
        [happened("a\x00b", 1)],
        [happened("a\ud800b", 1)],
        [happened(OX, 1, "a\x00b")],
        [happened(OX, 1, "a\udfffb")],
        [happened(OX, version) for version in range(1001)],
    ],
)
def test_what_the_log_cannot_hold_is_named_so(recorder: LogRecorder, events: list[StoredEvent]) -> None:
    with pytest.raises(DataError):
        recorder.insert_events(events, tracking=Tracking("farm", 7))
    assert recorder.max_tracking_id("farm") is None


def test_a_closed_recorder_says_so(factory: Factory) -> None:
    recorder = factory.application_recorder()
    factory.close()
    factory.close()
    with pytest.raises(InterfaceError):
        recorder.insert_events([happened(OX, 1)])
    with pytest.raises(InterfaceError):
        recorder.select_events(OX)


class Bug(Event):
    """Wakes with an error that nobody expects."""

    def set(self) -> None:
        if self.is_set():
            raise ZeroDivisionError
        super().set()


def test_a_bug_beside_a_commit_is_answered_and_the_writer_lives_on(recorder: LogRecorder) -> None:
    recorder.bridge.listen(Bug())
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(recorder.insert_events, [happened(OX, 1)])
        with pytest.raises(ZeroDivisionError):
            waiting.result(timeout=30)
    assert recorder.max_notification_id() == 1


@pytest.mark.parametrize("missing", ["JIUJINAN_DSN", "JIUJINAN_SERVICE", "JIUJINAN_LOG"])
def test_a_missing_setting_is_named(missing: str) -> None:
    with pytest.raises(OSError, match=missing):
        Factory(settings("postgresql://nowhere") | {missing: ""})


def test_a_database_that_is_away_or_closed_is_an_operational_error(service_database: ServiceDatabase) -> None:
    for dsn in ("postgresql://nobody@127.0.0.1:1/none", service_database.app_dsn.replace(":for-tests-only", ":wrong")):
        with pytest.raises(OperationalError):
            Factory(settings(dsn))


def test_a_database_that_was_not_migrated_is_a_programming_error(postgres: str) -> None:
    with closing(Factory(settings(postgres))) as factory, pytest.raises(ProgrammingError):
        factory.application_recorder().insert_events([happened(OX, 1)])
