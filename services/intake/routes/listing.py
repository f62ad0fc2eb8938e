"""Lists of households uploaded as tables: looked through first, then taken in line by line, each with its result."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from services.chassis.http import Asked, PersonRoute, idempotency_key
from services.chassis.openapi import raw
from services.chassis.problems import Problem, problem_of
from services.chassis.replay import state_of
from services.chassis.routing import Answer, Answers, PathCounty, Service
from services.chassis.unit import Directed, Outcome
from services.intake import visits
from services.intake.routes.caller import Caller, home_of, read_told
from services.intake.routes.filing import CHANNELS, Filing
from services.intake.routes.reporting import AtTheDesk
from services.intake.tables import Kind, Line, read_lines, report_of

router = APIRouter(tags=["intake"], route_class=PersonRoute)

ListId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_Result = dict[str, Any]


@router.post("/v1/lists/{kind}/{list_id}", openapi_extra=raw("text/csv", _XLSX))
async def take_list(
    kind: Kind, list_id: ListId, request: Request, caller: AtTheDesk, preview: Annotated[bool, Query()] = False
) -> Answer:
    """Take a table in (CSV, XLSX). With ``preview`` nothing is written: what each line would come to is all.

    A household that is not included must say why. Sent again, a list changes nothing.
    """
    caller.permit()
    if not preview:
        idempotency_key(request)
    sheet = caller.desk.sheets[kind]
    results: list[_Result] = []
    for line in read_lines(await request.body(), sheet):
        document = report_of(line, sheet, list_id, home_of(caller.actor))
        results.append({"line": line.number} | await _one(caller, kind, (list_id, line), document, preview=preview))
    counts: dict[str, int] = {}
    for result in results:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
    return {"list_id": list_id, "kind": kind, "preview": preview, "counts": counts, "lines": results}


@router.get("/v1/left-out/{county}/{list_id}")
async def left_out(county: PathCounty, list_id: ListId, service: Service, actor: Caller) -> Answers:
    """The households of a list that were not included (未纳入), each with the reason and who said so."""
    service.access.permit(actor, "intake.see_left_out", county)
    noted = await state_of(service.store, (county, visits.stream_of(list_id)), visits.DECIDER)
    seals = await service.sealer.prepare(one.reason.subject for one in noted.values())
    return [
        {
            "line": one.line,
            "kind": one.kind,
            "name": None if one.name is None else seals.open(one.name),
            "reason": seals.open(one.reason),
            "noted_by": one.noted_by,
        }
        for _, one in sorted(noted.items())
    ]


async def _one(
    caller: Filing, kind: str, at: tuple[str, Line], document: Mapping[str, Any], *, preview: bool
) -> _Result:
    list_id, line = at
    raw = json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    try:
        if line.is_included:
            return await _report(caller, raw, f"{kind}.{list_id}.{line.number}", preview=preview)
        return await _leave_out(caller, kind, at, preview=preview)
    except Exception as failure:
        problem = problem_of(failure)
        if problem is None:
            raise
        errors = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in problem.errors]
        return {"status": "rejected", "code": problem.code, "detail": problem.detail, "errors": errors}


async def _report(caller: Filing, raw: bytes, key: str, *, preview: bool) -> _Result:
    if preview:
        _, read = CHANNELS[caller.actor.role]
        told = read_told(read, raw, caller.desk.gazetteer, home_of(caller.actor))
        return {"status": "would_be_taken", "missing": list(told.missing)}
    outcome = await caller.report(raw, key)
    told_back = json.loads(outcome.body)
    return {"status": _status(outcome), "report_id": told_back["report_id"], "missing": told_back["missing"]}


async def _leave_out(caller: Filing, kind: str, at: tuple[str, Line], *, preview: bool) -> _Result:
    list_id, line = at
    if line.reason_left_out is None:
        raise Problem(422, "reason_missing", "未纳入的户必须写明原因。")
    if preview:
        return {"status": "would_be_left_out"}
    service, id_number, name = caller.service, line.fields.get("id_no"), line.fields.get("name")
    said = json.dumps([kind, dict(line.fields)], sort_keys=True).encode()
    subject = f"list:{home_of(caller.actor)}:{list_id}:{line.number}"
    seals = await service.sealer.prepare([subject])
    command = visits.LeaveOut(
        list_id=list_id,
        line=line.number,
        kind=kind,
        person=None if id_number is None else service.pseudonyms.person(id_number),
        reason=seals.seal(subject, "reason", line.reason_left_out),
        name=None if name is None else seals.seal(subject, "name", name),
        said=caller.desk.reception.digest(said),
    )
    asked = Asked(
        command=CHANNELS[caller.actor.role][0],
        place=home_of(caller.actor),
        division=home_of(caller.actor),
        parts=(Directed(visits.stream_of(list_id), command),),
        occurred_at=service.clock.now(),
        said=said,
        correlation=list_id,
    )
    outcome = await service.door.take(caller.actor, asked, key=f"{kind}.{list_id}.{line.number}")
    return {"status": "duplicate" if outcome.replayed else "left_out"}


def _status(outcome: Outcome) -> str:
    return "duplicate" if outcome.replayed else "taken"
