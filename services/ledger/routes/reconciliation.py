"""The form 银行存款余额调节表 over HTTP, as JSON and to print and sign."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.chassis.http import PersonRoute
from services.chassis.routing import Answer
from services.ledger.bank_data import bank_data_of
from services.ledger.forms.reconciliation import Account, printed
from services.ledger.ids import account_place
from services.ledger.routes.bank_reading import AccountId
from services.ledger.routes.paper import FILES, Form, called, rendered
from services.ledger.routes.reading import Reading
from services.ledger.routes.reconciling import Version, shown
from services.ledger.seal import short_code

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

On = Annotated[date | None, Query()]
Wanted = Annotated[Version | None, Query()]
"""As ``published`` with the month's seal, which a closed month's is unless asked as ``corrected``."""


@router.get("/v1/bank-accounts/{account_id}/reconciliation")
async def reconciliation(account_id: AccountId, reading: Reading, on: On = None, version: Wanted = None) -> Answer:
    """The form as of the end of a day, today where none is told, with every 未达账项; amounts in fen."""
    told = await shown(reading, account_id, on, version)
    return told.form.document() | {"code": "" if told.seal is None else short_code(told.seal)}


@router.get("/v1/bank-accounts/{account_id}/reports/reconciliation", response_class=Response, responses=FILES)
async def reconciliation_report(
    account_id: AccountId, reading: Reading, on: On = None, version: Wanted = None, form: Form = "xlsx"
) -> Response:
    """The same to print and sign; a closed month's bears its seal's code."""
    told = await shown(reading, account_id, on, version)
    account = Account(
        place=called(reading.service, account_place(account_id)),
        bank=bank_data_of(reading.service).bank_name(told.bank),
        tail=account_id[-4:],
    )
    return await rendered(printed(account, told.form, "" if told.seal is None else short_code(told.seal)), form)
