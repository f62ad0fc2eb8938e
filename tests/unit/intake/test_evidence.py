"""Documents are kept whole or not at all; requests to a bucket are signed as AWS publishes it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from services.chassis.access import Unauthenticated
from services.intake.appkey import WINDOW, check, sign
from services.intake.evidence import Bucket, DiskEvidence, Evidence, EvidenceLost, S3Evidence, open_evidence, signed

NOW = datetime(2026, 11, 2, tzinfo=UTC)
EXAMPLE = Bucket(
    endpoint="https://examplebucket.s3.amazonaws.com",
    name="examplebucket",
    region="us-east-1",
    key_id="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)


def test_the_signature_is_that_of_the_published_example() -> None:
    headers = {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"}
    made = signed(EXAMPLE, "GET", "/test.txt", headers, (b"", datetime(2013, 5, 24, tzinfo=UTC)))
    assert made["authorization"].endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


async def test_what_was_put_on_disk_is_there_and_nothing_else(tmp_path: Path) -> None:
    store = DiskEvidence(tmp_path)
    assert await store.get("R1/a") is None
    await store.put("R1/a", b"sealed")
    await store.put("R1/a", b"sealed anew")
    assert await store.get("R1/a") == b"sealed anew"
    assert names(tmp_path) == ["a"]


async def test_many_who_put_one_document_at_the_same_time_all_succeed(tmp_path: Path) -> None:
    documents = [bytes([number]) * 2**20 for number in range(16)]
    store = DiskEvidence(tmp_path)
    await asyncio.gather(*(store.put("R1/a", document) for document in documents))
    assert await store.get("R1/a") in documents
    assert names(tmp_path) == ["a"]


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file()]


def test_an_address_says_where_documents_lie() -> None:
    assert open_evidence("", lambda: NOW) is None
    assert open_evidence("file:///var/lib/evidence", lambda: NOW) == DiskEvidence(Path("/var/lib/evidence"))
    found = open_evidence("s3+http://key:sec%2Fret@store:9000/papers?region=cn-north-1", lambda: NOW)
    assert isinstance(found, S3Evidence)
    assert found.bucket == Bucket("http://store:9000", "papers", "cn-north-1", "key", "sec/ret")
    with pytest.raises(ValueError, match="file:// or s3://"):
        open_evidence("ftp://somewhere", lambda: NOW)


@dataclass
class Storage:
    """A bucket's other side: keeps what is put whose digest is as signed, and gives it back; or ``answers`` always."""

    answers: str = ""
    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status, content = (self.answers, b"") if self.answers else self.answer(first, headers, body)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()
        writer.close()

    def answer(self, first: str, headers: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/20261102/cn-north-1/s3/")
        assert headers["x-amz-content-sha256"] == sha256(body).hexdigest()
        method, path, _ = first.split(" ")
        if method == "PUT":
            self.kept[path] = body
        return ("200 OK", self.kept[path]) if path in self.kept else ("404 Not Found", b"")


@asynccontextmanager
async def reached(storage: Storage) -> AsyncGenerator[Evidence]:
    server = await asyncio.start_server(storage.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        store = open_evidence(f"s3+http://key:secret@127.0.0.1:{port}/papers?region=cn-north-1", lambda: NOW)
        assert store is not None
        yield store


async def test_what_was_put_in_a_bucket_is_there_and_nothing_else() -> None:
    storage = Storage()
    async with reached(storage) as store:
        assert await store.get("320115/R:1/a") is None
        await store.put("320115/R:1/a", b"sealed")
        await store.put("320115/R:1/a", b"sealed anew")
        assert await store.get("320115/R:1/a") == b"sealed anew"
    assert list(storage.kept) == ["/papers/320115/R%3A1/a"]


@pytest.mark.parametrize("answers", ["403 Forbidden", "500 Internal Server Error", "301 Moved Permanently", "nonsense"])
async def test_a_bucket_that_does_not_do_as_it_should_never_passes_for_one_that_has_or_has_not(answers: str) -> None:
    async with reached(Storage(answers)) as store:
        with pytest.raises(EvidenceLost):
            await store.put("R1/a", b"sealed")
        with pytest.raises(EvidenceLost):
            await store.get("R1/a")


async def test_a_bucket_that_cannot_be_reached_is_lost_and_not_empty() -> None:
    async with reached(Storage()) as store:
        pass
    with pytest.raises(EvidenceLost):
        await store.get("R1/a")


# --- the older signature


def headers(secret: str = "s", *, at: datetime = NOW, nonce: str = "n1", body: bytes = b"{}") -> dict[str, str]:
    stamp = str(int(at.timestamp() * 1000))
    return {"appkey": "k", "timestamp": stamp, "nonce": nonce, "sign": sign(secret, "k", stamp, nonce, body)}


def test_a_signed_request_of_now_is_let_in_whichever_secret_it_has() -> None:
    for secrets in (["s"], ["old", "s"], ["s", "new"]):
        check(secrets, headers(), b"{}", NOW)


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (headers("other"), b"{}"),
        (headers(), b"{ }"),
        (headers(at=NOW - WINDOW * 2), b"{}"),
        (headers(at=NOW + WINDOW * 2), b"{}"),
        (headers() | {"timestamp": "soon"}, b"{}"),
        (headers() | {"sign": "é"}, b"{}"),
        (headers(nonce=""), b"{}"),
        ({}, b"{}"),
    ],
    ids=["another secret", "another body", "too old", "too early", "no time", "no digits", "no nonce", "nothing"],
)
def test_whatever_else_comes_is_not_let_in(sent: dict[str, str], body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        check(["s"], sent, body, NOW)
