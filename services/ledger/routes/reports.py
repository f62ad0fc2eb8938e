"""Reports over HTTP: the usage table of a county's townships, and what of a fund's advances is settled (核销)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from events.words import County
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Answer
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.routes.reading import FundId, Reader, Reading
from services.ledger.usage import Row, UsageTable, Used, together, usage_table

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

Population = Annotated[str, Field(pattern=r"^[0-9]{9}:[0-9]{1,8}$")]

_PAPERS = ("unfiled", "filed", "admitted", "rejected", "borne")


class Wanted(BaseModel):
    """Which usage table: a county's, of a span of days, with its townships' registered people (户籍人口).

    ``population`` names a township and its people, as in ``350581001:45678``; ``per_head_fen`` is the county's own.
    """

    county: County
    since: date
    until: date
    population: list[Population] = Field(min_length=1, max_length=500)
    per_head_fen: int = Field(ge=1, le=10**9)
    form: Literal["xlsx", "pdf"] = "xlsx"
    """Of the report; the table itself is JSON."""


class Span(BaseModel):
    """Which roll-up: a city's, of a span of days, at these positions of its counties' logs, or at their ends.

    ``positions`` names a county and a position of its log, as in ``350581:4711``, ``population`` a county and its
    registered people; a county of which nothing is recorded yet stands among the others with zeros.
    """

    city: str = Field(pattern=r"^[0-9]{4}$")
    since: date
    until: date
    positions: list[Annotated[str, Field(pattern=r"^[0-9]{6}:[0-9]{1,18}$")]] = Field(default=[], max_length=100)
    population: list[Annotated[str, Field(pattern=r"^[0-9]{6}:[0-9]{1,9}$")]] = Field(default=[], max_length=100)
    per_head_fen: int = Field(default=0, ge=0, le=10**9)
    form: Literal["xlsx", "pdf"] = "xlsx"
    """Of the report; the roll-up itself is JSON."""

    @property
    def people(self) -> Mapping[str, int]:
        """The registered people of each county."""
        return {county: int(count) for county, _, count in (told.partition(":") for told in self.population)}


@router.get("/v1/usage")
async def usage(wanted: Annotated[Wanted, Query()], reading: Reading) -> Answer:
    """The usage table (资金使用情况表); townships that used nothing stand in it with zeros."""
    table, others = await usage_of(wanted, reading)
    return {
        "rows": [{"township": row.used.place, **_row(row)} for row in table.rows],
        "other_households": others.households,
        "other_fen": others.used_fen,
        **_totals(table),
    }


async def usage_of(wanted: Wanted, reading: Reader) -> tuple[UsageTable, Used]:
    """The table of the townships, and what the county has used beside them. Raises ``Denied``, ``Problem`` (409)."""
    reading.service.access.permit(reading.actor, "ledger.read", wanted.county)
    people = dict(told.split(":") for told in wanted.population)
    if any(not place.startswith(wanted.county) for place in people):
        raise Problem(409, "not_its_township", "乡镇不属于该县(市、区)。")
    async with reading.books() as books:
        found = await books.fetch(SQL["usage"], wanted.county, wanted.since, wanted.until)
    known = {row["place"]: Used(population=0, **row) for row in found}
    listed = [replace(known.get(place, Used(place, 0)), population=int(count)) for place, count in people.items()]
    others = together(wanted.county, (used for place, used in known.items() if place not in people))
    return usage_table(listed, wanted.per_head_fen), others


@router.get("/v1/usage/roll-up")
async def rolled_up(span: Annotated[Span, Query()], reading: Reading) -> Answer:
    """What each county of a city has used, each at a position of its log that is told: asked again, it is the same."""
    positions, table = await counties_of(span, reading)
    city = together(span.city, (row.used for row in table.rows))
    rows = [{"county": row.used.place, "position": positions[row.used.place], **_row(row)} for row in table.rows]
    return {"rows": rows, **_told(city), **_totals(table)}


async def counties_of(span: Span, reading: Reader) -> tuple[Mapping[str, int], UsageTable]:
    """Up to which position of its log each county of a city is told, and what it was entitled to and has used.

    Raises ``Denied``, or ``Problem`` (409) for a county of another city, or a position that is not there yet.
    """
    service = reading.service
    service.access.permit(reading.actor, "ledger.read", span.city)
    heads = {head.division: head.position for head in await service.store.heads()}
    asked = {county: int(position) for county, _, position in (told.partition(":") for told in span.positions)}
    named = {**dict.fromkeys(span.people, 0), **asked}
    if any(position > heads.get(county, 0) or not county.startswith(span.city) for county, position in named.items()):
        raise Problem(409, "not_its_county", "县(市、区)不属于该市,或位置尚未记录。")
    positions = asked or {county: position for county, position in heads.items() if county.startswith(span.city)}
    async with service.projectors["journal"].as_of(positions) as books:
        found = {county: await books.fetch(SQL["usage"], county, span.since, span.until) for county in positions}
    used = [
        replace(
            together(county, (Used(population=0, **row) for row in found.get(county, ()))),
            population=span.people.get(county, 0),
        )
        for county in sorted({*positions, *span.people})
    ]
    return {**dict.fromkeys(span.people, 0), **positions}, usage_table(used, span.per_head_fen)


def _row(row: Row) -> dict[str, Any]:
    standing = {"population": row.used.population, "entitled": row.entitled, "rate": row.rate, "rank": row.rank}
    return _told(row.used) | standing


def _totals(table: UsageTable) -> dict[str, Any]:
    return {
        "entitled_by_rows": table.entitled_by_rows,
        "entitled_by_sum": table.entitled_by_sum,
        "used_fen": table.used_fen,
        "rate": table.rate,
    }


def _told(used: Used) -> dict[str, Any]:
    return {
        "town_households": used.town_households,
        "town_fen": used.town_fen,
        "county_households": used.county_households,
        "county_fen": used.county_fen,
        "households": used.households,
        "used_fen": used.used_fen,
    }


@router.get("/v1/funds/{fund_id}/settlement")
async def settlement(fund_id: FundId, reading: Reading) -> Answer:
    """What of a fund's payments is settled: papers filed and admitted; and what is not yet (待核销), zeros too."""
    reading.service.access.permit(reading.actor, "ledger.read", place_of(fund_id, fund_id[:6]))
    async with reading.books() as books:
        rows = {row["papers"]: row for row in await books.fetch(SQL["papers_of"], fund_id)}
    shown = {
        name: {"payments": rows[name]["payments"], "amount_fen": rows[name]["amount_fen"]}
        if name in rows
        else {"payments": 0, "amount_fen": 0}
        for name in _PAPERS
    }
    return {
        **shown,
        "settled_fen": shown["filed"]["amount_fen"] + shown["admitted"]["amount_fen"],
        "used_fen": sum(told["amount_fen"] for told in shown.values()),
    }
