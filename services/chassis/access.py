"""Who is calling, and what they may do: people and apps by bearer token, systems by signature; default deny.

The table of roles and commands is data (``roles.yaml``); tokens and secrets come from a file outside the code.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from standardwebhooks import Webhook, WebhookVerificationError

from events.fact import Actor
from events.words import Sha256, StaffId


class Unauthenticated(Exception):
    """We do not know who is calling (HTTP 401)."""


class Expired(Unauthenticated):
    """The signature is right, and more than five minutes old or early: a replay, or a wrong clock (HTTP 401)."""


class Replayed(Unauthenticated):
    """The signature is right, and what it may sign once has come before (HTTP 401)."""


class Denied(Exception):
    """The role may not do this, or not there (HTTP 403)."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Scope = Annotated[str, Field(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9})?$")]


class Person(_Entry):
    """A member of staff, or an app acting for one; known by the SHA-256 of a bearer token."""

    token_sha256: Sha256
    staff_id: StaffId
    role: str
    scope: Scope


class Callback(_Entry):
    """Where a system wants its answers, and the secret they are signed with."""

    url: str
    secret: SecretStr

    @field_validator("secret")
    @classmethod
    def _signs(cls, secret: SecretStr) -> SecretStr:
        """Whether it is a key that signs: found out on the start, not with the first answer."""
        try:
            key = b64decode(secret.get_secret_value().removeprefix("whsec_"))
        except ValueError:
            key = b""
        if not key:
            raise ValueError("the secret of a callback is no key in base64")
        return secret


class System(_Entry):
    """A vendor's system. It may hold several secrets while it changes from one to the next."""

    id: StaffId
    role: str
    scope: Scope
    secrets: tuple[SecretStr, ...] = Field(min_length=1)
    callback: Callback | None = None


class _AccessFile(_Entry):
    people: tuple[Person, ...] = ()
    systems: tuple[System, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Everybody who may call, and the commands each role may give."""

    people: Mapping[str, Person] = field(repr=False)
    systems: Mapping[str, System]
    roles: Mapping[str, frozenset[str]]
    """For each command, the roles that may give it."""

    def person(self, authorization: str | None) -> Actor:
        """The actor behind an ``Authorization`` header. Raises ``Unauthenticated``."""
        scheme, _, token = (authorization or "").partition(" ")
        person = self.people.get(sha256(token.strip().encode()).hexdigest())
        if scheme.lower() != "bearer" or person is None:
            raise Unauthenticated
        return Actor(id=person.staff_id, role=person.role, scope=person.scope)

    def system(self, system_id: str, headers: Mapping[str, str], body: bytes) -> Actor:
        """The actor behind a request signed as Standard Webhooks asks. Raises ``Unauthenticated``, ``Expired``."""
        system = self.systems.get(system_id)
        if system is None:
            raise Unauthenticated
        if not any(_signed(secret, headers, body) for secret in system.secrets):
            raise Expired if any(_signed_once(secret, headers, body) for secret in system.secrets) else Unauthenticated
        return Actor(id=system.id, role=system.role, scope=system.scope)

    def permit(self, actor: Actor, command: str, place: str) -> None:
        """Raise ``Denied`` unless the role may give this command for this division (county or township code)."""
        if actor.role not in self.roles.get(command, frozenset()) or not place.startswith(actor.scope):
            raise Denied


def load_access(access_file: Path, roles_file: Path) -> Access:
    """Read both files. Raises ``ValueError`` without repeating their content."""
    try:
        listed = _AccessFile.model_validate(yaml.safe_load(access_file.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError:
        raise ValueError("the access file is not YAML") from None
    table: Mapping[str, Sequence[str]] = yaml.safe_load(roles_file.read_text(encoding="utf-8"))
    return Access(
        people={person.token_sha256: person for person in listed.people},
        systems={system.id: system for system in listed.systems},
        roles={command: frozenset(roles) for command, roles in table.items()},
    )


def _signed(secret: SecretStr, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret.get_secret_value()).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _signed_once(secret: SecretStr, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signature is right, whenever it was made."""
    try:
        signed_at = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "")), UTC)
        expected = Webhook(secret.get_secret_value()).sign(headers.get("webhook-id", ""), signed_at, body.decode())
    except (ValueError, OverflowError, OSError):
        return False
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(compare_digest(expected.encode(), signature.encode()) for signature in signatures)
