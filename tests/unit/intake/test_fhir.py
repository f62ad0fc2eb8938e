"""A hospital's FHIR is read as its plain report would be; what we answer is FHIR by the standard's own models."""

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from fhir.resources.R4B import get_fhir_model_class

from services.intake.channels import fhir
from services.intake.channels.told import Unreadable
from services.intake.gazetteer import Place
from tests.unit.intake.test_channels import GAZETTEER

REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "identifier": [{"system": "urn:hospital", "value": "JZ20261102-0042"}],
    "authoredOn": "2026-11-02T02:35:00+08:00",
    "priority": "stat",
    "subject": {"reference": "#patient"},
    "requester": {"display": "急诊科值班"},
    "reasonCode": [{"text": "无人陪护,需要生活用品和陪护。"}],
    "contained": [
        {
            "resourceType": "Patient",
            "id": "patient",
            "name": [{"text": "陶样山"}],
            "telecom": [{"system": "phone", "value": "19900001201"}],
            "identifier": [{"value": "000000197903150010"}],
        },
        {
            "resourceType": "Location",
            "id": "place",
            "address": {"text": "石狮市灵秀镇样例大道1号"},
            "identifier": [{"value": "350581100000"}],
        },
    ],
}


def valid(document: dict[str, Any]) -> None:
    """Raise unless this is a resource of the standard (4.3, of which R4 is the part that we use)."""
    cast(Any, get_fhir_model_class(document["resourceType"])).model_validate(document)


def read(**changes: Any) -> Any:
    return fhir.read(json.dumps(REQUEST | changes).encode(), GAZETTEER, "350581")


def test_a_request_is_a_report_of_the_hospital() -> None:
    valid(REQUEST)
    told = read()
    assert (told.channel, told.external_id, told.urgency) == ("hospital", "JZ20261102-0042", "life_danger")
    assert (told.identity, told.name, told.phone, told.id_number) == (
        "claimed",
        "陶样山",
        "19900001201",
        "000000197903150010",
    )
    assert told.place == Place("350581", "350581100")
    assert told.reported_at == datetime(2026, 11, 1, 18, 35, tzinfo=UTC)


def test_a_patient_whom_nobody_knows_is_taken_in() -> None:
    nobody = {"resourceType": "Patient", "id": "patient"}
    told = read(contained=[nobody, REQUEST["contained"][1]])
    assert (told.identity, told.name, told.id_number) == ("unknown", None, None)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"status": "draft"}, "/status"),
        ({"identifier": []}, "/identifier"),
        ({"authoredOn": "2026-11-02"}, "/authoredOn"),
        ({"reasonCode": None}, "/reasonCode"),
        ({"resourceType": "Bundle"}, "/resourceType"),
    ],
)
def test_what_is_wrong_is_pointed_at(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(**changes)
    assert [error.pointer for error in unreadable.value.errors] == [pointer]


@pytest.mark.parametrize("status", sorted(fhir.STATUSES))
@pytest.mark.parametrize("case_id", [None, "C-1"])
def test_every_state_of_a_report_is_a_task_of_the_standard(status: str, case_id: str | None) -> None:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    valid(fhir.task({"report_id": "R-1", "status": status, "case_id": case_id, "reported_at": now, "recorded_at": now}))
