"""What a report's sender is told, and whether it has asked for that: written once, for callbacks and feed alike."""

from dataclasses import dataclass
from datetime import datetime

from events.intake import ReportReceived
from services.chassis.access import Access
from services.chassis.tracing import traceparent
from services.intake.channels.dialect import Dialects
from services.intake.channels.progress import closure_amended, receipts
from services.intake.channels.replies import Envelope, Reply
from services.intake.report_commands import AmendClosure, AnnounceReceipt, PrepareReply, ReceiveReport, WithholdReply
from services.intake.report_state import Report
from services.intake.subscriptions import Event, Subscription, Subscriptions

_RECEIPTS: tuple[Event, ...] = ("report.received", "report.incomplete", "report.linked")


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes to senders in their own words. What one without a callback would hear is kept for it to fetch."""

    access: Access
    dialects: Dialects
    subscriptions: Subscriptions

    def subscription(self, report: Report) -> Subscription:
        """What the report's sender hears."""
        return self.subscriptions.of(report.received.vendor)

    def envelope(self, reply_id: str, report: Report, *, county: str, at: datetime, cause: str) -> Envelope:
        """What stands on a message about a report."""
        received = report.received
        return Envelope(
            reply_id=reply_id,
            report_id=received.report_id,
            county=county,
            at=at,
            cause=cause,
            order=received.order,
            dialect=self.dialects.of(received.vendor),
            shows_amounts=self.subscription(report).amounts,
            traceparent=traceparent(),
        )

    def owe(self, reply_id: str, reply: Reply, report: Report) -> PrepareReply | WithholdReply:
        """The command by which a message is owed; one that is not whole is withheld."""
        has_callback = self._has_callback(report.received.vendor)
        if reply.lacks:
            return WithholdReply(reply_id, reply.kind, reply.document, reply.lacks, has_callback)
        return PrepareReply(reply_id, reply.kind, reply.document, has_callback)

    def receipt(self, command: ReceiveReport | ReportReceived, at: datetime) -> tuple[AnnounceReceipt, ...]:
        """What is owed for a report that is just coming in: nothing to most, whom the answer itself tells."""
        wanted = self.subscriptions.of(command.vendor).events.intersection(_RECEIPTS)
        if not wanted:
            return ()
        envelope = Envelope(
            reply_id="",
            report_id=command.report_id,
            county=command.county,
            at=at,
            cause=f"intake:{command.report_id}",
            order=command.order,
            dialect=self.dialects.of(command.vendor),
            traceparent=traceparent(),
        )
        kinds = frozenset(event.replace(".", "_") for event in wanted)
        documents = {kind: document for kind, document in receipts(envelope).items() if kind in kinds}
        return (AnnounceReceipt(documents, self._has_callback(command.vendor)),)

    def amendment(self, digest: str, report: Report, *, county: str, at: datetime) -> tuple[AmendClosure, ...]:
        """What is owed for a document that is just coming: nothing, unless its hotline has the closure form already,
        which is known only when it is decided."""
        if report.received.order is None or not self.subscription(report).wants("case.closure_amended"):
            return ()
        reply_id = f"amended-{digest[:16]}-{report.received.report_id[:36]}"
        envelope = self.envelope(reply_id, report, county=county, at=at, cause=f"intake:{digest[:32]}")
        return (AmendClosure(reply_id, closure_amended(envelope).document, self._has_callback(report.received.vendor)),)

    def _has_callback(self, vendor: str) -> bool:
        system = self.access.systems.get(vendor)
        return system is not None and system.callback is not None
