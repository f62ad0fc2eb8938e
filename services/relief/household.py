"""A household (户), the stream on which repetition is judged: what counts, who belongs to it, what was allowed.

Every known person has one of their own; a person who was joined to another's is judged there. Nothing that was decided
is ever changed here: what turns out to be too much is reported.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from events.relief_household import (
    CountedHelp,
    HelpCounted,
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
)
from events.relief_words import decision_claim
from services.chassis.decider import Circumstances, Decider, Refused
from services.relief.household_commands import (
    AllowRepeat,
    ComeOut,
    CountFoundLater,
    CountHelp,
    GoInto,
    HouseholdCommand,
    JoinMember,
    NoteElsewhere,
    PartMember,
    SettleHelp,
)
from services.relief.household_state import Household, evolve
from services.relief.policy import Policy
from services.relief.repetition import must_be_inside_the_year, overridable, repetitions, used_up
from services.relief.steps.case_file import case_of, must_have_been_given, stream_of


def household_of(person: str) -> str:
    """The stream of a person's own household."""
    return f"household:{person}"


# --- decide


def decide(household: Household, command: HouseholdCommand, now: Circumstances) -> Sequence[HouseholdFact]:
    """What happens to the household. Said again it gives nothing. Raises ``Refused`` for help that is too much."""
    match command:
        case CountHelp():
            return _count(household, command, now)
        case NoteElsewhere():
            return _note_elsewhere(household, command, now)
        case CountFoundLater():
            return _count_later(household, command)
        case SettleHelp():
            return _settle(household, command)
        case AllowRepeat():
            return _allow(household, command, now)
        case JoinMember():
            return _join(household, command, now)
        case PartMember():
            return _part(household, command, now)
        case GoInto():
            return _go_into(household, command)
        case ComeOut(own, helps):
            return () if household.into is None else (HouseholdParted(household=own, helps=helps),)


def _note_elsewhere(household: Household, command: NoteElsewhere, now: Circumstances) -> Sequence[HouseholdFact]:
    if command.help.grant_id in household.elsewhere:
        return ()
    must_have_been_given(command.help.on, now)
    return (HelpElsewhereNoted(household=command.household, help=command.help, noted_by=now.actor.id),)


def _count(household: Household, command: CountHelp, now: Circumstances) -> Sequence[HouseholdFact]:
    """The case has decided in the same breath: that it did is seen by the claim that its decision took."""
    asked = command.help
    _must_stand_alone(household)
    if household.helps.get(asked.decision_id) == asked:
        return ()
    if decision_claim(asked.decision_id) not in now.owners:
        return ()
    if asked.case_id not in household.allowed:
        _must_not_repeat(household, asked, command.policy)
        if command.by_township:
            must_be_inside_the_year(household.helps.values(), asked, command.policy)
    return (HelpCounted(household=command.household, help=asked),)


def _count_later(household: Household, command: CountFoundLater) -> Sequence[HouseholdFact]:
    _must_stand_alone(household)
    new = {one.decision_id: one for one in command.helps if household.helps.get(one.decision_id) != one}
    counted = [HelpCounted(household=command.household, help=one) for one in new.values()]
    return *counted, *_judged_again(household, {**household.helps, **new}, command)


def _must_not_repeat(household: Household, asked: CountedHelp, policy: Policy) -> None:
    for one in repetitions(household.helps.values(), asked, policy):
        cases = "、".join(one.cases)
        if one.rule == "same_cause":
            raise Refused(
                "repeat_in_window",
                f"规定期间内已因同一事由获得救助(个案 {cases}),确有特殊情况的,请有权人员批准后再办理。",
            )
        raise Refused(
            "over_household_cap",
            "该户在规定期间内获得的救助已达限额,确有特殊情况的,请有权人员批准后再办理。",
        )


