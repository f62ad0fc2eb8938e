"""The fast track (急难型): who comes before us, small-fast relief, and what is done where a fund is short."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from events.relief_fast import (
    CaseDiverted,
    DirectReliefListed,
    Emergency,
    EmergencyCalled,
    EmergencyLifted,
    FastFact,
    RemedyChosen,
    RestReferred,
    Scheme,
    SmallFastDecided,
)
from events.relief_persons import LastingCauseFound
from events.relief_words import PolicyBasis
from events.rules import Remedy
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.limits import small_fast_limit
from services.relief.policy import Policy, required
from services.relief.steps.case_file import CaseFile, advanced_elsewhere
from services.relief.working_days import Calendar

# --- commands


@dataclass(frozen=True, slots=True)
class CallEmergency:
    """Hand a case in which life is in danger to who saves lives."""

    service: Emergency
    reference: str


@dataclass(frozen=True, slots=True)
class DivertCase:
    """Hand the case to another scheme; ``relief_follows`` keeps it open for basic-living relief."""

    scheme: Scheme
    relief_follows: bool
    reference: str


@dataclass(frozen=True, slots=True)
class LiftEmergency:
    """Say that the emergency is over since a day; ``calendar`` tells until when papers are owed then."""

    lifted_on: date
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class ListForDirectRelief:
    """Put down that the household stands on a list that the policy helps directly."""

    list_code: str
    entry: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class GiveSmallFast:
    """Give small-fast relief, in fen; the situation as a code."""

    decision_id: str
    fund_id: str
    amount_fen: int
    situation: str
    policy: Policy
    calendar: Calendar
    barred_until: date | None = None
    """Until when no new application of the person is taken, for fraud that was found in an earlier case."""
    allowed: bool = False
    """It was allowed that the person has help first although another case gave it for this incident."""
    lasting: LastingCauseFound | None = None
    """What is put down where the household's help for this cause has lasted (同一事由持续较长)."""


@dataclass(frozen=True, slots=True)
class ChooseRemedy:
    """Say what is done about a decision that the fund is short for, in the order of the policy."""

    decision_id: str
    remedy: Remedy
    policy: Policy


FastCommand = CallEmergency | DivertCase | LiftEmergency | ListForDirectRelief | GiveSmallFast | ChooseRemedy

# --- state


@dataclass(frozen=True, slots=True)
class FastTrack:
    """What was done on the fast track."""

    called: frozenset[str] = frozenset()
    diverted: tuple[CaseDiverted, ...] = ()
    lifted_on: date | None = None
    direct: tuple[DirectReliefListed, ...] = ()
    small: Mapping[str, SmallFastDecided] = field(default_factory=dict[str, SmallFastDecided])
    rest_fen: Mapping[str, int] = field(default_factory=dict[str, int])
    remedies: Mapping[str, tuple[Remedy, ...]] = field(default_factory=dict[str, tuple[Remedy, ...]])

    @property
    def is_elsewhere(self) -> bool:
        """Whether another scheme has the case, and nothing follows here."""
        return bool(self.diverted) and not self.diverted[-1].relief_follows


# --- decide


def decide(case: CaseFile, fast: FastTrack, command: FastCommand, now: Circumstances) -> tuple[FastFact, ...]:
    """What happens on the fast track. Raises ``Refused`` for a senseless command."""
    by = now.actor.id
    match command:
        case CallEmergency():
            return _call(case, fast, command, by)
        case DivertCase():
            return _divert(case, fast, command, by)
        case LiftEmergency():
            return _lift(case, fast, command, now)
        case ListForDirectRelief():
            return _list(case, fast, command, by)
        case GiveSmallFast():
            return _small(case, fast, command, now)
        case ChooseRemedy():
            return _remedy(case, fast, command, by)


def _call(case: CaseFile, fast: FastTrack, command: CallEmergency, by: str) -> tuple[FastFact, ...]:
    if command.service in fast.called:
        return ()
    return (EmergencyCalled(case_id=case.case_id, service=command.service, reference=command.reference, called_by=by),)


def _divert(case: CaseFile, fast: FastTrack, command: DivertCase, by: str) -> tuple[FastFact, ...]:
    diverted = CaseDiverted(
        case_id=case.case_id,
        report_ids=case.report_ids,
        scheme=command.scheme,
        relief_follows=command.relief_follows,
        reference=command.reference,
        diverted_by=by,
    )
    return () if diverted in fast.diverted else (diverted,)


def _lift(case: CaseFile, fast: FastTrack, command: LiftEmergency, now: Circumstances) -> tuple[FastFact, ...]:
    if fast.lifted_on == command.lifted_on:
        return ()
    if command.lifted_on > day_of(now.recorded_at):
        raise Refused("emergency_not_over", "紧急情况解除的日期不能晚于今天。")
    return (EmergencyLifted(case_id=case.case_id, lifted_on=command.lifted_on, noted_by=now.actor.id),)


