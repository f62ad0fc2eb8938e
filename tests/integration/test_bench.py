"""The bench works: it measures, compares, and keeps what it found."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.services import ROOT

CONTESTANTS = {
    "verify": {"bare cursor read", "verify"},
    "fund": {"select for update, pool of 16, 64 callers", "64 callers", "256 callers"},
    "statement": {"statement"},
    "balance": {"sum over the entries", "balance"},
    "tables": {"report"},
    "rebuild": {"read and decode", "rebuild"},
    "duplicates": {"one query for all signs", "search", "search, 8 callers"},
}


@pytest.mark.parametrize("chosen", [("verify", "fund"), ("statement",), ("balance", "tables", "rebuild", "duplicates")])
def test_figures_are_measured_beside_their_rivals_and_kept(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    only = [word for name in chosen for word in ("--only", name)]
    command = (sys.executable, "-m", "bench", "--quick", *only, "--results", str(tmp_path))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (kept,) = tmp_path.glob("*.json")
    figures = json.loads(kept.read_text(encoding="utf-8"))["figures"]
    assert figures.keys() == {*chosen}
    for name, figure in figures.items():
        assert figure["contestants"].keys() == CONTESTANTS[name]
        # of many callers none may have been answered in so short a turn on a busy machine
        assert max(turn["rate"] for turns in figure["contestants"].values() for turn in turns) > 0
        assert {goal["contestant"] for goal in figure["goals"]} <= CONTESTANTS[name]
