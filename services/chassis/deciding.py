"""One batch, decided: each unit of work in turn on the states at hand, with everything to be written beside it.

Pure but for what it is given; the writer brings heads, states and findings, and takes away the append.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from events.fact import Fact, Meta
from events.upcasts import encode
from services.chassis.chain import linked
from services.chassis.decider import Circumstances, Decider, Refused
from services.chassis.event_store import (
    Advance,
    Append,
    Claim,
    ClaimKey,
    DeadLetter,
    Found,
    Handled,
    Head,
    SourceKey,
    Stored,
    StreamKey,
)
from services.chassis.replay import Known, States, as_recorded
from services.chassis.unit import (
    ClaimTaken,
    Directed,
    Gap,
    Heard,
    NonceReused,
    Outcome,
    SaidDifferently,
    StreamUnreadable,
    Unit,
    VersionConflict,
)

FACTS_AT_MOST = 1_000
"""A command that gives more facts than this is refused."""

Deciders = Mapping[type, Decider[Any, Any, Any]]
"""The decider of each type of command."""


@dataclass(slots=True)
class _Draft:
    """What one unit would write, kept apart until it is wholly decided."""

    head: Head
    meta: Meta
    stored_meta: bytes
    facts: list[Stored] = field(default_factory=list[Stored])
    states: States = field(default_factory=dict[StreamKey, Known])
    claims: dict[ClaimKey, Claim] = field(default_factory=dict[ClaimKey, Claim])
    answer: dict[str, Any] = field(default_factory=dict[str, Any])


class Batch:
    """The units of one transaction, decided one after the other; each sees what those before it decided."""

    def __init__(
        self, deciders: Deciders, heads: Mapping[str, Head], found: Found, states: States, now: datetime
    ) -> None:
        self.states = states
        self.append = Append()
        self._deciders = deciders
        self._found = found
        self._heads = {d: h._replace(recorded_at=max(now, h.recorded_at)) for d, h in heads.items()}
        self._now = now
        self._parked: set[tuple[str, str, str]] = set(found.parked)
        self._handled: dict[UUID, Handled] = {}

    def settle(self, unit: Unit) -> Outcome | Exception:
        """Decide one unit. An exception is that unit's answer, and leaves no trace in the batch but that of a gap."""
        try:
            repeated = self._repeated(unit)
            if repeated is not None:
                return repeated
            if unit.heard is not None:
                return self._settle_heard(unit, unit.heard)
            return self._keep(unit, self._decide(unit))
        except Exception as failure:
            return failure

    def _repeated(self, unit: Unit) -> Outcome | None:
        if unit.heard is not None:
            return self._heard_before(unit, unit.heard)
        if unit.nonce is not None:
            named = self._answered(unit.nonce.id)
            if named is not None and named.digest != unit.nonce.digest:
                raise NonceReused
        handled = self._answered(unit.command_id)
        if handled is None:
            return None
        if handled.digest != unit.digest:
            raise SaidDifferently
        self._answer(unit, handled.outcome, self._heads[unit.division].recorded_at)
        position = int(json.loads(handled.outcome)["position"])
        return Outcome(handled.division, position, handled.outcome, replayed=True)

    def _heard_before(self, unit: Unit, heard: Heard) -> Outcome | None:
        followed = self._followed(heard)
        if heard.position <= followed:
            return Outcome(unit.division, self._heads[unit.division].position, replayed=True)
        if heard.previous is not None and heard.previous != followed:
            key: SourceKey = (heard.source, heard.division)
            self.append.gaps[key] = max(followed, heard.previous, self.append.gaps.get(key, 0))
            raise Gap(heard.source, heard.division, followed, heard.previous)
        return None

    def _answered(self, command_id: UUID) -> Handled | None:
        return self._found.handled.get(command_id) or self._handled.get(command_id)

    def _answer(self, unit: Unit, outcome: bytes, recorded_at: datetime) -> None:
        """Keep an answer under those of the unit's ids that have none yet."""
        for command_id, digest in unit.answered_under.items():
            if self._answered(command_id) is None:
                row = Handled(command_id, unit.division, digest, outcome, recorded_at)
                self.append.handled.append(row)
                self._handled[command_id] = row

    def _followed(self, heard: Heard) -> int:
        key: SourceKey = (heard.source, heard.division)
        here = self.append.followed.get(key)
        return here.position if here is not None else self._found.followed.get(key, 0)

    def _settle_heard(self, unit: Unit, heard: Heard) -> Outcome:
        subject = (heard.source, heard.division, heard.subject)
        if heard.broken is not None or subject in self._parked:
            return self._bury(unit, heard, heard.broken or "parked")
        try:
            draft = self._decide(unit)
        except (StreamUnreadable, VersionConflict):
            raise
        except Refused as refused:
            return self._bury(unit, heard, refused.code)
        except Exception as failure:
            return self._bury(unit, heard, f"failed:{type(failure).__name__}")
        return self._keep(unit, draft)

    def _decide(self, unit: Unit) -> _Draft:
        meta = _meta(unit)
        draft = _Draft(self._heads[unit.division], meta, meta.model_dump_json(exclude_none=True).encode())
        for part in unit.parts:
            self._decide_part(unit, part, draft)
        if len(draft.facts) > FACTS_AT_MOST:
            raise Refused("too_many_facts", "一次办理的内容过多,请分批提交。")
        return draft

    def _decide_part(self, unit: Unit, part: Directed, draft: _Draft) -> None:
        key: StreamKey = (unit.division, part.stream)
        decider = self._deciders[type(part.command)]
        known = draft.states.get(key) or self.states.get(key)
        if known is None:
            raise StreamUnreadable
        if part.expects is not None and part.expects != known.version:
            raise VersionConflict
        circumstances = Circumstances(
            unit.actor,
            unit.occurred_at,
            draft.head.recorded_at,
            self._owners(unit.division, part.asks, draft),
        )
        given = (known.state, _command(unit, part, draft), circumstances)
        folds = decider.decide_and_fold
        facts, state = (decider.decide(*given), known.state) if folds is None else folds(*given)
        for version, fact in enumerate(facts, known.version + 1):
            self._claim(key, fact, part, draft)
            row = _record(unit, key, fact, version, draft)
            if folds is None:
                state = decider.evolve(state, as_recorded(row, fact, draft.meta))
        draft.states[key] = Known(known.version + len(facts), state)
        draft.answer |= decider.answer(facts)

    def _owners(self, division: str, asks: Sequence[str], draft: _Draft) -> dict[str, str]:
        owners = ((key, self._owner((division, key), draft)) for key in asks)
        return {key: owner for key, owner in owners if owner is not None}

    def _owner(self, key: ClaimKey, draft: _Draft) -> str | None:
        owner = self._found.owners.get(key)
        for changed in (self.append.claims.get(key), draft.claims.get(key)):
            if changed is not None and changed.held:
                owner = changed.stream
            elif changed is not None and changed.stream == owner:
                owner = None
        return owner

    def _claim(self, key: StreamKey, fact: Fact, part: Directed, draft: _Draft) -> None:
        division, stream = key
        for claim in fact.takes():
            owner = self._owner((division, claim), draft)
            if claim not in part.asks or owner not in (None, stream):
                raise ClaimTaken(fact.NAME)
            draft.claims[division, claim] = Claim(stream, held=True)
        for claim in fact.releases():
            if self._owner((division, claim), draft) in (None, stream):
                draft.claims[division, claim] = Claim(stream, held=False)

    def _keep(self, unit: Unit, draft: _Draft) -> Outcome:
        """Make the unit's draft part of the batch."""
        self.append.facts += draft.facts
        self.append.claims |= draft.claims
        self.states |= draft.states
        if draft.facts:
            self._heads[unit.division] = self.append.heads[unit.division] = draft.head
        return self._close(unit, draft)

    def _close(self, unit: Unit, draft: _Draft) -> Outcome:
        if unit.heard is not None:
            self._follow(unit.heard)
            return Outcome(unit.division, draft.head.position)
        told = {
            "division": unit.division,
            "stream": unit.parts[0].stream if unit.parts else None,
            "position": draft.head.position,
            "facts": [row.name for row in draft.facts],
            **draft.answer,
        }
        body = to_json(told)
        self._answer(unit, body, draft.head.recorded_at)
        return Outcome(unit.division, draft.head.position, body)

    def _follow(self, heard: Heard) -> None:
        key: SourceKey = (heard.source, heard.division)
        self.append.followed[key] = Advance(self._found.followed.get(key, 0), heard.position)

    def _bury(self, unit: Unit, heard: Heard, reason: str) -> Outcome:
        """Put what was heard into the dead letters, and go on behind it; its subject waits until someone decides."""
        self._parked.add((heard.source, heard.division, heard.subject))
        self.append.dead.append(
            DeadLetter(
                source=heard.source,
                division=heard.division,
                position=heard.position,
                subject=heard.subject,
                name=heard.name,
                reason=reason,
                parked=reason == "parked",
                headers=heard.headers,
                body=heard.body,
                recorded_at=self._now,
            )
        )
        self._follow(heard)
        return Outcome(unit.division, self._heads[unit.division].position)