def _list(case: CaseFile, fast: FastTrack, command: ListForDirectRelief, by: str) -> tuple[FastFact, ...]:
    rule = required(command.policy.rules.direct_relief, "direct_relief")
    if command.list_code not in rule.lists:
        raise Refused("list_unknown", "政策没有规定对该名单直接实施救助。")
    listed = DirectReliefListed(
        case_id=case.case_id,
        list_code=command.list_code,
        entry=command.entry,
        clause=rule.clause,
        noted_by=by,
    )
    return () if any(one.entry == command.entry for one in fast.direct) else (listed,)


def _small(case: CaseFile, fast: FastTrack, command: GiveSmallFast, now: Circumstances) -> tuple[FastFact, ...]:
    if command.decision_id in fast.small:
        return ()
    rule = required(command.policy.rules.small_fast, "small_fast")
    limit = small_fast_limit(command.policy, case.opened.persons)
    if not limit.allows(case.small_fast_fen + command.amount_fen):
        raise Refused("over_small_fast", "超出小额快救的最高额度,请按先行救助或一般程序办理。")
    although_helped = advanced_elsewhere(case, now)
    if although_helped and not command.allowed:
        raise Refused("already_helped", "同一急难事由已在另一个案获得救助。")
    last = command.calendar.due(day_of(case.reported_at), rule.days, "natural_day").on
    pay_by = command.calendar.next_working_day(last) if rule.rolls else last
    return (
        SmallFastDecided(
            case_id=case.case_id,
            decision_id=command.decision_id,
            county=case.opened.county,
            township=case.opened.township,
            fund_id=command.fund_id,
            amount_fen=command.amount_fen,
            situation=command.situation,
            persons=case.opened.persons,
            person=case.person,
            cause=case.opened.cause,
            pay_by=pay_by,
            handled_by=now.actor.id,
            basis=PolicyBasis(policy_hash=command.policy.policy_hash, clause=limit.clause, limit_fen=limit.limit_fen),
            although_helped=although_helped,
            report_ids=case.report_ids,
        ),
    )


def _remedy(case: CaseFile, fast: FastTrack, command: ChooseRemedy, by: str) -> tuple[FastFact, ...]:
    """Remedies are tried in the policy's order: a later one only after those before it."""
    shortfall_fen = case.short_fen(command.decision_id)
    if shortfall_fen is None:
        raise Refused("not_short", "该决定并无备用金不足的情况。")
    order = required(command.policy.rules.remedies, "remedies").order
    tried = fast.remedies.get(command.decision_id, ())
    if command.remedy in tried:
        return ()
    if command.remedy == "overdraft":
        _must_be_coverable(command.policy, shortfall_fen)
    if command.remedy not in order or any(one not in tried for one in order[: order.index(command.remedy)]):
        raise Refused("remedy_order", "备用金不足应按政策规定的顺序处理。")
    return (
        RemedyChosen(
            case_id=case.case_id,
            decision_id=command.decision_id,
            remedy=command.remedy,
            shortfall_fen=shortfall_fen,
            chosen_by=by,
            fund_id=case.paying_fund(command.decision_id),
        ),
    )


def _must_be_coverable(policy: Policy, shortfall_fen: int) -> None:
    """A township pays beyond its fund only where the policy lets it, and up to its cap (超支垫付)."""
    rule = policy.rules.overdraft
    if rule is None or not rule.allowed:
        raise Refused("overdraft_not_allowed", "本县(市、区)政策不允许乡镇垫付。")
    if rule.cap_fen is not None and shortfall_fen > rule.cap_fen:
        raise Refused("over_overdraft_cap", "所缺金额超过政策规定的垫付上限,请采取其他办法。")


# --- evolve


def evolve(fast: FastTrack, fact: FastFact) -> FastTrack:
    """What was done, after a fact."""
    match fact:
        case EmergencyCalled():
            return replace(fast, called=fast.called | {fact.service})
        case CaseDiverted():
            return replace(fast, diverted=(*fast.diverted, fact))
        case EmergencyLifted():
            return replace(fast, lifted_on=fact.lifted_on)
        case DirectReliefListed():
            return replace(fast, direct=(*fast.direct, fact))
        case SmallFastDecided():
            return replace(fast, small={**fast.small, fact.decision_id: fact})
        case RestReferred():
            return replace(fast, rest_fen={**fast.rest_fen, fact.decision_id: fact.rest_fen})
        case RemedyChosen():
            tried = (*fast.remedies.get(fact.decision_id, ()), fact.remedy)
            return replace(fast, remedies={**fast.remedies, fact.decision_id: tried})
