"""What could be made of a bank account's open lines, over HTTP: read as they stand, and nothing is recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from fastapi import APIRouter, Request

from events.ledger import Source
from services.chassis.http import PersonRoute
from services.chassis.routing import Answer, Service
from services.ledger.bank import SQL
from services.ledger.bank_data import BankData
from services.ledger.bank_desk import Desk
from services.ledger.ids import account_place
from services.ledger.matchable import Leg, Line, MatchRules
from services.ledger.matching import match
from services.ledger.routes.bank_reading import AccountId, caught_up
from services.ledger.routes.matching_run import leg_of, line_of
from services.ledger.suggesting import Booked, Open, drafts, suggest

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


@router.get("/v1/bank-accounts/{account_id}/suggestions")
async def suggestions(account_id: AccountId, request: Request, service: Service) -> Answer:
    """What lines that no rule matches may be (T6, T7): a maker proposes it, or enters what is drafted."""
    service.access.permit(service.door.person(request), "ledger.read", account_place(account_id))
    assert isinstance(service.own, BankData)
    desk = Desk(service, service.own, account_id)
    rules = desk.data.rules_of(desk.division)
    left = await _left(desk, rules)
    return {
        "suggestions": [asdict(one) for one in suggest(left, rules)],
        "drafts": [asdict(one) for one in drafts(left, rules)],
    }


async def _left(desk: Desk, rules: MatchRules) -> Open:
    """What the rules would leave open now."""
    account, _ = await desk.account()
    lines = [line_of(line) for line in account.open_lines()]
    legs, booked = await _unmatched(desk, lines, rules)
    found = await asyncio.to_thread(match, lines, legs, rules)
    short = [odd.line for odd in found.odd if odd.kind == "batch_short"]
    term = desk.service.pseudonyms.term
    payers: dict[str, Source] = {term("account", number): source for number, source in rules.payers.items()}
    return Open([*found.left, *short], found.open_legs, booked, payers)


async def _unmatched(desk: Desk, lines: Sequence[Line], rules: MatchRules) -> tuple[list[Leg], list[Booked]]:
    if not lines:
        return [], []
    since = min(line.day for line in lines) - timedelta(days=rules.return_days)
    until: date = max(line.day for line in lines) + timedelta(days=rules.party_days)
    place = account_place(desk.account_id)
    await caught_up(desk.service, desk.division)
    async with desk.service.projectors["bank"].reading() as books:
        legs = [leg_of(dict(row)).leg for row in await books.fetch(SQL["legs"], place, since)]
        rows = await books.fetch(SQL["book_only"], place, until)
    payments = {leg.leg_id for leg in legs}
    return legs, [Booked(*row) for row in rows if row["leg_id"] not in payments]
