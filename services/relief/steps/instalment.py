"""An instalment (分期): promised by an approval, held by ledger, released and paid, or let go with a reason."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from events.relief_approval import (
    InstalmentCalled,
    InstalmentFact,
    InstalmentFreed,
    InstalmentHeld,
    InstalmentInstructed,
    InstalmentLetGo,
    InstalmentReleased,
    InstalmentShort,
    LettingGo,
)
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused, replace

# --- commands


@dataclass(frozen=True, slots=True)
class CallInstalment:
    """Ask the fund of its year to hold an instalment, again or for the first time."""

    instalment_id: str


@dataclass(frozen=True, slots=True)
class ReleaseInstalment:
    """Let an instalment be paid (发放)."""

    instalment_id: str


@dataclass(frozen=True, slots=True)
class LetGoInstalment:
    """Skip, reduce or stop one instalment; ``to_fen`` is what remains of a reduced one."""

    instalment_id: str
    how: LettingGo
    to_fen: int
    reason: str


InstalmentCommand = CallInstalment | ReleaseInstalment | LetGoInstalment

# --- state

Standing = Literal["planned", "called", "held", "short", "released", "instructed", "paid", "leaving", "gone"]
"""Promised; asked of the fund; held; short of funds; may be paid; being paid; in hand; being let go; let go."""

_FREE: tuple[Standing, ...] = ("planned", "short")
_STOPPABLE: tuple[Standing, ...] = (*_FREE, "called", "held", "released")


@dataclass(frozen=True)
class Instalment:
    """One instalment. ``hold_id`` is that of the last call; amounts in fen."""

    case_id: str
    approval_id: str
    instalment_id: str
    payer: str
    amount_fen: int
    due_on: date
    ends_on: date | None = None
    """The last day of its plan."""
    township: str | None = None
    """Whose household it is."""
    approved_by: str = ""
    """Who signed last. Whoever calls it later has not decided it, and the one who did does not pay it."""
    signers: tuple[str, ...] = ()
    """All who signed, that one the last."""
    policy_hash: str | None = None
    """The resolved set that its approval stood on."""
    standing: Standing = "planned"
    hold_id: str = ""
    calls: int = 0
    payments: tuple[str, ...] = ()
    """Ledger's payments of it, one after the other."""
    short_fen: int = 0
    """What its fund lacked, when it was asked last."""
    lets_go: InstalmentLetGo | None = None
    """How it is being let go, until ledger has said so."""
    asked: str = ""
    """The fund that was asked last."""

    @property
    def promised_fen(self) -> int:
        """What of it still stands."""
        if self.standing == "gone":
            return 0
        return self.amount_fen if self.lets_go is None else self.lets_go.to_fen

    @property
    def is_promised(self) -> bool:
        """Whether its fund may hold it without being called: a fund of a later year takes up what it was told."""
        return self.standing == "planned" and self.calls == 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self.standing in ("paid", "gone")

    @property
    def paying(self) -> str:
        """The last payment that was instructed."""
        return self.payments[-1] if self.payments else ""

    @property
    def fund_id(self) -> str:
        """The fund that was asked last; before any was, the payer's of the year in which it is due."""
        return self.asked or self.fund_of(self.due_on.year)

    def fund_of(self, year: int) -> str:
        """The payer's fund that is asked in a year: never one of a year that is over."""
        return f"{self.payer}-{max(year, self.due_on.year)}"


# --- decide


def decide(instalment: Instalment, command: InstalmentCommand, now: Circumstances) -> tuple[InstalmentFact, ...]:
    """What happens to the instalment. Raises ``Refused`` for a senseless command."""
    match command:
        case CallInstalment():
            return _call(instalment, now)
        case ReleaseInstalment():
            return _release(instalment, now)
        case LetGoInstalment():
            return let_go(instalment, command, now.actor.id)


def called(instalment: Instalment, now: Circumstances) -> InstalmentCalled:
    """The call to the fund; each has a number of its own, so that an old answer is not taken for a new one.

    Where the fund was short there is no hold: it is asked again under the same number, lest it find money for both.
    """
    fund_id = instalment.fund_of(day_of(now.recorded_at).year)
    is_asked_again = instalment.standing == "short" and fund_id == instalment.asked
    number = instalment.calls + (0 if is_asked_again else 1)
    return InstalmentCalled(
        case_id=instalment.case_id,
        approval_id=instalment.approval_id,
        instalment_id=instalment.instalment_id,
        hold_id=instalment.instalment_id if number == 1 else f"{instalment.instalment_id}.{number}",
        fund_id=fund_id,
        amount_fen=instalment.amount_fen,
        decided_by=instalment.approved_by,
        until=instalment.ends_on,
        township=instalment.township,
        signers=instalment.signers,
        policy_hash=instalment.policy_hash,
    )


def _call(instalment: Instalment, now: Circumstances) -> tuple[InstalmentFact, ...]:
    if instalment.standing in ("called", "held"):
        return ()
    if instalment.standing not in _FREE:
        raise Refused("instalment_settled", "该期救助金已经发放、正在发放或已经取消,不能再占用备用金。")
    if instalment.ends_on is not None and day_of(now.occurred_at) > instalment.ends_on:
        raise Refused("plan_ended", "该分期计划的期限已过,不能再占用备用金;仍有困难的,请另行呈批。")
    return (called(instalment, now),)


