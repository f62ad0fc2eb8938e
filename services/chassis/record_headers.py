"""Fetched record batches whose header names no client can read: mended before aiokafka looks at them.

It takes every name for UTF-8, and one that is not makes it lose what it read before in the same fetch and stop at that
record for ever. A byte of such a name that is not ASCII becomes a question mark: no length changes, and no name of
ours can come out of it. What is readable is left as it is, byte for byte.
"""

import struct
from collections.abc import Generator

from aiokafka import codec  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs
from aiokafka.record.memory_records import MemoryRecords  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.record.util import calc_crc32c, decode_varint  # pyright: ignore[reportMissingTypeStubs]

_FRAME = struct.Struct(">qi")
"""Of a batch: its first offset, and how many bytes follow."""
_HEADER_BYTES = 61
_MAGIC_AT, _CRC_AT, _ATTRIBUTES_AT = 16, 17, 21
_WITH_HEADERS = 2
"""Records have headers since this version of the format."""
_CODEC_BITS = 0x07
_DECODERS = (bytes, codec.gzip_decode, codec.snappy_decode, codec.lz4_decode, codec.zstd_decode)
_KNOWN_NAMES = bytes(byte if byte < 0x80 else ord("?") for byte in range(256))


class ReadableRecords(MemoryRecords):
    """What was fetched of a partition, in the place of aiokafka's own class of that purpose."""

    def __init__(self, fetched: bytes) -> None:
        super().__init__(readable(fetched))  # pyright: ignore[reportAbstractUsage]  its type is that of a protocol


def readable(fetched: bytes) -> bytes:
    """The same batches, with every header's name in UTF-8."""
    try:
        records = MemoryRecords(fetched)
        while records.has_next():
            for _ in records.next_batch() or ():
                pass
    except UnicodeDecodeError:
        return b"".join(map(_mended, _batches(fetched)))
    except Exception:  # whatever else is wrong with it, aiokafka has its own answer to
        return fetched
    return fetched


def _batches(fetched: bytes) -> Generator[bytes]:
    """One after the other; the last may be cut off."""
    start = 0
    while start < len(fetched):
        end = len(fetched)
        if end - start >= _FRAME.size:
            end = min(end, start + _FRAME.size + _FRAME.unpack_from(fetched, start)[1])
        yield fetched[start:end]
        start = end


def _mended(batch: bytes) -> bytes:
    """The batch with readable names, unpacked, and its checksum anew; one that came damaged stays as it is."""
    if len(batch) < _HEADER_BYTES or batch[_MAGIC_AT] < _WITH_HEADERS:
        return batch
    [crc] = struct.unpack_from(">I", batch, _CRC_AT)
    if crc != calc_crc32c(batch[_ATTRIBUTES_AT:]):
        return batch
    header = bytearray(batch[:_HEADER_BYTES])
    packing = header[_ATTRIBUTES_AT + 1] & _CODEC_BITS
    header[_ATTRIBUTES_AT + 1] &= ~_CODEC_BITS
    body = bytearray(_DECODERS[packing](batch[_HEADER_BYTES:]))
    for start, end in _names(body, int.from_bytes(header[-4:])):
        body[start:end] = _name(bytes(body[start:end]))
    mended = header + body
    _FRAME.pack_into(mended, 0, _FRAME.unpack_from(mended)[0], len(mended) - _FRAME.size)
    struct.pack_into(">I", mended, _CRC_AT, calc_crc32c(mended[_ATTRIBUTES_AT:]))
    return bytes(mended)


def _name(name: bytes) -> bytes:
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.translate(_KNOWN_NAMES)
    return name


def _names(body: bytearray, records: int) -> Generator[tuple[int, int]]:
    """Where the names of all headers begin and end."""
    at = 0
    for _ in range(records):
        length, at = decode_varint(body, at)
        end = at + length
        yield from _names_of_one(body, at + 1)
        at = end


def _names_of_one(body: bytearray, at: int) -> Generator[tuple[int, int]]:
    for _ in ("time", "offset"):
        _, at = decode_varint(body, at)
    for _ in ("key", "value"):
        at = _over(body, at)
    count, at = decode_varint(body, at)
    for _ in range(count):
        length, at = decode_varint(body, at)
        yield at, at + length
        at = _over(body, at + length)


def _over(body: bytearray, at: int) -> int:
    """Behind bytes that are preceded by their length, which is -1 where there are none."""
    length, at = decode_varint(body, at)
    return at + max(0, length)
