"""Fetched batches: a header whose name is no text is made readable, and nothing else is touched."""

from collections.abc import Iterator

import pytest
from aiokafka.record.memory_records import MemoryRecords  # pyright: ignore[reportMissingTypeStubs]

from services.chassis.record_headers import readable
from tests.support.odd_records import ODD, batch, zipped

GOOD = batch((b"one", [("ce_id", b"1")]), (None, [("ce_id", None), ("名", "值".encode())]))
ODDLY = batch((b"two", [("ce_id", b"2")]), (b"x" * 300, [(ODD, b"\xff"), ("ce_id", b"3")]), (b"four", []))


def records(fetched: bytes) -> Iterator[tuple[int, bytes | None, list[tuple[str, bytes | None]]]]:
    """What aiokafka reads, checksums included."""
    read = MemoryRecords(fetched)
    while read.has_next():
        following = read.next_batch()
        assert following is not None
        assert following.validate_crc()
        yield from ((record.offset, record.value, list(record.headers)) for record in following)


def test_what_is_readable_stays_as_it_is() -> None:
    assert readable(GOOD + GOOD[:40]) == GOOD + GOOD[:40]


@pytest.mark.parametrize("fetched", [ODDLY, zipped(ODDLY)], ids=["plain", "zipped"])
def test_a_header_whose_name_is_no_text_gets_one_and_its_record_and_those_behind_it_are_read(fetched: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        list(records(fetched))
    mended = list(records(readable(GOOD + fetched + GOOD)))
    assert mended[:2] == mended[-2:] == list(records(GOOD))
    assert mended[2:-2] == [
        (0, b"two", [("ce_id", b"2")]),
        (1, b"x" * 300, [("odd?name", b"\xff"), ("ce_id", b"3")]),
        (2, b"four", []),
    ]


def test_a_batch_that_came_damaged_is_not_given_a_good_checksum() -> None:
    damaged = ODDLY[:-3] + b"our"
    assert readable(damaged) == damaged


def test_a_last_batch_that_is_cut_off_stays_cut_off() -> None:
    assert readable(ODDLY + GOOD[:-1]).endswith(GOOD[:-1])


@pytest.mark.parametrize("cut", [b"", b"\x00", GOOD[:13], b"\xff" * 80])
def test_what_is_no_batch_at_all_is_left_to_the_client(cut: bytes) -> None:
    assert readable(cut) == cut
