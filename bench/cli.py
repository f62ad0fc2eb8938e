"""The command: run the figures, print them, and keep them as JSON."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.contest import Contestant, Figure, Standing, Turn, perform, turn_of
from bench.figures import figures
from bench.intake_figures import intake_figures
from bench.ledger_figures import ledger_figures
from bench.machine import look_around
from bench.relief_figures import relief_figures
from bench.report import Finding, show, show_machine, write
from bench.server import Databases, databases
from events.shanghai import SHANGHAI
from services.chassis.clock import SystemClock

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how often: each contestant has one turn in a round, and they take turns."""

    rounds: int
    seconds: float
    facts: int


QUICK = Pace(rounds=1, seconds=0.3, facts=2_000)


@click.command()
@click.option("--quick", is_flag=True, help="One short round of everything, to see that it works.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this figure; may be repeated.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(0.1), help="The length of a turn.")
@click.option("--results", default=RESULTS, type=click.Path(path_type=Path), help="Where to write the JSON.")
def main(quick: bool, only: Sequence[str], rounds: int, seconds: float, results: Path) -> None:
    """Measure, each figure beside its rival in the same run."""
    pace = QUICK if quick else Pace(rounds, seconds, 100_000)
    offered = {**figures(pace.facts), **relief_figures(pace.facts), **ledger_figures(pace.facts)}
    offered |= intake_figures(pace.facts)
    chosen = {name: figure for name, figure in offered.items() if not only or name in only}
    unknown = set(only) - set(chosen)
    if unknown:
        raise click.BadParameter(f"there is no figure called {', '.join(sorted(unknown))}", param_hint="--only")
    asyncio.run(_measure(chosen, pace, results, sync=not quick))


async def _measure(chosen: Mapping[str, Figure], pace: Pace, results: Path, *, sync: bool) -> None:
    console = Console()
    began = SystemClock().now().astimezone(SHANGHAI)
    findings: dict[str, Finding] = {}
    async with databases() as server:
        machine = await asyncio.to_thread(look_around, await server.version(), server.directory, sync=sync)
        show_machine(console, machine)
        with _progress(console) as progress:
            for name, figure in chosen.items():
                findings[name] = await _compare(server, figure, pace, progress)
                show(console, findings[name])
    file = results / f"{began:%Y%m%d-%H%M%S}.json"
    write(file, began, machine, findings)
    console.print(f"written to {file}")


async def _compare(server: Databases, figure: Figure, pace: Pace, progress: Progress) -> Finding:
    """Round after round, A B A B, so that a slow minute of the machine falls on all."""
    bar = progress.add_task("", total=pace.rounds * len(figure.contestants))
    template = await server.template(figure)
    turns: dict[str, list[Turn]] = {contestant.name: [] for contestant in figure.contestants}
    for _ in range(pace.rounds):
        for contestant in figure.contestants:
            progress.update(bar, description=contestant.name)
            turns[contestant.name].append(await _take_turn(server, template, figure, contestant, pace))
            progress.advance(bar)
    progress.remove_task(bar)
    return Finding(figure, {name: Standing(name, taken) for name, taken in turns.items()})


async def _take_turn(server: Databases, template: str, figure: Figure, contestant: Contestant, pace: Pace) -> Turn:
    async with server.stage(template, pace.seconds, figure.facts) as stage:
        runs = await asyncio.to_thread(perform, contestant, stage)
        if contestant.kept is not None:
            await server.check(stage, contestant.kept, runs)
    return turn_of(runs)


def _progress(console: Console) -> Progress:
    """Redrawn only once a second, because drawing takes from what is measured."""
    columns = (TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, refresh_per_second=1, transient=True)
