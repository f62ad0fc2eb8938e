"""What relief does when the others say something: needs become cases, ledger's answers are put down in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from events.cloudevents import Message
from events.intake import CameFrom, HelpAskedAgain, HelpNeeded, ReportReturned, ReportVoided, TransferTaken
from events.ledger import (
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RecoveryDeclined,
    RecoveryReceived,
    RefusedShort,
    Reserved,
    Voided,
)
from events.relief import HandedOver
from events.shanghai import day_of
from services.chassis.following import Reaction, on
from services.chassis.unit import Directed
from services.relief.case_commands import (
    CaseCommand,
    LinkReport,
    NoteInstructed,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
    OpenCase,
)
from services.relief.household_checks import settled
from services.relief.policy_cache import PolicyCache
from services.relief.signal import known_by
from services.relief.steps.case_file import stream_of
from services.relief.steps.ending import LetReportLeave
from services.relief.steps.recovery import NoteGivenBack, NoteUnclaimed

_NAMESPACE = UUID("b6a3c9a4-6c0e-5a7c-8c55-0c8b1d1c7a90")


def case_id_of(report_id: str) -> str:
    """The case that is opened for a report."""
    return str(uuid5(_NAMESPACE, report_id))


def _handed_over(origin: CameFrom | None) -> HandedOver | None:
    """The other county's case: that of the first report of the need there."""
    if origin is None:
        return None
    return HandedOver(county=origin.county, case_id=case_id_of(origin.first_report_id or origin.report_id))


@dataclass(frozen=True, slots=True)
class Reactions:
    """Relief's reactions. They read the published policies and nothing else."""

    cache: PolicyCache

    def table(self) -> Mapping[str, tuple[str, Reaction]]:
        """The reactions by the names of the facts they heed."""
        return dict(
            [
                on(HelpNeeded, self.opens_case),
                on(HelpAskedAgain, self.links_report),
                on(TransferTaken, self.lets_go_over),
                on(ReportReturned, self.lets_go_back),
                on(ReportVoided, self.lets_error_go),
                on(Reserved, self.notes_reserved),
                on(RefusedShort, self.notes_short),
                on(PaymentInstructed, self.notes_instructed),
                on(PaymentReceived, self.notes_received),
                on(PaymentReturned, self.notes_returned),
                on(Voided, self.notes_voided),
                on(RecoveryReceived, self.notes_given_back),
                on(RecoveryDeclined, self.notes_unclaimed),
            ]
        )

    async def opens_case(self, fact: HelpNeeded, message: Message) -> Sequence[Directed]:
        """Nobody has reported this need before: it gets a case."""
        case_id = case_id_of(fact.report_id)
        return [Directed(stream_of(case_id), OpenCase(case_id, fact, _handed_over(fact.came_from)))]

    async def links_report(self, fact: HelpAskedAgain, message: Message) -> Sequence[Directed]:
        """Another report joins the case of the first."""
        linked = LinkReport(fact, _handed_over(fact.came_from))
        return [Directed(stream_of(case_id_of(fact.first_report_id)), linked)]

    async def lets_go_over(self, fact: TransferTaken, message: Message) -> Sequence[Directed]:
        """Another county has a report now."""
        to_case = case_id_of(fact.joined_report_id or fact.new_report_id)
        leaving = LetReportLeave(fact.report_id, "transferred", fact.to_county, to_case)
        return await self._also_for_the_household(case_id_of(fact.first_report_id or fact.report_id), leaving, message)

    async def lets_go_back(self, fact: ReportReturned, message: Message) -> Sequence[Directed]:
        """An order was given back to its hotline."""
        leaving = LetReportLeave(fact.report_id, "returned")
        return await self._also_for_the_household(case_id_of(fact.first_report_id or fact.report_id), leaving, message)

    async def lets_error_go(self, fact: ReportVoided, message: Message) -> Sequence[Directed]:
        """A report was entered in error."""
        leaving = LetReportLeave(fact.report_id, "voided")
        return await self._also_for_the_household(case_id_of(fact.first_report_id or fact.report_id), leaving, message)

    async def notes_reserved(self, fact: Reserved, message: Message) -> Sequence[Directed]:
        """The money of a decision is held."""
        return [Directed(stream_of(fact.case_id), NoteReserved(fact))]

    async def notes_short(self, fact: RefusedShort, message: Message) -> Sequence[Directed]:
        """The fund is too short for a decision."""
        return [Directed(stream_of(fact.case_id), NoteShort(fact))]

    async def notes_instructed(self, fact: PaymentInstructed, message: Message) -> Sequence[Directed]:
        """The money of a decision is being paid."""
        return [Directed(stream_of(fact.case_id), NoteInstructed(fact))]

    async def notes_received(self, fact: PaymentReceived, message: Message) -> Sequence[Directed]:
        """The household has the money; the policy of that day tells which papers are owed.

        A day before there was any such rule is a slip of the pen: then the one that holds as ledger says it, decides.
        """
        policies, county = self.cache.policies, message.division
        policy = policies.policy(county, day_of(known_by(fact.received_at, message.recorded_at)))
        if policy.rules.make_up is None:
            policy = policies.policy(county, day_of(message.recorded_at))
        note = NoteReceived(fact, policy, policies.calendar(county))
        return await self._also_for_the_household(fact.case_id, note, message)

    async def notes_returned(self, fact: PaymentReturned, message: Message) -> Sequence[Directed]:
        """A payment came back."""
        return [Directed(stream_of(fact.case_id), NoteReturned(fact, self.cache.policies.calendar(message.division)))]

    async def notes_voided(self, fact: Voided, message: Message) -> Sequence[Directed]:
        """The money of a decision is let go."""
        return await self._also_for_the_household(fact.case_id, NoteVoided(fact), message)

    async def notes_given_back(self, fact: RecoveryReceived, message: Message) -> Sequence[Directed]:
        """Money that was ordered back has come."""
        return [Directed(stream_of(fact.case_id), NoteGivenBack(fact))]

    async def notes_unclaimed(self, fact: RecoveryDeclined, message: Message) -> Sequence[Directed]:
        """Money that was ordered back cannot be claimed."""
        return [Directed(stream_of(fact.case_id), NoteUnclaimed(fact))]

    async def _also_for_the_household(self, case_id: str, command: CaseCommand, message: Message) -> Sequence[Directed]:
        """After this the household may have another help than was counted for it."""
        on = day_of(message.recorded_at)
        return [Directed(stream_of(case_id), command), *await settled(self.cache.store, message.division, case_id, on)]
