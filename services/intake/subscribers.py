"""What intake does when relief says something: remember the case, tell every reporter, close the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from events.cloudevents import Message
from events.policy import PolicyPublished
from events.relief import CaseAccepted, CaseClosed, CaseOpened, HouseholdRelieved, ReliefCameBack, ReportLinked
from services.chassis.access import Access
from services.chassis.following import Reaction, on
from services.chassis.unit import Directed
from services.intake import policies
from services.intake.channels import replies
from services.intake.channels.closure import closure_form
from services.intake.channels.replies import Envelope, Reply
from services.intake.desk import Desk
from services.intake.report import asks
from services.intake.report_commands import CloseReport, JoinNeed, LearnCase, PrepareReply, WithholdReply
from services.intake.report_state import Report, stream_of

Write = Callable[[Envelope, Report], Reply]
"""What a report's sender is told."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """Intake's reactions. What a reporter without a callback would hear is kept for them to fetch."""

    desk: Desk
    access: Access

    def table(self) -> Mapping[str, tuple[str, Reaction]]:
        """The reactions by the names of the facts they heed."""
        return dict(
            [
                on(CaseOpened, self.learns_case),
                on(ReportLinked, self.learns_link),
                on(CaseAccepted, self.tells_acceptance),
                on(HouseholdRelieved, self.tells_relief),
                on(ReliefCameBack, self.tells_return),
                on(CaseClosed, self.tells_closure),
                on(PolicyPublished, self.learns_policy),
            ]
        )

    async def learns_case(self, fact: CaseOpened, message: Message) -> Sequence[Directed]:
        """The report has a case now."""
        return [Directed(stream_of(fact.report_id), LearnCase(fact.case_id))]

    async def learns_link(self, fact: ReportLinked, message: Message) -> Sequence[Directed]:
        """The report belongs to a case that was opened for an earlier one, whose need is now known by its keys, too.

        What the reporters before were told already, this one is told now.
        """
        learned = Directed(stream_of(fact.report_id), LearnCase(fact.case_id))
        late = await self._tell((fact.report_id,), message, *_missed(fact))
        report = await self.desk.report(message.division, fact.report_id)
        if report is None or report.linked_to is None:
            return [learned, *late]
        join = JoinNeed(fact.report_id, report.received.match_keys, report.received.cause)
        return [learned, Directed(stream_of(report.linked_to), join, asks(join)), *late]

    async def tells_acceptance(self, fact: CaseAccepted, message: Message) -> Sequence[Directed]:
        """The township has taken the case on."""
        return await self._tell(fact.report_ids, message, lambda env, _: replies.report_accepted(env, fact.case_id))

    async def tells_relief(self, fact: HouseholdRelieved, message: Message) -> Sequence[Directed]:
        """The household has help in hand."""
        case_id, at = fact.case_id, fact.relieved_at
        return await self._tell(fact.report_ids, message, lambda env, _: replies.advance_paid(env, case_id, at))

    async def tells_return(self, fact: ReliefCameBack, message: Message) -> Sequence[Directed]:
        """The household has not got it after all."""
        return await self._tell(fact.report_ids, message, lambda env, _: replies.payment_returned(env, fact.case_id))

    async def tells_closure(self, fact: CaseClosed, message: Message) -> Sequence[Directed]:
        """The case is done: a hotline gets its closure form, the others a message; their reports are closed."""
        told = await self._tell(fact.report_ids, message, lambda env, report: _closure(env, fact, report))
        return [*told, *(Directed(stream_of(report_id), CloseReport()) for report_id in fact.report_ids)]

    async def learns_policy(self, fact: PolicyPublished, message: Message) -> Sequence[Directed]:
        """A set has come into force."""
        return [Directed(policies.STREAM, policies.HearPolicy(fact))]

    async def _tell(self, report_ids: Sequence[str], message: Message, *writes: Write) -> list[Directed]:
        told: list[Directed] = []
        for report_id in report_ids:
            report = await self.desk.report(message.division, report_id)
            if report is None or report.has_left:
                continue
            for number, write in enumerate(writes):
                reply_id = f"{message.division}-{message.position}-{report_id[:8]}" + (f"-{number}" if number else "")
                reply = write(self._envelope(reply_id, report, message), report)
                told.append(Directed(stream_of(report_id), self._owe(reply_id, reply, report)))
        return told

    def _owe(self, reply_id: str, reply: Reply, report: Report) -> PrepareReply | WithholdReply:
        has_callback = self._has_callback(report)
        if reply.lacks:
            return WithholdReply(reply_id, reply.kind, reply.document, reply.lacks, has_callback)
        return PrepareReply(reply_id, reply.kind, reply.document, has_callback)

    def _envelope(self, reply_id: str, report: Report, message: Message) -> Envelope:
        return Envelope(
            reply_id=reply_id,
            report_id=report.received.report_id,
            county=message.division,
            at=message.occurred_at,
            cause=f"{message.service}:{message.division}:{message.position}",
            order=report.received.order,
            dialect=self.desk.dialects.of(report.received.vendor),
        )

    def _has_callback(self, report: Report) -> bool:
        system = self.access.systems.get(report.received.vendor)
        return system is not None and system.callback is not None


def _missed(fact: ReportLinked) -> Sequence[Write]:
    """What those who had reported before were told already, in the same order."""
    case_id, relieved_at = fact.case_id, fact.relieved_at
    writes: list[Write] = []
    if fact.accepted_at is not None:
        writes.append(lambda env, _: replies.report_accepted(env, case_id))
    if relieved_at is not None:
        writes.append(lambda env, _: replies.advance_paid(env, case_id, relieved_at))
    return writes


def _closure(envelope: Envelope, fact: CaseClosed, report: Report) -> Reply:
    if report.received.channel == "hotline":
        return closure_form(envelope, fact, is_secret=report.received.is_secret)
    return replies.case_closed(envelope, fact)
