"""Documents are kept whole or not at all; requests to a bucket are signed as AWS publishes it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.access import Unauthenticated
from services.intake.appkey import WINDOW, check, sign
from services.intake.evidence import Bucket, DiskEvidence, S3Evidence, open_evidence, signed

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
