"""Transfers on their way: what one county has handed over is received by the other, and then let go here.

Each step is told by its own command id, so that a crash between two of them neither loses nor doubles a report.
"""

import asyncio
import logging
from dataclasses import dataclass
from uuid import UUID, uuid5

from events.fact import Actor
from events.intake_later import TransferredOut
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.projection import Projector
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Busy, Clock, Writer
from services.intake.desk import Desk, Found
from services.intake.report import asks
from services.intake.report_commands import ConfirmTransfer, Origin, ReceiveReport
from services.intake.report_state import stream_of
from services.intake.reports import SQL

_NAMESPACE = UUID("3f6f4a57-0f0e-5a63-8a0e-1a6c3b1f7d20")
_LOOK_SECONDS = 0.5
_BACK_OFF_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries reports over to the counties that they were handed to."""

    desk: Desk
    projector: Projector
    writer: Writer
    clock: Clock

    async def run(self) -> None:
        """Look for open transfers, again and again."""
        while True:
            try:
                is_well = await self.carry_all()
            except (StoreUnavailable, StoreRejected, Busy):
                log.warning("transfers_wait")
                is_well = True
            except Exception:
                log.exception("transfers_stopped")
                is_well = False
            await asyncio.sleep(_LOOK_SECONDS if is_well else _BACK_OFF_SECONDS)

    async def carry_all(self) -> bool:
        """Carry every open transfer one step to its end; say whether all could be. One that cannot holds up no other.

        Raises ``StoreUnavailable``, ``StoreRejected``, ``Busy``.
        """
        async with self.projector.reading() as connection:
            rows = await connection.fetch(SQL["transfers"])
        is_well = True
        for row in rows:
            try:
                await self._carry_one(row["report_id"])
            except (StoreUnavailable, StoreRejected, Busy):
                raise
            except Exception:
                log.exception("transfer_failed", extra={"division": row["division"]})
                is_well = False
        return is_well

    async def _carry_one(self, report_id: str) -> None:
        found = await self.desk.find(report_id)
        if found is not None and found.report.transfer is not None:
            await self._carry(found, found.report.transfer)

    async def _carry(self, found: Found, transfer: TransferredOut) -> None:
        arriving = await self._arriving(found, transfer)
        await self._have(transfer.to_county, Directed(stream_of(transfer.new_report_id), arriving, asks(arriving)))
        there = await self.desk.report(transfer.to_county, transfer.new_report_id)
        taken = ConfirmTransfer(None if there is None else there.linked_to)
        await self._have(found.division, Directed(stream_of(found.report_id), taken), *found.parting)

    async def _have(self, division: str, told: Directed, *beside: Directed) -> None:
        await self.writer.submit(
            Unit(
                division=division,
                parts=(told, *beside),
                command_id=uuid5(_NAMESPACE, f"{told.stream}|{type(told.command).__name__}"),
                actor=Actor(id="intake", role="system", scope="", rule="carries_transfers"),
                occurred_at=self.clock.now(),
                correlation=told.stream,
            )
        )

    async def _arriving(self, found: Found, transfer: TransferredOut) -> ReceiveReport:
        """The report as the other county receives it: word for word, and with the citizen's clock as it was."""
        told = found.report.received
        origin = Origin(found.division, found.report_id, told.reported_at, found.report.linked_to)
        moved = await self.desk.reception.moved(told, transfer.to_county)
        missing = () if transfer.to_township is not None else ("/place",)
        return ReceiveReport(
            report_id=transfer.new_report_id,
            channel=told.channel,
            vendor=told.vendor,
            order=told.order,
            verbatim=told.verbatim,
            county=transfer.to_county,
            township=transfer.to_township,
            cause=told.cause,
            urgency=told.urgency,
            persons=told.persons,
            identity=told.identity,
            person=told.person,
            name=told.name,
            phone=found.report.phone,
            address=told.address,
            match_keys=moved.match_keys,
            reported_at=told.reported_at,
            reply_due_at=told.reply_due_at,
            missing=missing,
            is_secret=told.is_secret,
            terms=self.desk.terms.of_report(transfer.to_county, told.reported_at, told.order, told.reply_due_at),
            attachments=(*told.attachments, *found.report.added),
            consent=told.consent,
            previous_report_id=found.report_id,
            returns_before=found.report.returns,
            came_from=origin,
            likenesses=moved.likenesses,
            brought=found.report.attachments,
        )
