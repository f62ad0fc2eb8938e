"""What must hold of reports in the end: none is lost, none is in two cases, and every reporter hears what was done."""

from collections import Counter
from typing import TYPE_CHECKING

from events.relief import CaseAccepted, CaseClosed, HouseholdRelieved

if TYPE_CHECKING:
    from tests.simulation.world import World


def reports_are_answered(world: "World") -> None:
    """Every report that asked for help is in one case, knows it, and hears of all that relief has done about it."""
    steps = [
        k.fact for k in world.relief.auditor.facts if isinstance(k.fact, CaseAccepted | HouseholdRelieved | CaseClosed)
    ]
    due = Counter(report_id for step in steps for report_id in step.report_ids)
    for county, reports in world.reports.items():
        for report_id, report in ((name, report) for name, report in reports.items() if report.has_asked):
            cases = [case for case in world.cases[county].values() if report_id in case.reports]
            if [case.case_id for case in cases] != [report.case_id]:
                world.report("report_unanswered", f"{report_id} has {report.case_id}, but is in {cases}")
            elif len(report.replies) < due[report_id] or report.is_closed != (cases[0].closed is not None):
                world.report("report_unanswered", f"{report_id} hears {len(report.replies)} times of {due[report_id]}")
