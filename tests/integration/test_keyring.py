"""One key per data subject, for ever or until it is destroyed for ever: in memory, cached, and on PostgreSQL."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.chassis.database import Connection, Pool, open_pool
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.keyring import CachedKeyring, DataKey, Erasure, Keyring, MemoryKeyring
from services.chassis.master_keys import CannotUnwrap, MasterKey, MasterKeys
from services.chassis.postgres_keyring import PostgresKeyring, replay_erasures, rewrap
from services.chassis.sealing import Sealer
from tests.support.databases import copy_of, create_template, drop

OLD, NEW = MasterKey("2026", b"1" * 32), MasterKey("2027", b"2" * 32)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
ALL_KEYS = "select * from subject_keys order by subject"


def erasure(subject: str, *, minutes: int = 0) -> Erasure:
    return Erasure(subject, NOON + timedelta(minutes=minutes), "retention_ended", "S-0001")


@dataclass(frozen=True, slots=True)
class KeyDatabase:
    """A migrated key database: pools of the application's role and of the owner's."""

    app: Pool
    owner: Pool
    app_dsn: str


@pytest.fixture(scope="session")
async def keyring_template(postgres: str) -> str:
    return await create_template(postgres, "services.chassis.migrations.keyring")


async def opened(superuser: str, template: str) -> AsyncIterator[KeyDatabase]:
    app_dsn, owner_dsn = await copy_of(superuser, template)
    app, owner = await open_pool(app_dsn), await open_pool(owner_dsn)
    yield KeyDatabase(app, owner, app_dsn)
    await app.close()
    await owner.close()
    await drop(superuser, app_dsn)


@pytest.fixture
async def database(postgres: str, keyring_template: str) -> AsyncIterator[KeyDatabase]:
    async for fresh in opened(postgres, keyring_template):
        yield fresh


@pytest.fixture
async def restored(postgres: str, keyring_template: str) -> AsyncIterator[KeyDatabase]:
    """A second, empty key database, to restore a backup into."""
    async for fresh in opened(postgres, keyring_template):
        yield fresh


@pytest.fixture(params=["memory", "cached", "postgres"])
def ring(request: pytest.FixtureRequest) -> Keyring:
    if request.param == "memory":
        return MemoryKeyring()
    database: KeyDatabase = request.getfixturevalue("database")
    stored = PostgresKeyring(database.app, MasterKeys(OLD))
    return CachedKeyring(stored, lambda: 0.0) if request.param == "cached" else stored


# --- what every keyring keeps ---


async def test_a_subject_has_one_key_from_the_first_time_on(ring: Keyring) -> None:
    first = await ring.keys(["a", "b"])
    again = await ring.keys(["b", "c", "a", "b"])
    assert {"a": again["a"], "b": again["b"]} == first
    assert set(again) == {"a", "b", "c"}
    assert len({key.key_id for key in again.values()}) == len({key.secret for key in again.values()}) == 3
    assert await ring.keys([]) == {}


async def test_a_destroyed_key_is_gone_for_ever_and_its_id_stays(ring: Keyring) -> None:
    keys = await ring.keys(["a", "b"])
    assert await ring.destroy(erasure("a"))
    assert await ring.keys(["a", "b"]) == {"a": DataKey(keys["a"].key_id, None), "b": keys["b"]}


async def test_the_first_erasure_stands_and_an_unknown_subject_has_none(ring: Keyring) -> None:
    await ring.keys(["a", "b"])
    assert await ring.destroy(erasure("b", minutes=1))
    assert await ring.destroy(erasure("a"))
    assert not await ring.destroy(erasure("a", minutes=5))
    assert not await ring.destroy(erasure("nobody"))
    assert await ring.erasures() == [erasure("a"), erasure("b", minutes=1)]


async def test_all_who_ask_at_once_get_the_same_key(ring: Keyring) -> None:
    answers = await asyncio.gather(*(ring.keys(["a", "b"]) for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)


async def test_what_one_sealer_sealed_another_opens_until_the_subject_is_erased(ring: Keyring) -> None:
    envelope = (await Sealer(ring).prepare(["a", "b"])).seal("a", "name", "无名氏")
    assert (await Sealer(ring).prepare(["a"])).open(envelope) == "无名氏"
    await ring.destroy(erasure("a"))
    assert (await Sealer(ring).prepare(["a"])).open(envelope) is None


# --- two services on one key database ---


async def test_services_that_make_the_same_keys_at_once_end_with_one_each(database: KeyDatabase) -> None:
    other = await open_pool(database.app_dsn)
    services = [PostgresKeyring(pool, MasterKeys(OLD)) for pool in (database.app, other)]
    subjects, shuffle = [f"person:{n}" for n in range(60)], random.Random(7).sample
    answers = await asyncio.gather(*(services[n % 2].keys(shuffle(subjects, 40)) for n in range(16)))
    await other.close()
    stored = await services[0].keys(subjects)
    for answer in answers:
        assert len(answer) == 40
        assert answer == {subject: stored[subject] for subject in answer}


async def test_keys_that_another_service_is_just_making_are_waited_for_and_taken(database: KeyDatabase) -> None:
    """And waited for in order of subject, however the planner joins, so that two services never wait for each other."""
    ours = await open_pool(f"{database.app_dsn}?enable_mergejoin=off&enable_hashjoin=off")
    theirs = {subject: DataKey.fresh() for subject in ("a", "b")}
    async with database.app.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await insert(connection, "a", theirs["a"])
        asking = asyncio.create_task(PostgresKeyring(ours, MasterKeys(OLD)).keys(["c", "b", "a"]))
        await somebody_waits_for(database, connection.get_server_pid())
        await insert(connection, "b", theirs["b"])
        await transaction.commit()
    keys = await asking
    await ours.close()
    assert {"a": keys["a"], "b": keys["b"]} == theirs
    assert keys["c"].secret is not None


async def insert(connection: Connection, subject: str, key: DataKey) -> None:
    row = astuple(MasterKeys(OLD).wrap(subject, key))
    await connection.execute(
        "insert into subject_keys (subject, key_id, master_id, wrapped) values ($1, $2, $3, $4)", *row
    )


async def somebody_waits_for(database: KeyDatabase, pid: int) -> None:
    waiting = "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))"
    async with asyncio.timeout(30):
        while not await database.owner.fetchval(waiting, pid):  # noqa: ASYNC110  another process tells no event
            await asyncio.sleep(0.01)


# --- at rest ---


async def test_what_lies_in_the_database_is_wrapped_and_opens_under_its_master_key_alone(database: KeyDatabase) -> None:
    keys = await PostgresKeyring(database.app, MasterKeys(OLD)).keys(["a"])
    row = await database.app.fetchrow(ALL_KEYS)
    assert row is not None
    assert row["master_id"] == OLD.id
    assert (keys["a"].secret or b"?") not in row["wrapped"]
    with pytest.raises(CannotUnwrap):
        await PostgresKeyring(database.app, MasterKeys(NEW)).keys(["a"])


async def test_every_living_key_is_wrapped_anew_and_the_old_master_key_can_go(database: KeyDatabase) -> None:
    subjects = [f"person:{n}" for n in range(1_100)]
    before = await PostgresKeyring(database.app, MasterKeys(OLD)).keys(subjects)
    await PostgresKeyring(database.app, MasterKeys(OLD)).destroy(erasure("person:7"))
    assert await rewrap(database.owner, MasterKeys(NEW, OLD)) == len(subjects) - 1
    assert await rewrap(database.owner, MasterKeys(NEW, OLD)) == 0
    after = await PostgresKeyring(database.app, MasterKeys(NEW)).keys(subjects)
    assert after == {**before, "person:7": DataKey(before["person:7"].key_id, None)}


async def test_keys_destroyed_while_they_are_wrapped_anew_stay_destroyed(database: KeyDatabase) -> None:
    ring = PostgresKeyring(database.app, MasterKeys(OLD))
    await ring.keys(["a", "b"])
    async with database.app.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("update subject_keys set wrapped = null, destroyed_at = $1 where subject = 'a'", NOON)
        rewrapping = asyncio.create_task(rewrap(database.owner, MasterKeys(NEW, OLD)))
        await somebody_waits_for(database, connection.get_server_pid())
        await transaction.commit()
    assert await rewrapping == 1
    assert (await PostgresKeyring(database.app, MasterKeys(NEW)).keys(["a"]))["a"].secret is None


# --- backup and restore ---


async def test_a_restored_backup_forgets_again_who_was_erased(database: KeyDatabase, restored: KeyDatabase) -> None:
    ring = PostgresKeyring(database.app, MasterKeys(OLD))
    sealer = Sealer(ring)
    envelopes = [(await sealer.prepare(["a", "b"])).seal(subject, "name", "无名氏") for subject in ("a", "b")]
    backup = await database.owner.fetch(ALL_KEYS)
    late = (await sealer.prepare(["c"])).seal("c", "name", "无名氏")
    await ring.destroy(erasure("a"))
    await ring.destroy(erasure("c", minutes=1))
    exported = await ring.erasures()

    await restored.owner.copy_records_to_table("subject_keys", records=[tuple(row) for row in backup])
    after = Sealer(PostgresKeyring(restored.app, MasterKeys(OLD)))
    assert (await after.prepare(["a"])).open(envelopes[0]) == "无名氏"

    assert await replay_erasures(restored.app, exported) == 2
    seals = await after.prepare(["a", "b", "c"])
    assert [seals.open(envelope) for envelope in (*envelopes, late)] == [None, "无名氏", None]
    assert await PostgresKeyring(restored.app, MasterKeys(OLD)).erasures() == exported


async def test_replaying_twice_or_nothing_changes_nothing(database: KeyDatabase) -> None:
    ring = PostgresKeyring(database.app, MasterKeys(OLD))
    await ring.keys(["a"])
    listed = [erasure("a"), erasure("a", minutes=1), erasure("nobody")]
    assert await replay_erasures(database.app, listed) == 2
    rows = await database.owner.fetch(ALL_KEYS)
    assert await replay_erasures(database.app, listed) == 0
    assert await replay_erasures(database.app, []) == 0
    assert await database.owner.fetch(ALL_KEYS) == rows
    assert await ring.erasures() == [erasure("a"), erasure("nobody")]


# --- what nobody can do ---

FORBIDDEN_TO_ALL = (
    "delete from subject_keys",
    "truncate subject_keys",
    "update subject_keys set wrapped = '\\x01' where subject = 'living'",
    "update subject_keys set wrapped = '\\x01', destroyed_at = null where subject = 'erased'",
    "update subject_keys set destroyed_at = now() where subject = 'erased'",
    "delete from erasures",
    "truncate erasures",
    "update erasures set reason = 'other'",
)
FORBIDDEN_TO_THE_APPLICATION = (
    *FORBIDDEN_TO_ALL,
    "update subject_keys set wrapped = '\\x01', master_id = 'other' where subject = 'living'",
    "update subject_keys set subject = 'another'",
    "update subject_keys set key_id = 'another'",
    "alter table subject_keys disable trigger all",
    "drop table erasures",
    "create table mine (a int)",
)
FORBIDDEN_TO_THE_OWNER = (
    *FORBIDDEN_TO_ALL,
    "update subject_keys set wrapped = null, destroyed_at = now(), subject = 'another' where subject = 'living'",
    "update subject_keys set wrapped = null, destroyed_at = now(), key_id = 'another' where subject = 'living'",
    "update subject_keys set wrapped = null, destroyed_at = now(), created_at = 'yesterday' where subject = 'living'",
    "update subject_keys set master_id = 'other' where subject = 'living'",
)
REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)


@pytest.fixture(scope="module")
async def in_use(postgres: str, keyring_template: str) -> AsyncIterator[KeyDatabase]:
    """One database for all that is refused, because none of it changes anything."""
    async for database in opened(postgres, keyring_template):
        ring = PostgresKeyring(database.app, MasterKeys(OLD))
        await ring.keys(["living", "erased"])
        await ring.destroy(erasure("erased"))
        yield database


@pytest.mark.parametrize("change", FORBIDDEN_TO_THE_APPLICATION)
async def test_the_application_can_make_and_destroy_keys_and_nothing_else(in_use: KeyDatabase, change: str) -> None:
    with pytest.raises(REFUSED):
        await in_use.app.execute(change)


@pytest.mark.parametrize("change", FORBIDDEN_TO_THE_OWNER)
async def test_the_owner_is_stopped_by_a_trigger(in_use: KeyDatabase, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await in_use.owner.execute(change)


# --- errors ---


async def test_a_database_that_is_away_is_said_to_be_unavailable(database: KeyDatabase) -> None:
    pool = await open_pool(database.app_dsn)
    await pool.close()
    ring = PostgresKeyring(pool, MasterKeys(OLD))
    for asking in (ring.keys(["a"]), ring.destroy(erasure("a")), ring.erasures(), replay_erasures(pool, [])):
        with pytest.raises(StoreUnavailable):
            await asking


async def test_what_the_database_rejects_is_not_repeated_in_the_error(database: KeyDatabase) -> None:
    ring = PostgresKeyring(database.app, MasterKeys(OLD))
    await ring.keys(["a"])
    with pytest.raises(StoreRejected) as info:
        await ring.destroy(Erasure("a", NOON, "张三无此人", "S-0001"))
    assert "张三" not in str(info.value)
    assert info.value.__suppress_context__
    assert (await ring.keys(["a"]))["a"].secret is not None
