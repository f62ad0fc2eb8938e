"""What is put to a report's file (归档): whom we called, what a person says of a likeness, a document that came."""

from collections.abc import Sequence

from events.intake import IntakeFact
from events.intake_later import AccountsSettled, AttachmentStored, DuplicateDecided, DutyCalled
from services.chassis.decider import Circumstances, Refused
from services.intake.report_commands import DecideDuplicate, Filed, LogCall, SettleAccounts, StoreAttachment
from services.intake.report_state import Report, differs

ADDED_AT_MOST = 20
"""Documents that a report may have beside those that were announced with it."""


def file(report: Report, command: Filed, now: Circumstances) -> Sequence[IntakeFact]:
    """What is put to the report's file: whom we called, what a person says of a likeness, a document that came."""
    report_id = report.received.report_id
    match command:
        case LogCall():
            if command.call_id in report.calls:
                return repeated(command.said, report.calls[command.call_id])
            return (_called(report_id, command),)
        case DecideDuplicate():
            return _compared(report, command, now)
        case SettleAccounts():
            return _settled(report, command, now)
        case StoreAttachment():
            return _stored(report, command)


def repeated(said: str | None, before: str | None) -> tuple[()]:
    """The same message says nothing anew. Other words under its id, by their digests, are refused, not lost."""
    if differs(said, before):
        raise Refused("message_known", "该编号此前已用于另一条消息,请更换编号后重新提交。")
    return ()


def _compared(report: Report, command: DecideDuplicate, now: Circumstances) -> Sequence[IntakeFact]:
    """A verdict that stands already says nothing anew; with another reason it is another word, and is kept."""
    report_id, other = report.received.report_id, command.other_report_id
    if other == report_id:
        raise Refused("same_report", "这是同一份报告。")
    if report.verdicts.get(other) == command.verdict and not differs(command.said, report.reasons.get(other)):
        return ()
    return (
        DuplicateDecided(
            report_id=report_id,
            other_report_id=other,
            verdict=command.verdict,
            decided_by=now.actor.id,
            reason=command.reason,
            said=command.said,
        ),
    )


def _settled(report: Report, command: SettleAccounts, now: Circumstances) -> Sequence[IntakeFact]:
    """As with a verdict: the same word says nothing anew, and with another reason it is another word."""
    if command.supplement_id not in report.differences:
        raise Refused("accounts_agree", "这份补充材料与原先所报没有不一致之处,请核对补充编号。")
    before = report.differences[command.supplement_id]
    if before is not None and before.holds == command.holds and not differs(command.said, before.said):
        return ()
    return (
        AccountsSettled(
            report_id=report.received.report_id,
            supplement_id=command.supplement_id,
            holds=command.holds,
            reason=command.reason,
            settled_by=now.actor.id,
            said=command.said,
        ),
    )


def must_have_room(report: Report) -> None:
    """Raise ``Refused`` where so many documents were added that no other is taken."""
    if len(report.added) >= ADDED_AT_MOST:
        raise Refused("too_many_attachments", "一份报告另外补充的附件最多20个。")


def _stored(report: Report, command: StoreAttachment) -> Sequence[IntakeFact]:
    """What comes while the report is on its way to another county would stay behind: it is sent again to them."""
    if command.sha256 in report.attachments:
        return ()
    if report.transfer is not None:
        raise Refused("being_transferred", "这份报告正在转办途中,请稍后重新上传附件。")
    if command.kind is not None:
        must_have_room(report)
    return (
        AttachmentStored(
            report_id=report.received.report_id,
            sha256=command.sha256,
            size=command.size,
            media_type=command.media_type,
            kind=command.kind,
        ),
    )


def _called(report_id: str, command: LogCall) -> DutyCalled:
    return DutyCalled(
        report_id=report_id,
        call_id=command.call_id,
        division=command.division,
        staff_id=command.staff_id,
        reached=command.reached,
        called_at=command.called_at,
        said=command.said,
    )
