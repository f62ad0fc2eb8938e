"""What the writer is given and gives back: a unit of work, done wholly or not at all, and its outcome."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.fact import Actor


class SaidDifferently(Exception):
    """The same command id came with other content (HTTP 422)."""


class NonceReused(SaidDifferently):
    """A message's own id came with another message, or once more where it serves once (HTTP 422)."""


class Gap(Exception):
    """A fact was heard whose predecessor was not: the log stops until it is published again."""

    def __init__(self, source: str, division: str, followed: int, previous: int) -> None:
        super().__init__(f"{source} {division}: followed to {followed}, but heard what comes after {previous}")
        self.source, self.division, self.followed, self.previous = source, division, followed, previous


class ClaimTaken(Exception):
    """A fact takes a claim that another stream holds, or that its command never asked about: a bug of the decision."""


class StreamUnreadable(Exception):
    """A newer release has written to this stream what this one cannot read: it is left alone, never skipped (503)."""


class VersionConflict(Exception):
    """A stream is not at the version that the command expects."""


class TakenOver(NamedTuple):
    """What a command takes over from the stream of an earlier part of its unit, once that part is decided.

    Whoever makes a unit reads before the lock; what must be true when it is decided is taken over from the state.
    """

    stream: str
    into: Callable[[Any, Any], object]
    """Gives the command with what the state says: a command of the same type."""


class Directed(NamedTuple):
    """A command and the stream it is for. ``asks`` are the claim keys whose owners the decision wants to see."""

    stream: str
    command: object
    asks: tuple[str, ...] = ()
    expects: int | None = None
    takes: TakenOver | None = None


class Heard(NamedTuple):
    """The followed fact that a unit comes from. ``previous`` is ``None`` where a source does not chain its facts.

    ``subject`` is what waits where it cannot be taken in: the case that it names, else its stream.
    """

    source: str
    division: str
    position: int
    previous: int | None
    subject: str
    name: str
    headers: bytes = b"{}"
    body: bytes = b""
    """Sealed, for the dead letters."""
    broken: str | None = None
    """Why the record could not be read, as a code."""


class MessageId(NamedTuple):
    """The id of the message in which a command came, and the digest of what alone may come under it again."""

    id: UUID
    digest: bytes


class Unit(NamedTuple):
    """What is done wholly or not at all: commands for streams of one log, from a caller or from a followed fact."""

    division: str
    parts: tuple[Directed, ...]
    command_id: UUID
    actor: Actor
    occurred_at: datetime
    digest: bytes | None = None
    nonce: MessageId | None = None
    heard: Heard | None = None
    correlation: str = ""
    causation: str = ""
    traceparent: str | None = None
    size: int = 0
    """About how many bytes its facts will have: a batch takes four mebibytes at most."""

    @property
    def answered_under(self) -> Mapping[UUID, bytes]:
        """The ids under which a caller's answer is kept, each with the digest of what may come under it again."""
        if self.digest is None:
            return {}
        own = {self.command_id: self.digest}
        return own if self.nonce is None else {**own, self.nonce.id: self.nonce.digest}


class Outcome(NamedTuple):
    """What a unit came to. ``body`` is kept for callers who repeat themselves; ``position`` is the log's after it."""

    division: str
    position: int
    body: bytes = b""
    replayed: bool = False
