"""Bugs planted in the fund's core, each of which breaks one law that only money has."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from events.fact import Fact, Recorded
from events.ledger import (
    ActApproved,
    AllocationReceived,
    Draw,
    EntryPosted,
    LowBalanceAlerted,
    OpeningEntered,
    PaymentReceived,
    PaymentReturned,
    RecoveryReceived,
    Reserved,
    Voided,
)
from events.ledger_replenishing import ReplenishmentArrived, ReplenishmentSigned, ReplenishmentSubmitted
from services.chassis.decider import Circumstances, Decider, Kept
from services.chassis.deciding import Deciders
from services.ledger.fund import KEPT
from services.ledger.fund_commands import Approve, Reserve
from services.ledger.fund_state import Fund
from services.ledger.hold import voided
from services.ledger.hold_commands import Instruct, Void
from services.ledger.replenishment import SignReplenishment
from services.ledger.sources import put
from tests.simulation.core_bugs import Broken, Decide, forgetting, leaving_out

Wrap = Callable[[Decider[Any, Any, Any]], Decider[Any, Any, Any]]


def _each(wrap: Wrap) -> Broken:
    return lambda deciders: {command: wrap(decider) for command, decider in deciders.items()}


def _deciding(breaks: Callable[[Decide], Decide]) -> Broken:
    return _each(lambda decider: replace(decider, decide=breaks(decider.decide), decide_and_fold=None))


def _saying(change: Callable[[Fact], Fact]) -> Broken:
    """Every fact is said otherwise."""
    return _deciding(lambda decide: lambda state, command, now: [change(fact) for fact in decide(state, command, now)])


def _of_one_source(fact: Fact) -> Fact:
    """Sources mix: a promise takes all from the first."""
    if not isinstance(fact, Reserved):
        return fact
    return fact.model_copy(update={"draws": (Draw(source="central", amount_fen=fact.amount_fen),)})


def _one_fen_less(fact: Fact) -> Fact:
    """An entry loses a fen on one side."""
    if not isinstance(fact, EntryPosted) or fact.lines[0].debit_fen < 2:
        return fact
    first = fact.lines[0].model_copy(update={"debit_fen": fact.lines[0].debit_fen - 1})
    return fact.model_copy(update={"lines": (first, *fact.lines[1:])})


def _dated_when_it_happened(fact: Fact) -> Fact:
    """What comes late enters its own month, closed or not."""
    if not isinstance(fact, EntryPosted) or fact.happened_on is None:
        return fact
    return fact.model_copy(update={"dated": fact.happened_on})


def _with_own_eyes(decide: Decide) -> Decide:
    """Whoever has proposed may approve."""

    def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
        if not isinstance(command, Approve):
            return decide(state, command, now)
        somebody = now._replace(actor=now.actor.model_copy(update={"id": "somebody"}))
        told = {"approved_by": now.actor.id}
        facts = decide(state, command, somebody)
        return [fact.model_copy(update=told) if isinstance(fact, ActApproved) else fact for fact in facts]

    return careless


def _paying_for_ever(decide: Decide) -> Decide:
    """What a year has promised is paid in any later one."""

    def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
        if not isinstance(command, Instruct) or not isinstance(state, Fund) or state.opened is None:
            return decide(state, command, now)
        return decide(state, command, now._replace(occurred_at=now.occurred_at.replace(year=state.opened.year)))

    return careless


def _letting_go_what_is_paid(decide: Decide) -> Decide:
    """A hold that is being paid is let go, too."""

    def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
        known = state.holds.get(command.hold_id) if isinstance(command, Void) and isinstance(state, Fund) else None
        if known is None or known.standing != "instructed":
            return decide(state, command, now)
        return (voided(state.fund_id, known, "not_needed"),)

    return careless


def _returned_to_the_first_source(decider: Decider[Any, Any, Any]) -> Decider[Any, Any, Any]:
    """What comes back goes where it did not come from."""

    def evolve(state: Any, known: Recorded[Fact]) -> Any:
        after = decider.evolve(state, known)
        if not isinstance(known.fact, PaymentReturned) or not known.fact.was_received:
            return after
        return replace(after, book=put(state.book, (Draw(source="central", amount_fen=known.fact.amount_fen),)))

    return replace(decider, evolve=evolve, decide_and_fold=None)


def _kept_without_holds(decider: Decider[Any, Any, Any]) -> Decider[Any, Any, Any]:
    """What is kept beside the log forgets what is held."""
    if decider.kept is not KEPT:
        return decider
    kept = Kept(KEPT.shape, lambda state: KEPT.dump(state and replace(state, held={})), KEPT.load)
    return replace(decider, kept=kept)


def _signed_with_a_borrowed_hand(decide: Decide) -> Decide:
    """Whoever has asked for more agrees to it, too."""

    def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
        if not isinstance(command, SignReplenishment):
            return decide(state, command, now)
        somebody = now._replace(actor=now.actor.model_copy(update={"id": f"{now.actor.id}-{now.actor.role}"}))
        told = {"signed_by": now.actor.id}
        facts = decide(state, command, somebody)
        return [fact.model_copy(update=told) if isinstance(fact, ReplenishmentSigned) else fact for fact in facts]

    return careless


def _beyond_the_quota(decide: Decide) -> Decide:
    """The county's money is all that counts, and not what it lets a township use."""

    def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
        if not isinstance(command, Reserve) or not isinstance(state, Fund):
            return decide(state, command, now)
        return decide(state.but(quotas=dict.fromkeys(state.quotas, 10**9)), command, now)

    return careless


