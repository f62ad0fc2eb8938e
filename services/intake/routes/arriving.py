"""An order on its way in: to the report that stands for it already, or to a new one that follows on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from events.fact import Actor
from services.chassis.http import Asked
from services.chassis.unit import Directed
from services.intake.channels.told import Told
from services.intake.desk import Desk, Found
from services.intake.receiving import report_id_of
from services.intake.report import asks
from services.intake.report_state import stream_of
from services.intake.routes.caller import home_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a hotline sent of one order. ``name`` tells this sending from the order's others."""

    desk: Desk
    actor: Actor
    raw: bytes
    number: str
    name: str

    async def order(self, told: Told, found: Found | None, *, adds_only: bool = False) -> Asked:
        """What the order itself asks for. One that ``adds_only`` opens nothing anew as long as its report is here."""
        if found is not None and not _is_anew(told, found, adds_only=adds_only):
            return await self._supplement(told, found)
        number = self.number if found is None else f"{self.number}|{self.name}"
        report_id = report_id_of(self.actor.id, number)
        home = home_of(self.actor)
        command = await self.desk.command(told, self.raw, sender=self.actor.id, report_id=report_id, home=home)
        if found is not None:
            command = replace(command, previous_report_id=found.report_id, returns_before=found.report.returns)
        stream = stream_of(report_id)
        receipt = (Directed(stream, each) for each in self.desk.teller.receipt(command, command.reported_at))
        parts = [Directed(stream, command, asks(command)), *receipt]
        return self.asked(command.county, report_id, parts, command.reported_at)

    async def _supplement(self, told: Told, found: Found) -> Asked:
        command = await self.desk.supplement(found, f"push-{self.name}", self.raw, told)
        part = Directed(stream_of(found.report_id), command, asks(command, found.report))
        return self.asked(found.division, found.report_id, [part, *self.desk.receipt(found)], told.reported_at)

    def asked(self, division: str, report_id: str, parts: Sequence[Directed], occurred_at: datetime) -> Asked:
        """The parts as the hotline's command."""
        return Asked(
            command="intake.report_from_hotline",
            place=home_of(self.actor),
            division=division,
            parts=tuple(parts),
            occurred_at=occurred_at,
            said=self.raw,
            correlation=report_id,
        )


def _is_anew(told: Told, found: Found, *, adds_only: bool) -> bool:
    """Whether the order has to be dealt with anew: elsewhere, or after it was done with here.

    One that has not yet asked for help anywhere is not dealt with anew: what places it is a supplement of it.
    """
    is_elsewhere = told.place.county not in (None, found.division) and not adds_only
    is_elsewhere = is_elsewhere and found.report.has_asked
    is_done = found.report.is_closed and (not adds_only or found.report.has_left)
    return is_elsewhere or is_done
