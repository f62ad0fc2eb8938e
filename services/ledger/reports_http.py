"""Reports over HTTP: the usage table of a county's townships, and what of a fund's advances is settled (核销)."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from events.words import County
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.reading import FundId, Reader, Reading
from services.ledger.usage import UsageTable, Used, usage_table

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


@router.get("/v1/usage")
async def usage(wanted: Annotated[Wanted, Query()], reading: Reading) -> dict[str, Any]:
    """The usage table (资金使用情况表); townships that used nothing stand in it with zeros."""
    table, county = await usage_of(wanted, reading)
    return {
        "rows": [
            {
                "township": row.used.place,
                "population": row.used.population,
                "entitled": row.entitled,
                "households": row.used.households,
                "used_fen": row.used.used_fen,
                "rate": row.rate,
                "rank": row.rank,
            }
            for row in table.rows
        ],
        "county_households": county.households,
        "county_used_fen": county.used_fen,
        "entitled_by_rows": table.entitled_by_rows,
        "entitled_by_sum": table.entitled_by_sum,
        "used_fen": table.used_fen,
        "rate": table.rate,
    }


async def usage_of(wanted: Wanted, reading: Reader) -> tuple[UsageTable, Used]:
    """The table of the townships, and what the county's own fund has used. Raises ``Denied``, ``Problem`` (409)."""
    reading.service.access.permit(reading.actor, "ledger.read", wanted.county)
    people = dict(told.split(":") for told in wanted.population)
    if any(not place.startswith(wanted.county) for place in people):
        raise Problem(409, "not_its_township", "乡镇不属于该县(市、区)。")
    async with reading.books() as books:
        rows = {row["place"]: row for row in await books.fetch(SQL["usage"], wanted.county, wanted.since, wanted.until)}

    def used(place: str, population: int) -> Used:
        row = rows.get(place)
        return Used(place, population) if row is None else Used(place, population, row["households"], row["used_fen"])

    table = usage_table([used(place, int(count)) for place, count in people.items()], wanted.per_head_fen)
    return table, used(wanted.county, 0)


@router.get("/v1/funds/{fund_id}/settlement")
async def settlement(fund_id: FundId, reading: Reading) -> dict[str, Any]:
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
