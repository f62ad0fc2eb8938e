"""A case goes to another township of its county (变更乡镇): the wrong one was named, or it was merged into another."""

from dataclasses import dataclass

from events.relief_after import TownshipMoved
from services.chassis.decider import Refused
from services.relief.policy import Policy
from services.relief.steps.case_file import CaseFile


@dataclass(frozen=True, slots=True)
class MoveTownship:
    """Let another township of the county have the case, for a reason; ``policy`` tells whose fund pays there."""

    township: str
    reason: str
    policy: Policy


def decide(case: CaseFile, command: MoveTownship, by: str) -> tuple[TownshipMoved, ...]:
    """The move. Raises ``Refused`` for a place outside the county: that is a transfer (转办)."""
    if command.township == case.opened.township:
        return ()
    if not command.township.startswith(case.opened.county):
        raise Refused("not_in_county", "该乡镇(街道)不属于本县(市、区),请按转办办理。")
    return (
        TownshipMoved(
            case_id=case.case_id,
            from_township=case.opened.township,
            to_township=command.township,
            reason=command.reason,
            moved_by=by,
        ),
    )
