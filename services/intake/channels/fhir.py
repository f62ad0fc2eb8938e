"""A hospital that speaks FHIR R4: a ServiceRequest into our report, and the Task that says where it stands.

After the SDOH Clinical Care pattern: the request is an order for social help; the Task goes from received to completed.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from events.words import Urgency
from services.intake.channels import hospital
from services.intake.channels.payload import (
    Address,
    DivisionCode,
    IdNumber,
    Line,
    Moment,
    Payload,
    Phone,
    Reference,
    Story,
    load,
)
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer

_URGENCIES: Mapping[str, Urgency] = {"stat": "life_danger", "asap": "urgent", "urgent": "urgent", "routine": "normal"}

STATUSES: Mapping[str, str] = {
    "received": "received",
    "incomplete": "on-hold",
    "linked": "accepted",
    "closed": "completed",
    "returned": "rejected",
    "voided": "entered-in-error",
    "transferred": "in-progress",
    "withdrawn": "cancelled",
}
"""Our word for where a report stands, and the Task's."""


class _Identifier(Payload):
    value: Reference


class _Id(Payload):
    value: IdNumber


class _Name(Payload):
    text: Line


class _Telecom(Payload):
    value: Phone


class _Address(Payload):
    text: Address | None = None


class _Division(Payload):
    value: DivisionCode


class _Contained(Payload):
    """The patient, or the place of the need, as the hospital has it."""

    resource_type: Literal["Patient", "Location"] = Field(alias="resourceType")
    name: tuple[_Name, ...] | Line | None = None
    telecom: tuple[_Telecom, ...] = ()
    address: tuple[_Address, ...] | _Address | None = None
    identifier: tuple[_Id | _Division, ...] = ()


class _Concept(Payload):
    text: Story


class _Party(Payload):
    display: Line | None = None
    reference: Line | None = None


class ServiceRequest(Payload):
    """What we read of a ServiceRequest; the rest is kept word for word. No diagnosis is asked for."""

    resource_type: Literal["ServiceRequest"] = Field(alias="resourceType")
    status: Literal["active"]
    intent: Literal["order", "proposal", "plan"]
    identifier: tuple[_Identifier, ...] = Field(min_length=1, max_length=10)
    authored_on: Moment = Field(alias="authoredOn")
    priority: Literal["routine", "urgent", "asap", "stat"] = "urgent"
    subject: _Party
    requester: _Party = _Party()
    reason_code: tuple[_Concept, ...] = Field(alias="reasonCode", min_length=1, max_length=5)
    contained: tuple[_Contained, ...] = Field(default=(), max_length=5)


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the hospital told us. ``near`` is its county. Raises ``Unreadable``."""
    request = load(ServiceRequest, raw)
    plain = json.dumps(_plain(request), ensure_ascii=False).encode()
    return hospital.read(plain, gazetteer, near)


def task(report: Mapping[str, Any]) -> dict[str, Any]:
    """The Task that stands for a report of ours."""
    return {
        "resourceType": "Task",
        "id": report["report_id"],
        "status": STATUSES[report["status"]] if report["case_id"] is None else _of_case(report["status"]),
        "intent": "order",
        "focus": {"identifier": {"value": report["report_id"]}},
        "businessStatus": {"text": report["status"]},
        "authoredOn": report["reported_at"].isoformat(),
        "lastModified": report["recorded_at"].isoformat(),
    }


def _of_case(status: str) -> str:
    """A report that has a case is being dealt with until it is closed."""
    return STATUSES[status] if status in ("closed", "returned", "voided", "withdrawn") else "in-progress"


def _plain(request: ServiceRequest) -> dict[str, Any]:
    patient = next((one for one in request.contained if one.resource_type == "Patient"), None)
    location = next((one for one in request.contained if one.resource_type == "Location"), None)
    name = patient.name[0].text if patient is not None and isinstance(patient.name, tuple) and patient.name else None
    return {
        "source": {"external_id": request.identifier[0].value},
        "occurred_at": request.authored_on.isoformat(),
        "reporter": {"kind": "hospital", "name": request.requester.display},
        "subject": {
            "identity_status": "unknown" if name is None else "claimed",
            "name": name,
            "id_no": _id_number(patient) if name is not None else None,
            "phone": patient.telecom[0].value if patient is not None and patient.telecom else None,
        },
        "place": {"division_code": _division(location), "address_text": _address(location)},
        "need": {
            "category_code": "illness",
            "urgency": _URGENCIES[request.priority],
            "reason_text": "；".join(concept.text for concept in request.reason_code),
        },
    }


def _id_number(patient: _Contained | None) -> str | None:
    found = () if patient is None else patient.identifier
    return next((one.value for one in found if isinstance(one, _Id)), None)


def _division(location: _Contained | None) -> str | None:
    found = () if location is None else location.identifier
    return next((one.value for one in found if isinstance(one, _Division)), None)


def _address(location: _Contained | None) -> str | None:
    if location is None or location.address is None:
        return None
    first = location.address if isinstance(location.address, _Address) else next(iter(location.address), None)
    return None if first is None else first.text
