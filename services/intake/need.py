"""How long a need is open, and under which keys: for the report that asked for help, and for those linked to it."""

from collections.abc import Mapping, Sequence

from events.intake import IntakeFact, NeedJoined, NeedLeft, ReportClosed, need_claim
from services.intake.report_commands import CloseReport, JoinNeed, LeaveNeed, Need
from services.intake.report_state import Report


def keep_open(report: Report, command: Need, owners: Mapping[str, str]) -> Sequence[IntakeFact]:
    """What becomes of the need: its keys stay with the report that asked first, even when that one has left."""
    match command:
        case JoinNeed():
            return _join(report, command, owners)
        case LeaveNeed(linked_report_id):
            return _leave(report, linked_report_id)
        case CloseReport():
            return _close(report)


def _join(report: Report, command: JoinNeed, owners: Mapping[str, str]) -> Sequence[IntakeFact]:
    """Only a need that is open here takes keys, and only those that nobody holds."""
    is_open = bool(report.holds) or (report.is_away and not report.is_dealt_with)
    if not is_open or command.linked_report_id in report.companions:
        return ()
    new = (key for key in command.match_keys if key not in report.holds)
    free = tuple(key for key in new if need_claim(key, command.cause) not in owners)
    joined = NeedJoined(
        report_id=report.received.report_id,
        linked_report_id=command.linked_report_id,
        match_keys=free,
        cause=command.cause,
    )
    return (joined,)


def _leave(report: Report, linked_report_id: str) -> Sequence[IntakeFact]:
    if report.companions.get(linked_report_id) is False:
        return ()
    others = (is_here for one, is_here in report.companions.items() if one != linked_report_id)
    left = NeedLeft(
        report_id=report.received.report_id,
        linked_report_id=linked_report_id,
        frees=report.holds if report.is_away and not any(others) else (),
        cause=report.received.cause,
    )
    return (left,)


def _close(report: Report) -> Sequence[IntakeFact]:
    if report.is_closed and not report.holds:
        return ()
    return (ReportClosed(report_id=report.received.report_id, frees=report.holds, cause=report.received.cause),)
