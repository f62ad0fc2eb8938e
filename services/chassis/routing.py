"""What the routes of every service share: the service itself, what callers say and name, and waiting to be seen."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from events.shanghai import in_shanghai
from events.words import County, Id, Sha256, Township
from services.chassis.lagging import behind
from services.chassis.mount import Mounted, mounted_service

_PATIENCE_SECONDS = 10.0

Service = Annotated[Mounted, Depends(mounted_service)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]
"""A time that a caller gives: with an offset, and in this century."""
_LOST_PLUS = re.compile(r"(\S+T\S+) (\d\d:\d\d)")


def _with_its_plus(told: object) -> object:
    found = _LOST_PLUS.fullmatch(told) if isinstance(told, str) else None
    return told if found is None else "+".join(found.groups())


AskedMoment = Annotated[Moment, BeforeValidator(_with_its_plus)]
"""The same in a query, where a plus sign that was not encoded arrives as a space, as in moments that we have told."""
PathId = Annotated[Id, Path()]
"""An id of ours in a path."""
PathCounty = Annotated[County, Path()]
PathTownship = Annotated[Township, Path()]
PathDigest = Annotated[Sha256, Path()]
Position = Annotated[str, Field(pattern=r"^[0-9]{6}:[0-9]{1,18}$")]
"""A division's log and a position in it, as ``Log-Position`` tells them."""
After = Annotated[Position | None, Query()]
"""The ``Log-Position`` of an earlier answer: wait until it can be seen here."""


def _told(answer: Any) -> Any:
    """The same with every moment in it, however deep, in China's time."""
    if isinstance(answer, datetime):
        return in_shanghai(answer)
    if isinstance(answer, Mapping):
        return {name: _told(one) for name, one in cast("Mapping[str, Any]", answer).items()}
    if isinstance(answer, list | tuple):
        return [_told(one) for one in cast("Sequence[Any]", answer)]
    return answer


Answer = Annotated[dict[str, Any], AfterValidator(_told)]
"""What a route answers where no model says it: its moments bear China's offset, as ``Shown`` does in a model."""
Answers = Annotated[list[dict[str, Any]], AfterValidator(_told)]


class Body(BaseModel):
    """What a caller says. Closed: what we do not know is an error; and no error repeats what was said."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def said(self) -> bytes:
        """The content in its one canonical spelling, by which a repetition is known."""
        return self.model_dump_json().encode()


async def seen(service: Mounted, model: str, after: str | None) -> None:
    """Wait until a read model shows what an earlier answer wrote. Raises ``Problem`` (503) when that takes too long."""
    if after is None:
        return
    division, _, position = after.partition(":")
    if not await service.projectors[model].reached(division, int(position), patience=_PATIENCE_SECONDS):
        raise behind()
