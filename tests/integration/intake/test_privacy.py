"""No name, phone, ID number or story leaves the sealed envelopes: not into logs, metrics, answers, facts or letters."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stderr

import pytest

from services.chassis.following import Record
from services.chassis.logs import configure
from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import HOTLINE, INFORMANT, VILLAGE, post_order
from tests.support.services import RunningService, RunService, bearer

MARKS = ("标记甲", "19900009876", "000000199001010018", "标记街9号", "标记病")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the service logs, down to the finest level."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers, root.level
    with redirect_stderr(written):
        configure("DEBUG")
    root.setLevel(logging.DEBUG)
    yield written
    root.handlers = before[0]
    root.setLevel(before[1])


@pytest.fixture
async def intake(run_service: RunService, logged: io.StringIO) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=("320115", "341825")) as service:
        yield service


def marked_order() -> bytes:
    name, phone, id_number, address, story = MARKS
    told = {"callerName": name, "callerPhone": phone, "idCard": id_number, "description": story}
    return json.dumps(json.loads(HOTLINE) | told | {"address": f"南京市江宁区秣陵街道{address}"}).encode()


def marked_village() -> bytes:
    name, phone, id_number, address, story = MARKS
    report = json.loads(VILLAGE)
    report["subject"] |= {"name": name, "phone": phone, "id_no": id_number}
    report["place"]["address_text"] = address
    report["need"]["reason_text"] = story
    return json.dumps(report).encode()


async def test_marked_people_are_nowhere_to_be_read(intake: RunningService, logged: io.StringIO) -> None:
    client, pool = intake.client, intake.mounted.pool
    shown = [(await post_order(intake, marked_order())).text]
    village = await client.post("/v1/reports", content=marked_village(), headers=bearer(INFORMANT, "341825", "k"))
    path, after = f"/v1/reports/{village.json()['report_id']}", village.headers["log-position"]
    shown.append((await client.get(path, params={"after": after}, headers=bearer(INFORMANT, "341825"))).text)
    bad = marked_village().replace(b'"urgent"', f'"{MARKS[0]}"'.encode())
    shown.append((await client.post("/v1/reports", content=bad, headers=bearer(INFORMANT, "341825", "k2"))).text)
    shown.append((await client.post("/adapters/12345/demo", content=marked_order())).text)
    garbage = Record("jiujinan.relief.v1", 0, 7, {"ce_id": MARKS[1]}, json.dumps(MARKS).encode())
    await intake.mounted.follower.take_in([garbage])
    await intake.mounted.projectors["reports"].turn()
    shown.append((await client.get("/metrics")).text)
    shown.append(logged.getvalue())
    for table in ("facts", "handled", "claims", "dead_letters", "reports_a.reports", "reports_a.replies"):
        shown += [str(tuple(row)) for row in await pool.fetch(f"select * from {table}")]
    assert len(shown) > 12
    assert '"event": "taken"' in logged.getvalue()
    for mark in MARKS:
        escaped = mark.encode("unicode_escape").decode()
        assert not [text for text in shown if mark in text or escaped in text or repr(mark.encode())[2:-1] in text]
