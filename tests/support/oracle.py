"""What must hold after any crash: everything followed, once and only once; every log whole; every fund right."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from events import intake, intake_later, ledger, relief, relief_clocks
from events.fact import Fact, Recorded
from events.topics import service_of
from jiujinan.api import Answer
from jiujinan.environment import blueprint_of
from jiujinan.verification import verify_service
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.replay import recorded
from services.intake.channels.closure import PHONE
from services.ledger.posting import MONEY
from tests.support.people import awaited
from tests.support.system import System

_MASKED = re.compile(r"[0-9]{3}\*{4}[0-9]{4}")
Mark = tuple[str, str]
"""A thing that happens once, and to what."""

_MARKS: Mapping[type[Fact], Sequence[Mark]] = {
    intake.ReportReceived: [("report", "report_id")],
    intake.HelpNeeded: [("help needed", "report_id")],
    intake.CaseNumberLearned: [("case known", "report_id")],
    intake.ReportClosed: [("report closed", "report_id")],
    intake_later.ReplyPrepared: [("reply", "reply_id"), ("told {0.kind}", "report_id")],
    intake_later.ReplyDelivered: [("reply delivered", "reply_id")],
    relief.CaseOpened: [("case", "report_id")],
    relief.CaseAccepted: [("acceptance", "case_id"), ("to tell report_accepted", "report_ids")],
    relief.HouseholdContacted: [("contact", "case_id")],
    relief.AdvanceDecided: [("decision", "decision_id")],
    relief.AdvanceLetGo: [("let go", "decision_id")],
    relief.FundsReserved: [("answer heard", "decision_id")],
    relief.FundsShort: [("answer heard", "decision_id")],
    relief.HouseholdRelieved: [
        *(("relief", "payment_id"), ("to owe", "decision_id")),
        ("to tell case_advance_paid", "report_ids"),
    ],
    relief.PaperworkDebtOpened: [("debt", "debt_id")],
    relief.CaseClosed: [("to close", "report_ids"), ("to tell case_closed", "report_ids")],
    relief_clocks.ClockBroken: [("broken {0.clock} {0.subject}", "case_id")],
    relief_clocks.ClockCorrected: [("corrected {0.clock} {0.subject} {0.was} {0.verdict}", "case_id")],
    ledger.FundOpened: [("fund", "fund_id")],
    ledger.AppropriationReceived: [("to post {0.fund_id}", "appropriation_id")],
    ledger.AllocationSent: [("sent on", "transfer_id"), ("to post {0.fund_id}", "transfer_id")],
    ledger.AllocationReceived: [("passed on", "transfer_id"), ("to post {0.fund_id}", "transfer_id")],
    ledger.AllocationArrived: [("to post {0.fund_id}", "arrival_id")],
    ledger.AllocationReturned: [("to post {0.fund_id}", "return_id")],
    ledger.Reserved: [("answer", "hold_id")],
    ledger.RefusedShort: [("answer", "hold_id")],
    ledger.ShortLetGo: [("let go heard", "hold_id")],
    ledger.PayeeRegistered: [("payee", "case_id")],
    ledger.PaymentInstructed: [("instruction", "payment_id"), ("payee paid", "case_id")],
    ledger.PaymentReceived: [("payment", "payment_id"), ("to post {0.fund_id}", "payment_id")],
    ledger.EntryPosted: [("posted {0.fund_id}", "about"), ("voucher {0.fund_id} {0.dated:%Y-%m}", "number")],
}
"""What each fact marks, by the field that tells to what. The two answers to a decision exclude each other."""

_FOLLOWS = {
    "report": "help needed",
    "help needed": "case",
    "case": "case known",
    "acceptance": "contact",
    "decision": "answer",
    "answer": "answer heard",
    "let go": "let go heard",
    "payee": "payee paid",
    "instruction": "payment",
    "payment": "relief",
    "to owe": "debt",
    "reply": "reply delivered",
    "to close": "report closed",
    "sent on": "passed on",
}
"""What follows on what, to the same thing, in a story that has been told to its end."""

_MOVES = {
    ledger.AppropriationReceived: (+1, 0),
    ledger.AllocationReceived: (+1, 0),
    ledger.AllocationSent: (-1, 0),
    ledger.Reserved: (0, +1),
    ledger.PaymentReceived: (-1, -1),
}
"""What a fact does to a fund's book balance, and to what is held of it."""

_PUBLIC_ENDS = "select division, max(position) as position from facts where public group by division"
_UNPUBLISHED = """
select count(*) from log_heads h left join relay_cursors c using (division) where h.position > coalesce(c.position, 0)
"""
_FOLLOWED = "select division, position from followed where source = $1"
_DEAD = "select name, reason from dead_letters"
_BUGS = ("batch_failed", "task_died", "task_failed", "gap", "projection_stopped", "kafka_consumer_dead")
"""Events in a service's log that no crash of a process excuses."""


@dataclass(frozen=True, slots=True)
class World:
    """All that has happened, of every log in its order; the reports that were sent; the replies that arrived."""

    facts: Sequence[Recorded[Fact]]
    sent: frozenset[str]
    replies: Sequence[Answer]


