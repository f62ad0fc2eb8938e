"""A case (个案): opened for one need, taken on by a township, helped first and papered later, closed with an answer.

The aggregate as a whole: what can be said to it stands in ``case_commands``, what is known of it in ``case_state``,
and the two longer parts of its decisions in ``advance`` and ``paperwork``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    HouseholdContacted,
    HouseholdRelieved,
    ReportLinked,
    ReviewRaised,
)
from events.relief_approval import ApprovalProposed, ApprovalSigned, PlanDeclined
from events.relief_words import CONTACTS_TOLD
from services.chassis.decider import Circumstances, Decider, Refused
from services.relief.advance import decide_advance, hand_over, let_go
from services.relief.case_changes import evolve
from services.relief.case_commands import (
    AcceptCase,
    CaseCommand,
    CloseCase,
    DecideAdvance,
    FilePaper,
    Handling,
    HandOverGoods,
    Helping,
    LetAdvanceGo,
    LinkReport,
    NoteInstructed,
    NoteLateEntry,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
    OpenCase,
    RecordContact,
)
from services.relief.case_state import Case
from services.relief.closure_text import done_in, handling
from services.relief.money import note
from services.relief.paperwork import file
from services.relief.reviews import although_barred, of_a_lasting_cause
from services.relief.signal import known_by
from services.relief.step_decisions import must_be_helpable, proceed
from services.relief.steps.ending import LetReportLeave


def decide(case: Case | None, command: CaseCommand, now: Circumstances) -> Sequence[CaseFact]:
    """What happens in the case. Something heard again gives nothing; raises ``Refused`` for a senseless command.

    What is said to lie ahead is decided as of now: no waiting time ends by being told so.
    """
    if isinstance(command, OpenCase):
        return _open(case, command)
    if case is None and isinstance(command, LetReportLeave):
        return ()  # it left before anybody knew where help was needed
    if case is None:
        raise Refused("unknown_case", "没有这个个案,请核对个案编号。")
    now = now._replace(occurred_at=known_by(now.occurred_at, now.recorded_at))
    match command:
        case LinkReport() | AcceptCase() | RecordContact() | CloseCase():
            return _handle(case, command, now)
        case DecideAdvance() | HandOverGoods() | LetAdvanceGo() | FilePaper() | NoteLateEntry():
            return _help(case, command, now)
        case NoteReserved() | NoteShort() | NoteInstructed() | NoteReceived() | NoteReturned() | NoteVoided():
            return note(case, command, now)
        case _:
            return proceed(case, command, now)


def _open(case: Case | None, command: OpenCase) -> Sequence[CaseFact]:
    need = command.need
    if case is not None:
        if need.report_id in case.reports:
            return ()
        raise Refused("case_exists", "该个案已经立案,不能重复立案。")
    return (
        CaseOpened(
            case_id=command.case_id,
            report_id=need.report_id,
            county=need.county,
            township=need.township,
            cause=need.cause,
            urgency=need.urgency,
            persons=need.persons,
            identity=need.identity,
            person=need.person,
            name=need.name,
            reported_at=need.reported_at,
            channel=need.channel,
            due_at=need.due_at,
            came_from=command.came_from,
        ),
    )


def _handle(case: Case, command: Handling, now: Circumstances) -> Sequence[CaseFact]:
    if isinstance(command, LinkReport):
        return _link(case, command)
    _must_be_open(case)
    match command:
        case AcceptCase():
            return _accept(case, now)
        case RecordContact(reached):
            return (_contacted(case, reached, now),)
        case CloseCase(outcome):
            return _close(case, outcome, now)


def _must_be_open(case: Case) -> None:
    if case.closed is not None:
        raise Refused("case_closed", "该个案已经办结。")


def _link(case: Case, command: LinkReport) -> Sequence[CaseFact]:
    """A report that joins late hears what the others were told before, and after the closing the same answer."""
    report = command.report
    if report.report_id in case.reports:
        return ()
    linked = ReportLinked(
        case_id=case.case_id,
        report_id=report.report_id,
        reported_at=report.reported_at,
        channel=report.channel,
        due_at=report.due_at,
        accepted_at=case.accepted_at,
        relieved_at=case.relieved_at,
        came_from=command.came_from,
    )
    if case.closed is None:
        return (linked,)
    return linked, case.closed.model_copy(update={"report_ids": (report.report_id,), "person": None})


def _contacted(case: Case, reached: bool, now: Circumstances) -> HouseholdContacted:
    return HouseholdContacted(
        case_id=case.case_id,
        contacted_by=now.actor.id,
        reached=reached,
        contacted_at=now.occurred_at,
        report_ids=case.report_ids,
    )


def _accept(case: Case, now: Circumstances) -> Sequence[CaseFact]:
    if case.accepted_at is not None:
        raise Refused("already_accepted", "该个案已经受理,不能重复受理。")
    return (CaseAccepted(case_id=case.case_id, report_ids=tuple(case.reports), accepted_by=now.actor.id),)


def _help(case: Case, command: Helping, now: Circumstances) -> Sequence[CaseFact]:
    match command:
        case DecideAdvance():
            must_be_helpable(case)
            return _looked_at(case, command, decide_advance(case, command, now), now)
        case HandOverGoods():
            return hand_over(case, command, now)
        case LetAdvanceGo():
            return let_go(case, command)
        case FilePaper():
            return file(case, command, now)
        case NoteLateEntry():
            return _late(case, command)


def _looked_at(case: Case, command: DecideAdvance, facts: Sequence[CaseFact], now: Circumstances) -> Sequence[CaseFact]:
    if not any(isinstance(fact, AdvanceDecided) for fact in facts):
        return facts
    barred = although_barred(case, command.barred_until, command.decision_id, now)
    return *facts, *barred, *of_a_lasting_cause(case, command.lasting)


def _late(case: Case, command: NoteLateEntry) -> Sequence[CaseFact]:
    late = ReviewRaised(case_id=case.case_id, about=command.evidence_sha256, reason="recorded_late")
    return () if late in case.reviews else (late,)


def _close(case: Case, outcome: Literal["relieved", "not_relieved"], now: Circumstances) -> Sequence[CaseFact]:
    _must_be_closable(case, outcome)
    return (
        CaseClosed(
            case_id=case.case_id,
            report_ids=tuple(case.reports),
            outcome=outcome,
            handling=handling(done_in(case)),
            contacted_at=case.contacted_at,
            relieved_at=case.relieved_at,
            closed_by=now.actor.id,
            person=case.person if case.holds_claim else None,
            cause=case.opened.cause,
            clauses=tuple(sorted(case.clauses)),
            contacts=tuple(sorted(case.contacts, key=lambda contact: contact.at)[-CONTACTS_TOLD:]),
        ),
    )


def _must_be_closable(case: Case, outcome: Literal["relieved", "not_relieved"]) -> None:
    if not case.contacts:
        raise Refused("not_contacted", "尚未联系求助人,不能办结。")
    if not case.approvals.is_settled:
        raise Refused("approval_open", "还有审批或分期救助没有办完,不能办结。")
    if not case.is_settled:
        raise Refused("decision_open", "还有先行救助决定没有落实,不能办结。")
    if outcome == "relieved" and not case.reliefs:
        raise Refused("not_relieved_yet", "尚未给予救助;如确不救助,请注明后办结。")
    if outcome == "not_relieved" and case.reliefs:
        raise Refused("was_relieved", "已经给予救助,不能按未救助办结。")


def answer(facts: Sequence[CaseFact]) -> Mapping[str, Any]:
    """What a caller is told: the case, the decision if there is one, and what came of it as a code."""
    if not facts:
        return {}
    first = facts[0]
    told = {"case_id": first.case_id, "outcome": first.NAME.removeprefix("relief.")}
    match first:
        case AdvanceDeclined():
            return told | {"decision_id": first.decision_id, "outcome": first.reason}
        case AdvanceDecided() | HouseholdRelieved():
            return told | {"decision_id": first.decision_id}
        case PlanDeclined():
            return told | {"approval_id": first.approval_id, "outcome": first.reason}
        case ApprovalProposed() | ApprovalSigned():
            return told | {"approval_id": first.approval_id, "outcome": facts[-1].NAME.removeprefix("relief.")}
        case _:
            return told


DECIDER: Decider[CaseCommand, Case | None, CaseFact] = Decider(None, decide, evolve, answer)
