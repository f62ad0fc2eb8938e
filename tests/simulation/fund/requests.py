"""What an accountant apart from the product keeps of a fund's requests for more money, from the facts alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)

DESKS = ("township_leader", "county_civil_affairs", "county_finance")


@dataclass(slots=True)
class RequestAccount:
    """A request: how it stands, who has put a hand to it, and what it has brought."""

    amount_fen: int
    hold_id: str | None
    desks: tuple[str, ...]
    standing: str = "drafted"
    township: str | None = None
    """Whose quota it asks to be raised, where the county pays for it."""
    hands: list[str] = field(default_factory=list[str])
    document: str = ""
    arrived_fen: int = 0

    @property
    def next_desk(self) -> str | None:
        """Whose turn it is."""
        return self.desks[len(self.hands) - 1] if self.standing == "submitted" else None

    @property
    def is_open(self) -> bool:
        """Whether it may still bring money."""
        return self.standing in ("drafted", "submitted", "granted")

    @property
    def pending_fen(self) -> int:
        """What it asks for and has not brought."""
        return max(0, self.amount_fen - self.arrived_fen) if self.standing in ("submitted", "granted") else 0


@dataclass(slots=True)
class Requests:
    """A fund's requests, and what came under the document of each."""

    known: dict[str, RequestAccount] = field(default_factory=dict[str, RequestAccount])
    came: Counter[str] = field(default_factory=Counter[str])
    """Fen that came under the document of a granted request while it was waited for."""

    @property
    def pending_fen(self) -> int:
        """What is asked for and has not come."""
        return sum(request.pending_fen for request in self.known.values())

    def money(self, document: str, amount_fen: int) -> None:
        """Money has come under a document."""
        if any(one.document == document and one.standing == "granted" for one in self.known.values()):
            self.came[document] += amount_fen

    def quota(self, document: str, township: str, more_fen: int) -> None:
        """A township's quota was raised under a document."""
        asked = (one for one in self.known.values() if one.document == document and one.standing == "granted")
        if more_fen > 0 and any(one.township == township for one in asked):
            self.came[document] += more_fen

    def enter(self, fact: ReplenishmentFact) -> Iterator[str]:
        """What a fact does to a request; what is wrong with it."""
        match fact:
            case ReplenishmentDrafted():
                yield from self._drafted(fact)
            case ReplenishmentSubmitted():
                yield from self._moves(fact.request_id, ("drafted",), "submitted")
                self.known[fact.request_id].amount_fen = fact.amount_fen
                self.known[fact.request_id].hands.append(fact.submitted_by)
            case ReplenishmentSigned():
                yield from self._signed(fact, self.known[fact.request_id])
            case ReplenishmentDeclined():
                yield from self._moves(fact.request_id, ("drafted", "submitted", "granted"), "declined")
            case ReplenishmentArrived():
                yield from self._arrived(fact, self.known[fact.request_id])

    def unanswered(self) -> Iterator[str]:
        """Requests whose money is there, and of which nobody was told so."""
        for name, request in self.known.items():
            if request.document and request.arrived_fen != self.came[request.document]:
                yield f"{name}: {self.came[request.document]} fen came, {request.arrived_fen} were noticed"

    def _drafted(self, fact: ReplenishmentDrafted) -> Iterator[str]:
        if any(one.is_open and one.hold_id == fact.hold_id for one in self.known.values()):
            yield "asked for twice"
        if fact.request_id != f"{fact.fund_id}-R{len(self.known) + 1:03}":
            yield "its number does not follow"
        if fact.figures.pending_fen != self.pending_fen:
            yield f"{self.pending_fen} fen are pending, it says {fact.figures.pending_fen}"
        desks = DESKS[1:] if fact.cause == "emergency" else DESKS
        self.known[fact.request_id] = RequestAccount(fact.amount_fen, fact.hold_id, desks, township=fact.township)

    def _signed(self, fact: ReplenishmentSigned, request: RequestAccount) -> Iterator[str]:
        """P13: desk by desk, each another person, and none of them who has asked."""
        if fact.desk != request.next_desk or fact.amount_fen > request.amount_fen:
            yield f"{fact.desk} signed {fact.amount_fen} fen out of turn, or more than was asked"
        if fact.signed_by in request.hands:
            yield f"{fact.signed_by} has put two hands to it"
        is_last = fact.desk == request.desks[-1]
        used = {one.document for one in self.known.values()} - {""}
        if bool(fact.document) != is_last or fact.document in used:
            yield "granted without a document of its own"
        request.hands.append(fact.signed_by)
        request.amount_fen = fact.amount_fen
        if is_last:
            request.standing, request.document = "granted", fact.document

    def _arrived(self, fact: ReplenishmentArrived, request: RequestAccount) -> Iterator[str]:
        yield from self._moves(fact.request_id, ("granted",), "granted")
        request.arrived_fen += fact.amount_fen
        if request.arrived_fen >= request.amount_fen:
            request.standing = "arrived"

    def _moves(self, name: str, before: tuple[str, ...], after: str) -> Iterator[str]:
        if self.known[name].standing not in before:
            yield f"{self.known[name].standing} became {after}"
        self.known[name].standing = after
