"""What is said about a report after it was received, and how it leaves us for others."""

from collections.abc import Sequence

from events.intake import IntakeFact, ReportReturned, ReportVoided, TransferTaken
from events.intake_later import (
    AppealFiled,
    ReportUrged,
    ReportWithdrawn,
    ReturnVisitRecorded,
    TransferredOut,
)
from services.chassis.decider import Circumstances, Refused
from services.intake.filed import repeated
from services.intake.report_commands import (
    ConfirmTransfer,
    FileAppeal,
    HandOver,
    Message,
    RecordReturnVisit,
    ReturnReport,
    TransferOut,
    UrgeReport,
    VoidReport,
    WithdrawReport,
)
from services.intake.report_state import Report


def note(report: Report, command: Message, now: Circumstances) -> Sequence[IntakeFact]:
    """What a later message comes to; the same message again gives nothing."""
    if command.message_id in report.messages:
        return repeated(command.said, report.messages[command.message_id])
    report_id = report.received.report_id
    match command:
        case UrgeReport(message_id, level, verbatim, said):
            number = report.urges.get(level, 0) + 1
            fact: IntakeFact = ReportUrged(
                report_id=report_id,
                message_id=message_id,
                level=level,
                number=number,
                verbatim=verbatim,
                said=said,
            )
        case RecordReturnVisit():
            fact = ReturnVisitRecorded(
                report_id=report_id,
                message_id=command.message_id,
                reached=command.reached,
                resolved=command.resolved,
                satisfied=command.satisfied,
                visited_at=command.visited_at,
                said=command.said,
            )
        case WithdrawReport(message_id, reason, said):
            withdrawn = ReportWithdrawn(report_id=report_id, message_id=message_id, reason=reason, said=said)
            return _withdraw(report, withdrawn)
        case FileAppeal(message_id, verbatim, said, clock):
            fact = AppealFiled(
                report_id=report_id,
                message_id=message_id,
                case_id=report.case_id,
                filed_by=now.actor.id,
                verbatim=verbatim,
                said=said,
                clock=clock,
            )
    return (fact,)


def _withdraw(report: Report, withdrawn: ReportWithdrawn) -> Sequence[IntakeFact]:
    if report.is_closed:
        raise Refused("report_closed", "这份报告已经办结或退回,不能撤回。")
    return () if report.is_withdrawn else (withdrawn,)


def hand_over(report: Report, command: HandOver, now: Circumstances) -> Sequence[IntakeFact]:
    """The report leaves us: back to its hotline, as an error, or on to another county, which then has it."""
    match command:
        case ReturnReport():
            return _give_back(report, command, now)
        case VoidReport():
            return _void(report, command, now)
        case TransferOut():
            return _transfer(report, command, now)
        case ConfirmTransfer():
            return _confirm(report, command)


def _give_back(report: Report, command: ReturnReport, now: Circumstances) -> Sequence[IntakeFact]:
    """The order goes back (退单). Only an order can, only while it is open, and only in time."""
    if report.received.order is None:
        raise Refused("no_order", "只有热线工单可以退回,其他渠道的报告请转办。")
    if report.is_closed:
        raise Refused("report_closed", "这份报告已经办结或退回。")
    if now.occurred_at > command.due_at:
        raise Refused("return_too_late", "已超过退单期限,不能退回,请转办或办理。")
    return (
        ReportReturned(
            report_id=report.received.report_id,
            reason=command.reason,
            basis=command.basis,
            number=report.returns + 1,
            due_on=command.due_on,
            returned_by=now.actor.id,
            frees=report.frees,
            cause=report.received.cause,
            first_report_id=report.linked_to,
        ),
    )


def _void(report: Report, command: VoidReport, now: Circumstances) -> Sequence[IntakeFact]:
    """An entry in error (作废). What was dealt with was no error; what is void stays so, for the reason told."""
    if report.voided_for == command.reason:
        return ()
    _must_be_open(report)
    return (
        ReportVoided(
            report_id=report.received.report_id,
            reason=command.reason,
            voided_by=now.actor.id,
            frees=report.frees,
            cause=report.received.cause,
            first_report_id=report.linked_to,
        ),
    )


def _must_be_open(report: Report) -> None:
    if report.is_closed:
        raise Refused("report_closed", "这份报告已经办结、退回或转出。")


def _transfer(report: Report, command: TransferOut, now: Circumstances) -> Sequence[IntakeFact]:
    out = report.transfer
    if out is not None and _signs(out) == _signs(command):
        return ()
    _must_be_open(report)
    return (
        TransferredOut(
            report_id=report.received.report_id,
            new_report_id=command.new_report_id,
            to_county=command.to_county,
            to_township=command.to_township,
            reason=command.reason,
            basis=command.basis,
            transferred_by=now.actor.id,
        ),
    )


def _signs(out: TransferOut | TransferredOut) -> tuple[object, ...]:
    return out.new_report_id, out.to_township, out.reason, out.basis


def _confirm(report: Report, command: ConfirmTransfer) -> Sequence[IntakeFact]:
    if report.transfer is None:
        raise Refused("not_transferred", "这份报告没有转出。")
    taken = TransferTaken(
        report_id=report.received.report_id,
        new_report_id=report.transfer.new_report_id,
        frees=report.frees,
        cause=report.received.cause,
        to_county=report.transfer.to_county,
        first_report_id=report.linked_to,
        joined_report_id=command.joined_report_id,
    )
    return (taken,) if not report.is_taken else ()
