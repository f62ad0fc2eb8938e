"""Payees over HTTP (领款人): registered with name and account sealed, and shown masked."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from events.words import Id
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Answer, seen
from services.chassis.sealing import Erased
from services.chassis.unit import Directed
from services.ledger import payee
from services.ledger.bank import SQL as BANK_SQL
from services.ledger.forms.payee_names import on_paper
from services.ledger.ids import derived, payee_stream
from services.ledger.journal import SQL
from services.ledger.opened_payees import opened_payees
from services.ledger.routes.bodies import PayeeToRegister
from services.ledger.routes.reading import Reading

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


@router.post("/v1/payees", status_code=201, name="ledger.register_payee")
async def register_payee(body: PayeeToRegister, call: Called) -> Response:
    """Register who is to be paid for a case. Name and account are sealed; the answer is a reference."""
    call.must_reach(body.place)
    payee_ref = derived(call.actor.id, call.key)
    subject = payee_stream(payee_ref)
    seals = await call.service.sealer.prepare([subject])
    try:
        name = seals.seal(subject, "name", body.name)
        account = None if body.account is None else seals.seal(subject, "account", body.account)
    except Erased:
        raise Problem(410, "erased", "该领款人的信息已依法删除,请重新登记。") from None
    term = call.service.pseudonyms.term
    digests = term("name", body.name), None if body.account is None else term("account", body.account)
    command = payee.RegisterPayee(payee_ref, body.case_id, body.relation, name, account, *digests)
    return await call.give(About("", body.place, body.case_id), body.said(), [Directed(subject, command)])


@router.get("/v1/payees")
async def payees(case_id: Annotated[Id, Query()], reading: Reading) -> Answer:
    """Who is registered for a case that a fund in the caller's scope holds money for: the name masked (脱敏), of the
    account its last four digits, both until they are erased."""
    async with reading.books() as books:
        holds = await books.fetch(SQL["holds_of"], case_id, reading.actor.scope)
    told: list[dict[str, Any]] = []
    for division in dict.fromkeys(row["fund_id"][:6] for row in holds):
        await seen(reading.service, "bank", reading.after)
        async with reading.service.projectors["bank"].reading() as books:
            refs = [row["payee_ref"] for row in await books.fetch(BANK_SQL["payees_of"], division, case_id)]
        for ref, known in (await opened_payees(reading.service, division, refs)).items():
            paper = on_paper(known.name, known.account, known.relation)
            shown = {"payee_ref": ref, "relation": known.relation, "name": paper.masked}
            told.append(shown | {"account_tail": paper.account})
    return {"payees": told}
