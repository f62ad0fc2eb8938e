"""Sealed envelopes open only as they were sealed; pseudonyms find equals; caches forget what is destroyed."""

import re
import string
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.fact import Sealed
from services.chassis.keyring import CachedKeyring, DataKey, Erasure, MemoryKeyring
from services.chassis.master_keys import CannotUnwrap, MasterKey, MasterKeys, WrappedKey
from services.chassis.pseudonyms import Pseudonyms, normal_id_number
from services.chassis.sealed_file import NotSealed, read_file
from services.chassis.sealing import Erased, NotAuthentic, NotPrepared, NotText, Sealer, Seals, Suite, SuiteUnavailable

SECRET = "张三无此人"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = {"person:1": DataKey("key-1", bytes(range(32))), "person:2": DataKey("key-2", bytes(range(32, 64)))}


def suites() -> list[object]:
    return [
        pytest.param(
            suite, marks=pytest.mark.skipif(not suite.is_available(), reason=f"the linked OpenSSL has no {suite}")
        )
        for suite in Suite
    ]


def erasure(subject: str) -> Erasure:
    return Erasure(subject, datetime(2026, 3, 1, tzinfo=UTC), "retention_ended", "S-0001")


# --- envelopes ---


@pytest.mark.parametrize("suite", suites())
@given(text=TEXTS, field=st.text(string.ascii_lowercase, min_size=1, max_size=64))
def test_what_is_sealed_opens_to_the_same_text(suite: Suite, text: str, field: str) -> None:
    seals = Seals(KEYS, suite)
    envelope = seals.seal("person:1", field, text)
    assert (envelope.suite, envelope.key_id, envelope.subject, envelope.field) == (suite, "key-1", "person:1", field)
    assert seals.open(Sealed.model_validate_json(envelope.model_dump_json())) == text


@pytest.mark.parametrize("suite", suites())
def test_a_deployment_that_changes_its_suite_still_opens_older_envelopes(suite: Suite) -> None:
    envelope = Seals(KEYS, suite).seal("person:1", "name", SECRET)
    assert [Seals(KEYS, now).open(envelope) for now in Suite] == [SECRET] * len(Suite)


def test_the_same_text_never_gives_the_same_box_twice() -> None:
    seals = Seals(KEYS)
    assert len({seals.seal("person:1", "name", SECRET).box for _ in range(100)}) == 100


FIRST_RELEASE = {
    Suite.A256GCM: "AAECAwQFBgcICQoLP4lhXkpzjyiJjzhqa2HCok34J7kJTyPueg==",
    Suite.SM4GCM: "AAECAwQFBgcICQoLNYISIhCAo9NhOjOZOAYyKfuoNUW8neqtBA==",
}


@pytest.mark.parametrize("suite", suites())
def test_what_the_first_release_sealed_opens_in_every_later_one(suite: Suite) -> None:
    box = FIRST_RELEASE[suite]
    envelope = Sealed(suite=suite, key_id="key-1", subject="person:1", field="name", box=box)
    assert Seals(KEYS).open(envelope) == "无名氏"


@pytest.mark.parametrize("suite", suites())
@pytest.mark.parametrize(
    "change",
    [
        {"field": "phone"},
        {"subject": "person:2"},
        {"subject": "person:2", "key_id": "key-2"},
        {"key_id": "key-3"},
        {"box": ""},
        {"box": "?"},
        {"box": "名"},
        {"box": b64encode(bytes(27)).decode()},
        {"box": b64encode(bytes(64)).decode()},
    ],
    ids=str,
)
def test_an_envelope_moved_or_replaced_is_not_authentic(suite: Suite, change: dict[str, str]) -> None:
    seals = Seals(KEYS, suite)
    with pytest.raises(NotAuthentic):
        seals.open(seals.seal("person:1", "name", SECRET).model_copy(update=change))


def test_an_envelope_moves_to_no_other_subject_or_key_even_if_the_secret_is_the_same() -> None:
    envelope = Seals(KEYS).seal("person:1", "name", SECRET)
    secret = KEYS["person:1"].secret
    same = Seals({"person:1": DataKey("key-9", secret), "person:3": DataKey("key-1", secret)})
    for change in ({"subject": "person:3"}, {"key_id": "key-9"}):
        with pytest.raises(NotAuthentic, match="not as it was sealed"):
            same.open(envelope.model_copy(update=change))


def test_an_envelope_of_a_key_that_is_lost_says_so() -> None:
    envelope = Seals(KEYS).seal("person:1", "name", SECRET)
    with pytest.raises(NotAuthentic, match="another key than its subject's"):
        Seals({"person:1": DataKey.fresh()}).open(envelope)


