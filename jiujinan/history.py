"""The history of a case (办理全过程): its facts in the three services, told in the order in which they happened."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.fact import Fact, Meta, UnknownFact
from events.ledger import PaymentInstructed
from events.relief import AdvanceDecided, CaseOpened, ReportLinked
from events.relief_approval import InstalmentCalled
from events.relief_fast import SmallFastDecided
from events.upcasts import decode
from jiujinan.environment import Environment, with_environment
from jiujinan.moments import MOMENT, on_paper
from jiujinan.printing import echo_json, with_json
from services.chassis.database import open_pool, translated
from services.chassis.event_store import Stored
from services.chassis.sql import statements
from services.intake import report_state
from services.intake import story as intake_story
from services.ledger import ids
from services.ledger import story as ledger_story
from services.relief import story as relief_story
from services.relief.steps import case_file

_SQL = statements("jiujinan", "history.sql")
_TITLES = {"intake": "接报", "relief": "救助", "ledger": "资金"}
_TELLERS: Mapping[str, Callable[[Any], str]] = {
    "intake": intake_story.sentence,
    "relief": relief_story.sentence,
    "ledger": ledger_story.sentence,
}
_EVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the history, with both of its times; nobody is named in it."""

    service: str
    division: str
    position: int
    name: str
    occurred_at: datetime
    recorded_at: datetime
    by: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known by a moment. A service whose address is not given tells nothing."""

    urls: Mapping[str, str]
    by: datetime = _EVER

    async def of(self, service: str, statement: str, streams: Iterable[str], *more: str) -> list[Stored]:
        """The rows of a statement about streams of a service. Raises ``StoreUnavailable``."""
        names = sorted(set(streams))
        if service not in self.urls or not names:
            return []
        with translated():
            async with await open_pool(self.urls[service], size=1) as pool:
                return [Stored(*row) for row in await pool.fetch(_SQL[statement], names, self.by, *more)]


async def history_of(case_id: str, known: Known) -> Sequence[Line]:
    """The history of a case; empty when there is no such case, or was none by then."""
    case = await known.of("relief", "of_streams", [case_file.stream_of(case_id)])
    facts = [_fact(row) for row in case]
    reports = [fact.report_id for fact in facts if isinstance(fact, CaseOpened | ReportLinked)]
    funds = [fact.fund_id for fact in facts if isinstance(fact, AdvanceDecided | SmallFastDecided | InstalmentCalled)]
    told = {
        "intake": await known.of("intake", "of_streams", map(report_state.stream_of, reports)),
        "relief": case,
        "ledger": await _money(case_id, funds, known),
    }
    lines = [_line(service, row) for service, rows in told.items() for row in rows]
    return sorted(lines, key=lambda line: (line.occurred_at, line.recorded_at, [*told].index(line.service)))


async def _money(case_id: str, funds: Iterable[str], known: Known) -> list[Stored]:
    """What the funds of a case's decisions have done for it, and to whom they paid."""
    rows = await known.of("ledger", "of_case", map(ids.fund_stream, funds), case_id)
    payees = [fact.payee_ref for fact in map(_fact, rows) if isinstance(fact, PaymentInstructed)]
    return [*await known.of("ledger", "of_streams", map(ids.payee_stream, payees)), *rows]


def _fact(row: Stored) -> Fact | None:
    """The fact behind a row; none for what a newer release has written."""
    try:
        return decode(row.name, row.schema_version, row.data)
    except UnknownFact:
        return None


def _line(service: str, row: Stored) -> Line:
    fact, actor = _fact(row), Meta.model_validate_json(row.meta).actor
    return Line(
        service=service,
        division=row.division,
        position=row.position,
        name=row.name,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        by=actor.id if actor.rule is None else f"系统({actor.rule})",
        sentence=f"本版本不认识的事实 {row.name}。" if fact is None else _TELLERS[service](fact),
    )


@click.command()
@click.argument("case")
@click.option("--as-of", type=MOMENT, default=_EVER, help="只看在这一时刻以前已经记录的。")
@with_environment
@with_json
def history(case: str, as_of: datetime, environment: Environment, as_json: bool) -> None:
    """讲述一个个案的全过程:每件事一句话,附发生与记录两个时间。姓名等个人信息不在其中。"""
    environment = environment.or_here()
    urls = {service: environment.database(service) for service in environment.services()}
    urls["relief"] = environment.database("relief")
    lines = asyncio.run(history_of(case, Known(urls, as_of)))
    if not lines:
        raise click.ClickException("没有找到这个个案,或者那时还没有它")
    if as_json:
        echo_json({"case_id": case, "history": [asdict(line) for line in lines]})
    elif (console := Console()).is_terminal:
        console.print(_table(lines))
    else:
        for line in lines:
            click.echo("  ".join(_cells(line)))
    for service in _TELLERS.keys() - urls.keys():
        click.echo(f"没有给出 {service.upper()}_URL,{_TITLES[service]}部分从略", err=True)


def _table(lines: Sequence[Line]) -> Table:
    """A table that never leaves anything out, however narrow the terminal."""
    table = Table("发生", "记录", "部门", box=SIMPLE_HEAD)
    table.add_column("经办", overflow="fold", max_width=16)
    table.add_column("经过", overflow="fold")
    for column in table.columns[:3]:
        column.no_wrap = True
    for line in lines:
        table.add_row(*map(escape, _cells(line)))
    return table


def _cells(line: Line) -> tuple[str, ...]:
    return on_paper(line.occurred_at), on_paper(line.recorded_at), _TITLES[line.service], line.by, line.sentence
