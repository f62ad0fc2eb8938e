"""Bugs planted in the cores: each takes the deciders of a service and gives them back with one of them broken."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from events.fact import Fact, Recorded
from events.intake_later import ReplyPrepared
from events.ledger import (
    AllocationReceived,
    EntryPosted,
    PaymentInstructed,
    PaymentReceived,
    RefusedShort,
    Reserved,
    Voided,
)
from services.chassis.decider import Circumstances, Decider
from services.chassis.deciding import Deciders
from services.ledger.hold_commands import Instruct
from services.relief.case_commands import NoteShort

Decide = Callable[[Any, Any, Circumstances], Sequence[Fact]]
Broken = Callable[[Deciders], Deciders]


def seeing_no_owners(deciders: Deciders) -> Deciders:
    """Nobody asks whose a claim is."""
    return _deciding(
        deciders, lambda decide: lambda state, command, now: decide(state, command, now._replace(owners={}))
    )


def forgetting(kind: type[Fact]) -> Broken:
    """A fact of this kind does not change the state."""

    def broken(decider: Decider[Any, Any, Any]) -> Decider[Any, Any, Any]:
        def evolve(state: Any, known: Recorded[Fact]) -> Any:
            return state if isinstance(known.fact, kind) else decider.evolve(state, known)

        return Decider(decider.initial, decider.decide, evolve, decider.answer)

    return lambda deciders: {command: broken(decider) for command, decider in deciders.items()}


def leaving_out(kind: type[Fact], beside: type[Fact] = Fact) -> Broken:
    """A fact of this kind is not said, where another kind is."""

    def left_out(facts: Sequence[Fact]) -> Sequence[Fact]:
        concerned = any(isinstance(fact, beside) for fact in facts)
        return [fact for fact in facts if not (concerned and isinstance(fact, kind))]

    return lambda deciders: _deciding(
        deciders, lambda decide: lambda state, command, now: left_out(decide(state, command, now))
    )


def deaf_to(kind: type) -> Broken:
    """A command of this kind comes to nothing."""
    return lambda deciders: _deciding(
        deciders,
        lambda decide: lambda state, command, now: () if isinstance(command, kind) else decide(state, command, now),
    )


def with_two_eyes(deciders: Deciders) -> Deciders:
    """Whoever has decided may also pay."""

    def breaks(decide: Decide) -> Decide:
        def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
            if not isinstance(command, Instruct):
                return decide(state, command, now)
            somebody = now.actor.model_copy(update={"id": "somebody"})
            facts = decide(state, command, now._replace(actor=somebody))
            by = {"instructed_by": now.actor.id}
            return [fact.model_copy(update=by) if isinstance(fact, PaymentInstructed) else fact for fact in facts]

        return careless

    return _deciding(deciders, breaks)


def off_by_one(deciders: Deciders) -> Deciders:
    """The last fen of a fund is never promised."""

    def breaks(decide: Decide) -> Decide:
        def careless(state: Any, command: Any, now: Circumstances) -> Sequence[Fact]:
            facts = decide(state, command, now)
            if not any(isinstance(fact, Reserved) for fact in facts):
                return facts
            more = decide(state, replace(command, amount_fen=command.amount_fen + 1), now)
            short = [fact for fact in more if isinstance(fact, RefusedShort)]
            return [fact.model_copy(update={"asked_fen": command.amount_fen}) for fact in short] or facts

        return careless

    return _deciding(deciders, breaks)


CORE_BUGS: dict[str, tuple[Broken, set[str]]] = {
    "claims are not asked for": (seeing_no_owners, {"answered_oddly"}),
    "what is let go is not returned": (
        forgetting(Voided),
        {"cache_differs", "refused_wrongly", "hold_moved_wrongly"},
    ),
    "voucher numbers are used twice": (forgetting(EntryPosted), {"voucher", "cache_differs"}),
    "the townships' half of a transfer is lost": (leaving_out(AllocationReceived), {"money_lost", "posted"}),
    "payments are not posted": (leaving_out(EntryPosted, beside=PaymentReceived), {"posted"}),
    "who decides may pay": (with_two_eyes, {"instructed_wrongly"}),
    "the last fen is never promised": (off_by_one, {"refused_wrongly"}),
    "nobody notes that a fund was short": (deaf_to(NoteShort), {"case_knows_otherwise"}),
    "reporters hear nothing": (leaving_out(ReplyPrepared), {"report_unanswered"}),
}
"""Each with the laws that it may be seen to break."""


def _deciding(deciders: Deciders, breaks: Callable[[Decide], Decide]) -> Deciders:
    return {
        command: Decider(decider.initial, breaks(decider.decide), decider.evolve, decider.answer)
        for command, decider in deciders.items()
    }