def test_the_name_of_the_suite_is_authenticated() -> None:
    seals = Seals(KEYS)
    with pytest.raises(NotAuthentic):
        seals.open(seals.seal("person:1", "name", SECRET).model_copy(update={"suite": "SM4GCM"}))


@pytest.mark.parametrize("suite", suites())
@given(text=TEXTS, data=st.data())
def test_a_box_changed_in_any_sign_is_not_authentic(suite: Suite, text: str, data: st.DataObject) -> None:
    seals = Seals(KEYS, suite)
    envelope = seals.seal("person:1", "name", text)
    place = data.draw(st.integers(0, len(envelope.box) - 1))
    sign = data.draw(st.sampled_from(string.ascii_letters + string.digits + "+/=\n"))
    assume(envelope.box[place] != sign)
    changed = envelope.box[:place] + sign + envelope.box[place + 1 :]
    with pytest.raises(NotAuthentic):
        seals.open(envelope.model_copy(update={"box": changed}))


@given(data=st.data())
def test_parts_that_run_together_are_still_told_apart(data: st.DataObject) -> None:
    """``ab`` + ``c`` is not ``a`` + ``bc``: the same key under both subjects would otherwise let an envelope move."""
    joined = data.draw(st.text(string.ascii_lowercase, min_size=3, max_size=20))
    here, there = data.draw(st.lists(st.integers(1, len(joined) - 1), min_size=2, max_size=2, unique=True))
    seals = Seals({joined[:here]: KEYS["person:1"], joined[:there]: KEYS["person:1"]})
    envelope = seals.seal(joined[:here], joined[here:], SECRET)
    with pytest.raises(NotAuthentic):
        seals.open(envelope.model_copy(update={"subject": joined[:there], "field": joined[there:]}))


def test_a_suite_nobody_knows_is_named_as_such() -> None:
    seals = Seals(KEYS)
    with pytest.raises(SuiteUnavailable, match="none of A256GCM, SM4GCM"):
        seals.open(seals.seal("person:1", "name", SECRET).model_copy(update={"suite": "ROT13"}))


def test_a_sealer_refuses_at_once_a_suite_that_openssl_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_aes(suite: Suite) -> bool:
        return suite is Suite.A256GCM

    monkeypatch.setattr(Suite, "is_available", is_aes)
    with pytest.raises(SuiteUnavailable, match="SM4GCM"):
        Sealer(MemoryKeyring(), Suite.SM4GCM)


def test_a_subject_that_was_not_prepared_is_a_bug_and_said_so() -> None:
    envelope = Seals(KEYS).seal("person:1", "name", SECRET)
    nobody = Seals({})
    with pytest.raises(NotPrepared):
        nobody.seal("person:1", "name", SECRET)
    with pytest.raises(NotPrepared):
        nobody.open(envelope)


def raised(action: Callable[[], object]) -> BaseException:
    with pytest.raises((NotText, Erased, NotPrepared, NotAuthentic, ValidationError)) as info:
        action()
    return info.value


def test_no_error_carries_the_text() -> None:
    seals = Seals(KEYS | {"gone": DataKey("key-9", None)})
    sealed = seals.seal("person:1", "name", SECRET)
    errors = [
        raised(lambda: seals.seal("person:1", "name", f"{SECRET}\ud800")),
        raised(lambda: seals.seal("gone", "name", SECRET)),
        raised(lambda: seals.seal("nobody", "name", SECRET)),
        raised(lambda: seals.seal("person:1", "name" * 50, SECRET)),
        raised(lambda: seals.open(sealed.model_copy(update={"field": "phone"}))),
    ]
    assert [type(error) for error in errors[:3]] == [NotText, Erased, NotPrepared]
    for error in errors:
        assert error.__context__ is None or error.__suppress_context__
        assert SECRET not in f"{error!r} {error} {vars(error)} {error.__context__!r}"


def test_keys_never_show_in_what_is_printed() -> None:
    master = MasterKey("m1", b"k" * 32)
    wrapped = MasterKeys(master).wrap("person:1", DataKey("key-1", b"d" * 32))
    shown = f"{DataKey('key-1', b'd' * 32)} {master} {wrapped} {Seals(KEYS)!r}"
    assert "ddd" not in shown
    assert "kkk" not in shown
    assert "\\x" not in shown


# --- files ---


