"""A report (急难报告): received word for word, supplemented, asked for help with once, answered, closed.

Its commands, its state and what is said about it later stand beside it.
"""

from collections.abc import Mapping, Sequence

from events.intake import (
    CameFrom,
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    IntakeFact,
    ReportReceived,
    ReportSupplemented,
)
from events.intake_later import AccountsDiffer, AttachmentStored, DuplicatesSuspected, TransferredIn
from services.chassis.decider import Circumstances, Decider, Refused
from services.intake.acknowledgement import acknowledgement
from services.intake.aftermath import hand_over, note
from services.intake.filed import file
from services.intake.need import keep_open
from services.intake.replying import answer
from services.intake.report_commands import (
    AbandonReply,
    AmendClosure,
    AnnounceReceipt,
    CloseReport,
    CompleteReply,
    ConfirmTransfer,
    DecideDuplicate,
    FileAppeal,
    Filed,
    HandOver,
    JoinNeed,
    LearnCase,
    LeaveNeed,
    LogCall,
    Message,
    PrepareReply,
    ReceiveReport,
    RecordDelivery,
    RecordReturnVisit,
    ReplyCommand,
    ReportCommand,
    RequeueReply,
    ReturnReport,
    SettleAccounts,
    StoreAttachment,
    SupplementReport,
    TransferOut,
    UrgeReport,
    VoidReport,
    WithdrawReport,
    WithholdReply,
    need_claims,
    order_claims,
)
from services.intake.report_state import Report, came_from, differs, evolve, report_of


def asks(command: ReportCommand, report: Report | None = None) -> tuple[str, ...]:
    """The claim keys whose owners the command has to see. A supplement needs the report as it stands."""
    if isinstance(command, Message | HandOver | Filed | ReplyCommand):
        return ()
    match command:
        case ReceiveReport():
            return order_claims(command) + need_claims(command)
        case SupplementReport():
            return () if report is None else need_claims(report.received)
        case JoinNeed():
            return need_claims(command)
        case LearnCase() | LeaveNeed() | CloseReport():
            return ()


# --- decide


def decide(report: Report | None, command: ReportCommand, now: Circumstances) -> Sequence[IntakeFact]:
    """What happens to the report. A repeated command gives nothing; a senseless one raises ``Refused``."""
    if isinstance(command, ReceiveReport):
        return _receive(command, now.owners) if report is None else _again(report, command)
    if report is None:
        raise Refused("no_such_report", "没有找到这份报告,请核对报告编号。")
    match command:
        case SupplementReport():
            return _supplement(report, command, now)
        case JoinNeed() | LeaveNeed() | CloseReport():
            return keep_open(report, command, now.owners)
        case LearnCase(case_id):
            known = report.case_id == case_id
            return () if known else (CaseNumberLearned(report_id=report.received.report_id, case_id=case_id),)
        case UrgeReport() | RecordReturnVisit() | WithdrawReport() | FileAppeal():
            return note(report, command, now)
        case ReturnReport() | VoidReport() | TransferOut() | ConfirmTransfer():
            return hand_over(report, command, now)
        case LogCall() | DecideDuplicate() | SettleAccounts() | StoreAttachment():
            return file(report, command, now)
        case PrepareReply() | AnnounceReceipt() | AmendClosure() | WithholdReply() | CompleteReply():
            return answer(report, command, now)
        case RecordDelivery() | AbandonReply() | RequeueReply():
            return answer(report, command, now)


def _receive(command: ReceiveReport, owners: Mapping[str, str]) -> Sequence[IntakeFact]:
    if command.previous_report_id is None and any(claim in owners for claim in order_claims(command)):
        raise Refused("order_known", "该工单号已经接收过,请作为原报告的补充提交。")
    if command.township is not None and not command.township.startswith(command.county):
        raise _elsewhere()
    # the command says word for word what the fact will say
    received = ReportReceived.model_validate(command, from_attributes=True)
    facts: tuple[IntakeFact, ...] = (received, *_came_from(command), *_brought(command), *_suspected(command))
    if received.township is None:
        return facts
    return *facts, _ask(received, received.township, owners, _origin(facts))


