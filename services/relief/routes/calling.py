"""An officer's command on its way to a case: what all of them say, and how it is given."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Depends, Header, Response
from pydantic_core import PydanticCustomError

from events.relief import advance_claim
from events.relief_words import fast_track_claim
from events.shanghai import day_of
from events.words import Sha256
from services.chassis.calling import Call as Given
from services.chassis.calling import Called
from services.chassis.decider import Refused
from services.chassis.field_errors import FieldError
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid, Problem
from services.chassis.routing import Body, Moment, PathId
from services.chassis.unit import Directed, VersionConflict
from services.relief.case_commands import CaseCommand, NoteLateEntry
from services.relief.desk import Dossier, dossier, facts_of, policy_cache
from services.relief.household_checks import consulted
from services.relief.policy import Policy
from services.relief.precondition import NothingSince
from services.relief.signal import known_by
from services.relief.steps.authority import must_be_payable, payer_of
from services.relief.steps.case_file import stream_of
from services.relief.working_days import Calendar

_MADE = UUID("5c0d5b4e-2c5f-5b65-9a3e-0f7b2f0c6d11")
_TAG = re.compile(r'"([0-9]{1,9})"')


MOST_FEN = 10**15
"""No amount is more, nor are several together."""


def must_be_countable(total_fen: int) -> None:
    """Raise pydantic's error where amounts that are asked for at once are too much together."""
    if total_fen > MOST_FEN:
        raise PydanticCustomError("too_much", "too much")


class Deed(Body):
    """What an officer has done in a case."""

    occurred_at: Moment | None = None
    """When it happened, where that was not just now."""
    evidence_sha256: Sha256 | None = None
    """What proves it, where it is put down later than the policy's hours (补记)."""


@dataclass(frozen=True, slots=True)
class CaseCall:
    """An officer's command on its way to a case."""

    given: Given
    case_id: str
    expects: int | None
    """The version of the case that the caller has seen (``If-Match``)."""

    @property
    def service(self) -> Mounted:
        """The service that is called."""
        return self.given.service

    def id_of(self, what: str) -> str:
        """The id of what this call makes: the same for the same call said again."""
        return str(uuid5(_MADE, f"{what}|{self.case_id}|{self.given.actor.id}|{self.given.key}"))

    def policy(self, found: Dossier, at: datetime) -> Policy:
        """What holds in the case's county at a moment."""
        return policy_cache(self.service).policies.policy(found.opened.county, day_of(at))

    def calendar(self, found: Dossier) -> Calendar:
        """The working days of the case's county."""
        return policy_cache(self.service).policies.calendar(found.opened.county)

    def fund_of(self, found: Dossier, at: datetime, named: str | None) -> str:
        """The fund that is to pay: one that is named, or the year's of whoever pays here. Raises ``Invalid``."""
        policy = self.policy(found, at)
        fund_id = named or f"{payer_of(policy, found.opened)}-{day_of(at).year}"
        place, _, year = fund_id.rpartition("-")
        if year not in {str(day_of(moment).year) for moment in (at, self.service.clock.now())}:
            raise Invalid([FieldError("/fund_id", "wrong_year", "备用金的年度应为办理事项的年度,请核对。")])
        try:
            must_be_payable(policy, found.opened, place)
        except Refused as refused:
            raise Invalid([FieldError("/fund_id", refused.code, refused.sentence)]) from None
        return fund_id

    @asynccontextmanager
    async def case(self) -> AsyncGenerator[Dossier, None]:
        """The case, for as long as a command is given. Raises ``Problem`` (404).

        For who has not seen its last fact, no other refusal is of use: ``Problem`` (412) is raised in its place.
        """
        found = await dossier(self.service, self.case_id)
        try:
            yield found
        except (VersionConflict, Refused, Problem):
            if self.expects is None or (await facts_of(self.service, found, None))[-1].version == self.expects:
                raise
            raise Problem(412, "case_changed", "该个案已有新的进展,请刷新后再办理。") from None

    def precondition(self) -> tuple[Directed, ...]:
        """What goes with a command to another stream: that the case is still as the caller has seen it."""
        if self.expects is None:
            return ()
        return (Directed(stream_of(self.case_id), NothingSince(), expects=self.expects),)

    async def give(
        self, body: Deed, command: Callable[[Dossier, datetime], CaseCommand], *, person: str | None = None
    ) -> Response:
        """Find the case, make the command with the time at which things happened, have it decided, answer.

        Raises ``Invalid`` for what is said to have happened on a day before the report.
        """
        async with self.case() as found:
            now = self.service.clock.now()
            occurred_at = _moment(found, body, now)
            at = known_by(occurred_at, now)
            late = self._late(found, body, now - occurred_at)
            made = command(found, at)
            also = await consulted(self.service, found, made, at)
            parts = (
                *also.before,
                Directed(stream_of(self.case_id), also.made or made, (*_claims(found, person), *also.asks)),
                *also.after,
                *late,
            )
            said = f"{self.case_id}|{body.model_dump_json(exclude_none=True)}"
            return await self.given.give(
                found.about(self.case_id, occurred_at), said.encode(), _expecting(self.expects, *parts)
            )

    def _late(self, found: Dossier, body: Deed, ago: timedelta) -> tuple[Directed, ...]:
        """What goes with a thing that is put down later than the policy's hours. Raises ``Invalid`` without proof."""
        rule = self.policy(found, self.service.clock.now()).rules.backdating
        if rule is None or rule.hours is None or ago <= timedelta(hours=rule.hours):
            return ()
        if body.evidence_sha256 is None:
            raise Invalid([FieldError("/evidence_sha256", "evidence_needed", "补记超过规定时间的事项,须附证明材料。")])
        return (Directed(stream_of(found.opened.case_id), NoteLateEntry(body.evidence_sha256)),)


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The case's `ETag` as the caller has seen it. Has it changed since: 412, and nothing happens.",
        examples=['"7"'],
        json_schema_extra={"pattern": _TAG.pattern},
    ),
]


async def expected(if_match: IfMatch = None) -> int | None:
    """The version in ``If-Match``, as a case's ``ETag`` gave it. Raises ``Problem`` (400) for anything else."""
    if if_match is None:
        return None
    found = _TAG.fullmatch(if_match)
    if found is None:
        raise Problem(400, "bad_if_match", "If-Match 应为查看个案时得到的 ETag。")
    return int(found[1])


Expected = Annotated[int | None, Depends(expected)]


async def _call(given: Called, case_id: PathId, expects: Expected) -> CaseCall:
    return CaseCall(given, case_id, expects)


Call = Annotated[CaseCall, Depends(_call)]


def _moment(found: Dossier, body: Deed, now: datetime) -> datetime:
    occurred_at = (body.occurred_at or now).astimezone(UTC)
    if day_of(occurred_at) < day_of(found.opened.reported_at):
        raise Invalid([FieldError("/occurred_at", "before_the_report", "办理事项不能早于报告之日,请核对时间。")])
    return occurred_at


def _expecting(version: int | None, first: Directed, *others: Directed) -> tuple[Directed, ...]:
    """The first part is the case's: the version that the caller has seen is what it was before any of them."""
    return first._replace(expects=version), *others


def _claims(found: Dossier, person: str | None) -> tuple[str, ...]:
    """Whose first help is asked about, the person's of the case and of one whom the caller names; and the township's
    right to help first.
    """
    asked = sorted(filter(None, {found.person, person}))
    return *(advance_claim(one, found.opened.cause) for one in asked), fast_track_claim(found.opened.township)
