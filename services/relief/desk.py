"""What relief's routes share: who is calling, the policies at hand, and the case behind an id."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from events.fact import Actor, Fact, Recorded, UnknownFact
from events.relief import CaseFact, CaseOpened
from events.relief_after import TownshipMoved
from events.relief_clocks import ClockFact
from events.relief_persons import IdentityEstablished
from events.upcasts import decode
from services.chassis.calling import About
from services.chassis.database import translated
from services.chassis.event_store import Stored
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.replay import recorded
from services.chassis.routing import Service
from services.chassis.unit import StreamUnreadable
from services.relief.clock_book import clocks_of
from services.relief.policy_cache import PolicyCache
from services.relief.steps.case_file import stream_of

_DOSSIER = """
    with opened as (
        select division, version, name, schema_version, data from facts where stream = $1 and version = 1
        order by recorded_at, division limit 1
    )
    select * from opened
    union all
    select f.* from opened o cross join lateral (
        select distinct on (name = 'relief.township_moved') division, version, name, schema_version, data from facts
        where division = o.division and stream = $1
            and name in ('relief.identity_established', 'relief.identity_withdrawn', 'relief.township_moved')
        order by name = 'relief.township_moved', version desc
    ) f
    order by version
"""


async def _caller(request: Request, service: Service) -> Actor:
    return service.door.person(request)


Caller = Annotated[Actor, Depends(_caller)]
"""The person behind the bearer token; without a good one the answer is 401."""


def policy_cache(mounted: Mounted) -> PolicyCache:
    """The published policies of a mounted service."""
    assert isinstance(mounted.own, PolicyCache)
    return mounted.own


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as the edge finds it: the log in which it lives, and what opened it, in the township that has it now."""

    division: str
    opened: CaseOpened
    person: str | None = None
    """Who it is as far as is known by now, by the pseudonym."""

    def about(self, named: str, occurred_at: datetime | None = None) -> About:
        """What a command for the case is about; ``named`` is what its route names."""
        return About(named, self.opened.township, self.opened.report_id, occurred_at, self.division)


async def dossier(service: Mounted, case_id: str) -> Dossier:
    """The case behind an id. Raises ``Problem`` (404), ``StreamUnreadable``."""
    with translated():
        rows = await service.pool.fetch(_DOSSIER, stream_of(case_id))
    if not rows:
        raise no_such_case()
    try:
        opened, *since = [decode(row["name"], row["schema_version"], row["data"]) for row in rows]
    except UnknownFact:
        raise StreamUnreadable from None
    assert isinstance(opened, CaseOpened)
    return _by_now(Dossier(rows[0]["division"], opened, opened.person), since)


def _by_now(found: Dossier, since: Sequence[Fact]) -> Dossier:
    """Whom the report named and where, unless somebody was established or withdrawn since, or the case has moved."""
    for fact in since:
        if isinstance(fact, TownshipMoved):
            found = replace(found, opened=found.opened.model_copy(update={"township": fact.to_township}))
        else:
            found = replace(found, person=fact.person if isinstance(fact, IdentityEstablished) else None)
    return found


async def facts_of(service: Mounted, found: Dossier, as_of: datetime | None) -> Sequence[Recorded[CaseFact]]:
    """The facts of a case that were known by a moment, or are known now. Raises ``Problem`` (404) before its first."""
    known = await _known(service, found.division, stream_of(found.opened.case_id), as_of)
    if not known:
        raise no_such_case()
    return cast(Sequence[Recorded[CaseFact]], known)


async def clock_facts_of(service: Mounted, found: Dossier, as_of: datetime | None) -> Sequence[Recorded[ClockFact]]:
    """The facts of a case's clocks that were known by a moment, or are known now."""
    known = await _known(service, found.division, clocks_of(found.opened.case_id), as_of)
    return cast(Sequence[Recorded[ClockFact]], known)


async def _known(service: Mounted, division: str, stream: str, as_of: datetime | None) -> Sequence[Recorded[Fact]]:
    rows = await service.store.load({(division, stream): 0})
    return [_recorded(row) for row in rows if as_of is None or row.recorded_at <= as_of]


def no_such_case() -> Problem:
    """There is no such case, or there was none then."""
    return Problem(404, "no_such_case", "没有找到这个个案,请核对个案编号。")


def _recorded(row: Stored) -> Recorded[Fact]:
    try:
        return recorded(row)
    except UnknownFact:
        raise StreamUnreadable from None
