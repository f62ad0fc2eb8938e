"""What intake does when relief says something: remember the case, tell every reporter, close the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from events.cloudevents import Message
from events.policy import PolicyPublished
from events.relief import (
    AdvanceDecided,
    CaseAccepted,
    CaseClosed,
    CaseOpened,
    HouseholdContacted,
    HouseholdRelieved,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
)
from events.relief_clocks import (
    ClockBroken,
    ClockContinued,
    ClockCorrected,
    ClockFact,
    ClockHalted,
    ClockPaused,
    ClockResumed,
    ClockWarned,
)
from events.relief_fast import CaseDiverted, SmallFastDecided
from services.chassis.following import Reaction, on
from services.chassis.unit import Directed
from services.intake import policies
from services.intake.channels import progress, replies
from services.intake.channels.closure import closure_form
from services.intake.channels.replies import Envelope, Reply, on_paper
from services.intake.desk import Desk
from services.intake.report import asks
from services.intake.report_commands import CloseReport, JoinNeed, LearnCase
from services.intake.report_state import Report, stream_of
from services.intake.subscriptions import Event
from services.intake.telling import Teller

Write = tuple[Event, Callable[[Envelope, Report], Reply]]
"""What a report's sender is told, and of what event."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """Intake's reactions. What a reporter without a callback would hear is kept for them to fetch."""

    desk: Desk

    @property
    def teller(self) -> Teller:
        """Who writes to the senders."""
        return self.desk.teller

    def table(self) -> Mapping[str, tuple[str, Reaction]]:
        """The reactions by the names of the facts they heed."""
        return dict(
            [
                on(CaseOpened, self.learns_case),
                on(ReportLinked, self.learns_link),
                on(CaseAccepted, self.tells_acceptance),
                on(CaseDiverted, self.tells_diversion),
                on(HouseholdContacted, self.tells_contact),
                on(AdvanceDecided, self.tells_decision),
                on(SmallFastDecided, self.tells_decision),
                on(PaperworkDebtOpened, self.tells_papers),
                on(PaperworkDebtMoved, self.tells_papers),
                on(ClockPaused, self.tells_pause),
                on(ClockResumed, self.tells_resumption),
                on(ClockHalted, self.tells_halt),
                on(ClockContinued, self.tells_continuation),
                on(ClockWarned, self.tells_warning),
                on(ClockBroken, self.tells_breach),
                on(ClockCorrected, self.tells_correction),
                on(HouseholdRelieved, self.tells_relief),
                on(ReliefCameBack, self.tells_return),
                on(CaseClosed, self.tells_closure),
                on(PolicyPublished, self.learns_policy),
            ]
        )

    async def learns_case(self, fact: CaseOpened, message: Message) -> Sequence[Directed]:
        """The report has a case now."""
        learned = Directed(stream_of(fact.report_id), LearnCase(fact.case_id))
        return [learned, *await self._reopened(fact.report_id, fact.case_id, message)]

    async def learns_link(self, fact: ReportLinked, message: Message) -> Sequence[Directed]:
        """The report belongs to a case that was opened for an earlier one, whose need is now known by its keys, too.

        What the reporters before were told already, this one is told now.
        """
        learned = Directed(stream_of(fact.report_id), LearnCase(fact.case_id))
        late = await self._tell((fact.report_id,), message, *_missed(fact))
        late += await self._reopened(fact.report_id, fact.case_id, message)
        report = await self.desk.report(message.division, fact.report_id)
        if report is None or report.linked_to is None:
            return [learned, *late]
        join = JoinNeed(fact.report_id, report.received.match_keys, report.received.cause)
        return [learned, Directed(stream_of(report.linked_to), join, asks(join)), *late]

    async def tells_acceptance(self, fact: CaseAccepted, message: Message) -> Sequence[Directed]:
        """The township has taken the case on."""
        return await self._tell(
            fact.report_ids, message, ("report.accepted", lambda env, _: replies.report_accepted(env, fact.case_id))
        )

    async def tells_diversion(self, fact: CaseDiverted, message: Message) -> Sequence[Directed]:
        """Another scheme is responsible."""
        case_id, scheme = fact.case_id, fact.scheme
        write: Write = ("report.transferred", lambda env, _: progress.referred(env, case_id, scheme))
        return await self._tell(fact.report_ids, message, write)

    async def tells_contact(self, fact: HouseholdContacted, message: Message) -> Sequence[Directed]:
        """Somebody tried to speak to the household."""
        case_id, at, reached = fact.case_id, fact.contacted_at, fact.reached
        write: Write = ("case.contacted", lambda env, _: progress.contacted(env, case_id, at, reached=reached))
        return await self._tell(fact.report_ids, message, write)

    async def tells_decision(self, fact: AdvanceDecided | SmallFastDecided, message: Message) -> Sequence[Directed]:
        """Help before paperwork was decided."""
        case_id, amount = fact.case_id, fact.amount_fen
        write: Write = ("case.advance_decided", lambda env, _: progress.advance_decided(env, case_id, amount))
        return await self._tell(fact.report_ids, message, write)

    async def tells_papers(
        self, fact: PaperworkDebtOpened | PaperworkDebtMoved, message: Message
    ) -> Sequence[Directed]:
        """Papers are owed until a day, or until another."""
        case_id, due_on = fact.case_id, fact.due_on
        write: Write = ("case.makeup_due", lambda env, _: progress.makeup_due(env, case_id, due_on))
        return await self._tell(fact.report_ids, message, write)

    async def tells_relief(self, fact: HouseholdRelieved, message: Message) -> Sequence[Directed]:
        """The household has help in hand."""
        case_id, at = fact.case_id, fact.relieved_at
        return await self._tell(
            fact.report_ids,
            message,
            ("case.advance_paid", lambda env, _: replies.advance_paid(env, case_id, at, fact.amount_fen)),
        )

    async def tells_return(self, fact: ReliefCameBack, message: Message) -> Sequence[Directed]:
        """The household has not got it after all."""
        return await self._tell(
            fact.report_ids,
            message,
            ("case.payment_returned", lambda env, _: replies.payment_returned(env, fact.case_id)),
        )

    async def tells_closure(self, fact: CaseClosed, message: Message) -> Sequence[Directed]:
        """The case is done: a hotline gets its closure form, the others a message; their reports are closed."""
        told = await self._tell(
            fact.report_ids, message, ("case.closed", lambda env, report: _closure(env, fact, report))
        )
        return [*told, *(Directed(stream_of(report_id), CloseReport()) for report_id in fact.report_ids)]

    async def tells_pause(self, fact: ClockPaused, message: Message) -> Sequence[Directed]:
        """A deadline stands still."""
        told = {"cause": fact.cause, "paused_at": fact.paused_at, "expires_at": fact.expires_at}
        return await self._tell_of_clock("clock.paused", fact, message, told)

    async def tells_resumption(self, fact: ClockResumed, message: Message) -> Sequence[Directed]:
        """A deadline runs on."""
        return await self._tell_of_clock("clock.resumed", fact, message, {"resumed_at": fact.resumed_at})

    async def tells_halt(self, fact: ClockHalted, message: Message) -> Sequence[Directed]:
        """A deadline stands still by the policy's own rule."""
        told = {"cause": fact.cause, "paused_at": fact.halted_at, "expires_at": fact.expires_at, "basis": fact.clause}
        return await self._tell_of_clock("clock.paused", fact, message, told)

    async def tells_continuation(self, fact: ClockContinued, message: Message) -> Sequence[Directed]:
        """A deadline that stood still by the policy's own rule runs on."""
        told = {"resumed_at": fact.continued_at, "due_at": fact.due_at}
        return await self._tell_of_clock("clock.resumed", fact, message, told)

    async def tells_warning(self, fact: ClockWarned, message: Message) -> Sequence[Directed]:
        """Little time is left."""
        told = {"started_at": fact.started_at, "due_at": fact.due_at}
        return await self._tell_of_clock("clock.warning", fact, message, told)

    async def tells_breach(self, fact: ClockBroken, message: Message) -> Sequence[Directed]:
        """A deadline has passed."""
        told = {"verdict": fact.verdict, "started_at": fact.started_at, "due_at": fact.due_at, "basis": fact.clause}
        return await self._tell_of_clock("clock.breached", fact, message, told)

    async def tells_correction(self, fact: ClockCorrected, message: Message) -> Sequence[Directed]:
        """What was judged of a deadline is another thing."""
        told = {"was": fact.was, "verdict": fact.verdict, "due_at": fact.due_at, "stopped_at": fact.stopped_at}
        return await self._tell_of_clock("clock.corrected", fact, message, told)

    async def _tell_of_clock(
        self, event: Event, fact: ClockFact, message: Message, told: Mapping[str, datetime | str | None]
    ) -> Sequence[Directed]:
        """Those of its reporters who hear of this clock."""
        written = {name: on_paper(one) if isinstance(one, datetime) else one for name, one in told.items()}
        said = {"clock": fact.clock, **written}
        write: Write = (event, lambda env, _: progress.clock(env, event, fact.case_id, said))
        hearing = [
            report_id
            for report_id in fact.report_ids
            if (report := await self.desk.report(message.division, report_id)) is not None
            and fact.clock in self.teller.subscription(report).clocks
        ]
        return await self._tell(hearing, message, write)

    async def _reopened(self, report_id: str, case_id: str, message: Message) -> list[Directed]:
        """Whether the report follows on one that was dealt with here, and is told so."""
        report = await self.desk.report(message.division, report_id)
        earlier_id = None if report is None else report.received.earlier_report_id
        earlier = None if earlier_id is None else await self.desk.find(earlier_id)
        if earlier is None or not earlier.report.is_closed or earlier.report.has_left:
            return []
        write: Write = ("case.reopened", lambda env, _: progress.reopened(env, case_id, earlier.report_id))
        return await self._tell((report_id,), message, write)

    async def learns_policy(self, fact: PolicyPublished, message: Message) -> Sequence[Directed]:
        """A set has come into force."""
        return [Directed(policies.STREAM, policies.HearPolicy(fact))]

    async def _tell(self, report_ids: Sequence[str], message: Message, *writes: Write) -> list[Directed]:
        told: list[Directed] = []
        for report_id in report_ids:
            report = await self.desk.report(message.division, report_id)
            if report is None or report.has_left:
                continue
            for number, (event, write) in enumerate(writes):
                reply_id = f"{message.division}-{message.position}-{report_id[:8]}" + (f"-{number}" if number else "")
                if self.teller.subscription(report).wants(event):
                    reply = write(self._envelope(reply_id, report, message), report)
                    told.append(Directed(stream_of(report_id), self.teller.owe(reply_id, reply, report)))
        return told

    def _envelope(self, reply_id: str, report: Report, message: Message) -> Envelope:
        cause = f"{message.service}:{message.division}:{message.position}"
        envelope = self.teller.envelope(reply_id, report, county=message.division, at=message.occurred_at, cause=cause)
        return replace(envelope, traceparent=message.traceparent)


def _missed(fact: ReportLinked) -> Sequence[Write]:
    """What those who had reported before were told already, in the same order."""
    case_id, relieved_at = fact.case_id, fact.relieved_at
    writes: list[Write] = []
    if fact.accepted_at is not None:
        writes.append(("report.accepted", lambda env, _: replies.report_accepted(env, case_id)))
    if relieved_at is not None:
        writes.append(("case.advance_paid", lambda env, _: replies.advance_paid(env, case_id, relieved_at)))
    return writes


def _closure(envelope: Envelope, fact: CaseClosed, report: Report) -> Reply:
    if report.received.channel == "hotline":
        return closure_form(envelope, fact, is_secret=report.received.is_secret)
    return replies.case_closed(envelope, fact)