def _settle(household: Household, command: SettleHelp) -> Sequence[HouseholdFact]:
    before = {key: one for key, one in household.helps.items() if one.case_id == command.case_id}
    fen = {key: fen for key, fen in command.kept_fen.items() if fen > 0}
    kept = [one.model_copy(update={"amount_fen": fen[key]}) for key, one in before.items() if key in fen]
    kept += [one for one in command.given if one.decision_id not in before]
    if kept == list(before.values()):
        return ()
    return (HelpSettled(household=command.household, case_id=command.case_id, kept=tuple(kept)),)


def _allow(household: Household, command: AllowRepeat, now: Circumstances) -> Sequence[HouseholdFact]:
    """Every rule that there is must let this officer allow more."""
    helper = now.owners.get(command.first_help or "", stream_of(command.case_id))
    despite = None if helper == stream_of(command.case_id) else case_of(helper)
    if command.case_id in (household.allowed if despite is None else household.also_first):
        return ()
    rules = overridable(command.policy, is_helped=despite is not None)
    if not rules:
        raise Refused("nothing_to_allow", "本县(市、区)没有重复救助的限制,无需批准。")
    if any(now.actor.role not in (one.override_roles or ()) for one in rules):
        raise Refused("override_not_yours", "按规定您无权批准重复救助,请由有权人员办理。")
    return (
        RepeatAllowed(
            household=command.household,
            case_id=command.case_id,
            reason=command.reason,
            clause=rules[0].clause,
            allowed_by=now.actor.id,
            despite=despite,
        ),
    )


def _join(household: Household, command: JoinMember, now: Circumstances) -> Sequence[HouseholdFact]:
    _must_stand_alone(household)
    if command.member in household.members:
        return ()
    joined = MemberJoined(
        household=command.household,
        member=command.member,
        helps=command.helps,
        reason=command.reason,
        joined_by=now.actor.id,
    )
    helps = {**household.helps, **{one.decision_id: one for one in command.helps}}
    return joined, *_judged_again(household, helps, command)


def _part(household: Household, command: PartMember, now: Circumstances) -> Sequence[HouseholdFact]:
    if command.member not in household.members:
        raise Refused("not_a_member", "此人没有并入该户,无需撤销。")
    left = MemberLeft(household=command.household, member=command.member, reason=command.reason, parted_by=now.actor.id)
    helps = {key: one for key, one in household.helps.items() if one.person != command.member}
    return left, *_judged_again(household, helps, command)


def _go_into(household: Household, command: GoInto) -> Sequence[HouseholdFact]:
    if household.into == command.into:
        return ()
    _must_stand_alone(household)
    if household.members:
        raise Refused("has_members", "该户已有并入的成员,请先撤销并户。")
    return (HouseholdJoined(household=command.household, into=command.into),)


def _must_stand_alone(household: Household) -> None:
    if household.into is not None:
        raise Refused("joined_elsewhere", "该户已并入另一户,请在该户办理。")


def _judged_again(
    household: Household, helps: Mapping[str, CountedHelp], command: CountFoundLater | JoinMember | PartMember
) -> Sequence[RepeatReported | RepeatLifted]:
    """What differs from what is reported: more, other, or no longer."""
    found = used_up(list(helps.values()), command.policy)
    reported = [
        RepeatReported(household=command.household, rule=rule, cases=one.cases, clause=one.clause)
        for rule, one in found.items()
        if household.reported.get(rule) != one.cases
    ]
    lifted = [
        RepeatLifted(household=command.household, rule=rule, cases=cases)
        for rule, cases in household.reported.items()
        if rule not in found
    ]
    return [*reported, *lifted]


def answer(facts: Sequence[HouseholdFact]) -> Mapping[str, Any]:
    """What a caller is told beside the case's own answer: which rules are found used up now."""
    repeats = [fact.rule for fact in facts if isinstance(fact, RepeatReported)]
    return {"repeats": repeats} if repeats else {}


DECIDER: Decider[HouseholdCommand, Household, HouseholdFact] = Decider(Household(), decide, evolve, answer)
