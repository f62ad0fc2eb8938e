"""The advance (先行救助): decided inside the township's limit; its goods handed over."""

from collections.abc import Sequence
from dataclasses import replace

from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceLetGo,
    CaseFact,
    HouseholdRelieved,
    PolicyBasis,
)
from events.relief_fast import RestReferred
from events.relief_words import fast_track_claim
from services.chassis.decider import Circumstances, Refused
from services.relief.case_commands import (
    DecideAdvance,
    HandOverGoods,
    LetAdvanceGo,
)
from services.relief.case_state import Case, Decision, cost_fen
from services.relief.eligibility import Asked, objection
from services.relief.limits import Limit, county_limit, township_limit
from services.relief.paperwork import papers_owed
from services.relief.receipts import too_much
from services.relief.steps.case_file import advanced_elsewhere, is_barred


def decide_advance(case: Case, command: DecideAdvance, now: Circumstances) -> Sequence[CaseFact]:
    """The advance as decided, or declined with the reason and the rule it stands on."""
    _must_be_theirs(case, command, now)
    _must_be_decidable(case, command)
    limit = _limit(command)
    basis = PolicyBasis(policy_hash=command.policy.policy_hash, clause=limit.clause, limit_fen=limit.limit_fen)
    least = command.policy.rules.minimum_relief
    asked = Asked(
        asked_fen=command.amount_fen + cost_fen(command.goods),
        standing_fen=case.advanced_fen_but(command.decision_id) + case.approvals.standing_fen + command.elsewhere_fen,
        limit=limit,
        least_fen=None if least is None else least.limit_fen,
        advanced_elsewhere=advanced_elsewhere(case, now) and not command.allowed,
        ahead_of_expense=command.ahead_of_expense,
        may_be_ahead=command.policy.rules.pre_event_help is not None,
        is_barred=is_barred(case, command.barred_until, now),
    )
    reason = objection(asked)
    if reason is None:
        return _advance(case, command, basis, now), *given_way(case, command.decision_id, command.fund_id)
    part_fen = _part_fen(command, limit, asked.standing_fen)
    if reason == "over_limit" and part_fen > 0 and _is_enough(part_fen + cost_fen(command.goods), asked.least_fen):
        return _in_part(case, replace(command, amount_fen=part_fen), command.amount_fen - part_fen, basis, now)
    return (
        AdvanceDeclined(
            case_id=case.case_id,
            decision_id=command.decision_id,
            reason=reason,
            asked_fen=asked.asked_fen,
            basis=basis,
            decided_by=now.actor.id,
            ahead_of_expense=command.ahead_of_expense,
        ),
    )


def _limit(command: DecideAdvance) -> Limit:
    """The limit of who decides; a county without one decides without an end."""
    limit = county_limit(command.policy) if command.by_county else township_limit(command.policy)
    return limit or Limit(None, inclusive=True, clause=township_limit(command.policy).clause)


def _part_fen(command: DecideAdvance, limit: Limit, standing_fen: int) -> int:
    """What the township may advance at once of money over its limit, where the policy lets it."""
    if not limit.advance_up_to_limit or limit.limit_fen is None:
        return 0
    used_fen = cost_fen(command.goods) + (0 if limit.by_decision else standing_fen)
    return max(limit.most_fen - used_fen, 0)


def _is_enough(part_fen: int, least_fen: int | None) -> bool:
    """What the township would advance is no less than a single relief may be."""
    return least_fen is None or part_fen >= least_fen


def _in_part(
    case: Case, part: DecideAdvance, rest_fen: int, basis: PolicyBasis, now: Circumstances
) -> Sequence[CaseFact]:
    """The township advances up to its limit, and the county decides the rest on the same clock (跟进救助)."""
    return (
        _advance(case, part, basis, now),
        *given_way(case, part.decision_id, part.fund_id),
        RestReferred(
            case_id=case.case_id,
            decision_id=part.decision_id,
            county=case.opened.county,
            rest_fen=rest_fen,
            clause=basis.clause,
        ),
    )


def _must_be_theirs(case: Case, command: DecideAdvance, now: Circumstances) -> None:
    """Where the township's right to help first is suspended, its county decides, on the same clock."""
    if not command.by_county and fast_track_claim(case.opened.township) in now.owners:
        raise Refused("fast_track_suspended", "本乡镇(街道)的先行救助权已暂停,该个案由县级在同一时限内决定。")


def _must_be_decidable(case: Case, command: DecideAdvance) -> None:
    if case.accepted_at is None and not case.fast.direct:
        raise Refused("not_accepted", "该个案尚未受理,请先受理再作先行救助决定。")
    if command.amount_fen == 0 and not command.goods:
        raise Refused("nothing_decided", "救助金和救助物资不能都为空。")
    earlier = case.decisions.get(command.decision_id)
    if earlier is not None and not _asks_again(earlier, command):
        raise Refused("decision_exists", "该决定编号已经用过,请另作决定。")