def _release(instalment: Instalment, now: Circumstances) -> tuple[InstalmentFact, ...]:
    if instalment.standing == "released":
        return ()
    if instalment.standing != "held":
        raise Refused("instalment_not_held", "该期救助金尚未占用备用金,或已经发放、取消,不能发放。")
    if day_of(now.occurred_at) < instalment.due_on:
        raise Refused("instalment_not_due", "该期救助金尚未到计划发放的日期。")
    return (
        InstalmentReleased(
            case_id=instalment.case_id,
            instalment_id=instalment.instalment_id,
            hold_id=instalment.hold_id,
            fund_id=instalment.fund_id,
            released_by=now.actor.id,
        ),
    )


def let_go(instalment: Instalment, command: LetGoInstalment, by: str) -> tuple[InstalmentFact, ...]:
    """The instalment is not paid as planned: at once where ledger holds nothing, else when ledger has said so."""
    _must_be_stoppable(instalment, command)
    gone = InstalmentLetGo(
        case_id=instalment.case_id,
        approval_id=instalment.approval_id,
        instalment_id=instalment.instalment_id,
        hold_id=instalment.hold_id or instalment.instalment_id,
        fund_id=instalment.fund_id,
        how=command.how,
        to_fen=command.to_fen,
        reason=command.reason,
        decided_by=by,
        at_once=instalment.standing in _FREE,
    )
    return () if gone == instalment.lets_go else (gone,)


def _must_be_stoppable(instalment: Instalment, command: LetGoInstalment) -> None:
    if instalment.standing in ("instructed", "paid"):
        raise Refused("instalment_too_late", "该期救助金正在支付或已经到账,不能再变更。")
    if instalment.standing not in (*_STOPPABLE, "leaving"):
        raise Refused("instalment_settled", "该期救助金已经取消。")
    if (command.how == "reduced") != (0 < command.to_fen < instalment.amount_fen):
        raise Refused("not_less", "减发后的金额应大于零并少于原定金额;跳过或终止不留金额。")


# --- evolve


def evolve(instalment: Instalment, fact: InstalmentFact) -> Instalment:
    """The instalment after a fact. What ledger says about an earlier call changes nothing."""
    match fact:
        case InstalmentCalled():
            calls = _calls(instalment, fact)
            return replace(instalment, standing="called", hold_id=fact.hold_id, calls=calls, asked=fact.fund_id)
        case InstalmentHeld() | InstalmentShort() | InstalmentReleased() | InstalmentInstructed():
            return _answered(instalment, fact)
        case InstalmentLetGo():
            if instalment.standing in _FREE:
                return _gone(instalment, fact)
            return replace(instalment, standing="leaving", lets_go=fact)
        case InstalmentFreed():
            return _freed(instalment, fact)


def _calls(instalment: Instalment, fact: InstalmentCalled) -> int:
    return instalment.calls + (0 if fact.hold_id == instalment.hold_id else 1)


def _answered(
    instalment: Instalment, fact: InstalmentHeld | InstalmentShort | InstalmentReleased | InstalmentInstructed
) -> Instalment:
    if isinstance(fact, InstalmentHeld) and instalment.is_promised:
        return replace(instalment, standing="held", hold_id=fact.hold_id, calls=1)
    if fact.hold_id != instalment.hold_id or instalment.is_settled:
        return instalment
    match fact:
        case InstalmentHeld():
            return instalment if instalment.standing == "leaving" else replace(instalment, standing="held")
        case InstalmentShort():
            return _freed(instalment, fact) if instalment.lets_go else _short(instalment, fact)
        case InstalmentReleased():
            return replace(instalment, standing="released")
        case InstalmentInstructed():
            payments = (*instalment.payments, fact.payment_id)
            return replace(instalment, standing="instructed", payments=payments, lets_go=None)


def _short(instalment: Instalment, fact: InstalmentShort) -> Instalment:
    return replace(instalment, standing="short", short_fen=fact.shortfall_fen)


def _freed(instalment: Instalment, fact: InstalmentFreed | InstalmentShort) -> Instalment:
    """Let go without our having asked, as at the end of a year: still promised, and can be called again."""
    if fact.hold_id != instalment.hold_id or instalment.is_settled:
        return instalment
    if instalment.lets_go is None:
        return replace(instalment, standing="planned")
    return _gone(instalment, instalment.lets_go)


def _gone(instalment: Instalment, how: InstalmentLetGo) -> Instalment:
    if how.how == "reduced":
        return replace(instalment, standing="planned", amount_fen=how.to_fen, lets_go=None)
    return replace(instalment, standing="gone", lets_go=None)


def paid(instalment: Instalment) -> Instalment:
    """The household has the money, whatever else was on its way."""
    return replace(instalment, standing="paid", lets_go=None)


def came_back(instalment: Instalment) -> Instalment:
    """The bank sent the money back: ledger holds it still, and it is released anew for a new payment."""
    return replace(instalment, standing="held") if instalment.standing in ("paid", "instructed") else instalment
