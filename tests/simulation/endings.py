"""What must hold in the end, when the faults are over and everything has come to rest."""

from collections import Counter
from typing import TYPE_CHECKING

from events.ledger import PaymentReceived, PaymentReturned, RefusedShort, Reserved
from events.relief import AdvanceDecided
from services.ledger.fund_state import Fund
from services.relief.case_state import Case
from tests.simulation.answers import reports_are_answered
from tests.simulation.service import Service
from tests.simulation.violation import Report

if TYPE_CHECKING:
    from tests.simulation.world import World


def unsettled(world: "World") -> str | None:
    """What is still under way: a log that is not published or not followed to its end, records not taken in."""
    for service in world.services:
        if (what := unpublished(service)) is not None:
            return what
        behind = (_behind(world, service, division) for division in service.auditor.divisions())
        if (what := next(filter(None, behind), None)) is not None:
            return what
    return None


def unpublished(service: Service) -> str | None:
    """What of one service is under way: records not taken in, a log that is not published to its end."""
    if not service.processes or any(process.member.lag() for process in service.processes):
        return f"{service.name} has not taken in every record"
    for division in service.auditor.divisions():
        at = service.cursors.get(division)
        if at is None or at.position < service.auditor.end(division):
            return f"{service.name} {division} is not published to its end"
    return None


def _behind(world: "World", source: Service, division: str) -> str | None:
    last = max(source.auditor.public(division), default=0)
    for follower in world.followers(source.name):
        followed = follower.auditor.followed.get((source.name, division), 0)
        if followed < last:
            return f"{follower.name} has followed {source.name} {division} to {followed} of {last}"
    return None


def check(world: "World") -> None:
    """Report what does not hold."""
    reports_are_answered(world)
    for law in (_decisions_are_answered, _cases_know_what_ledger_did, _money_is_conserved, _funds_are_their_books):
        law(world)
    for service in world.services:
        caches_are_what_the_facts_fold_to(world.report, service)
        _dead_letters_are_the_planted_ones(world, service)
        _no_alarm_is_left(world, service)


def _decisions_are_answered(world: "World") -> None:
    """Every decision that needs money was answered by ledger once, and nothing else was."""
    asked = Counter(
        f"relief:{known.division}:{known.position}"
        for known in world.relief.auditor.facts
        if isinstance(known.fact, AdvanceDecided) and known.fact.amount_fen
    )
    answered = Counter(
        known.meta.causation for known in world.ledger.auditor.facts if isinstance(known.fact, Reserved | RefusedShort)
    )
    if asked != answered:
        world.report("decision_unanswered", f"unanswered {asked - answered}, too many {answered - asked}")


def _cases_know_what_ledger_did(world: "World") -> None:
    """Every decision stands as ledger's books have it, and every payment and return is known."""
    for case in (case for cases in world.cases.values() for case in cases.values()):
        for name, decision in case.decisions.items():
            hold = world.books.holds.get(decision.hold_id or name)
            if decision.standing not in _standings(None if hold is None else hold.standing, decision.amount_fen):
                world.report("case_knows_otherwise", f"{name} is {decision.standing}, but to ledger {hold}")
        _check_payments(world, case)


def _standings(hold: str | None, amount_fen: int) -> tuple[str, ...]:
    if amount_fen == 0:
        return ("awaiting",)
    if hold is None:
        return ("short", "replaced")
    return ("voided",) if hold == "voided" else ("held",)


def _check_payments(world: "World", case: Case) -> None:
    facts = [fact for fact in world.paid if fact.case_id == case.case_id]
    received = {_payment(case, fact) for fact in facts if isinstance(fact, PaymentReceived)}
    returned = {_payment(case, fact) for fact in facts if isinstance(fact, PaymentReturned) and fact.was_received}
    known = {(relief.decision_id, relief.payment_id) for relief in case.received if relief.payment_id is not None}
    if (known, case.returned) != (received, returned):
        world.report("payment_unknown", f"{case.case_id}: {known}, {case.returned}; ledger: {received}, {returned}")


def _payment(case: Case, fact: PaymentReceived | PaymentReturned) -> tuple[str, str]:
    """By its decision: one whose money was asked for anew has another hold."""
    return case.decision_of_hold(fact.hold_id), fact.payment_id


def _money_is_conserved(world: "World") -> None:
    for division in world.ledger.auditor.divisions():
        given, kept = world.books.balance(division)
        if given != kept:
            world.report("money_lost", f"{division}: {given} fen came in, {kept} are there")


def _funds_are_their_books(world: "World") -> None:
    for states in world.ledger.auditor.history.values():
        fund = states[-1]
        book = world.books.funds.get(fund.fund_id) if isinstance(fund, Fund) else None
        if book is not None and (fund.available_fen, fund.reserved_fen) != (book.available, book.reserved):
            world.report("fund_differs", f"{fund.fund_id}: {fund.available_fen} fen, by hand {book.available}")


def caches_are_what_the_facts_fold_to(report: Report, service: Service) -> None:
    """What each process remembers of a stream, also from what is kept beside the log, is what its facts fold to."""
    history = service.auditor.history
    for process in service.processes:
        for key, known in process.cached(history).items():
            if [known.state] != history[key][known.version : known.version + 1]:
                report("cache_differs", f"{process.name} {key} at {known.version}")


def _dead_letters_are_the_planted_ones(world: "World", service: Service) -> None:
    """After a broker has begun to count anew, a stranger may hide behind one that had the same number."""
    letters = {(letter.source, letter.position) for letter in service.store.dead_letters.values()}
    planted = {(source, position) for name, source, position in world.mishaps.planted if name == service.name}
    if not letters <= planted or (not world.bus.generation and letters != planted):
        reasons = {letter.name: letter.reason for letter in service.store.dead_letters.values()}
        world.report("dead_letters", f"{service.name} has {letters}, planted were {planted}: {reasons}")


def _no_alarm_is_left(world: "World", service: Service) -> None:
    if service.store.stopped():
        world.report("alarm_left", f"{service.name}: {service.store.stopped()}")