@pytest.mark.parametrize("suite", suites())
@given(data=st.binary(max_size=200))
def test_what_is_sealed_as_a_file_opens_to_the_same_bytes(suite: Suite, data: bytes) -> None:
    kept = Seals(KEYS, suite).seal_file("person:1", "attachment", data)
    file = read_file(kept)
    assert (file.head.subject, file.head.field, file.head.key_id) == ("person:1", "attachment", "key-1")
    assert [Seals(KEYS, now).open_file(file) for now in Suite] == [data] * len(Suite)


@pytest.mark.parametrize("suite", suites())
@given(data=st.binary(max_size=40), where=st.integers(0), bit=st.integers(0, 7))
def test_a_file_that_was_changed_anywhere_does_not_open(suite: Suite, data: bytes, where: int, bit: int) -> None:
    changed = bytearray(Seals(KEYS, suite).seal_file("person:1", "attachment", data))
    changed[where % len(changed)] ^= 1 << bit
    with pytest.raises((NotAuthentic, NotSealed, NotPrepared, SuiteUnavailable)):
        Seals(KEYS).open_file(read_file(bytes(changed)))


@pytest.mark.parametrize("kept", [b"", b"\n", b"%PDF-1.7\n%", b"{}\nbox", SECRET.encode()])
def test_what_is_no_file_in_an_envelope_is_told_without_its_words(kept: bytes) -> None:
    with pytest.raises(NotSealed) as told:
        read_file(kept)
    assert str(told.value) == ""
    assert told.value.__cause__ is None


def test_a_file_that_was_cut_off_does_not_open() -> None:
    kept = Seals(KEYS).seal_file("person:1", "attachment", b"")
    for length in range(kept.index(b"\n") + 1, len(kept)):
        with pytest.raises(NotAuthentic):
            Seals(KEYS).open_file(read_file(kept[:length]))


def test_of_an_erased_person_no_file_opens() -> None:
    kept = Seals(KEYS).seal_file("person:1", "attachment", b"%PDF-")
    assert Seals({"person:1": DataKey("key-1", None)}).open_file(read_file(kept)) is None


def test_the_first_files_were_kept_as_text_and_still_open() -> None:
    older = Seals(KEYS).seal("person:1", "attachment", b64encode(b"%PDF-\xff").decode())
    file = read_file(older.model_dump_json().encode())
    assert Seals(KEYS).open_file(file) == b"%PDF-\xff"
    assert Seals({"person:1": DataKey("key-1", None)}).open_file(file) is None


def test_a_file_is_in_memory_twice_more_while_it_is_sealed_and_three_times_while_it_is_opened() -> None:
    data, seals = bytes(2_000_000), Seals(KEYS)
    tracemalloc.start()
    try:
        kept = seals.seal_file("person:1", "attachment", data)
        sealing = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert seals.open_file(read_file(kept)) == data
        opening = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (round(sealing / len(data)), round(opening / len(data))) == (2, 3)


# --- keys in a process ---


async def test_an_erased_subject_opens_to_nothing_and_is_sealed_for_no_more() -> None:
    ring = MemoryKeyring()
    sealer = Sealer(ring)
    envelope = (await sealer.prepare(["person:1"])).seal("person:1", "name", SECRET)
    await ring.destroy(erasure("person:1"))
    seals = await sealer.prepare(["person:1"])
    assert seals.open(envelope) is None
    with pytest.raises(Erased):
        seals.seal("person:1", "name", SECRET)


async def test_binary_bodies_travel_as_base64() -> None:
    seals = await Sealer(MemoryKeyring()).prepare(["dead-letters"])
    body = bytes(range(256))
    opened = seals.open(seals.seal("dead-letters", "body", b64encode(body).decode()))
    assert opened is not None
    assert b64decode(opened) == body


class CountingKeyring(MemoryKeyring):
    """A memory keyring that tells what it was asked, and can be made to do something in the middle of an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[str]] = []
        self.meanwhile: list[Erasure] = []
        self.through: CachedKeyring | None = None

    async def keys(self, subjects: Collection[str]) -> Mapping[str, DataKey]:
        self.asked.append(set(subjects))
        answer = await super().keys(subjects)
        while self.meanwhile and self.through is not None:
            await self.through.destroy(self.meanwhile.pop())
        return answer


class Watch:
    """A monotonic clock set by hand, in seconds."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_key_at_hand_is_not_asked_for_again_until_its_lifetime_ends() -> None:
    ring, watch = CountingKeyring(), Watch()
    cached = CachedKeyring(ring, watch, lifetime=300)
    first = await cached.keys(["a", "b"])
    watch.seconds += 299
    assert await cached.keys(["a", "b"]) == first
    assert await cached.keys(["b", "c"]) == {"b": first["b"], **await ring.keys(["c"])}
    watch.seconds += 1
    assert await cached.keys(["a"]) == {"a": first["a"]}
    assert ring.asked == [{"a", "b"}, {"c"}, {"c"}, {"a"}]


