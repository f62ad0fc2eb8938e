"""The advance (先行救助): decided inside the township's limit, held by ledger or not, received, returned or let go."""

from collections.abc import Sequence

from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceVoided,
    CaseFact,
    FundsReserved,
    FundsShort,
    HouseholdRelieved,
    PolicyBasis,
    ReliefCameBack,
    advance_claim,
)
from services.chassis.decider import Circumstances, Refused
from services.relief.case_commands import (
    DecideAdvance,
    HandOverGoods,
    Note,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
)
from services.relief.case_state import Case, Decision, cost_fen, stream_of
from services.relief.eligibility import Asked, objection
from services.relief.limits import township_limit
from services.relief.paperwork import papers_owed


def decide_advance(case: Case, command: DecideAdvance, now: Circumstances) -> Sequence[CaseFact]:
    """The advance as decided, or declined with the reason and the rule it stands on."""
    _must_be_decidable(case, command)
    limit = township_limit(command.policy)
    basis = PolicyBasis(policy_hash=command.policy.policy_hash, clause=limit.clause, limit_fen=limit.limit_fen)
    asked = Asked(
        asked_fen=command.amount_fen + cost_fen(command.goods),
        standing_fen=_standing_fen(case, command.decision_id),
        limit=limit,
        advanced_elsewhere=_advanced_elsewhere(case, now),
    )
    reason = objection(asked)
    if reason is None:
        return (_advance(case, command, basis, now),)
    return (
        AdvanceDeclined(
            case_id=case.case_id,
            decision_id=command.decision_id,
            reason=reason,
            asked_fen=asked.asked_fen,
            basis=basis,
            decided_by=now.actor.id,
        ),
    )


def _must_be_decidable(case: Case, command: DecideAdvance) -> None:
    if case.accepted_at is None:
        raise Refused("not_accepted", "该个案尚未受理,请先受理再作先行救助决定。")
    if command.amount_fen == 0 and not command.goods:
        raise Refused("nothing_decided", "救助金和救助物资不能都为空。")
    earlier = case.decisions.get(command.decision_id)
    if earlier is not None and not _asks_again(earlier, command):
        raise Refused("decision_exists", "该决定编号已经用过,请另作决定。")


def _asks_again(earlier: Decision, command: DecideAdvance) -> bool:
    same = command.goods == earlier.goods and command.amount_fen <= earlier.amount_fen
    return earlier.standing == "short" and same


def _standing_fen(case: Case, but: str) -> int:
    others = {key: decision for key, decision in case.decisions.items() if key != but}
    counted = sum(decision.total_fen for decision in others.values() if decision.counts)
    handed_over = (relief for relief in case.reliefs if relief.decision_id in others)
    return counted + sum(relief.goods_fen for relief in handed_over if not others[relief.decision_id].counts)


def _advanced_elsewhere(case: Case, now: Circumstances) -> bool:
    if case.opened.person is None:
        return False
    own = stream_of(case.case_id)
    return now.owners.get(advance_claim(case.opened.person, case.opened.cause), own) != own


def _advance(case: Case, command: DecideAdvance, basis: PolicyBasis, now: Circumstances) -> AdvanceDecided:
    return AdvanceDecided(
        case_id=case.case_id,
        decision_id=command.decision_id,
        county=case.opened.county,
        township=case.opened.township,
        fund_id=command.fund_id,
        amount_fen=command.amount_fen,
        goods=command.goods,
        person=case.opened.person,
        cause=case.opened.cause,
        decided_by=now.actor.id,
        basis=basis,
    )


def hand_over(case: Case, command: HandOverGoods, now: Circumstances) -> Sequence[CaseFact]:
    """The household has the goods: it is relieved, and the papers are owed."""
    decision = _decision(case, command.decision_id)
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
    return relieved, *papers_owed(case, relieved, command.policy, command.calendar, now)


def note(case: Case, command: Note, now: Circumstances) -> Sequence[CaseFact]:
    """What ledger's word means for the case. Raises ``Refused`` for a decision that is not of this case."""
    decision = _decision(case, command.said.hold_id)
    match command:
        case NoteReserved():
            return _reserved(case, decision, command)
        case NoteShort():
            return _short(case, decision, command)
        case NoteReceived():
            return _received(case, command, now)
        case NoteReturned():
            return _returned(case, command)
        case NoteVoided():
            return _voided(case, decision, command)


def _decision(case: Case, decision_id: str) -> Decision:
    decision = case.decisions.get(decision_id)
    if decision is None:
        raise Refused("unknown_decision", "该个案没有这个先行救助决定。")
    return decision


def _reserved(case: Case, decision: Decision, command: NoteReserved) -> Sequence[CaseFact]:
    if decision.standing in ("held", "voided"):
        return ()
    said = command.said
    return (FundsReserved(case_id=case.case_id, decision_id=said.hold_id, amount_fen=said.amount_fen),)


def _short(case: Case, decision: Decision, command: NoteShort) -> Sequence[CaseFact]:
    if decision.standing != "awaiting":
        return ()
    said = command.said
    return (
        FundsShort(
            case_id=case.case_id,
            decision_id=said.hold_id,
            available_fen=said.available_fen,
            shortfall_fen=said.shortfall_fen,
        ),
    )


def _received(case: Case, command: NoteReceived, now: Circumstances) -> Sequence[CaseFact]:
    said = command.said
    if any((relief.decision_id, relief.payment_id) == (said.hold_id, said.payment_id) for relief in case.received):
        return ()
    relieved = HouseholdRelieved(
        case_id=case.case_id,
        report_ids=tuple(case.reports),
        decision_id=said.hold_id,
        amount_fen=said.amount_fen,
        relieved_at=said.received_at,
        payment_id=said.payment_id,
    )
    return relieved, *papers_owed(case, relieved, command.policy, command.calendar, now)


def _returned(case: Case, command: NoteReturned) -> Sequence[CaseFact]:
    said = command.said
    if not said.was_received or (said.hold_id, said.payment_id) in case.returned:
        return ()
    return (
        ReliefCameBack(
            case_id=case.case_id,
            report_ids=tuple(case.reports),
            decision_id=said.hold_id,
            payment_id=said.payment_id,
            amount_fen=said.amount_fen,
            reason=said.reason,
        ),
    )


def _voided(case: Case, decision: Decision, command: NoteVoided) -> Sequence[CaseFact]:
    if decision.standing == "voided":
        return ()
    said = command.said
    others = (other for key, other in case.decisions.items() if key != said.hold_id)
    nothing_stands = not case.reliefs and not any(other.counts for other in others)
    return (
        AdvanceVoided(
            case_id=case.case_id,
            decision_id=said.hold_id,
            amount_fen=said.amount_fen,
            reason=said.reason,
            person=case.opened.person if case.holds_claim and nothing_stands else None,
            cause=case.opened.cause,
        ),
    )
