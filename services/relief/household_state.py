"""What is known of a household (户), and how each fact changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from events.fact import Recorded
from events.relief_household import (
    CountedHelp,
    HelpCounted,
    HelpElsewhere,
    HelpElsewhereNoted,
    HelpSettled,
    HouseholdFact,
    HouseholdJoined,
    HouseholdParted,
    MemberJoined,
    MemberLeft,
    RepeatAllowed,
    RepeatLifted,
    RepeatReported,
    RepeatRuleName,
)


@dataclass(frozen=True, slots=True)
class Household:
    """What counts, by decision; who belongs to it; which cases may repeat; what is reported of each rule."""

    helps: Mapping[str, CountedHelp] = field(default_factory=dict[str, CountedHelp])
    elsewhere: Mapping[str, HelpElsewhere] = field(default_factory=dict[str, HelpElsewhere])
    """What others gave the person whose own household it is, as they have told; it goes into no other with them."""
    members: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    also_first: frozenset[str] = frozenset()
    """The cases that may help first although another one has done so for the incident."""
    reported: Mapping[RepeatRuleName, tuple[str, ...]] = field(default_factory=dict[RepeatRuleName, tuple[str, ...]])
    into: str | None = None
    """The household that it is judged as part of."""
    parted: Mapping[str, tuple[CountedHelp, ...]] = field(default_factory=dict[str, tuple[CountedHelp, ...]])
    """By member who has left: what went with them."""

    def of_member(self, person: str) -> tuple[CountedHelp, ...]:
        """What a person was helped with."""
        return tuple(one for one in self.helps.values() if one.person == person)


def evolve(household: Household, recorded: Recorded[HouseholdFact]) -> Household:
    """The household after a fact."""
    fact = recorded.fact
    match fact:
        case HelpCounted():
            return replace(household, helps={**household.helps, fact.help.decision_id: fact.help})
        case HelpSettled():
            others = {key: one for key, one in household.helps.items() if one.case_id != fact.case_id}
            return replace(household, helps={**others, **{one.decision_id: one for one in fact.kept}})
        case HelpElsewhereNoted():
            return replace(household, elsewhere={**household.elsewhere, fact.help.grant_id: fact.help})
        case RepeatAllowed():
            also_first = household.also_first if fact.despite is None else household.also_first | {fact.case_id}
            return replace(household, allowed=household.allowed | {fact.case_id}, also_first=also_first)
        case MemberJoined() | MemberLeft():
            return _after_member(household, fact)
        case HouseholdJoined():
            return replace(household, into=fact.into)
        case HouseholdParted():
            return replace(household, into=None, helps={one.decision_id: one for one in fact.helps})
        case RepeatReported():
            return replace(household, reported={**household.reported, fact.rule: fact.cases})
        case RepeatLifted():
            kept = {rule: cases for rule, cases in household.reported.items() if rule != fact.rule}
            return replace(household, reported=kept)


def _after_member(household: Household, fact: MemberJoined | MemberLeft) -> Household:
    if isinstance(fact, MemberJoined):
        helps = {**household.helps, **{one.decision_id: one for one in fact.helps}}
        return replace(household, members=household.members | {fact.member}, helps=helps)
    own = {key: one for key, one in household.helps.items() if one.person != fact.member}
    parted = {**household.parted, fact.member: household.of_member(fact.member)}
    return replace(household, members=household.members - {fact.member}, helps=own, parted=parted)