def _meta(unit: Unit) -> Meta:
    """Who, because of what, in which story: the same for all facts of a unit."""
    own = str(unit.command_id)
    return Meta(
        actor=unit.actor,
        correlation=unit.correlation or own,
        causation=unit.causation or own,
        traceparent=unit.traceparent,
    )


def _command(unit: Unit, part: Directed, draft: _Draft) -> object:
    """The part's command, with what it takes over from an earlier part's stream as that part left it."""
    if part.takes is None:
        return part.command
    return part.takes.into(part.command, draft.states[unit.division, part.takes.stream].state)


def _record(unit: Unit, key: StreamKey, fact: Fact, version: int, draft: _Draft) -> Stored:
    """The fact as it will lie in the log, behind the ones already drafted."""
    division, stream = key
    row = linked(
        draft.head.hash,
        Stored(
            division,
            draft.head.position + 1,
            stream,
            version,
            fact.NAME,
            fact.VERSION,
            _fact_id(unit.command_id, len(draft.facts)),
            unit.command_id,
            unit.occurred_at,
            draft.head.recorded_at,
            draft.stored_meta,
            encode(fact),
            fact.PUBLIC,
            b"",
        ),
    )
    draft.facts.append(row)
    draft.head = Head(row.division, row.position, row.hash, row.recorded_at)
    return row


def _fact_id(command_id: UUID, number: int) -> UUID:
    """``uuid5`` of a command and the number of one of its facts; the library's own takes twice as long."""
    named = sha1(command_id.bytes + str(number).encode(), usedforsecurity=False)
    return UUID(bytes=named.digest()[:16], version=5)
