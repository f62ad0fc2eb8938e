"""Following: what other services published becomes units of work for our writer, in order and once."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel

from events.cloudevents import Malformed, Message, read
from events.fact import Actor, Fact, UnknownFact
from events.upcasts import decode
from services.chassis.event_store import SourceKey, StoreUnavailable
from services.chassis.unit import Directed, Gap, Heard, Unit
from services.chassis.writer import Writer

_NAMESPACE = UUID("6a1c1c4e-1b8f-5f0e-9a55-5f7b2e0d4c11")
_PACE_SECONDS = 1.0
UNPLACED = "000000"
"""The log that takes in records which do not say where they belong."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came."""

    topic: str
    partition: int
    offset: int
    headers: Mapping[str, str | None]
    value: bytes | None


Reaction = Callable[[Fact, Message], Awaitable[Sequence[Directed]]]
"""What a service does when it hears a fact: commands for its own streams, or none. It may read, never write."""

Heeded = TypeVar("Heeded", bound=Fact)


def on(
    fact_type: type[Heeded], react: Callable[[Heeded, Message], Awaitable[Sequence[Directed]]]
) -> tuple[str, tuple[str, Reaction]]:
    """One line of a service's table of reactions: by the fact's stored name, the rule's name and the reaction."""

    async def reaction(fact: Fact, message: Message) -> Sequence[Directed]:
        assert isinstance(fact, fact_type)
        return await react(fact, message)

    return fact_type.NAME, (getattr(react, "__name__", "reacts"), reaction)


class _Naming(BaseModel):
    """What is read of a fact that this release cannot read."""

    case_id: str


class _Reacted(NamedTuple):
    """What a message asks for, by which rule, or why it cannot be read; and the case that it is about, if any."""

    rule: str
    parts: tuple[Directed, ...] = ()
    broken: str | None = None
    case_id: str | None = None


@dataclass(slots=True)
class Follower:
    """Takes batches of records in. ``seal`` closes a record's bytes before they go to the dead letters."""

    service: str
    writer: Writer
    reactions: Mapping[str, tuple[str, Reaction]]
    seal: Callable[[bytes], bytes]

    async def take_in(self, records: Sequence[Record]) -> None:
        """Return when all are on disk, known already, or put aside. Raises what a later delivery may cure.

        A record behind a gap is let go: publishing its log again brings it back after what is missing.
        """
        units = [await self.unit(record) for record in records]
        failure: BaseException | None = None
        gaps: dict[SourceKey, Gap] = {}
        for unit, outcome in zip(units, await self.writer.take_in(units), strict=True):
            if isinstance(outcome, Gap):
                gaps.setdefault((outcome.source, outcome.division), outcome)
            elif isinstance(outcome, BaseException):
                failure = failure or outcome
            else:
                _took_in(unit)
        for gap in gaps.values():
            log.error("gap", extra={"source": gap.source, "division": gap.division, "followed": gap.followed})
        if failure is not None:
            await asyncio.sleep(_PACE_SECONDS)
            raise failure

    async def unit(self, record: Record) -> Unit:
        """What a record asks of our writer. Raises ``StoreUnavailable`` when a reaction cannot read what it must."""
        try:
            message = read(record.headers, record.value)
        except Malformed as malformed:
            return self._malformed(record, malformed.code)
        reacted = await self._react(message)
        return Unit(
            division=message.division,
            parts=reacted.parts,
            command_id=uuid5(_NAMESPACE, f"{message.service}:{message.division}:{message.position}"),
            actor=self._actor(reacted.rule),
            occurred_at=message.occurred_at,
            heard=Heard(
                source=message.service,
                division=message.division,
                position=message.position,
                previous=message.previous,
                subject=message.stream if reacted.case_id is None else f"case:{reacted.case_id}",
                name=message.name,
                headers=_kept(record.headers),
                body=self.seal(message.data),
                broken=reacted.broken,
            ),
            correlation=message.correlation,
            causation=f"{message.service}:{message.division}:{message.position}",
            traceparent=message.traceparent,
            size=len(message.data),
        )

    async def _react(self, message: Message) -> _Reacted:
        if message.name not in self.reactions:
            return _Reacted("passes_by")
        rule, reaction = self.reactions[message.name]
        try:
            fact = decode(message.name, message.schema_version, message.data, extra="ignore")
        except UnknownFact:
            return _Reacted(rule, broken="unknown_version", case_id=_case_in(message.data))
        except ValueError:
            return _Reacted(rule, broken="unreadable", case_id=_case_in(message.data))
        case_id: str | None = getattr(fact, "case_id", None)
        try:
            return _Reacted(rule, tuple(await reaction(fact, message)), case_id=case_id)
        except StoreUnavailable:
            raise
        except Exception as bug:  # it waits in the dead letters until it is mended, and blocks nobody else
            return _Reacted(rule, broken=f"failed:{type(bug).__name__}", case_id=case_id)

    def _malformed(self, record: Record, code: str) -> Unit:
        """Foreign or damaged: kept with its place in the topic, which is also what makes it known the next time."""
        return Unit(
            division=UNPLACED,
            parts=(),
            command_id=uuid5(_NAMESPACE, f"{record.topic}:{record.partition}:{record.offset}"),
            actor=self._actor("keeps_malformed"),
            occurred_at=datetime(1970, 1, 1, tzinfo=UTC),
            heard=Heard(
                source=f"{record.topic}/{record.partition}",
                division=UNPLACED,
                position=record.offset + 1,
                previous=None,
                subject=str(record.offset),
                name="malformed",
                headers=b"{}",
                body=self.seal(record.value or b""),
                broken=code,
            ),
        )

    def _actor(self, rule: str) -> Actor:
        return Actor(id=self.service, role="system", scope="", rule=rule)


def _case_in(data: bytes) -> str | None:
    """The case that a fact names which cannot be read otherwise.

    What cannot be taken in holds up what comes later about its subject. The stream of a fund speaks of every
    household of a township: where a fact names a case, that alone waits.
    """
    try:
        return _Naming.model_validate_json(data).case_id
    except ValueError:
        return None


def _took_in(unit: Unit) -> None:
    if unit.parts:
        told = {"route": unit.actor.rule, "case": unit.correlation, "trace": unit.traceparent}
        log.info("heard", extra=told)


def _kept(headers: Mapping[str, str | None]) -> bytes:
    """The envelope of a dead letter: our own attributes only, which carry no personal data."""
    ours = {name: value for name, value in headers.items() if name.lower().startswith("ce_")}
    return json.dumps(ours, ensure_ascii=False, separators=(",", ":")).encode()
