"""Who is on duty in a township or county, and who informs from its villages: written down here, and looked up."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, StringConstraints

from events.fact import Sealed
from events.words import Division, StaffId
from services.chassis.calling import About, Call
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.replay import state_of
from services.chassis.routing import Answer, Answers, AskedMoment, Body, Moment, PathTownship, Service
from services.chassis.unit import Directed
from services.intake import informants, roster
from services.intake.channels.payload import Phone
from services.intake.receiving import message_id_of
from services.intake.routes.caller import Called, Caller, desk_of

router = APIRouter(tags=["intake"], route_class=PersonRoute)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Shift(Body):
    """Somebody on duty from one moment to another; ``rank`` 1 is called first."""

    starts_at: Moment
    ends_at: Moment
    staff_id: StaffId
    phone: Phone
    rank: int = Field(default=1, ge=1, le=9)


class Informant(Body):
    """A village's informant, as the township has approved."""

    informant_id: StaffId
    village: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    name: Name
    phone: Phone


@router.post("/v1/duty/{division}/shifts", status_code=201, name="intake.keep_roster")
async def assign_shift(division: Annotated[Division, Path()], body: Shift, call: Called) -> Response:
    """Put somebody on the duty roster (值班表)."""
    shift_id = message_id_of(f"{division}|{call.actor.id}|{call.key}")
    command = roster.AssignShift(
        shift_id=shift_id,
        division=division,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        staff_id=body.staff_id,
        phone=await _sealed(call.service, f"shift:{shift_id}", "phone", body.phone),
        rank=body.rank,
        said=await _digest(call),
    )
    return await _write(call, division, Directed(roster.stream_of(division), command))


@router.get("/v1/duty/{division}")
async def on_duty(
    division: Annotated[Division, Path()],
    service: Service,
    actor: Caller,
    at: Annotated[AskedMoment | None, Query()] = None,
) -> Answer:
    """Who is called now, or at a moment, in that order: the township's people, and behind them the county's."""
    service.access.permit(actor, "intake.see_roster", division)
    moment = at or service.clock.now()
    people: list[dict[str, Any]] = []
    for level in dict.fromkeys((division, division[:6])):
        shifts = await state_of(service.store, (level[:6], roster.stream_of(level)), roster.DECIDER)
        for shift in roster.on_duty(shifts, moment):
            phone = await _opened(service, shift.phone)
            people.append({"division": level, "staff_id": shift.staff_id, "rank": shift.rank, "phone": phone})
    return {"division": division, "at": moment, "people": people}


@router.post("/v1/informants/{township}", status_code=201, name="intake.keep_informants")
async def register(township: PathTownship, body: Informant, call: Called) -> Response:
    """Enter a village's informant into the township's register, which the county sees (备案)."""
    service, subject = call.service, f"informant:{township}:{body.informant_id}"
    command = informants.RegisterInformant(
        informant_id=body.informant_id,
        township=township,
        village=body.village,
        name=await _sealed(service, subject, "name", body.name),
        phone=await _sealed(service, subject, "phone", body.phone),
        phone_key=service.pseudonyms.phone(body.phone),
        said=await _digest(call),
    )
    return await _write(call, township, Directed(informants.stream_of(township), command))


@router.delete("/v1/informants/{township}/{informant_id}", status_code=201, name="intake.keep_informants")
async def strike(township: PathTownship, informant_id: Annotated[StaffId, Path()], call: Called) -> Response:
    """Take somebody off the register."""
    command = informants.StrikeInformant(informant_id, "left")
    return await _write(call, township, Directed(informants.stream_of(township), command))


@router.get("/v1/informants/{township}")
async def registered(township: PathTownship, service: Service, actor: Caller) -> Answers:
    """Who informs from which village."""
    service.access.permit(actor, "intake.see_informants", township)
    stream = (township[:6], informants.stream_of(township))
    register = await state_of(service.store, stream, informants.DECIDER)
    return [
        {
            "informant_id": entry.informant_id,
            "village": entry.village,
            "name": await _opened(service, entry.name),
            "phone": await _opened(service, entry.phone),
        }
        for entry in register.values()
    ]


async def _write(call: Call, division: str, part: Directed) -> Response:
    """Have a line of one of a division's books written."""
    return await call.give(About(division, division), await call.request.body(), [part])


async def _digest(call: Call) -> str:
    """What stands for all that was sent."""
    return desk_of(call.service).reception.digest(await call.request.body())


async def _sealed(service: Mounted, subject: str, field: str, text: str) -> Sealed:
    """Personal data under a key of its own."""
    seals = await service.sealer.prepare([subject])
    return seals.seal(subject, field, text)


async def _opened(service: Mounted, envelope: Sealed) -> str | None:
    """What was sealed; none once it was erased."""
    seals = await service.sealer.prepare([envelope.subject])
    return seals.open(envelope)
