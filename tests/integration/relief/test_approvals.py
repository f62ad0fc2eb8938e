"""Approvals over HTTP: signed, paid in instalments, and turned back where something has changed."""

from tests.support.relief_service import TOWNSHIP, Relief, proposes
from tests.support.services import bearer


async def test_an_approval_is_signed_and_paid_in_instalments_and_seen_in_the_list(relief: Relief) -> None:
    case_id = await relief.opens()
    path = f"approvals/{await proposes(relief, case_id)}"
    assert await relief.steps(case_id) == ["sign"]
    assert (await relief.does(case_id, f"{path}/signatures")).json()["outcome"] == "approval_signed"
    refused = await relief.does(case_id, f"{path}/send-back", {"reason": "x"}, role="township_officer")
    assert refused.status_code == 403
    await relief.does(case_id, f"{path}/signatures", role="township_leader")
    [approval] = (await relief.case(case_id))["approvals"]
    assert (approval["standing"], approval["instalments"][0]["amount_fen"]) == ("approved", 100_000)
    assert await relief.steps(case_id) == ["await_ledger"]


async def test_a_command_that_has_not_seen_the_last_fact_is_turned_back(relief: Relief) -> None:
    case_id = await relief.opens()
    url, headers = f"/v1/cases/{case_id}", bearer("township_officer", TOWNSHIP)
    tag = (await relief.service.client.get(url, headers=headers)).headers["etag"]
    tagged = bearer("township_officer", TOWNSHIP, "k-1") | {"If-Match": tag}
    assert (await relief.service.client.post(f"{url}/accept", headers=tagged)).status_code == 201
    again = bearer("township_officer", TOWNSHIP, "k-2") | {"If-Match": tag}
    answer = await relief.service.client.post(f"{url}/contacts", json={"reached": True}, headers=again)
    assert (answer.status_code, answer.json()["code"]) == (412, "case_changed")
    odd = again | {"If-Match": "7"}
    answer = await relief.service.client.post(f"{url}/contacts", json={"reached": True}, headers=odd)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_if_match")
