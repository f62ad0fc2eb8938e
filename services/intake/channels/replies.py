"""What a reporter's system hears from us: thin CloudEvents of ids, times and sentences, nothing about a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.intake import Order
from events.relief import CaseClosed
from events.shanghai import SHANGHAI
from services.intake.channels.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Reply:
    """A message ready to send: its kind as a code, and the JSON document, byte for byte."""

    kind: str
    document: str
    lacks: tuple[str, ...] = ()
    """Names of fields without which it must not be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What stands on every message. ``reply_id`` stays the same however often it is sent; ``at`` is the fact's time.

    ``cause`` names the fact or message that it answers to. A hotline also hears its order's number, and where the order
    stands in its own word.
    """

    reply_id: str
    report_id: str
    county: str
    at: datetime
    cause: str
    order: Order | None = None
    dialect: Dialect | None = None
    shows_amounts: bool = False
    traceparent: str | None = None
    """The trace of the call or fact that it answers to, as CloudEvents' extension for distributed tracing has it."""

    def amount(self, amount_fen: int | None) -> dict[str, Any]:
        """How much, in fen, for whoever hears that: finance only."""
        return {"amount_fen": amount_fen} if self.shows_amounts and amount_fen is not None else {}


def message(envelope: Envelope, event: str, data: Mapping[str, Any], *, state_of: str = "") -> Reply:
    """A message about an event, which is named as in ``report.accepted``.

    ``state_of`` names a state of its own for the order, which a dialect may know beside that of the event.
    """
    kind = event.replace(".", "_")
    if envelope.order is not None:
        data = {**data, "order_number": envelope.order.number, "order_state": _state(envelope, kind, state_of)}
    document: dict[str, Any] = {
        "specversion": "1.0",
        "type": f"cn.jiujinan.{event}.v1",
        "source": f"/intake/{envelope.county}",
        "subject": envelope.report_id,
        "id": envelope.reply_id,
        "time": on_paper(envelope.at),
        "datacontenttype": "application/json",
        "correlationid": envelope.report_id,
        "causationid": envelope.cause,
        "dataclassification": "internal",
        "data": data,
    }
    if envelope.traceparent is not None:
        document["traceparent"] = envelope.traceparent
    return Reply(kind, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def _state(envelope: Envelope, kind: str, state_of: str) -> str | None:
    if envelope.dialect is None:
        return None
    states = envelope.dialect.states
    return states.get(state_of) or states.get(kind)


def on_paper(time: datetime | None) -> str | None:
    """A time as people here read it: Asia/Shanghai, with its offset."""
    return None if time is None else time.astimezone(SHANGHAI).isoformat()


def report_accepted(envelope: Envelope, case_id: str) -> Reply:
    """The township has taken the case on."""
    data = {"case_id": case_id, "text": "急难发生地的乡镇(街道)已受理。"}
    return message(envelope, "report.accepted", data)


def report_returned(envelope: Envelope, reason: str, basis: str, number: int) -> Reply:
    """The order is not ours (退单): why in the vendor's code and in ours, by which clause, and the how manieth time."""
    code = None if envelope.dialect is None else envelope.dialect.return_codes.get(reason)
    data = {
        "reason": reason,
        "reason_code": code,
        "basis": basis,
        "number": number,
        "text": f"该工单不属本辖区或本职责,现退回,依据:{basis}。",
    }
    return message(envelope, "report.returned", data)


def report_void(envelope: Envelope, reason: str) -> Reply:
    """It was entered in error (作废), on their side or on ours."""
    data = {"corrects": "entered_in_error", "reason": reason, "text": "该报告属登记有误,已作废,不再办理。"}
    return message(envelope, "report.correction", data)


def report_transferred(envelope: Envelope, to: str, new_report_id: str) -> Reply:
    """Another county deals with it now."""
    data = {
        "to": to,
        "new_report_id": new_report_id,
        "text": "已转急难发生地的县(市、区)办理,时限从最初收到时起算。",
    }
    return message(envelope, "report.transferred", data)


def advance_paid(envelope: Envelope, case_id: str, relieved_at: datetime, amount_fen: int | None = None) -> Reply:
    """The household has help in hand; how much, in fen, only finance hears."""
    data = {
        "case_id": case_id,
        "relieved_at": on_paper(relieved_at),
        "text": "先行救助的资金或物资已送到困难群众手中。",
    }
    return message(envelope, "case.advance_paid", data | envelope.amount(amount_fen))


def payment_returned(envelope: Envelope, case_id: str) -> Reply:
    """The bank has sent the help back (退汇): that it was in hand holds no longer, and it is paid anew."""
    data = {"case_id": case_id, "text": "先行救助资金被银行退回,正在核对收款账户,核对后重新发放。"}
    return message(envelope, "case.payment_returned", data)


def case_closed(envelope: Envelope, fact: CaseClosed) -> Reply:
    """The case is done, as village apps and hospitals hear it; a hotline gets its closure form instead."""
    data = {
        "case_id": fact.case_id,
        "outcome": fact.outcome,
        "relieved_at": on_paper(fact.relieved_at),
        "text": fact.handling,
    }
    return message(envelope, "case.closed", data, state_of=f"case_closed_{fact.outcome}")
