"""What was found: as tables for people, and as JSON for whoever compares runs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.contest import Figure, Goal, Standing
from bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure and how its contestants stand."""

    figure: Figure
    standings: Mapping[str, Standing]

    def ratio(self, contestant: str, rival: str) -> float:
        """The ratio of their median rates."""
        return self.standings[contestant].rate / self.standings[rival].rate

    @property
    def rivals(self) -> list[str]:
        """Whom the others are compared with."""
        return list(dict.fromkeys(goal.rival for goal in self.figure.goals))


def show_machine(console: Console, machine: Machine) -> None:
    """One line."""
    sync = "not measured" if machine.fdatasync_us is None else f"{machine.fdatasync_us:,.0f} µs"
    console.print(
        f"{machine.processor}, {machine.cores} cores, load {machine.load} at the start; Python {machine.python}, "
        f"PostgreSQL {machine.postgres}, fsync on, fdatasync of 8 kB {sync}"
    )


def show(console: Console, finding: Finding) -> None:
    """One table: medians decide, the extremes stand beside them."""
    table = Table(title=finding.figure.name, title_justify="left", caption_justify="left", caption=_goals(finding))
    table.add_column("")
    for heading in (f"{finding.figure.unit}/s", "min", "max", "p50 ms", "p99 ms", *(f"x {r}" for r in finding.rivals)):
        table.add_column(heading, justify="right")
    for name, standing in finding.standings.items():
        rates = [turn.rate for turn in standing.turns]
        cells = [f"{rate:,.0f}" for rate in (standing.rate, min(rates), max(rates))]
        waits = ["" if wait is None else f"{wait:.1f}" for wait in (standing.p50_ms, standing.worst_p99_ms)]
        table.add_row(name, *cells, *waits, *(f"{finding.ratio(name, rival):.2f}" for rival in finding.rivals))
    console.print(table)


def _goals(finding: Finding) -> str:
    return "\n".join(_told(goal, finding.ratio(goal.contestant, goal.rival)) for goal in finding.figure.goals)


def _told(goal: Goal, ratio: float) -> str:
    if goal.at_least is None:
        return f"{goal.contestant} : {goal.rival} = {ratio:.2f}"
    verdict = "reached" if ratio >= goal.at_least else "not reached"
    return f"{goal.contestant} : {goal.rival} = {ratio:.2f}, at least {goal.at_least:g} is aimed at: {verdict}"


def write(file: Path, began: datetime, machine: Machine, findings: Mapping[str, Finding]) -> None:
    """Write everything to a file."""
    document = {
        "began": began.isoformat(timespec="seconds"),
        "machine": asdict(machine),
        "figures": {name: _document(finding) for name, finding in findings.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.figure.name,
        "unit": finding.figure.unit,
        "contestants": {name: [asdict(turn) for turn in s.turns] for name, s in finding.standings.items()},
        "goals": [
            {**asdict(goal), "ratio": round(finding.ratio(goal.contestant, goal.rival), 3)}
            for goal in finding.figure.goals
        ],
    }
