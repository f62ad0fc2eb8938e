"""Money into funds over HTTP (下拨): a fund opened, a higher level's money taken in, the county's passed on."""

from collections.abc import Iterable
from itertools import chain

from fastapi import APIRouter, Response

from events.shanghai import SHANGHAI
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.unit import Directed
from services.ledger.fund_commands import (
    CloseAllocation,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    SendAllocation,
    Transfer,
)
from services.ledger.ids import derived, fund_id_of, fund_stream, place_of
from services.ledger.routes.bodies import Allocation, Appropriation, FundToOpen
from services.ledger.routes.moments import must_have_happened
from services.ledger.routes.reading import FundId

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


@router.post("/v1/funds", status_code=201, name="ledger.open_fund")
async def open_fund(body: FundToOpen, call: Called) -> Response:
    """Open the fund of a county, or of one of its townships, for a budget year; it starts with nothing."""
    place = body.township or body.county
    fund_id = fund_id_of(place, body.year)
    command = OpenFund(fund_id, body.county, body.township, body.year, body.terms)
    return await call.give(About(fund_id, place), body.said(), [Directed(fund_stream(fund_id), command)])


@router.post("/v1/funds/{fund_id}/appropriations", status_code=201, name="ledger.receive_appropriation")
async def receive_appropriation(fund_id: FundId, body: Appropriation, call: Called) -> Response:
    """Take in a higher level's money. One document and source is one appropriation, however often it is posted."""
    about = derived(fund_id, body.document, body.source)
    command = ReceiveAppropriation(about, body.amount_fen, body.source, body.document)
    place = place_of(fund_id, fund_id[:6])
    must_have_happened(call, body.occurred_at)
    told = About(fund_id, place, occurred_at=body.occurred_at)
    return await call.give(told, body.said(), [Directed(fund_stream(fund_id), command)])


@router.post("/v1/allocations", status_code=201, name="ledger.allocate")
async def allocate(body: Allocation, call: Called) -> Response:
    """Pass the county's money on to its townships under one document, wholly or not at all.

    A township's fund that is not open yet is opened with it. The same document moves the same money once.
    """
    must_have_happened(call, body.occurred_at)
    year = body.year or (body.occurred_at or call.service.clock.now()).astimezone(SHANGHAI).year
    parts = chain.from_iterable(_share(body, year, share.township, share.amount_fen) for share in body.allocations)
    told = About(body.county, body.county, occurred_at=body.occurred_at)
    return await call.give(told, body.said(), list(parts))


def _share(body: Allocation, year: int, township: str, amount_fen: int) -> Iterable[Directed]:
    """Both halves of one township's part, the opening of its fund between them."""
    sender, receiver = fund_id_of(body.county, year), fund_id_of(township, year)
    transfer = Transfer(
        transfer_id=derived(sender, receiver, body.document, body.source),
        from_fund_id=sender,
        to_fund_id=receiver,
        amount_fen=amount_fen,
        source=body.source,
        document=body.document,
    )
    yield Directed(fund_stream(sender), SendAllocation(transfer))
    yield Directed(fund_stream(receiver), OpenFund(receiver, body.county, township, year))
    if not body.in_transit:
        yield Directed(fund_stream(receiver), ReceiveAllocation(transfer))
        yield Directed(fund_stream(sender), CloseAllocation(transfer))
