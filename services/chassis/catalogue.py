"""The catalogue of problems: every code that a service answers with, and a sentence that can be read aloud.

The sentences in the code may be more exact (the file, the line, how many people). Here is what is always true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from services.chassis.http import Door, PersonRoute

RETRYABLE = (429, 503)
"""The statuses after which the same call may be made again."""


class Kind(BaseModel):
    """A kind of problem: its stable code, the HTTP status it comes with, and whether trying again may help."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [{"code": "busy", "status": 503, "detail": "系统繁忙,请稍后重试。", "retryable": True}]
        },
    )

    code: str
    status: int
    detail: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The problems of a service."""

    kinds: Sequence[Kind]

    @classmethod
    def of(cls, *packages: str) -> "Catalogue":
        """What lies in the ``problems.yaml`` of some packages, and what any route may be answered with."""
        return cls([kind for package in ("services.chassis", *packages) for kind in _read(package)])

    def with_status(self, status: int) -> Sequence[Kind]:
        """The kinds that come with a status."""
        return [kind for kind in self.kinds if kind.status == status]

    @property
    def statuses(self) -> Sequence[int]:
        """The statuses that there are, in order."""
        return sorted({kind.status for kind in self.kinds})


def _read(package: str) -> Sequence[Kind]:
    text = files(package).joinpath("problems.yaml").read_text(encoding="utf-8")
    return [
        Kind(code=code, status=status, detail=detail, retryable=status in RETRYABLE)
        for status, kinds in yaml.safe_load(text).items()
        for code, detail in kinds.items()
    ]


def catalogue_routes(catalogue: Catalogue, command: str) -> APIRouter:
    """The catalogue over HTTP, for whoever may give a command of the table of roles."""
    router = APIRouter(tags=["discovery"], route_class=PersonRoute)

    @router.get("/v1/errors")
    async def errors(request: Request) -> Sequence[Kind]:
        """The catalogue of problems: every code with its status, and a sentence that can be read aloud."""
        door: Door = request.app.state.mounted.door
        actor = door.person(request)
        door.access.permit(actor, command, actor.scope)
        return catalogue.kinds

    return router