def _quota_never_given_back(decider: Decider[Any, Any, Any]) -> Decider[Any, Any, Any]:
    """What is let go uses a township's quota for ever."""

    def evolve(state: Any, known: Recorded[Fact]) -> Any:
        after = decider.evolve(state, known)
        return after.but(quota_used=state.quota_used) if isinstance(known.fact, Voided) else after

    return replace(decider, evolve=evolve, decide_and_fold=None)


MUTANTS: dict[str, tuple[Callable[[Deciders], Deciders], set[str]]] = {
    "what is let go stays held": (forgetting(Voided), {"fund_differs"}),
    "sources mix when money is promised": (_saying(_of_one_source), {"overdrawn", "answered_oddly"}),
    "what comes back goes to another source": (_each(_returned_to_the_first_source), {"fund_differs"}),
    "an entry loses a fen": (_saying(_one_fen_less), {"voucher"}),
    "voucher numbers are used twice": (forgetting(EntryPosted), {"voucher"}),
    "payments are not posted": (leaving_out(EntryPosted, beside=PaymentReceived), {"posted"}),
    "what is given back is not posted": (leaving_out(EntryPosted, beside=RecoveryReceived), {"posted"}),
    "the other half of a transfer is lost": (leaving_out(AllocationReceived), {"posted", "transit", "money_lost"}),
    "what is being paid is let go": (_deciding(_letting_go_what_is_paid), {"hold_moved_wrongly"}),
    "a year that is over still pays": (_deciding(_paying_for_ever), {"year"}),
    "who proposes approves": (_deciding(_with_own_eyes), {"four_eyes"}),
    "a closed month takes more": (_saying(_dated_when_it_happened), {"voucher"}),
    "an opening is not posted": (leaving_out(EntryPosted, beside=OpeningEntered), {"posted", "opening", "voucher"}),
    "who asks for more agrees to it": (_deciding(_signed_with_a_borrowed_hand), {"request"}),
    "nobody notices the money that was asked for": (leaving_out(ReplenishmentArrived), {"request"}),
    "what was handed in stays a draft": (forgetting(ReplenishmentSubmitted), {"request"}),
    "a township's quota does not count": (_deciding(_beyond_the_quota), {"quota", "answered_oddly"}),
    "a township's quota is never given back": (_each(_quota_never_given_back), {"fund_differs"}),
    "nobody is told of a low balance": (leaving_out(LowBalanceAlerted), {"alert"}),
    "a low balance is told again and again": (forgetting(LowBalanceAlerted), {"alert"}),
    "what is kept beside the log forgets holds": (
        _each(_kept_without_holds),
        {"overdrawn", "fund_differs", "cache_differs"},
    ),
}
"""Each with the laws that it may be seen to break."""
