"""A request for replenishment (补充备用金申请): drafted, handed in, signed desk by desk, answered by money."""

from dataclasses import dataclass, replace
from typing import Literal

from events.ledger_replenishing import (
    Cause,
    Desk,
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)

# --- commands


@dataclass(frozen=True, slots=True)
class DraftReplenishment:
    """Draft a request by hand (预计需求), for what the books come to or another amount."""

    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class AskUrgently:
    """Ask for what a case found missing (紧急补充), in the name of the officer who chose that way out."""

    fund_id: str
    hold_id: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class SubmitReplenishment:
    """Hand a drafted request in, for what the books come to now or another amount."""

    request_id: str
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class SignReplenishment:
    """Agree to a request, or to less than it asks for; the last desk grants it under a document."""

    request_id: str
    amount_fen: int | None = None
    opinion: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class DeclineReplenishment:
    """Refuse a request, or set it aside; or close one that was granted and will bring no more."""

    request_id: str
    reason: str


ReplenishmentCommand = DraftReplenishment | AskUrgently | SubmitReplenishment | SignReplenishment | DeclineReplenishment

LaterFact = ReplenishmentSubmitted | ReplenishmentSigned | ReplenishmentDeclined | ReplenishmentArrived

# --- state

_DESKS: tuple[Desk, ...] = ("township_leader", "county_civil_affairs", "county_finance")
_COUNTY: tuple[Desk, ...] = _DESKS[1:]


@dataclass(frozen=True, slots=True)
class Request:
    """What a fund asks for, in fen: at first as drafted, then as each desk agreed to."""

    request_id: str
    cause: Cause
    amount_fen: int
    hold_id: str | None = None
    township: str | None = None
    standing: Literal["drafted", "submitted", "granted", "arrived", "declined"] = "drafted"
    submitted_by: str = ""
    signed_by: tuple[str, ...] = ()
    """In the order of the desks."""
    document: str = ""
    arrived_fen: int = 0

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Who signs, one after the other; in an emergency the county alone, for the township's officer has asked."""
        return _COUNTY if self.cause == "emergency" else _DESKS

    @property
    def next_desk(self) -> Desk | None:
        """Whose turn it is; nobody's before it is handed in, and after the last."""
        return self.desks[len(self.signed_by)] if self.standing == "submitted" else None

    @property
    def is_open(self) -> bool:
        """Whether it may still bring money."""
        return self.standing in ("drafted", "submitted", "granted")

    @property
    def pending_fen(self) -> int:
        """What it asks for and has not brought yet; a draft asks for nothing."""
        return max(0, self.amount_fen - self.arrived_fen) if self.standing in ("submitted", "granted") else 0


# --- evolve


def begin(fact: ReplenishmentDrafted) -> Request:
    """The request that this fact begins."""
    return Request(fact.request_id, fact.cause, fact.amount_fen, fact.hold_id, fact.township)


def evolve(request: Request, fact: LaterFact) -> Request:
    """The request after a later fact."""
    match fact:
        case ReplenishmentSubmitted():
            return replace(request, standing="submitted", amount_fen=fact.amount_fen, submitted_by=fact.submitted_by)
        case ReplenishmentSigned():
            signed_by = (*request.signed_by, fact.signed_by)
            is_last = len(signed_by) == len(request.desks)
            signed = replace(request, amount_fen=fact.amount_fen, signed_by=signed_by)
            return replace(signed, standing="granted", document=fact.document) if is_last else signed
        case ReplenishmentDeclined():
            return replace(request, standing="declined")
        case ReplenishmentArrived():
            arrived_fen = request.arrived_fen + fact.amount_fen
            standing = "arrived" if arrived_fen >= request.amount_fen else "granted"
            return replace(request, standing=standing, arrived_fen=arrived_fen)