def _again(report: Report, command: ReceiveReport) -> Sequence[IntakeFact]:
    """The same report gives nothing anew, however long ago it came. Another under its number is refused, not lost.

    What is sealed is compared by a keyed digest of all that was sent.
    """
    if _signs(command) != _signs(report.received) or differs(command.said, report.received.said):
        raise Refused("report_known", "该编号此前已用于另一份报告,请更换编号后重新提交。")
    return ()


def _signs(said: ReceiveReport | ReportReceived) -> tuple[object, ...]:
    told = (said.channel, said.order, said.cause, said.urgency, said.persons, said.identity)
    return *told, said.person, said.reported_at, said.match_keys, said.likenesses


def _suspected(command: ReceiveReport) -> Sequence[IntakeFact]:
    if not command.suspects:
        return ()
    return (DuplicatesSuspected(report_id=command.report_id, candidates=command.suspects),)


def _elsewhere() -> Refused:
    return Refused("township_elsewhere", "该乡镇(街道)不属于所报的县(市、区),请核对区划代码。")


def _came_from(command: ReceiveReport) -> Sequence[IntakeFact]:
    origin = command.came_from
    if origin is None:
        return ()
    return (
        TransferredIn(
            report_id=command.report_id,
            from_report_id=origin.report_id,
            from_county=origin.county,
            first_received_at=origin.first_received_at,
            from_first_report_id=origin.first_report_id,
        ),
    )


def _brought(command: ReceiveReport) -> Sequence[IntakeFact]:
    """What had come to the county before us is there for us, too."""
    there = (one for one in command.attachments if one.sha256 in command.brought)
    return [AttachmentStored(report_id=command.report_id, sha256=one.sha256, size=one.size) for one in there]


def _supplement(report: Report, command: SupplementReport, now: Circumstances) -> Sequence[IntakeFact]:
    if command.supplement_id in report.supplements:
        if differs(command.said, report.supplements[command.supplement_id]):
            raise Refused("supplement_known", "该编号此前已用于另一份补充材料,请更换编号后重新提交。")
        return ()
    report_id = report.received.report_id
    supplemented = ReportSupplemented(
        report_id=report_id,
        supplement_id=command.supplement_id,
        township=command.township,
        verbatim=command.verbatim,
        still_missing=() if report.has_asked else command.still_missing,
        said=command.said,
        phone=command.phone,
    )
    place = command.place
    if place is None:
        return (supplemented,)
    if report.township not in (None, place):
        differ = AccountsDiffer(
            report_id=report_id,
            supplement_id=command.supplement_id,
            about="place",
            known=report.township,
            told=place,
        )
        return supplemented, differ
    if report.has_asked or report.is_closed:
        return (supplemented,)
    if command.elsewhere is not None:
        return supplemented, *hand_over(report, command.elsewhere, now)
    if not place.startswith(report.received.county):
        raise _elsewhere()
    return supplemented, _ask(report.received, place, now.owners, report.came_from)


def _origin(facts: Sequence[IntakeFact]) -> CameFrom | None:
    return next((came_from(one) for one in facts if isinstance(one, TransferredIn)), None)


def _ask(
    received: ReportReceived, township: str, owners: Mapping[str, str], origin: CameFrom | None
) -> HelpNeeded | HelpAskedAgain:
    """Ask for help at a place, unless one of the report's keys shows that it was asked for already."""
    first = next((owners[claim] for claim in need_claims(received) if claim in owners), None)
    if first is not None:
        return HelpAskedAgain(
            report_id=received.report_id,
            first_report_id=report_of(first),
            channel=received.channel,
            county=township[:6],
            reported_at=received.reported_at,
            due_at=received.reply_due_at,
            came_from=origin,
        )
    return HelpNeeded(
        report_id=received.report_id,
        channel=received.channel,
        county=township[:6],
        township=township,
        cause=received.cause,
        urgency=received.urgency,
        persons=received.persons,
        identity=received.identity,
        person=received.person,
        name=received.name,
        match_keys=received.match_keys,
        reported_at=received.reported_at,
        due_at=received.reply_due_at,
        came_from=origin,
    )


DECIDER: Decider[ReportCommand, Report | None, IntakeFact] = Decider(None, decide, evolve, acknowledgement)
