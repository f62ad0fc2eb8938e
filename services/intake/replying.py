"""What is owed to a report's sender: each reply prepared once, delivered, given up, or sent once more."""

from collections.abc import Sequence

from events.intake import IntakeFact, ReplyAbandoned, ReplyDelivered, ReplyPrepared, ReplyRequeued
from services.chassis.decider import Refused
from services.intake.report_commands import PrepareReply, RecordDelivery, ReplyCommand, RequeueReply
from services.intake.report_state import Report


def answer(report: Report, command: ReplyCommand) -> Sequence[IntakeFact]:
    """What becomes of a reply: prepared, delivered, abandoned, sent once more."""
    report_id, standing = report.received.report_id, report.replies.get(command.reply_id)
    if isinstance(command, PrepareReply):
        prepared = ReplyPrepared(
            report_id=report_id,
            reply_id=command.reply_id,
            kind=command.kind,
            document=command.document,
            is_sent=command.is_sent,
        )
        return () if standing is not None else (prepared,)
    if standing is None:
        raise Refused("no_such_reply", "没有找到这条答复,请核对答复编号。")
    if isinstance(command, RequeueReply):
        again = ReplyRequeued(report_id=report_id, reply_id=command.reply_id)
        return (again,) if standing == "abandoned" else ()
    if isinstance(command, RecordDelivery):
        delivered = ReplyDelivered(report_id=report_id, reply_id=command.reply_id, attempts=command.attempts)
        return () if standing == "delivered" else (delivered,)
    abandoned = ReplyAbandoned(
        report_id=report_id, reply_id=command.reply_id, attempts=command.attempts, reason=command.reason
    )
    return (abandoned,) if standing == "owed" else ()