async def test_a_key_destroyed_elsewhere_stops_opening_when_the_lifetime_ends() -> None:
    ring, watch = MemoryKeyring(), Watch()
    cached = CachedKeyring(ring, watch, lifetime=300)
    envelope = (await Sealer(cached).prepare(["a"])).seal("a", "name", SECRET)
    await ring.destroy(erasure("a"))
    watch.seconds += 300
    assert (await Sealer(cached).prepare(["a"])).open(envelope) is None


async def test_a_key_destroyed_here_is_dropped_at_once() -> None:
    cached = CachedKeyring(MemoryKeyring(), Watch())
    envelope = (await Sealer(cached).prepare(["a"])).seal("a", "name", SECRET)
    assert await cached.destroy(erasure("a"))
    assert (await Sealer(cached).prepare(["a"])).open(envelope) is None


async def test_a_key_destroyed_while_it_was_fetched_is_not_remembered_alive() -> None:
    ring = CountingKeyring()
    ring.through = cached = CachedKeyring(ring, Watch())
    ring.meanwhile = [erasure("a")]
    assert (await cached.keys(["a"]))["a"].secret is not None
    assert (await cached.keys(["a"]))["a"].secret is None


async def test_the_cache_keeps_the_keys_last_used_and_no_more_than_it_may() -> None:
    ring = CountingKeyring()
    cached = CachedKeyring(ring, Watch(), capacity=2)
    for subject in ("a", "b", "a", "c", "a", "b"):
        await cached.keys([subject])
    assert ring.asked == [{"a"}, {"b"}, {"c"}, {"b"}]
    assert len(await cached.keys(["a", "b", "c", "d"])) == 4


# --- master keys ---


