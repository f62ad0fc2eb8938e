"""What an advance (先行救助) would have come to under another policy, beside what other cases would have given."""

from dataclasses import dataclass, field, replace

from events.fact import Recorded
from events.relief import AdvanceDecided, AdvanceDeclined, CaseFact, advance_claim
from events.relief_household import CountedHelp, RepeatRuleName
from services.chassis.decider import Circumstances, Refused
from services.relief.case import DECIDER
from services.relief.case_commands import DecideAdvance
from services.relief.case_state import Case, cost_fen
from services.relief.policy import Policy
from services.relief.repetition import elsewhere_fen, repetitions
from services.relief.supposed_households import Had
from services.relief.supposed_outcome import Given, Outcome

_ANOTHER_CASE = "case:another"
_ANY_FUND = "any"
_COUNTY = ("county_civil_affairs", "county_leader")
"""Who decides advances for a county: what is declined does not say so itself."""

_REFUSALS: dict[RepeatRuleName, str] = {"same_cause": "repeat_in_window", "household_cap": "over_household_cap"}


@dataclass(frozen=True, slots=True)
class Beside:
    """Beside what a case decides: what its household had, and whether another case has the person's first help."""

    had: Had = field(default_factory=Had)
    is_helped: bool = False


def advance_again(
    case: Case, one: Recorded[CaseFact], asked: CountedHelp | None, policy: Policy, beside: Beside
) -> Given:
    """What was asked for, decided by whoever decided it. ``asked`` is the help of a known person."""
    assert isinstance(one.fact, AdvanceDecided | AdvanceDeclined)
    command = _command(one, one.fact, policy)
    if asked is not None and not command.by_county and not beside.had.is_allowed:
        command = replace(command, elsewhere_fen=elsewhere_fen(beside.had.helps, asked, policy))
    try:
        facts = DECIDER.decide(case, command, _circumstances(case, one, beside))
    except Refused as refused:
        return Given(0, refused.code)
    for decided in facts:
        if isinstance(decided, AdvanceDecided):
            return Given(decided.amount_fen + cost_fen(decided.goods))
        if isinstance(decided, AdvanceDeclined):
            return Given(0, decided.reason)
    return Given(0)


def unless_repeated(outcome: Outcome, asked: CountedHelp, policy: Policy, had: Had) -> Outcome:
    """An outcome, or nothing where the household has used up a rule about repetition."""
    if not isinstance(outcome, Given) or outcome.amount_fen == 0 or had.is_allowed:
        return outcome
    given = asked.model_copy(update={"amount_fen": outcome.amount_fen})
    used_up = next(iter(repetitions(had.helps, given, policy)), None)
    return outcome if used_up is None else Given(0, _REFUSALS[used_up.rule])


def _command(one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, policy: Policy) -> DecideAdvance:
    """What was asked for, by whoever decided: a county decides inside its own limit."""
    if isinstance(fact, AdvanceDecided):
        made = DecideAdvance(fact.decision_id, fact.fund_id, fact.amount_fen, fact.goods, policy)
        made = replace(made, allowed=fact.although_helped, by_county=fact.by_county)
    else:
        made = DecideAdvance(fact.decision_id, _ANY_FUND, fact.asked_fen, (), policy)
        made = replace(made, by_county=one.meta.actor.role in _COUNTY)
    return replace(made, ahead_of_expense=fact.ahead_of_expense)


def _circumstances(case: Case, one: Recorded[CaseFact], beside: Beside) -> Circumstances:
    owners: dict[str, str] = {}
    if beside.is_helped and case.person is not None:
        owners[advance_claim(case.person, case.opened.cause)] = _ANOTHER_CASE
    return Circumstances(one.meta.actor, one.occurred_at, one.recorded_at, owners)
