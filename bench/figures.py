"""The figures: who competes with whom, and what is aimed at."""

from collections.abc import Mapping
from functools import partial

from bench import bare, hot_fund, library, library_replay, plain_walk, replaying, verifying, walking
from bench.appending import FACTS_KEPT, Commands, append, fill
from bench.contest import Contestant, Figure, Goal

LIBRARY, BARE = "eventsourcing, 16 threads", "bare insert, 256 rows"
ROW_LOCK = "select for update, pool of 16, 64 callers"


def figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name; ``facts`` is how many are replayed and verified."""
    return {"append": _append(), "fund": _fund(), "replay": _replay(facts), "verify": _verify(facts), "walk": _walk()}


def _append() -> Figure:
    return Figure(
        "Durable commands, each de-duplicated, with its version checked, a claim taken, and chained",
        "commands",
        [
            Contestant(LIBRARY, partial(library.record, 16), kept=library.EVENTS_KEPT),
            Contestant(BARE, bare.insert, kept=bare.ROWS_KEPT),
            _ours("1 caller", Commands(1)),
            _ours("64 callers", Commands(64)),
            _ours("256 callers", Commands(256)),
            _ours("512 callers", Commands(512)),
            _ours("512 callers, no claims", Commands(512, claims=False)),
            _ours("512 callers, 50 counties", Commands(512, counties=50)),
            _ours("64 callers, 20 facts each", Commands(64, facts=20)),
            _ours("3 processes, one log, 64 callers each", Commands(64), processes=3),
        ],
        [Goal("64 callers", LIBRARY, 10), Goal("512 callers", BARE, 0.6)],
    )


def _ours(name: str, commands: Commands, processes: int = 1) -> Contestant:
    return Contestant(name, partial(append, commands), processes, FACTS_KEPT.format(facts=commands.facts))


def _fund() -> Figure:
    return Figure(
        "Reservations in one fund",
        "reservations",
        [
            Contestant(ROW_LOCK, partial(hot_fund.lock_and_reserve, 64), kept=hot_fund.HOLDS_KEPT),
            Contestant("64 callers", partial(hot_fund.reserve, 64), kept=hot_fund.RESERVED_KEPT),
            Contestant("256 callers", partial(hot_fund.reserve, 256), kept=hot_fund.RESERVED_KEPT),
        ],
        [Goal("64 callers", ROW_LOCK, 5)],
    )


def _replay(facts: int) -> Figure:
    rival = "eventsourcing, mapper and projector"
    return Figure(
        f"Replay of {facts:,} facts: decode and fold in log order",
        "facts",
        [Contestant(rival, library_replay.replay), Contestant("replay", replaying.replay)],
        [Goal("replay", rival, 2)],
        fill,
        facts,
    )


def _verify(facts: int) -> Figure:
    rival = "bare cursor read"
    return Figure(
        f"Verification of a log of {facts:,} facts",
        "facts",
        [Contestant(rival, verifying.read), Contestant("verify", verifying.verify)],
        [Goal("verify", rival, 0.5)],
        fill,
        facts,
    )


def _walk() -> Figure:
    rival = "one service that updates rows, 64 households"
    return Figure(
        "The walk over HTTP and the broker, from report to reservation: 200/s with a p99 under 2 s are aimed at",
        "walks",
        [
            Contestant(rival, partial(plain_walk.walk, 64), kept=plain_walk.HOLDS_KEPT),
            Contestant("64 households at once", partial(walking.walk, 64)),
            Contestant("128 households at once", partial(walking.walk, 128)),
        ],
        [Goal("128 households at once", rival)],
    )
