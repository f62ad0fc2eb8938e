"""The desk where reports are taken in: where places are looked up, personal data is sealed, reports are found again."""

from dataclasses import dataclass

from events.fact import Sealed
from services.chassis.event_store import EventStore
from services.chassis.replay import Known, fold
from services.intake.gazetteer import Gazetteer
from services.intake.receiving import Reception
from services.intake.report import DECIDER, Report, stream_of


@dataclass(frozen=True, slots=True)
class Desk:
    """What intake's edge works with."""

    store: EventStore
    gazetteer: Gazetteer
    reception: Reception

    async def report(self, division: str, report_id: str) -> Report | None:
        """A report as its log has it now."""
        facts = await self.store.load({(division, stream_of(report_id)): 0})
        return fold(Known(0, DECIDER.initial), DECIDER, facts).state

    async def sealed_supplement(self, report: Report | None, raw: bytes) -> Sealed:
        """A supplement's words under the key that the report itself is sealed with."""
        subject = "report:unknown" if report is None else report.received.verbatim.subject
        seals = await self.reception.sealer.prepare([subject])
        return seals.seal(subject, "supplement", raw.decode("utf-8", "backslashreplace"))