def test_a_wrapped_key_opens_only_for_its_own_subject_id_and_master_key() -> None:
    old, new = MasterKey("m1", b"1" * 32), MasterKey("m2", b"2" * 32)
    key = DataKey("key-1", bytes(range(32)))
    row = MasterKeys(old).wrap("person:1", key)
    assert MasterKeys(new, old).unwrap(row) == key
    assert MasterKeys(new, old).wrap("person:1", key).master_id == "m2"
    wrapped = row.wrapped or b""
    for other in (
        WrappedKey("person:2", "key-1", "m1", wrapped),
        WrappedKey("person:1", "key-2", "m1", wrapped),
        WrappedKey("person:1", "key-1", "m2", wrapped),
        WrappedKey("person:1", "key-1", "m1", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
        WrappedKey("person:1", "key-1", "m1", b""),
    ):
        with pytest.raises(CannotUnwrap):
            MasterKeys(new, old).unwrap(other)
    with pytest.raises(CannotUnwrap, match="m1, which is not configured"):
        MasterKeys(new).unwrap(row)


def test_master_keys_are_refused_unless_whole_and_distinct() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        MasterKey("m1", b"1" * 31)
    with pytest.raises(ValueError, match="same id"):
        MasterKeys(MasterKey("m1", b"1" * 32), MasterKey("m1", b"2" * 32))


# --- pseudonyms ---

PEPPER = b"pepper of these tests, and no other"
DIGITS = st.text(string.digits, min_size=1)
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def check_digit(body: str) -> str:
    """GB 11643: the sign that makes the number's weighted sum, the weights being powers of two, one modulo 11."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return "0123456789X"[(1 - total) % 11]


def invented_id(sequence: str) -> str:
    """A valid number of nobody: division 999999 does not exist."""
    body = f"99999919010203{sequence}"
    return body + check_digit(body)


INVENTED = next(number for number in map(invented_id, ("001", "002", "003", "004", "005", "006")) if number[-1] != "X")
WITH_X = next(number for number in (invented_id(f"{n:03}") for n in range(100)) if number[-1] == "X")


@pytest.mark.parametrize("number", [INVENTED, WITH_X])
def test_an_id_number_is_the_same_person_however_it_is_written(number: str) -> None:
    names = Pseudonyms(PEPPER)
    written = [
        number,
        f"  {number.lower()}\n",
        number.translate(FULL_WIDTH),
        number.lower().translate(FULL_WIDTH),
        f"{number[:6]}\u3000{number[6:14]} {number[14:]}",
        f"\ufeff{number}\u200b",
        number[:6] + number[8:17],
    ]
    assert {names.person(each) for each in written} == {names.person(number)}


@given(body=st.text(string.digits, min_size=15, max_size=15))
def test_an_old_id_number_becomes_a_valid_new_one(body: str) -> None:
    new = normal_id_number(body)
    assert new[:6] + new[8:17] == body
    assert new[6:8] == "19"
    assert new[17] == check_digit(new[:17])


@pytest.mark.parametrize("other", [INVENTED[:-1], f"{INVENTED}0", INVENTED[:14], f"{INVENTED[:6]}{INVENTED[8:16]}X"])
def test_another_number_is_another_person(other: str) -> None:
    names = Pseudonyms(PEPPER)
    assert names.person(other) != names.person(INVENTED)


@pytest.mark.parametrize(
    "written",
    [
        "12300000000",
        "123-0000-0000",
        "+86 123 0000 0000",
        "0086-12300000000",
        "１２３００００００００",
        "＋８６（123）0000 0000",
    ],
)
def test_a_phone_is_the_same_however_it_is_written(written: str) -> None:
    names = Pseudonyms(PEPPER)
    assert names.phone(written) == names.phone("12300000000")
    assert names.phone(written) != names.phone("12300000001")


def test_an_address_is_the_same_with_other_blanks_and_widths_but_not_elsewhere() -> None:
    names = Pseudonyms(PEPPER)
    here = names.address("999999001", "无名村3组12号")
    assert names.address("999999001", " 无名村　３组\t12号 ") == here
    assert names.address("999999002", "无名村3组12号") != here
    assert names.address("999999001", "无名村3组1号") != here
    assert names.address("99999900", "1无名村3组12号") != here


def test_the_same_digits_as_person_phone_address_and_digest_are_four_things() -> None:
    names = Pseudonyms(PEPPER)
    digits = "12300000000"
    assert (
        len(
            {
                names.person(digits),
                names.phone(digits),
                names.address("", digits),
                names.digest(b"", digits.encode()).hex(),
            }
        )
        == 4
    )


def test_another_pepper_gives_other_pseudonyms_and_a_short_one_is_refused() -> None:
    assert Pseudonyms(PEPPER).person(INVENTED) != Pseudonyms(PEPPER[::-1]).person(INVENTED)
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        Pseudonyms(b"short")


@given(parts=st.lists(st.binary(max_size=4), max_size=4), others=st.lists(st.binary(max_size=4), max_size=4))
def test_a_digest_tells_every_list_of_parts_from_every_other(parts: list[bytes], others: list[bytes]) -> None:
    names = Pseudonyms(PEPPER)
    assert len(names.digest(*parts)) == 32
    assert (names.digest(*parts) == names.digest(*others)) == (parts == others)


def kinds(names: Pseudonyms) -> list[Callable[[str], str]]:
    return [names.person, names.phone, partial(names.address, "999999001")]


@pytest.mark.parametrize("nothing", ["", "  ", "\u3000", "\u200b"])
def test_nothing_stands_for_nobody(nothing: str) -> None:
    names = Pseudonyms(PEPPER)
    for name in kinds(names):
        with pytest.raises(ValueError, match="nothing is left"):
            name(nothing)
    with pytest.raises(ValueError, match="nothing is left"):
        names.phone("无")


@given(text=st.text(min_size=1))
@example(text="lone \ud800")
def test_no_text_breaks_a_pseudonym_or_shows_in_an_error(text: str) -> None:
    def said(name: Callable[[str], str]) -> str:
        try:
            return name(text)
        except ValueError as error:
            return f"{error} {error.__context__}"

    for name in kinds(Pseudonyms(PEPPER)):
        assert re.fullmatch("[0-9a-f]{64}|nothing is left to make a pseudonym of None", said(name))


def test_pseudonyms_never_change_from_one_release_to_the_next() -> None:
    """Claims stand on them: a change here would let every household be relieved twice."""
    names = Pseudonyms(bytes(range(32)))
    assert names.person("999999010203001") == "9eb93dd4f862f11b073de0d8693413c11007f17f31d92455651bca6c3c3278ae"
    assert names.phone("+86 12300000000") == "0ff82374d7f384e455f500c4b63ce176dd6674ef0297ba3bfe0097e83ef1becc"
    assert (
        names.address("999999001", "无名村 3组12号")
        == "13014c1b04eefcc3e03cc71856809eb740df43dcc859d76fc43bdafe96f4bfbc"
    )
    assert names.digest(b"a", b"bc").hex() == "452de1e80955409e2923a0d5ecdd62520b2a40b047fb84d697661e295f1e0f57"
