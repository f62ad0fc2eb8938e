"""A service's settings: read once from the environment into one frozen object; an error names its variable."""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import inf
from pathlib import Path
from typing import TypeVar

from services.chassis.master_keys import MasterKey

Value = TypeVar("Value")
Inner = IPv4Network | IPv6Network | str
"""A network, or a host by its name, that is not public and may be called all the same."""

_KEY_ID = re.compile(r"[a-zA-Z0-9._-]{1,64}")
_HOST = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*")


class BadSetting(Exception):
    """A setting is missing or cannot be used. The message names the variable, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a service is told at its start.

    Every variable may end in ``_FILE`` instead and name a file that holds the value, as secrets are mounted.
    """

    service: str
    database_url: str
    keyring_url: str
    kafka_bootstrap: str
    kafka_idempotence: bool
    kafka_session_seconds: float
    kafka_away_seconds: float
    host: str
    port: int
    master_keys: tuple[MasterKey, ...]
    """The one that wraps, and others that still unwrap."""
    pepper: bytes
    access_file: Path
    policies_dir: Path
    log_level: str
    callback_may_reach: tuple[Inner, ...]
    evidence_url: str


def read_settings(service: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read a service's settings. Raises ``BadSetting``."""
    reader = _Reader(environment)
    return Settings(
        service=service,
        database_url=reader.need("DATABASE_URL"),
        keyring_url=reader.need("KEYRING_URL"),
        kafka_bootstrap=reader.need("KAFKA_BOOTSTRAP"),
        kafka_idempotence=reader.get("KAFKA_IDEMPOTENCE", "true", _boolean),
        kafka_session_seconds=reader.get("KAFKA_SESSION_SECONDS", "15", _seconds),
        kafka_away_seconds=reader.get("KAFKA_AWAY_SECONDS", "900", _seconds),
        host=reader.get("HOST", "127.0.0.1", str),
        port=reader.get("PORT", "8000", int),
        master_keys=read_master_keys(environment),
        pepper=read_pepper(environment),
        access_file=reader.get("ACCESS_FILE", None, _path),
        policies_dir=reader.get("POLICIES_DIR", "policies", _path),
        log_level=reader.get("LOG_LEVEL", "INFO", _level),
        callback_may_reach=reader.get("CALLBACK_MAY_REACH", "", _inner),
        evidence_url=reader.get("EVIDENCE_URL", "", str),
    )


def read_master_keys(environment: Mapping[str, str] = os.environ) -> tuple[MasterKey, ...]:
    """The master keys, the one that wraps first. Raises ``BadSetting``."""
    reader = _Reader(environment)
    current = MasterKey(
        reader.get("MASTER_KEY_ID", "m1", _key_id),
        reader.get("MASTER_KEY", None, _key),
    )
    keys = (current, *reader.get("OTHER_MASTER_KEYS", "", _named_keys))
    if len({key.id for key in keys}) < len(keys):
        raise BadSetting("OTHER_MASTER_KEYS gives two keys one id")
    return keys


def read_pepper(environment: Mapping[str, str] = os.environ) -> bytes:
    """The secret of pseudonyms. Raises ``BadSetting``."""
    return _Reader(environment).get("PEPPER", None, _key)


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def need(self, name: str) -> str:
        return self.get(name, None, str)

    def get(self, name: str, default: str | None, convert: Callable[[str], Value]) -> Value:
        text = self._text(name) or default
        if text is None:
            raise BadSetting(f"{name} (or {name}_FILE) is not set")
        try:
            return convert(text)
        except (ValueError, OSError):
            raise BadSetting(f"{name} cannot be used") from None

    def _text(self, name: str) -> str | None:
        file = self.environment.get(f"{name}_FILE")
        if file is None or name.endswith("_FILE"):
            return self.environment.get(name)
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError:
            raise BadSetting(f"{name}_FILE cannot be read") from None


def _boolean(text: str) -> bool:
    match text.lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise ValueError


def _seconds(text: str) -> float:
    """More than none."""
    seconds = float(text)
    if not 0 < seconds < inf:
        raise ValueError
    return seconds


def _key(text: str) -> bytes:
    """32 bytes in base64."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(key) != 32:
        raise ValueError
    return key


def _key_id(text: str) -> str:
    if not _KEY_ID.fullmatch(text):
        raise ValueError
    return text


def _named_keys(text: str) -> tuple[MasterKey, ...]:
    """``id:base64``, separated by commas."""
    pairs = [word.strip().partition(":") for word in text.split(",") if word.strip()]
    return tuple(MasterKey(_key_id(name), _key(secret)) for name, _, secret in pairs)


def _path(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise OSError
    return path


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError
    return text.upper()


def _inner(text: str) -> tuple[Inner, ...]:
    """Networks and host names, separated by commas."""
    return tuple(_host_or_network(word.strip().lower()) for word in text.split(",") if word.strip())


def _host_or_network(word: str) -> Inner:
    return word if _HOST.fullmatch(word) else ip_network(word)
