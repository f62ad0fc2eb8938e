"""Where documents lie (附件): on disk or in S3-compatible storage, behind one port; sealed before they get here."""

import asyncio
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx

_TIMEOUT_SECONDS = 30.0


class EvidenceLost(Exception):
    """The storage does not answer, or not as it should."""


class Evidence(Protocol):
    """A store of sealed documents by name. Raises ``EvidenceLost``."""

    async def put(self, name: str, data: bytes) -> None:
        """Keep a document; the same name again takes its place."""
        ...

    async def get(self, name: str) -> bytes | None:
        """A document, if it is there."""
        ...


@dataclass(frozen=True, slots=True)
class DiskEvidence:
    """A folder; a document is written beside its place and then moved there, so that none is ever half there.

    Once it is put, it is on the disk, with its name.
    """

    folder: Path

    async def put(self, name: str, data: bytes) -> None:
        """Keep a document."""
        try:
            await asyncio.to_thread(self._write, name, data)
        except OSError:
            raise EvidenceLost from None

    async def get(self, name: str) -> bytes | None:
        """A document, if it is there."""
        try:
            return await asyncio.to_thread((self.folder / name).read_bytes)
        except FileNotFoundError:
            return None
        except OSError:
            raise EvidenceLost from None

    def _write(self, name: str, data: bytes) -> None:
        place = self.folder / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = mkstemp(dir=place.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            Path(beside).replace(place)
        finally:
            Path(beside).unlink(missing_ok=True)
        for folder in (place.parent, *place.parent.parents):
            _settle(folder)
            if folder == self.folder:
                break


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of S3-compatible storage, and who may write to it."""

    endpoint: str
    name: str
    region: str
    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class S3Evidence:
    """A bucket, spoken to with AWS Signature Version 4."""

    bucket: Bucket
    now: Callable[[], datetime]

    async def put(self, name: str, data: bytes) -> None:
        """Keep a document."""
        response = await self._send("PUT", name, data)
        if not response.is_success:
            raise EvidenceLost

    async def get(self, name: str) -> bytes | None:
        """A document, if it is there."""
        response = await self._send("GET", name, b"")
        if response.status_code == httpx.codes.NOT_FOUND.value:
            return None
        if not response.is_success:
            raise EvidenceLost
        return response.content

    async def _send(self, method: str, name: str, data: bytes) -> httpx.Response:
        url = f"{self.bucket.endpoint}/{self.bucket.name}/{quote(name)}"
        host = urlsplit(url).netloc
        headers = signed(self.bucket, method, urlsplit(url).path, {"host": host}, (data, self.now()))
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
                return await client.request(method, url, content=data, headers=headers)
        except httpx.HTTPError:
            raise EvidenceLost from None


def signed(
    bucket: Bucket, method: str, path: str, headers: Mapping[str, str], said: tuple[bytes, datetime]
) -> dict[str, str]:
    """The headers of a request, with the signature over all of them (AWS Signature Version 4)."""
    data, now = said
    day, moment, digest = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}", sha256(data).hexdigest()
    whole = {**headers, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names = ";".join(sorted(whole))
    lines = "".join(f"{name}:{whole[name]}\n" for name in sorted(whole))
    request = "\n".join((method, path, "", lines, names, digest))
    scope = f"{day}/{bucket.region}/s3/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", moment, scope, sha256(request.encode()).hexdigest()))
    key = f"AWS4{bucket.secret}".encode()
    for part in (day, bucket.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"Credential={bucket.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**whole, "authorization": f"AWS4-HMAC-SHA256 {credential}"}


def open_evidence(url: str, now: Callable[[], datetime]) -> Evidence | None:
    """The store behind an address: ``file:///folder``, or ``s3://key:secret@host/bucket?region=``; none for none.

    ``s3+http`` is for storage inside the same network that speaks no TLS. Raises ``ValueError``.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file":
        return DiskEvidence(Path(unquote(parts.path)))
    schemes = {"s3": "https", "s3+http": "http"}
    if parts.scheme not in schemes or parts.hostname is None:
        raise ValueError("evidence lies in file:// or s3://")
    port = "" if parts.port is None else f":{parts.port}"
    region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
    endpoint = f"{schemes[parts.scheme]}://{parts.hostname}{port}"
    name, key_id, secret = parts.path.strip("/"), unquote(parts.username or ""), unquote(parts.password or "")
    return S3Evidence(Bucket(endpoint, name, region, key_id, secret), now)
