"""Taking in a report or a supplement from a caller with a token, be it alone, in a batch, or a line of a list."""

import json
from dataclasses import dataclass

from events.fact import Actor
from services.chassis.http import Asked
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid
from services.chassis.unit import Directed, Outcome
from services.intake.channels import core, department, hospital, media, monitor, supplement, village, window
from services.intake.channels.told import Unreadable
from services.intake.desk import Desk
from services.intake.receiving import message_id_of, report_id_of
from services.intake.report import asks
from services.intake.report_state import stream_of
from services.intake.routes.arriving import Arrival
from services.intake.routes.caller import Read, found_report, home_of, place_of, read_told, see

CHANNELS: dict[str, tuple[str, Read]] = {
    "hotline_system": ("intake.report_from_hotline", core.read),
    "village_informant": ("intake.report_from_village", village.read),
    "hospital_system": ("intake.report_from_hospital", hospital.read),
    "monitor_system": ("intake.report_from_monitor", monitor.read),
    "media_desk": ("intake.report_from_media", media.read),
    "window_clerk": ("intake.report_from_window", window.read),
    "department_clerk": ("intake.report_from_department", department.read),
}
"""By role: the command in the table of roles, and the channel whose words the caller speaks."""


_NAMES_ITS_REPORT = b'"report_id"'


@dataclass(frozen=True, slots=True)
class Filing:
    """One caller at the desk."""

    service: Mounted
    desk: Desk
    actor: Actor

    def permit(self) -> None:
        """Raise ``Denied`` unless the caller's role has a channel, and may report."""
        name, _ = CHANNELS.get(self.actor.role, ("intake.report_from_village", village.read))
        self.service.access.permit(self.actor, name, home_of(self.actor))

    def report_id(self, number: str) -> str:
        """The id of the report that the caller knows by this number."""
        return report_id_of(self.actor.id, number)

    async def report(self, raw: bytes, key: str, words: Read | None = None) -> Outcome:
        """Take a report in, in the channel's own words or in others that it knows.

        Raises ``Denied``, ``Invalid`` and whatever the writer raises.
        """
        self.permit()
        name, own = CHANNELS[self.actor.role]
        read = words or own
        home = home_of(self.actor)
        told = read_told(read, raw, self.desk.gazetteer, home)
        if told.order is not None:
            arrival = Arrival(self.desk, self.actor, raw, told.order.number, message_id_of(key))
            found = await self.desk.of_order(self.actor.id, told.order.number)
            return await self.service.door.take(self.actor, await arrival.order(told, found), key=key)
        report_id = self.report_id(key)
        command = await self.desk.command(told, raw, sender=self.actor.id, report_id=report_id, home=home)
        asked = Asked(
            command=name,
            place=home,
            division=command.county,
            parts=(
                Directed(stream_of(report_id), command, asks(command)),
                *(
                    Directed(stream_of(report_id), each)
                    for each in self.desk.teller.receipt(command, command.reported_at)
                ),
            ),
            occurred_at=command.reported_at,
            said=raw,
            correlation=report_id,
        )
        return _named(await self.service.door.take(self.actor, asked, key=key), report_id)

    async def supplement(self, report_id: str, raw: bytes, key: str) -> Outcome:
        """Add to a report. Raises ``Problem`` (404), ``Denied``, ``Invalid`` and whatever the writer raises."""
        found = await found_report(self.desk, report_id)
        see(self.service, self.actor, found)
        found = await self.desk.standing(found)
        try:
            told = supplement.read(raw, self.desk.gazetteer, found.division)
        except Unreadable as unreadable:
            raise Invalid(unreadable.errors) from None
        command = await self.desk.supplement(found, message_id_of(f"{self.actor.id}|{key}"), raw, told)
        is_own = found.report.received.vendor == self.actor.id
        asked = Asked(
            command="intake.supplement",
            place=home_of(self.actor) if is_own else place_of(found),
            division=found.division,
            parts=(
                Directed(stream_of(found.report_id), command, asks(command, found.report)),
                *self.desk.receipt(found),
            ),
            occurred_at=self.service.clock.now(),
            said=raw,
            correlation=found.report_id,
        )
        outcome = await self.service.door.take(self.actor, asked, key=f"{report_id}|{key}")
        return _named(outcome, found.report_id)


def _named(outcome: Outcome, report_id: str) -> Outcome:
    """An answer that names its report: the first one is kept for 400 days, and what is given after that names none."""
    if _NAMES_ITS_REPORT in outcome.body:
        return outcome
    told = json.loads(outcome.body) | {"report_id": report_id, "status": "received"}
    return outcome._replace(body=json.dumps(told).encode(), replayed=True)
