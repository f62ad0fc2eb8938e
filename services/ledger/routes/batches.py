"""Batches over HTTP (代发): drawn from payments under way, fetched as the bank's file, answered by its result file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from pydantic_core import to_json

from events.bank import BatchItem, ItemResult
from events.words import Id
from services.chassis.calling import About, Call, Called
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.openapi import a_file, raw
from services.chassis.problems import FieldError, Invalid, Problem
from services.chassis.replay import state_of
from services.chassis.routing import Body, PathId
from services.chassis.unit import Directed
from services.ledger import batch
from services.ledger.bank import SQL
from services.ledger.bank_data import bank_data_of
from services.ledger.batch import ITEMS_AT_MOST, AnswerBatch, Batch, DrawBatch, ExportBatch
from services.ledger.files.batch import Outcome, Payable, Template, batch_file, is_writable, read_result
from services.ledger.files.sheet import Faulty
from services.ledger.hold_commands import ConfirmReceived, ReturnPayment
from services.ledger.ids import batch_stream, fund_stream, place_of
from services.ledger.opened_payees import Opened, opened_payees
from services.ledger.routes.bank import FileName
from services.ledger.routes.bank_bodies import FileSaid, ResultSaid
from services.ledger.routes.bank_reading import caught_up
from services.ledger.routes.bodies import Happened
from services.ledger.routes.moments import must_have_happened
from services.ledger.routes.reading import FundId

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


class BatchToDraw(Body):
    """Payments that go to the bank in one file, in a bank's form."""

    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    payments: tuple[Id, ...] = Field(min_length=1, max_length=ITEMS_AT_MOST)


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where one batch is handled: the service, and the log that it is in."""

    service: Mounted
    division: str
    batch_id: str

    async def batch(self) -> Batch:
        """The batch. Raises ``Problem`` (404)."""
        known = await state_of(self.service.store, (self.division, batch_stream(self.batch_id)), batch.DECIDER)
        if known is None:
            raise Problem(404, "no_such_batch", "没有这个代发批次,请核对编号。")
        return known

    async def payables(self, known: Batch) -> list[Payable]:
        """Its payments that are under way, with the names and accounts of their payees, opened for the bank alone.

        One whose payee was erased meanwhile, or is of before such names were refused, holds up no other: it is put
        aside, and returned by hand.
        """
        async with self.service.projectors["bank"].reading() as books:
            payments = [item.payment_id for item in known.drawn.items]
            found = await books.fetch(SQL["payable"], known.drawn.fund_id, payments)
        rows = [row for row in found if row["standing"] == "instructed"]
        payees = await opened_payees(self.service, self.division, (row["payee_ref"] for row in rows))
        told: list[Payable] = []
        for row in rows:
            payee = payees[row["payee_ref"]]
            if payee.name is not None and payee.account is not None and is_writable(payee.name):
                told.append(Payable(row["number"], row["amount_fen"], payee.name, payee.account))
        return told


def _template(service: Mounted, template_id: str) -> Template:
    data = bank_data_of(service)
    template = data.templates.get(template_id)
    if template is None:
        raise Problem(409, "no_such_template", "没有这家银行的代发模板。")
    return template


@router.post("/v1/funds/{fund_id}/batches", status_code=201, name="ledger.draw_batch")
async def draw_batch(fund_id: FundId, body: BatchToDraw, call: Called) -> Response:
    """Put payments that are under way into one file for the bank; each is in one batch for ever.

    What cannot stand in the file is named, with the reason, and nothing is drawn: the others are drawn without it.
    """
    place = place_of(fund_id, fund_id[:6])
    call.must_reach(place)
    _template(call.service, body.template)
    await caught_up(call.service, fund_id[:6])
    async with call.service.projectors["bank"].reading() as books:
        rows = await books.fetch(SQL["payable"], fund_id, list(body.payments))
    payable = [dict(row) for row in rows if row["standing"] == "instructed" and row["number"] is not None]
    if len(payable) < len(body.payments):
        raise Problem(409, "not_payable", "其中有的支付不存在、已有结果,或不是银行转账。")
    await _must_be_writable(call.service, fund_id[:6], body.payments, payable)
    items = tuple(
        BatchItem(payment_id=row["payment_id"], payment_number=row["number"], amount_fen=row["amount_fen"])
        for row in payable
    )
    batch_id = sha256(f"{fund_id}|{call.actor.id}|{call.key}".encode()).hexdigest()[:32]
    asks = tuple(f"batched:{item.payment_id}" for item in items)
    part = Directed(batch_stream(batch_id), DrawBatch(batch_id, fund_id, body.template, items), asks)
    return await call.give(About(fund_id, place), body.said(), [part])


async def _must_be_writable(
    service: Mounted, division: str, asked: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Raises ``Invalid``, naming each payment whose payee is erased or bears a name that no file takes."""
    payees = await opened_payees(service, division, (row["payee_ref"] for row in rows))
    found = (_unwritable(asked.index(row["payment_id"]), payees[row["payee_ref"]]) for row in rows)
    if errors := [error for error in found if error is not None]:
        raise Invalid(errors)


