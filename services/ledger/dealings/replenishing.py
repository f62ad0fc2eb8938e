"""Asking for more money (补充备用金): what the books say is needed, who agrees to it, and what comes of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from events.fact import Actor
from events.ledger import (
    AllocationReceived,
    AppropriationReceived,
)
from events.ledger_replenishing import (
    Cause,
    Desk,
    FundFigures,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.ledger.dealings.needed import figures_of, suggested_fen
from services.ledger.fund_state import Fund
from services.ledger.replenishment import (
    AskUrgently,
    DeclineReplenishment,
    DraftReplenishment,
    ReplenishmentCommand,
    Request,
    SignReplenishment,
    SubmitReplenishment,
)


def decide(fund: Fund, command: ReplenishmentCommand, now: Circumstances) -> Sequence[ReplenishmentFact]:
    """What becomes of a request; the same command again gives nothing. Raises ``Refused`` for a senseless one."""
    match command:
        case DraftReplenishment():
            return _draft_by_hand(fund, command, day_of(now.recorded_at))
        case AskUrgently():
            return _ask_urgently(fund, command, now.recorded_at)
        case SubmitReplenishment():
            return _submit(fund, command, now)
        case SignReplenishment():
            return _sign(fund, command, now)
        case DeclineReplenishment():
            return _decline(fund, command, now.actor)


# --- asking


def _draft_by_hand(fund: Fund, command: DraftReplenishment, today: date) -> Sequence[ReplenishmentDrafted]:
    if open_request(fund) is not None:
        raise Refused("request_open", "该备用金已有一份未办结的补充申请,请先办结或撤回。")
    figures = figures_of(fund, today)
    amount_fen = command.amount_fen or suggested_fen(fund, figures)
    if not amount_fen:
        raise Refused("nothing_needed", "按账面情况暂不需要补充;确需补充的,请填写申请金额。")
    return (drafted(fund, "expected_need", figures, amount_fen),)


def _ask_urgently(fund: Fund, command: AskUrgently, now: datetime) -> Sequence[ReplenishmentFact]:
    """Nothing where the money is there by now, or has been asked for: the household is not to wait for paper."""
    short = fund.shorts.get(command.hold_id)
    if short is None or fund.holds.get(command.hold_id) is not None or open_request(fund, command.hold_id) is not None:
        return ()
    township = short.township if fund.terms.mode == "quota" else None
    figures = figures_of(fund, day_of(now), township)
    missing_fen = short.asked_fen - figures.available_fen
    if missing_fen <= 0:
        return ()
    asked = drafted(fund, "emergency", figures, missing_fen).model_copy(
        update={
            "hold_id": short.hold_id,
            "case_id": short.case_id,
            "township": township,
            "due_at": now + timedelta(hours=fund.terms.emergency_hours),
        }
    )
    return (asked, _submitted(fund, asked.request_id, figures, missing_fen, command.asked_by))


def drafted(fund: Fund, cause: Cause, figures: FundFigures, amount_fen: int) -> ReplenishmentDrafted:
    """The next request of the fund."""
    return ReplenishmentDrafted(
        fund_id=fund.fund_id,
        request_id=f"{fund.fund_id}-R{len(fund.requests) + 1:03}",
        cause=cause,
        figures=figures,
        amount_fen=amount_fen,
    )


def _submitted(
    fund: Fund, request_id: str, figures: FundFigures, amount_fen: int, submitted_by: str
) -> ReplenishmentSubmitted:
    return ReplenishmentSubmitted(
        fund_id=fund.fund_id,
        request_id=request_id,
        figures=figures,
        amount_fen=amount_fen,
        submitted_by=submitted_by,
    )


def _submit(fund: Fund, command: SubmitReplenishment, now: Circumstances) -> Sequence[ReplenishmentSubmitted]:
    known = _known(fund, command.request_id)
    if known.standing == "submitted" and known.submitted_by == now.actor.id:
        return ()
    if known.standing != "drafted":
        raise _settled()
    figures = figures_of(fund, day_of(now.recorded_at))
    if figures.overdue > fund.terms.overdue_at_most:
        raise Refused("papers_overdue", "逾期未补手续的支付超过规定笔数,请先补齐手续再申请补充。")
    amount_fen = command.amount_fen or suggested_fen(fund, figures) or known.amount_fen
    return (_submitted(fund, known.request_id, figures, amount_fen, now.actor.id),)


# --- signing


def _sign(fund: Fund, command: SignReplenishment, now: Circumstances) -> Sequence[ReplenishmentSigned]:
    known, by = _known(fund, command.request_id), now.actor
    signed = dict(zip(known.desks, known.signed_by, strict=False))
    if (by.role, by.id) in signed.items():
        return ()
    desk = _turn(known, by)
    amount_fen = known.amount_fen if command.amount_fen is None else command.amount_fen
    if amount_fen > known.amount_fen:
        raise Refused("more_than_asked", "同意的金额不能大于申请金额。")
    is_last = desk == known.desks[-1]
    if is_last:
        _must_be_new(fund, command.document)
    return (
        ReplenishmentSigned(
            fund_id=fund.fund_id,
            request_id=known.request_id,
            desk=desk,
            amount_fen=amount_fen,
            opinion=command.opinion,
            document=command.document if is_last else "",
            signed_by=by.id,
        ),
    )


def _turn(known: Request, by: Actor) -> Desk:
    desk = known.next_desk
    if desk is None:
        raise _settled()
    if desk != by.role:
        raise Refused("not_your_turn", "该申请应由其他环节先行签署,请按审批顺序办理。")
    if by.id in (known.submitted_by, *known.signed_by):
        raise Refused("same_person", "同一人不能既申请又签批,也不能签批两次,请换人签批。")
    return desk


def _must_be_new(fund: Fund, document: str) -> None:
    """The money is known by the document that grants it, so nothing else may have come under it."""
    if not document:
        raise Refused("document_missing", "批复补充申请须填写批复文号。")
    used = {request.document for request in fund.requests.values()}
    used |= {
        move.document for move in fund.moves.values() if isinstance(move, AppropriationReceived | AllocationReceived)
    }
    if document in used:
        raise Refused("document_used", "该文号已用于其他批复或拨款,请核对文号。")


def _decline(fund: Fund, command: DeclineReplenishment, by: Actor) -> Sequence[ReplenishmentDeclined]:
    """What was granted the county may close: less came, or it came under another document. What has come stays."""
    known = _known(fund, command.request_id)
    if known.standing == "declined":
        return ()
    if not known.is_open:
        raise _settled()
    if known.standing == "granted" and by.role not in known.desks[-2:]:
        raise Refused("not_your_turn", "已批复的申请须由县级办结,请与县级民政或财政联系。")
    return (declined(fund, known, command.reason, by.id),)


def declined(fund: Fund, request: Request, reason: str, by: str) -> ReplenishmentDeclined:
    """The request is over."""
    return ReplenishmentDeclined(fund_id=fund.fund_id, request_id=request.request_id, reason=reason, declined_by=by)


def open_request(fund: Fund, hold_id: str | None = None) -> Request | None:
    """The request that is under way: for a hold, or (without one) for the fund as such."""
    wanted = (request for request in fund.requests.values() if request.is_open and request.hold_id == hold_id)
    return next(wanted, None)


def _known(fund: Fund, request_id: str) -> Request:
    known = fund.requests.get(request_id)
    if known is None:
        raise Refused("no_such_request", "没有找到这份补充申请,请核对编号。")
    return known


def _settled() -> Refused:
    return Refused("request_settled", "该申请尚未提交或已经办结,不能这样办理。")
