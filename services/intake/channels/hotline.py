"""The 12345 hotline (政务服务便民热线): its work order into a report, and the closure form that it wants back."""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from events.intake import Order
from events.relief import CaseClosed
from events.words import Cause, Urgency
from services.intake.channels.payload import (
    Address,
    Count,
    Deadline,
    DivisionCode,
    IdNumber,
    Line,
    LocalMoment,
    Payload,
    Phone,
    Reference,
    Story,
    load,
)
from services.intake.channels.replies import Envelope, Reply, message, on_paper
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer

_CAUSES: Mapping[str, Cause] = {"0701": "fire", "0702": "accident", "0703": "illness"}
"""The vendor's question codes (questionCode) that name a cause; all others are ``other``."""

_URGENCIES: Mapping[str, Urgency] = {"1": "normal", "2": "urgent", "3": "life_danger"}
"""The vendor's pilot lights (pilotLight). A missing or new one counts as urgent: rather too soon than too late."""

_HOUSEHOLD = ("1", "2")
"""The caller types (callerType) 本人 and 亲属; others' names and phones are not the household's."""


class WorkOrder(Payload):
    """A work order (工单) as the vendor pushes it, with its field names; times are local and bear no offset.

    Both forms of the deadline are kept in the verbatim order; ``deadlineDate`` is the one that binds.
    """

    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True)

    order_num: Reference
    push_seq: int = Field(default=1, ge=1, le=9_999)
    call_id: Reference | None = None
    source_type: Line | None = None
    call_time: LocalMoment
    caller_type: Reference | None = None
    caller_name: Line | None = None
    caller_phone: Phone | None = None
    id_card: IdNumber | None = None
    is_secret: bool = False
    person_count: Count = 1
    pilot_light: Reference | None = None
    question_code: Reference | None = None
    question_name: Line | None = None
    area_code: DivisionCode | None = None
    address: Address | None = None
    description: Story
    time_unit: Line | None = None
    handle_days: int | None = Field(default=None, ge=0, le=366)
    deadline_date: Deadline | None = None


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the operator told us. ``near`` is the hotline's city or county. Raises ``Unreadable``."""
    order = load(WorkOrder, raw)
    is_household = order.caller_type in _HOUSEHOLD
    name = order.caller_name if is_household else None
    return Told(
        channel="hotline",
        external_id=order.order_num,
        order=Order(number=order.order_num, push=order.push_seq),
        place=gazetteer.locate(order.area_code, order.address, near),
        address=order.address,
        cause=_CAUSES.get(order.question_code or "", "other"),
        urgency=_URGENCIES.get(order.pilot_light or "", "urgent"),
        persons=order.person_count,
        identity="unknown" if name is None and order.id_card is None else "claimed",
        name=name,
        id_number=order.id_card,
        phone=order.caller_phone if is_household else None,
        reporter_phone=None if is_household or order.is_secret else order.caller_phone,
        is_secret=order.is_secret,
        reported_at=order.call_time,
        reply_due_at=order.deadline_date,
    )


def closure_form(envelope: Envelope, fact: CaseClosed, *, clauses: Sequence[str], is_secret: bool) -> Reply:
    """The hotline's closure form (办结表). ``clauses`` are what the case's decisions stood on.

    A number that was called stays with the caseworker, and where secrecy was asked for nothing is public.
    """
    was_relieved = fact.outcome == "relieved"
    contacted_at = on_paper(fact.contacted_at)
    form = {
        "case_id": fact.case_id,
        "truthful": was_relieved or None,
        "out_of_scope": False,
        "out_of_scope_type": None,
        "contacted": contacted_at is not None,
        "contact_phone_masked": None,
        "contact_at": contacted_at,
        "contact_attempts": [] if contacted_at is None else [{"at": contacted_at, "reached": True}],
        "resolved": 0 if was_relieved else 1,
        "unresolved_reason": None if was_relieved else fact.handling,
        "handling_text": fact.handling,
        "public_reply_text": None if is_secret else fact.handling,
        "public_ok": not is_secret,
        "attachments": [],
        "policy_basis": list(clauses),
    }
    return message(envelope, "case.closed", form)
