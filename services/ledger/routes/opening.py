"""Opening balances over HTTP (期初余额): the empty form, and the filled one taken in wholly or not at all."""

import asyncio
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from events.shanghai import SHANGHAI
from events.words import County
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.openapi import a_file, raw
from services.chassis.problems import Problem
from services.chassis.unit import Directed
from services.ledger.files.opening import read_opening, template
from services.ledger.files.sheet import Faulty
from services.ledger.fund_commands import EnterOpening, OpenFund
from services.ledger.ids import fund_id_of, fund_stream
from services.ledger.routes.bank import FileName
from services.ledger.routes.bank_bodies import FileSaid
from services.ledger.routes.bodies import Year
from services.ledger.routes.reading import Reading

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/v1/opening-balances/template", response_class=Response, responses=a_file(_XLSX))
async def opening_template(reading: Reading) -> Response:
    """The empty form (期初余额表) as a workbook."""
    headers = {"content-disposition": 'attachment; filename="opening-balances.xlsx"'}
    return Response(template(), media_type=_XLSX, headers=headers)


@router.post("/v1/opening-balances", status_code=201, openapi_extra=raw("text/csv", _XLSX), name="ledger.enter_opening")
async def enter_opening(
    county: Annotated[County, Query()], year: Annotated[Year, Query()], name: FileName, request: Request, call: Called
) -> Response:
    """Open the funds of a county's filled form with what they begin with, dated 1 January or now, if that is earlier.

    Wholly or not at all: a line that is wrong refuses the file. The same file again changes nothing.
    """
    call.must_reach(county)
    raw = await request.body()
    said = FileSaid(file_name=name, sha256=sha256(raw).hexdigest())
    try:
        openings = await asyncio.to_thread(read_opening, raw, county)
    except Faulty as faulty:
        raise Problem(422, "bad_opening", f"期初余额未导入。{faulty.sentence(name)}") from None
    parts: list[Directed] = []
    for opening in openings:
        fund_id = fund_id_of(opening.place, year)
        township = None if opening.place == county else opening.place
        stream = fund_stream(fund_id)
        parts.append(Directed(stream, OpenFund(fund_id, county, township, year)))
        parts.append(Directed(stream, EnterOpening(opening.draws, said.sha256, name[:80], opening.cash_fen)))
    begins = (
        call.service.clock.now()
        .astimezone(SHANGHAI)
        .replace(year=year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    )
    return await call.give(About(f"{county}-{year}", county, occurred_at=begins), said.said(), parts)
