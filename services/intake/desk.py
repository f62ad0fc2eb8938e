"""The desk where reports are taken in: where places are looked up, personal data is sealed, reports are found again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from events.fact import Sealed
from events.intake import Term
from services.chassis.database import Pool, translated
from services.chassis.event_store import EventStore
from services.chassis.projection import Projector
from services.chassis.replay import state_of
from services.chassis.unit import Directed
from services.intake.channels.dialect import Dialects
from services.intake.channels.supplement import Supplemented
from services.intake.channels.told import Told
from services.intake.divisions import Divisions
from services.intake.evidence import Evidence
from services.intake.gazetteer import Gazetteer
from services.intake.knowledge import Knowledge
from services.intake.pace import Pace
from services.intake.receiving import Reception, report_id_of
from services.intake.report import DECIDER
from services.intake.report_commands import LeaveNeed, ReceiveReport, SupplementReport, TransferOut
from services.intake.report_state import Report, stream_of
from services.intake.reports import SQL
from services.intake.searching import Search
from services.intake.tables import Sheets
from services.intake.telling import Teller
from services.intake.terms import Terms

_WHERE = "select division from facts where stream = $1 and name = 'intake.report_received'"


@dataclass(frozen=True, slots=True)
class Found:
    """A report as the edge finds it, and the log in which it lives."""

    division: str
    report_id: str
    report: Report

    @property
    def parting(self) -> tuple[Directed, ...]:
        """What goes to the need that it was linked to when it leaves."""
        first = self.report.linked_to
        return () if first is None else (Directed(stream_of(first), LeaveNeed(self.report_id)),)

    def handed_to(self, place: str, *, reason: str, basis: str) -> TransferOut:
        """The way of this report to another county, or to a township there."""
        county = place[:6]
        return TransferOut(
            new_report_id=report_id_of(self.report_id, county),
            to_county=county,
            to_township=None if place == county else place,
            reason=reason,
            basis=basis,
        )

    def on_to(self, county: str | None, township: str | None) -> TransferOut | None:
        """The way to where a supplement says that the need arose, if that is not here."""
        place = township or county
        if place is None or place.startswith(self.division):
            return None
        return self.handed_to(place, reason="arose_there", basis="补充材料说明急难发生地")


@dataclass(frozen=True, slots=True)
class Desk:
    """What intake's edge works with."""

    store: EventStore
    pool: Pool
    reports: Projector
    search: Search
    gazetteer: Gazetteer
    reception: Reception
    terms: Terms
    pace: Pace
    divisions: Divisions
    knowledge: Knowledge
    sheets: Sheets
    evidence: Evidence | None
    now: Callable[[], datetime]
    teller: Teller
    sealing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Documents are sealed and opened one after the other: each is in memory several times meanwhile."""

    @property
    def dialects(self) -> Dialects:
        """The dialects of the hotlines."""
        return self.teller.dialects

    async def report(self, division: str, report_id: str) -> Report | None:
        """A report as its log has it now."""
        return await state_of(self.store, (division, stream_of(report_id)), DECIDER)

    async def find(self, report_id: str) -> Found | None:
        """The report of this id, in whatever log it lives."""
        with translated():
            row = await self.pool.fetchrow(_WHERE, stream_of(report_id))
        if row is None:
            return None
        report = await self.report(row["division"], report_id)
        return None if report is None else Found(row["division"], report_id, report)

    async def of_order(self, vendor: str, number: str) -> Found | None:
        """The report that now stands for a vendor's order: the last, where it came again after the first was closed."""
        first = await self.find(report_id_of(vendor, number))
        if first is None:
            return None
        async with self.reports.reading() as connection:
            row = await connection.fetchrow(SQL["of_order"], vendor, number)
        if row is None or row["report_id"] == first.report_id:
            return first
        return await self.find(row["report_id"])

    async def standing(self, found: Found) -> Found:
        """The report that now stands for this one: where it was handed over, the other county's, once it is there."""
        while found.report.transfer is not None:
            onward = await self.find(found.report.transfer.new_report_id)
            if onward is None:
                break
            found = onward
        return found

    async def through_hands(self, found: Found) -> Sequence[Found]:
        """The report and those that it goes on from, where it was handed over to us: the latest first."""
        hands = [found]
        while (origin := hands[-1].report.came_from) is not None:
            earlier = await self.find(origin.report_id)
            if earlier is None:
                break
            hands.append(earlier)
        return hands

    async def command(self, told: Told, raw: bytes, *, sender: str, report_id: str, home: str) -> ReceiveReport:
        """The command for a report, with what its sender is owed and until when.

        What a sender dates ahead, by a clock that is wrong, was reported now: nobody waits the longer for it.
        """
        if told.reported_at > (now := self.now()):
            told = replace(told, reported_at=now)
        command = await self.reception.command(told, raw, sender=sender, report_id=report_id, home=home)
        terms = self.terms.of_report(command.county, told.reported_at, told.order, told.reply_due_at)
        suspects, earlier = await self.search.suspects(command), await self._earlier(command, told)
        if earlier is None:
            return replace(command, terms=terms, suspects=suspects)
        follows, returns = earlier.report_id, earlier.report.returns
        return replace(command, terms=terms, suspects=suspects, follows_report_id=follows, returns_before=returns)

    async def _earlier(self, command: ReceiveReport, told: Told) -> Found | None:
        """The report of the earlier number that it names, if that one ever came (原工单)."""
        if told.follows is None:
            return None
        earlier = await self.of_order(command.vendor, told.follows)
        return None if earlier is None or earlier.report_id == command.report_id else earlier

    def return_term(self, found: Found) -> Term:
        """Until when an order may be given back: as it was told on receipt; without an order, at once."""
        received = found.report.received
        told = (term for term in received.terms if term.name == "order_return")
        at = received.reported_at
        return next(told, Term(name="order_return", started_at=at, due_at=at, basis="未设退单期限"))

    def receipt(self, found: Found) -> Sequence[Directed]:
        """What is owed to the sender of a report that was incomplete until now, and of no other."""
        if found.report.has_asked:
            return ()
        received = found.report.received
        return [
            Directed(stream_of(found.report_id), each) for each in self.teller.receipt(received, received.reported_at)
        ]

    async def supplement(
        self, found: Found, supplement_id: str, raw: bytes, told: Told | Supplemented
    ) -> SupplementReport:
        """The command for what was added to a report, with all that is personal in it sealed as the report is."""
        place, phone = told.place, told.contact
        return SupplementReport(
            supplement_id=supplement_id,
            verbatim=await self.sealed(found.report, "supplement", raw),
            township=place.township,
            still_missing=told.missing,
            elsewhere=found.on_to(place.county, place.township),
            said=self.reception.digest(raw),
            phone=None if phone is None else await self.sealed(found.report, "phone", phone.encode()),
        )

    async def sealed(self, report: Report | None, field: str, raw: bytes) -> Sealed:
        """What was said later, under the key that the report itself is sealed with."""
        subject = "report:unknown" if report is None else report.received.verbatim.subject
        seals = await self.reception.sealer.prepare([subject])
        return seals.seal(subject, field, raw.decode("utf-8", "backslashreplace"))
