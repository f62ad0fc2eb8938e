"""The clocks of a case (时限): what runs, what was met and what was broken, as a pure function of its facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from events.rules import AdvanceRule
from services.relief.case_state import Case
from services.relief.policy import Policy

ClockName = Literal["advance_from_report", "advance_from_acceptance"]

Verdict = Literal["running", "met", "target_missed", "breached", "lapsed"]
"""Once overdue, a clock is ``target_missed`` where the policy says may (可), ``breached`` where it says must (应当).

``lapsed`` is one whose case was closed in time, without help.
"""

_STARTS: Mapping[ClockName, str] = {"advance_from_report": "reported", "advance_from_acceptance": "accepted"}


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. It counts natural hours, nights and holidays too; ``judged`` marks the one that the policy judges by.

    ``stopped_at`` is when the household had help, or when the case was closed without any.
    """

    name: ClockName
    judged: bool
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    elapsed: timedelta
    verdict: Verdict


def clocks(case: Case, policy: Policy, now: datetime) -> tuple[Clock, ...]:
    """The advance clock (先行救助时限) from the first report and, once the case is accepted, from acceptance.

    ``policy`` is the set in force at the start; without an hour limit in it there is no clock. A returned payment
    withdraws its stop, and the clock runs on from its first start.
    """
    rule = policy.rules.advance
    if rule is None:
        return ()
    from_report = _clock("advance_from_report", case.reported_at, case, rule, now)
    if case.accepted_at is None:
        return (from_report,)
    return from_report, _clock("advance_from_acceptance", case.accepted_at, case, rule, now)


def _clock(name: ClockName, started_at: datetime, case: Case, rule: AdvanceRule, now: datetime) -> Clock:
    due_at = started_at + timedelta(hours=rule.length)
    stopped_at = case.relieved_at or case.given_up_at
    ended_at = stopped_at or now
    return Clock(
        name=name,
        judged=_STARTS[name] == rule.start,
        started_at=started_at,
        due_at=due_at,
        stopped_at=stopped_at,
        elapsed=max(ended_at - started_at, timedelta()),
        verdict=_broken(rule) if ended_at > due_at else _kept(case),
    )


def _broken(rule: AdvanceRule) -> Verdict:
    return "breached" if rule.modal == "must" else "target_missed"


def _kept(case: Case) -> Verdict:
    if case.relieved_at is not None:
        return "met"
    return "running" if case.given_up_at is None else "lapsed"
