"""Every vendor says the same in its own words; what it hears back stands in its own words too."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from events.intake import Order
from services.intake.channels import replies
from services.intake.channels.dialect import Dialect, gather, load_dialects
from services.intake.channels.hotline import Push, read_push
from services.intake.channels.told import Unreadable
from services.intake.gazetteer import Place, parse
from services.intake.subscriptions import Event

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "policies" / "intake" / "hotlines"
DIALECTS = load_dialects(FOLDER)
GAZETTEER = parse((ROOT / "policies" / "divisions.yaml").read_text(encoding="utf-8"))

TASK = {
    "taskId": "SH20261102000001",
    "reportDept": "12345",
    "discoverTime": "2026/11/02 08:10:00",
    "reporterType": "本人",
    "reporterName": "陶样山",
    "callNumber": "19900001201",
    "reporterIdNo": "000000197903150010",
    "peopleNum": "3",
    "emergencyLevel": "2",
    "infoZcCode": "340101",
    "streetCode": "320115002",
    "address": "样例路88号",
    "discription": "家中失火",
    "secretFlag": "否",
    "approach": "0",
}
STEPS = {
    "data": {
        "orderNum": "SH20261102000001",
        "acceptTime": "2026年11月02日 08时10分",
        "callerType": "SELF",
        "callerName": "陶样山",
        "callerPhone": "19900001201",
        "callerIdCard": "000000197903150010",
        "personNum": 3,
        "pilotLight": "RED",
        "questionCode": "MZ0301",
        "organizationCode": "320115002000",
        "eventAddress": "样例路88号",
        "content": "家中失火",
        "isSecret": False,
        "flowType": "ACCEPT",
    }
}
LIFELINE = {
    "workordercode": "SH20261102000001",
    "dispatchtime": "2026-11-02 08:10",
    "callertype": "0",
    "callername": "陶样山",
    "contactphone": "19900001201",
    "idcard": "000000197903150010",
    "personcount": 3,
    "urgencylevel": "2",
    "scene": "S01",
    "area": "320115002",
    "place": "样例路88号",
    "workordercontent": "家中失火",
    "state": "0",
}
ORDERS: dict[str, dict[str, Any]] = {"task12345": TASK, "steps12345": STEPS, "lifeline12345": LIFELINE}


def push(vendor: str, document: object) -> Push:
    return read_push(json.dumps(document, ensure_ascii=False).encode(), DIALECTS.of(vendor), GAZETTEER, "320100")


@pytest.mark.parametrize("vendor", ORDERS)
def test_every_vendor_s_order_is_the_same_report(vendor: str) -> None:
    pushed = push(vendor, ORDERS[vendor])
    told = pushed.told
    assert told is not None
    assert (pushed.action, told.order) == ("dispatch", Order(number="SH20261102000001", push=1))
    assert (told.place, told.cause, told.urgency, told.persons) == (
        Place("320115", "320115002"),
        "fire",
        "life_danger",
        3,
    )
    assert (told.name, told.phone, told.id_number, told.is_secret) == (
        "陶样山",
        "19900001201",
        "000000197903150010",
        False,
    )
    assert told.reported_at == datetime(2026, 11, 2, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("vendor", "changes", "action"),
    [
        ("task12345", {"approach": "1"}, "supervise"),
        ("task12345", {"approach": "2"}, "visit"),
        ("task12345", {"approach": "3", "pushNo": 2}, "redo"),
        ("task12345", {"approach": "unheard-of"}, "dispatch"),
        ("task12345", {"approach": "unheard-of", "pushNo": 2}, "supplement"),
        ("lifeline12345", {"state": "2"}, "withdraw"),
        ("lifeline12345", {"state": "3"}, "urge"),
    ],
)
def test_a_vendor_s_code_says_what_a_push_is_for(vendor: str, changes: dict[str, Any], action: str) -> None:
    assert push(vendor, ORDERS[vendor] | changes).action == action


def test_a_return_visit_is_read_with_the_vendor_s_own_codes() -> None:
    visit = {"taskId": "SH1", "approach": "2", "isContact": "是", "banliResult_12345": "2", "publicSatisfaction": "1"}
    heard = push("task12345", visit).visit
    assert heard is not None
    assert (heard.reached, heard.resolved, heard.satisfied) == (True, "partly", "mostly")


def test_what_is_wrong_is_pointed_at_in_the_vendor_s_own_field() -> None:
    bad = {"data": STEPS["data"] | {"callerIdCard": "000000197903150011", "content": None}}
    with pytest.raises(Unreadable) as unreadable:
        push("steps12345", bad)
    assert {error.pointer: error.code for error in unreadable.value.errors} == {
        "/data/callerIdCard": "id_number_wrong",
        "/data/content": "required",
    }


@pytest.mark.parametrize("vendor", ORDERS)
def test_a_returned_order_is_told_in_the_vendor_s_state_and_code(vendor: str) -> None:
    dialect = DIALECTS.of(vendor)
    envelope = replies.Envelope(
        cause="relief:320115:7",
        reply_id="P1",
        report_id="R1",
        county="320115",
        at=datetime(2026, 11, 2, tzinfo=UTC),
        order=Order(number="SH1", push=1),
        dialect=dialect,
    )
    data = json.loads(replies.report_returned(envelope, "not_here", "样例办法第八条", 1).document)["data"]
    assert data["order_number"] == "SH1"
    assert data["order_state"] == dialect.states["report_returned"]
    assert data["reason_code"] == dialect.return_codes["not_here"]


MOVES_NO_ORDER = "case.closure_amended"
"""A form that comes anew leaves the order in the state in which it was closed."""
STATES = {event.replace(".", "_") for event in {*get_args(Event)} - {MOVES_NO_ORDER}} | {"case_closed_not_relieved"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_dialect_has_a_word_for_every_state_and_a_code_for_every_return(file: Path) -> None:
    dialect = Dialect.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    assert set(dialect.states) == STATES
    assert set(dialect.return_codes) == {"not_here", "not_ours", "not_relief"}
    assert {"order_num", "call_time", "description", "action"} <= set(dialect.fields)


def test_a_vendor_that_no_file_names_speaks_the_default() -> None:
    assert DIALECTS.of("never heard of").name == "camel"


def test_two_dialects_cannot_name_the_same_vendor() -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml"))]
    with pytest.raises(ValueError, match="same vendor"):
        gather([*texts, texts[-1].replace("name: task", "name: other")])