def _asks_again(earlier: Decision, command: DecideAdvance) -> bool:
    same = command.goods == earlier.goods and command.amount_fen <= earlier.amount_fen
    return earlier.standing == "short" and same


def _advance(case: Case, command: DecideAdvance, basis: PolicyBasis, now: Circumstances) -> AdvanceDecided:
    return AdvanceDecided(
        case_id=case.case_id,
        decision_id=command.decision_id,
        county=case.opened.county,
        township=case.opened.township,
        fund_id=command.fund_id,
        amount_fen=command.amount_fen,
        goods=command.goods,
        person=case.person,
        cause=case.opened.cause,
        decided_by=now.actor.id,
        basis=basis,
        by_county=command.by_county,
        ahead_of_expense=command.ahead_of_expense,
        hold_id=hold_number(case, command.decision_id, command.fund_id),
        although_helped=advanced_elsewhere(case, now),
        report_ids=case.report_ids,
    )


def hold_number(case: Case, decision_id: str, fund_id: str) -> str | None:
    """Under which number a fund is to hold a decision; none is the decision's own.

    Another fund than before gets a number of its own: the first may have found the money meanwhile, and two funds
    must never hold one number.
    """
    earlier = case.decisions.get(decision_id)
    if earlier is None or earlier.fund_id == fund_id:
        return None if earlier is None else earlier.hold_id
    asked = (earlier.hold_id or decision_id).removeprefix(decision_id).removeprefix(".")
    return f"{decision_id}.{int(asked or 1) + 1}"


def given_way(case: Case, decision_id: str, fund_id: str) -> Sequence[AdvanceLetGo]:
    """What a fund was too short for gives way to this decision of that fund: it must not be held any more."""
    return [
        letting_go(case, key, "replaced")
        for key, earlier in case.decisions.items()
        if earlier.standing == "short" and (key, earlier.fund_id) != (decision_id, fund_id)
    ]


def hand_over(case: Case, command: HandOverGoods, now: Circumstances) -> Sequence[CaseFact]:
    """The household has the goods: it is relieved; papers are owed, and what is beyond the county's word."""
    decision = decision_of(case, command.decision_id)
    if decision.standing in ("replaced", "voided"):
        raise Refused("decision_void", "该决定已不再有效。")
    if not decision.goods:
        raise Refused("no_goods", "该决定没有救助物资。")
    if case.has_goods_of(command.decision_id):
        raise Refused("already_handed_over", "该决定的救助物资已经发放。")
    relieved = HouseholdRelieved(
        case_id=case.case_id,
        report_ids=tuple(case.reports),
        decision_id=command.decision_id,
        amount_fen=0,
        goods=decision.goods,
        relieved_at=now.occurred_at,
    )
    owed = papers_owed(case, relieved, command.policy, command.calendar, now)
    return relieved, *owed, *too_much(case, command.decision_id, relieved)


def let_go(case: Case, command: LetAdvanceGo) -> Sequence[CaseFact]:
    """What the household has not yet is not to come any more: ledger frees the money, goods stay where they are."""
    decision = decision_of(case, command.decision_id)
    if decision.is_leaving or decision.standing in ("replaced", "voided"):
        return ()
    if case.has_any_of(command.decision_id):
        raise Refused("help_given", "该决定的救助已经到户,不能撤销。")
    return (dropped(case, command.decision_id, command.reason),)


def dropped(case: Case, decision_id: str, reason: str) -> AdvanceLetGo:
    """A decision of which the household has nothing is let go; where no money was held, that frees the person."""
    person = freed(case, decision_id) if case.decisions[decision_id].is_unfunded else None
    return letting_go(case, decision_id, reason, person)


def freed(case: Case, decision_id: str) -> str | None:
    """Who may be helped first elsewhere once a decision stands no longer: given where nothing else of the case does."""
    others = (other for key, other in case.decisions.items() if key != decision_id)
    nothing_stands = not case.reliefs and not any(other.counts for other in others)
    return case.person if case.holds_claim and nothing_stands else None


def letting_go(case: Case, decision_id: str, reason: str, person: str | None = None) -> AdvanceLetGo:
    """What tells ledger to hold nothing for a decision any more, in the fund that it was asked of last.

    ``person`` is who may be helped first again with it.
    """
    decision = case.decisions[decision_id]
    return AdvanceLetGo(
        case_id=case.case_id,
        decision_id=decision_id,
        fund_id=decision.fund_id,
        reason=reason,
        hold_id=decision.hold_id,
        person=person,
        cause=None if person is None else case.opened.cause,
    )


def decision_of(case: Case, decision_id: str) -> Decision:
    """An advance of the case. Raises ``Refused`` for one that is not of this case."""
    decision = case.decisions.get(decision_id)
    if decision is None:
        raise Refused("unknown_decision", "该个案没有这个先行救助决定。")
    return decision
