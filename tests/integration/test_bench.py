"""The bench works: it measures, compares, and keeps what it found."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.services import ROOT


def test_a_figure_is_measured_beside_its_rival_and_kept(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "bench", "--quick", "--only", "verify", "--results", str(tmp_path))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (kept,) = tmp_path.glob("*.json")
    figure = json.loads(kept.read_text(encoding="utf-8"))["figures"]["verify"]
    assert figure["contestants"].keys() == {"bare cursor read", "verify"}
    assert all(turn["rate"] > 0 for turns in figure["contestants"].values() for turn in turns)
    assert [goal["contestant"] for goal in figure["goals"]] == ["verify"]