def findings(world: World) -> Sequence[str]:
    """What has happened twice, what has not been followed, what came from nowhere, and what does not add up."""
    counts = Counter(_marks(one.fact for one in world.facts))
    twice = [f"twice: {label} {key}" for (label, key), count in counts.items() if count > 1]
    return [*twice, *_unfollowed(counts, world.sent), *_mistold(world), *_overdrawn(world.facts)]


def _marks(facts: Iterable[Fact]) -> Iterator[Mark]:
    for fact in facts:
        for label, field in _MARKS.get(type(fact), ()):
            told: str | int | tuple[str, ...] = getattr(fact, field)
            for key in told if isinstance(told, tuple) else (told,):
                yield label.format(fact), str(key)


def _unfollowed(marks: Iterable[Mark], sent: frozenset[str]) -> Iterator[str]:
    keys: defaultdict[str, set[str]] = defaultdict(set, sent=set(sent))
    for label, key in marks:
        keys[label].add(key)
    follows = {"sent": "report", **_FOLLOWS}
    follows |= {label: label.replace("to tell", "told") for label in keys if label.startswith("to tell")}
    follows |= {label: label.replace("to post", "posted") for label in keys if label.startswith("to post")}
    for cause, effect in follows.items():
        yield from (f"lost: {effect} {key}" for key in keys[cause] - keys[effect])
        yield from (f"from nowhere: {effect} {key}" for key in keys[effect] - keys[cause])


def _mistold(world: World) -> Iterator[str]:
    """A reply may arrive again, but never in other words; of what was prepared, the masked phone alone is put in."""
    prepared = (one.fact for one in world.facts if isinstance(one.fact, intake_later.ReplyPrepared))
    documents: Mapping[str, Answer] = {fact.reply_id: json.loads(fact.document) for fact in prepared}
    arrived: dict[str, Answer] = {}
    for reply in world.replies:
        as_prepared = _without_phone(reply) == documents.get(reply["id"])
        if not as_prepared or arrived.setdefault(reply["id"], reply) != reply:
            yield f"told otherwise: {reply['id']}"
    yield from (f"never arrived: {reply}" for reply in documents.keys() - arrived.keys())


def _without_phone(reply: Answer) -> Answer:
    data = reply["data"]
    is_masked = _MASKED.fullmatch(data.get(PHONE) or "")
    return {**reply, "data": data | {PHONE: None}} if is_masked else reply


@dataclass(slots=True)
class _Fund:
    book_fen: int = 0
    reserved_fen: int = 0
    posted_fen: int = 0


def _overdrawn(facts: Iterable[Recorded[Fact]]) -> Iterator[str]:
    """More promised than there is, at any moment; or a journal that does not come to the book balance."""
    funds: defaultdict[str, _Fund] = defaultdict(_Fund)
    for fact in (one.fact for one in facts):
        if isinstance(fact, ledger.EntryPosted):
            moved = (line.debit_fen - line.credit_fen for line in fact.lines if line.account in MONEY)
            funds[fact.fund_id].posted_fen += sum(moved)
        elif isinstance(fact, tuple(_MOVES)):
            fund, (book, reserved) = funds[fact.fund_id], _MOVES[type(fact)]
            fund.book_fen += book * fact.amount_fen
            fund.reserved_fen += reserved * fact.amount_fen
            if not 0 <= fund.reserved_fen <= fund.book_fen:
                yield f"overdrawn: {fact.fund_id}"
    yield from (f"books: {name}" for name, fund in funds.items() if fund.posted_fen != fund.book_fen)


# --- looking at a running system


async def world(system: System) -> World:
    """Everything, as it stands."""
    stores = [PostgresEventStore(pool, name) for name, pool in system.pools.items()]
    logs = [(store, head.division) for store in stores for head in await store.heads()]
    facts = [recorded(row) for store, division in logs async for row in store.read(division)]
    return World(facts, frozenset(system.sent), system.mailbox.messages())


async def settled(system: System) -> None:
    """Wait until every public fact has been published and followed."""
    await awaited(lambda: _behind(system), lambda behind: not behind)


async def published(system: System, service: str) -> None:
    """Wait until a service has published all that it has to say."""
    pool = system.pools[service]
    await awaited(lambda: pool.fetchval(_UNPUBLISHED), lambda unpublished: unpublished == 0)


async def _behind(system: System) -> Sequence[str]:
    """The logs that somebody has not followed to their end."""
    follows = [(name, service_of(topic)) for name in system.pools for topic in blueprint_of(name).follows]
    behind: list[str] = []
    for follower, source in follows:
        ends = {row["division"]: row["position"] for row in await system.pools[source].fetch(_PUBLIC_ENDS)}
        rows = await system.pools[follower].fetch(_FOLLOWED, source)
        followed = {row["division"]: row["position"] for row in rows}
        behind += [f"{follower}: {source} {one}" for one, end in ends.items() if followed.get(one) != end]
    return behind


async def damage(system: System) -> Sequence[str]:
    """Broken chains, dead letters, and what the services complained about."""
    found: list[str] = []
    for name, pool in system.pools.items():
        verdict = await verify_service(pool, name, [other for other in system.pools.values() if other is not pool])
        found += [f"broken: {name} {one}" for one in verdict.breaks]
        found += [f"dead letter: {name} {row['name']} {row['reason']}" for row in await pool.fetch(_DEAD)]
        found += [
            f"complained: {name} {event}" for event in _BUGS if f'"event": "{event}"' in system.services[name].log
        ]
    return found
