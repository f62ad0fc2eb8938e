"""The 12345 hotline (政务服务便民热线): a push of its work order, read in the vendor's dialect."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from pydantic import ConfigDict, Field

from events.intake import Order
from services.intake.channels.dialect import Action, Dialect, Resolved, Satisfied
from services.intake.channels.payload import (
    Address,
    Count,
    Deadline,
    DivisionCode,
    IdNumber,
    Label,
    Line,
    LocalMoment,
    Payload,
    Phone,
    Reference,
    Story,
    fit,
    load,
)
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer

Read = Callable[[bytes, Gazetteer, str], Told]


class _Anything(Payload):
    """Whatever JSON object."""

    model_config = ConfigDict(extra="allow")


class OrderMessage(Payload):
    """What every push bears: the number of its order, which push it is, and what it is for."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    order_num: Reference
    push_seq: int = Field(default=1, ge=1, le=9_999)
    action: Label | None = None
    visit_reached: bool = True
    visit_resolved: Label | None = None
    visit_satisfied: Label | None = None
    visit_time: LocalMoment | None = None


class WorkOrder(OrderMessage):
    """A work order (工单); times are local where they bear no offset.

    Both forms of the deadline are kept in the verbatim order; ``deadline_date`` is the one that binds.
    """

    old_order_num: Reference | None = None
    call_id: Reference | None = None
    source_type: Line | None = None
    call_time: LocalMoment
    caller_type: Label | None = None
    caller_name: Line | None = None
    caller_phone: Phone | None = None
    id_card: IdNumber | None = None
    is_secret: bool = False
    person_count: Count = 1
    pilot_light: Label | None = None
    question_code: Label | None = None
    question_name: Line | None = None
    area_code: DivisionCode | None = None
    address: Address | None = None
    description: Story
    time_unit: Line | None = None
    handle_days: int | None = Field(default=None, ge=0, le=366)
    deadline_date: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What the hotline heard when it called back."""

    reached: bool
    resolved: Resolved | None
    satisfied: Satisfied | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Push:
    """One push of an order. ``told`` is there where it is the order itself, a supplement or a redo."""

    order: Order
    action: Action
    told: Told | None = None
    visit: Visit | None = None


def read_push(raw: bytes, dialect: Dialect, gazetteer: Gazetteer, near: str) -> Push:
    """A push in a vendor's dialect. ``near`` is the hotline's city or county. Raises ``Unreadable``."""
    theirs = cast(dict[str, object], load(_Anything, raw).model_extra or {})
    ours = dialect.ours(theirs)
    message = fit(OrderMessage if "action" in ours else WorkOrder, ours, dialect.fields)
    order = Order(number=message.order_num, push=message.push_seq)
    match dialect.action(message.action, message.push_seq):
        case "dispatch" | "supplement" | "redo" as action:
            work = fit(WorkOrder, ours, dialect.fields)
            return Push(order, action, told=_told(work, order, dialect, gazetteer, near))
        case "visit":
            return Push(order, "visit", visit=_visit(message, dialect))
        case "urge" | "supervise" | "withdraw" | "void" as action:
            return Push(order, action)


def reader(dialect: Dialect) -> Read:
    """What reads work orders of a dialect, as every channel reads."""

    def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
        told = read_push(raw, dialect, gazetteer, near).told
        assert told is not None
        return told

    return read


def _told(work: WorkOrder, order: Order, dialect: Dialect, gazetteer: Gazetteer, near: str) -> Told:
    """What the operator told us. A missing or new light counts as urgent: rather too soon than too late."""
    is_household = work.caller_type in dialect.household
    name = work.caller_name if is_household else None
    return Told(
        channel="hotline",
        external_id=work.order_num,
        order=order,
        place=gazetteer.locate(work.area_code, work.address, near),
        address=work.address,
        cause=dialect.causes.get(work.question_code or "", "other"),
        urgency=dialect.urgencies.get(work.pilot_light or "", "urgent"),
        persons=work.person_count,
        identity="unknown" if name is None and work.id_card is None else "claimed",
        name=name,
        id_number=work.id_card,
        phone=work.caller_phone if is_household else None,
        reporter_phone=None if is_household or work.is_secret else work.caller_phone,
        is_secret=work.is_secret,
        reported_at=work.call_time,
        reply_due_at=work.deadline_date,
        follows=work.old_order_num,
    )


def _visit(message: OrderMessage, dialect: Dialect) -> Visit:
    return Visit(
        reached=message.visit_reached,
        resolved=dialect.resolved.get(message.visit_resolved or ""),
        satisfied=dialect.satisfied.get(message.visit_satisfied or ""),
        at=message.visit_time,
    )
