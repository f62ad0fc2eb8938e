"""What if another policy had held (政策推演): past decisions made again under the policy of a file."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import Any, cast

import click

from events.fact import Actor, Fact, Meta, Recorded
from events.policy import PolicyPublished
from events.relief import AdvanceDeclined, CaseFact
from events.relief_household import HouseholdFact
from events.upcasts import decode
from jiujinan.environment import Environment, with_environment
from jiujinan.printing import bar, echo_json, with_json
from jiujinan.whatif_told import Found, show, write_book
from services.chassis.database import open_pool
from services.chassis.decider import Refused
from services.chassis.event_store import Head, Stored
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.replay import as_recorded
from services.relief.policy import supposing
from services.relief.policy_cache import Books, PolicyCache
from services.relief.policy_file import parse
from services.relief.policy_set import STREAM
from services.relief.rulebook import rulebook
from services.relief.supposed_households import UnreadOfHousehold
from services.relief.whatif import Comparison, Unread
from services.relief.whatif_summary import summary

_NOBODY = Meta(actor=Actor(id="whatif", role="system", scope=""), correlation="", causation="")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    since: date
    until: date


class _DayType(click.ParamType[date]):
    """A day, as 2026-11-02."""

    name = "日期"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail("日期的写法如 2026-11-02", param, ctx)


def _with_period(command: Callable[..., None]) -> Callable[..., None]:
    @click.option("--from", "since", required=True, type=_DayType(), help="起始日(含)。")
    @click.option("--to", "until", required=True, type=_DayType(), help="截止日(含)。")
    @wraps(command)
    def with_period(*args: Any, since: date, until: date, **options: Any) -> None:
        command(*args, period=Period(since, until), **options)

    return with_period


@click.command()
@click.option("--policy", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="政策文件。")
@click.option("--xlsx", "book", type=click.Path(dir_okay=False, path_type=Path), help="另存为 Excel 文件。")
@_with_period
@with_json
@with_environment
def whatif(environment: Environment, *, file: Path, book: Path | None, period: Period, as_json: bool) -> None:
    """政策推演:如果当时执行另一份政策,过去哪些先行救助决定会不同,涉及多少户、多少元。

    未曾登记的事实使某些决定无从推断,单独列出。政策不变则没有差异。
    """
    found = asyncio.run(_compared(environment.database("relief"), _sets(file), period))
    if book is not None:
        write_book(book, found)
    if as_json:
        echo_json([asdict(one) for one in found])
    else:
        show(found)


def _sets(file: Path) -> Sequence[PolicyPublished]:
    try:
        published = parse(file.read_text(encoding="utf-8"))
    except Refused as refused:
        raise click.ClickException(f"{file.name}:{refused.sentence}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name}:第1行:不是 UTF-8 文本。") from None
    except OSError:
        raise click.ClickException(f"{file.name}:读不到这个文件。") from None
    return [one for one in published if isinstance(one, PolicyPublished)]


async def _compared(url: str, sets: Sequence[PolicyPublished], period: Period) -> Sequence[Found]:
    async with await open_pool(url, size=2) as pool:
        store = PostgresEventStore(pool, "relief")
        cache = PolicyCache(store)
        await cache.refresh()
        heads = await store.heads()
        supposed = supposed_books(cache.policies.books, sets, period.since)
        with bar("政策推演", sum(head.position for head in heads)) as advanced:
            found: list[Found] = []
            for head in heads:
                found.append(await _county(store, head, (cache.policies.books, supposed), period))
                advanced(head.position)
        return [one for one in found if one.summary.looked_at]


async def _county(store: PostgresEventStore, head: Head, books: tuple[Books, Books], period: Period) -> Found:
    actual, supposed = (rulebook(head.division, (one for book in found.values() for one in book)) for found in books)
    comparison = Comparison(actual, supposed, period.since, period.until)
    async for row in store.read(head.division, upto=head.position):
        kind, _, whose = row.stream.partition(":")
        if kind == "case":
            comparison.hear(Unread(whose, row.name, row.occurred_at, partial(_read, row)))
        elif kind == "household":
            comparison.hear_household(UnreadOfHousehold(whose, row.name, partial(_read_household, row)))
    return Found(head.division, summary(comparison.looked_at, comparison.differences), comparison.differences)


def _read(row: Stored) -> Recorded[CaseFact]:
    """A fact of a case. The envelope is read where only it says who decided: the township, or the county."""
    meta = Meta.model_validate_json(row.meta) if row.name == AdvanceDeclined.NAME else _NOBODY
    return cast(Recorded[CaseFact], as_recorded(row, decode(row.name, row.schema_version, row.data), meta))


def _read_household(row: Stored) -> Recorded[HouseholdFact]:
    return cast(Recorded[HouseholdFact], as_recorded(row, decode(row.name, row.schema_version, row.data), _NOBODY))


def supposed_books(books: Books, sets: Sequence[PolicyPublished], since: date) -> Books:
    """The published books with the sets of a file in place of those of their divisions."""
    found = dict(books)
    for division in {one.division for one in sets}:
        kept = [one for one in found.get(division, ()) if not isinstance(one.fact, PolicyPublished)]
        found[division] = tuple(kept)
    for one in supposing(sets, since):
        found[one.division] = (*found[one.division], _as_if_published(one, books))
    return found


def _as_if_published(one: PolicyPublished, books: Books) -> Recorded[Fact]:
    """It takes the envelope of what was published first anywhere: when it was recorded plays no part."""
    envelope = next(book[0] for book in books.values() if book)
    return Recorded(
        division=one.division,
        position=0,
        stream=STREAM,
        version=0,
        fact=one,
        fact_id=envelope.fact_id,
        command_id=envelope.command_id,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        meta=envelope.meta,
    )