def _unwritable(place: int, payee: Opened) -> FieldError | None:
    """Why a payment is not drawn into a batch: it would keep the others from the bank."""
    pointer = f"/payments/{place}"
    if payee.name is None or payee.account is None:
        return FieldError(pointer, "erased", "该领款人的信息已依法删除,请退回该笔支付,重新登记后再付。")
    if not is_writable(payee.name):
        return FieldError(pointer, "name_unwritable", "该领款人姓名不能写入代发文件,请退回该笔支付,重新登记后再付。")
    return None


async def _place(call: Call, batch_id: str) -> tuple[_Counter, str]:
    await caught_up(call.service, call.actor.scope[:6])
    async with call.service.projectors["bank"].reading() as books:
        row = await books.fetchrow(SQL["batch"], batch_id)
    if row is None:
        raise Problem(404, "no_such_batch", "没有这个代发批次,请核对编号。")
    call.must_reach(row["place"])
    return _Counter(call.service, row["place"][:6], batch_id), row["place"]


@router.post(
    "/v1/batches/{batch_id}/file",
    response_class=Response,
    responses=a_file("application/octet-stream"),
    name="ledger.export_batch",
)
async def fetch_file(batch_id: PathId, call: Called) -> Response:
    """The batch as the bank takes it, with the payments that are under way still.

    It names people: only who pays may have it, it is kept nowhere, and each time it is written down who has had it.
    """
    counter, place = await _place(call, batch_id)
    known = await counter.batch()
    template = _template(call.service, known.drawn.template)
    payables = await counter.payables(known)
    if not payables:
        raise Problem(409, "not_payable", "其中有的支付不存在、已有结果,或不是银行转账。")
    raw = batch_file(template, known.drawn.batch_number, payables)
    digest = sha256(raw).hexdigest()
    command = ExportBatch(batch_id, tuple(known.payment_of(one.number) for one in payables), digest)
    said = FileSaid(file_name=known.drawn.batch_number, sha256=digest)
    asks = tuple(f"exported:{payment}:{call.actor.id}" for payment in command.payments)
    told = await call.give(About(batch_id, place), said.said(), [Directed(batch_stream(batch_id), command, asks)])
    named = {"Content-Disposition": f'attachment; filename="{known.drawn.batch_number}.txt"'}
    position = {"Log-Position": told.headers["Log-Position"]}
    return Response(raw, 200, named | position, media_type="application/octet-stream")


@router.post(
    "/v1/batches/{batch_id}/results",
    status_code=201,
    openapi_extra=raw("text/csv", "text/plain"),
    name="ledger.import_result",
)
async def import_result(
    batch_id: PathId,
    name: FileName,
    request: Request,
    call: Called,
    paid_at: Annotated[Happened | None, Query()] = None,
) -> Response:
    """Take in the bank's answer (回盘): what succeeded is received, what failed has come back.

    ``paid_at`` is when the bank booked it, as the answer itself tells no time. Without it a success is written down,
    and the payment stays under way until the bank's statement says when. Who has had the file may not bring its answer,
    unless the county lets one person do both.
    """
    must_have_happened(call, paid_at, "/paid_at")
    counter, place = await _place(call, batch_id)
    known, raw = await counter.batch(), await request.body()
    template = _template(call.service, known.drawn.template)
    try:
        outcomes = read_result(template, raw, known.amounts, known.awaited)
    except Faulty as faulty:
        raise Problem(422, "bad_result", f"回盘未导入。{faulty.sentence(name)}") from None
    digest = sha256(raw).hexdigest()
    parts = [
        await _answering(counter, known, outcomes, digest),
        *_settling(known, outcomes, paid_at),
    ]
    said = ResultSaid(file_name=name, sha256=digest, paid_at=paid_at)
    return await call.give(About(batch_id, place), said.said(), parts)


async def _answering(counter: _Counter, known: Batch, outcomes: Sequence[Outcome], digest: str) -> Directed:
    subject = batch_stream(counter.batch_id)
    seals = await counter.service.sealer.prepare([subject])
    reasons = seals.seal(subject, "reasons", to_json({one.number: one.reason for one in outcomes}).decode())
    results = tuple(
        ItemResult(payment_id=known.payment_of(one.number), succeeded=one.succeeded, serial=_serial(one.serial))
        for one in outcomes
    )
    duties = bank_data_of(counter.service).duties_of(counter.division)
    return Directed(subject, AnswerBatch(counter.batch_id, digest, results, reasons, duties.exporter_settles))


def _serial(written: str) -> str:
    return written if written.isascii() and written.isalnum() and len(written) <= 40 else ""


def _settling(known: Batch, outcomes: Sequence[Outcome], paid_at: datetime | None) -> Sequence[Directed]:
    """What the answer means to the fund. Told again it means nothing: the fund knows what it did."""
    if known.answered is not None:
        return ()
    stream, evidence = fund_stream(known.drawn.fund_id), f"回盘 {known.drawn.batch_number}"
    settled: list[Directed] = []
    for one in outcomes:
        payment_id = known.payment_of(one.number)
        if not one.succeeded:
            settled.append(Directed(stream, ReturnPayment(payment_id, "batch_failed")))
        elif paid_at is not None:
            settled.append(Directed(stream, ConfirmReceived(payment_id, paid_at, evidence)))
    return settled
