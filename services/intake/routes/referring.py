"""FHIR R4 for hospitals that speak it: a ServiceRequest comes in, and its Task says where it stands."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.chassis.http import PersonRoute, idempotency_key
from services.chassis.routing import After, PathId, Service, seen
from services.intake.channels import fhir
from services.intake.routes.caller import Caller, home_of, json_body, own_report
from services.intake.routes.reporting import AtTheDesk

router = APIRouter(tags=["intake"], route_class=PersonRoute)


class Fhir(JSONResponse):
    """A resource of the standard."""

    media_type = "application/fhir+json"


@router.post(
    "/fhir/ServiceRequest", status_code=201, response_class=Fhir, openapi_extra=json_body("a FHIR R4 ServiceRequest")
)
async def request_service(request: Request, caller: AtTheDesk) -> Response:
    """A hospital's request for social help; the answer is the Task that follows it."""
    key = idempotency_key(request)
    caller.service.access.permit(caller.actor, "intake.report_from_hospital", home_of(caller.actor))
    outcome = await caller.report(await request.body(), key, fhir.read)
    told: Mapping[str, Any] = json.loads(outcome.body)
    task = {
        "resourceType": "Task",
        "id": told["report_id"],
        "status": fhir.STATUSES[told["status"]],
        "intent": "order",
        "focus": {"identifier": {"value": told["report_id"]}},
        "businessStatus": {"text": told["status"]},
    }
    position = f"{outcome.division}:{outcome.position}"
    headers = {"Location": f"/fhir/Task/{told['report_id']}", "Log-Position": position}
    if outcome.replayed:
        headers["Idempotency-Replayed"] = "true"
    status = 200 if outcome.replayed else 201
    return Fhir(task, status, headers)


@router.get("/fhir/Task/{report_id}", response_class=Fhir)
async def task(report_id: PathId, actor: Caller, service: Service, after: After = None) -> Response:
    """Where a request stands."""
    await seen(service, "reports", after)
    row = await own_report(service, report_id, actor)
    return Fhir(fhir.task(row))
