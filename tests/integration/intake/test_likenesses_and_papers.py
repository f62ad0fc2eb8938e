"""Reports that may be of one household are shown to a person, whose word is kept; documents come after their report."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.intake.app import BLUEPRINT
from services.intake.filed import ADDED_AT_MOST
from tests.integration.intake.test_intake_service import INFORMANT, VILLAGE, log, until
from tests.support.services import RunningService, RunService, bearer

OWN = bearer(INFORMANT, "341825", "k1")
REPORT = json.loads(VILLAGE)
PHOTO = b"\xff\xd8\xff" + b"photo" * 300_000
DIGEST = sha256(PHOTO).hexdigest()


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=("341825", "320115")) as service:
        yield service


def told(number: str, name: str, phone: str | None, **fields: Any) -> dict[str, Any]:
    subject = {"identity_status": "claimed", "name": name, "phone": phone, "persons_affected": 1}
    need = REPORT["need"] | {"category_code": "illness"}
    return REPORT | {"source": {"external_id": number}, "subject": subject, "need": need} | fields


async def post(intake: RunningService, body: dict[str, Any], key: str) -> dict[str, Any]:
    response = await intake.client.post("/v1/reports", json=body, headers=OWN | {"idempotency-key": key})
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_name_heard_wrongly_at_the_same_home_is_shown_and_a_person_decides(intake: RunningService) -> None:
    first = await post(intake, told("1", "陈样", "19900002301"), "k1")
    await until(lambda: is_seen(intake, first["report_id"]))
    second = await post(intake, told("2", "谌样", "19900002399"), "k2")
    assert second["status"] == "received"
    assert second["possible_duplicates"] == [first["report_id"]]
    officer = bearer("township_officer", "341825", "k1")
    path = f"/v1/reports/{second['report_id']}/duplicates"
    (shown,) = (await intake.client.get(path, headers=officer)).json()
    assert shown["reasons"] == ["same_home", "same_sound", "same_cause", "same_day"]
    assert shown["verdict"] == "open"
    for verdict in ("same", "open", "different"):
        said = await intake.client.post(
            f"{path}/{first['report_id']}",
            json={"verdict": verdict, "reason": "已电话核实"},
            headers=officer | {"idempotency-key": verdict},
        )
        assert said.status_code == 201, said.text
    assert (await intake.client.get(path, headers=officer)).json()[0]["verdict"] == "different"
    assert [fact.name for fact in await log(intake, "341825")].count("intake.duplicate_decided") == 3
    assert (await intake.client.get(path, headers=OWN)).status_code == 403


async def is_seen(intake: RunningService, report_id: str) -> bool:
    counted = "select count(*) from reports_a.likenesses where report_id = $1"
    return bool(await intake.mounted.pool.fetchval(counted, report_id))


async def test_of_many_that_come_at_once_each_is_compared_for_itself(intake: RunningService) -> None:
    first = await post(intake, told("1", "陈样", "19900002301"), "k1")
    await until(lambda: is_seen(intake, first["report_id"]))
    elsewhere = {"division_code": "341825105", "address_text": "安徽省宣城市旌德县俞村镇样例村99号"}
    bodies = [told(f"a{n}", "谌样", f"199000024{n:02}") for n in range(20)]
    bodies += [told(f"b{n}", "吕样青", f"199000025{n:02}", place=elsewhere) for n in range(20)]
    items = [{"id": body["source"]["external_id"], "kind": "report", "body": body} for body in bodies]
    batch = {"device_id": "vp-1", "items": items}
    answers = (await intake.client.post("/v1/sync", json=batch, headers=OWN)).json()["items"]
    suspects = [first["report_id"] in item["answer"]["possible_duplicates"] for item in answers]
    assert suspects == [True] * 20 + [False] * 20


async def test_strangers_are_not_suspected(intake: RunningService) -> None:
    first = await post(intake, told("1", "陈样", "19900002301"), "k1")
    await until(lambda: is_seen(intake, first["report_id"]))
    place = {"division_code": "341825105", "address_text": "旌德县俞村镇他村样例组99号"}
    second = await post(intake, told("2", "王样例", "19900009999", place=place), "k2")
    assert second["possible_duplicates"] == []


# --- documents

ANNOUNCED = {"sha256": DIGEST, "media_type": "image/jpeg", "bytes": len(PHOTO), "kind": "photo"}


async def test_a_photo_comes_after_its_report_and_lies_sealed(intake: RunningService, tmp_path: Path) -> None:
    report = await post(intake, told("1", "陈样", None, attachments=[ANNOUNCED]), "k1")
    path = f"/v1/reports/{report['report_id']}/attachments/{DIGEST}"
    put = await intake.client.put(path, content=PHOTO, headers=OWN)
    assert (put.status_code, put.json()["status"]) == (201, "stored"), put.text
    (kept,) = [file for file in (tmp_path / "evidence").rglob("*") if file.is_file()]
    assert b"photophoto" not in kept.read_bytes()
    officer = bearer("township_officer", "341825")
    shown = await intake.client.get(path, headers=officer)
    assert (shown.content, shown.headers["content-type"]) == (PHOTO, "image/jpeg")
    assert (await intake.client.get(path, headers=OWN)).status_code == 403


async def test_documents_go_along_when_their_report_is_handed_over_before_and_after(intake: RunningService) -> None:
    late = PHOTO + b"late"
    digest = sha256(late).hexdigest()
    both = [ANNOUNCED, ANNOUNCED | {"sha256": digest, "bytes": len(late)}]
    report = await post(intake, told("1", "陈样", None, attachments=both), "k1")
    path = f"/v1/reports/{report['report_id']}"
    put = await intake.client.put(f"{path}/attachments/{DIGEST}", content=PHOTO, headers=OWN)
    assert put.status_code == 201, put.text
    to = {"to": "320115002", "reason": "arose_there", "basis": "救助由急难发生地实施"}
    out = await intake.client.post(f"{path}/transfer", json=to, headers=bearer("county_civil_affairs", "341825", "k1"))
    assert out.status_code == 201, out.text
    await until(lambda: has_arrived(intake))
    put = await intake.client.put(f"{path}/attachments/{digest}", content=late, headers=OWN)
    assert put.status_code == 201, put.text
    there = f"/v1/reports/{out.json()['new_report_id']}/attachments"
    officer = bearer("township_officer", "320115")
    for name, content in ((DIGEST, PHOTO), (digest, late)):
        shown = await intake.client.get(f"{there}/{name}", headers=officer)
        assert (shown.status_code, shown.content == content) == (200, True)
    assert [fact.name for fact in await log(intake, "320115")].count("intake.attachment_stored") == 2


async def has_arrived(intake: RunningService) -> bool:
    return "intake.transfer_taken" in [fact.name for fact in await log(intake, "341825")]


async def test_an_officer_adds_a_document_of_the_handling_and_it_goes_along(intake: RunningService) -> None:
    paper = b"%PDF-1.7 form"
    digest = sha256(paper).hexdigest()
    report = await post(intake, told("1", "陈样", None), "k1")
    path = f"/v1/reports/{report['report_id']}"
    officer = bearer("township_officer", "341825", "k1") | {"content-type": "application/pdf"}
    asked = [f"{path}/attachments/{digest}{query}" for query in ("", "?kind=secret", "?kind=handling")]
    answers = [await intake.client.put(each, content=paper, headers=officer) for each in asked]
    assert [answer.status_code for answer in answers] == [404, 422, 201]
    lie = officer | {"content-type": "image/png", "idempotency-key": "k2"}
    wrong = await intake.client.put(f"{path}/attachments/{'0' * 64}?kind=photo", content=paper, headers=lie)
    assert wrong.json()["code"] == "digest_differs"
    shown = await intake.client.get(f"{path}/attachments/{digest}", headers=bearer("township_officer", "341825"))
    assert (shown.content, shown.headers["content-type"]) == (paper, "application/pdf")
    to = {"to": "320115002", "reason": "arose_there", "basis": "救助由急难发生地实施"}
    out = await intake.client.post(f"{path}/transfer", json=to, headers=bearer("county_civil_affairs", "341825", "k1"))
    await until(lambda: has_arrived(intake))
    there = f"/v1/reports/{out.json()['new_report_id']}/attachments/{digest}"
    shown = await intake.client.get(there, headers=bearer("township_officer", "320115"))
    assert shown.content == paper


async def test_a_document_that_is_one_too_many_is_not_kept_either(intake: RunningService, tmp_path: Path) -> None:
    report = await post(intake, told("1", "陈样", None), "k1")
    answers: list[tuple[int, str]] = []
    for number in range(ADDED_AT_MOST + 1):
        paper = b"%%PDF-1.7 %d" % number
        path = f"/v1/reports/{report['report_id']}/attachments/{sha256(paper).hexdigest()}?kind=handling"
        sent = OWN | {"content-type": "application/pdf", "idempotency-key": f"k-{number}"}
        put = await intake.client.put(path, content=paper, headers=sent)
        answers.append((put.status_code, put.json().get("code", "")))
    assert answers == [(201, "")] * ADDED_AT_MOST + [(409, "too_many_attachments")]
    assert len([file for file in (tmp_path / "evidence").rglob("*") if file.is_file()]) == ADDED_AT_MOST


async def test_only_what_was_announced_is_taken(intake: RunningService) -> None:
    text = b"not a photo"
    lie = {"sha256": sha256(text).hexdigest(), "media_type": "image/jpeg", "bytes": len(text), "kind": "photo"}
    report = await post(intake, told("1", "陈样", None, attachments=[ANNOUNCED, lie]), "k1")
    path = f"/v1/reports/{report['report_id']}/attachments"
    other = await intake.client.put(f"{path}/{'0' * 64}", content=PHOTO, headers=OWN)
    changed = await intake.client.put(f"{path}/{DIGEST}", content=PHOTO + b"x", headers=OWN)
    wrong = await intake.client.put(f"{path}/{lie['sha256']}", content=text, headers=OWN)
    codes = [answer.json()["code"] for answer in (other, changed, wrong)]
    assert codes == ["no_such_attachment", "digest_differs", "type_refused"]
