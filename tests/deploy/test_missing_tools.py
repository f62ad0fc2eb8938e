"""On a machine that lacks something, make names it and the command that installs it, and leaves nothing behind."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STUB = "#!/bin/sh\nexit 127\n"
"""What a version manager leaves on the PATH."""
OLD = """#!/bin/sh
case "$*" in
    -V) echo Python 3.9.2 ;;
    *version_info*) exit 1 ;;
esac
"""
WITHOUT_VENV = """#!/bin/sh
case "$2" in *ensurepip*) exit 1 ;; esac
"""


def make_run(machine: Path, pythons: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """``make run`` where nothing but make, a shell and these Pythons is installed."""
    machine.mkdir()
    for tool in ("make", "sh", "awk"):
        (machine / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in pythons.items():
        (machine / name).write_text(script, encoding="utf-8")
        (machine / name).chmod(0o755)
    venv = machine / "venv"
    made = subprocess.run(
        [machine / "make", "run", f"VENV={venv}"],
        cwd=ROOT,
        env={"PATH": str(machine), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not venv.exists()
    return made


@pytest.mark.parametrize(
    ("pythons", "said"),
    [
        ({}, "No Python was found: Python 3.11 or newer is needed."),
        ({"python3.11": STUB, "python3": STUB}, "No Python was found: Python 3.11 or newer is needed."),
        ({"python3": OLD}, "python3 is Python 3.9.2: Python 3.11 or newer is needed."),
        ({"python3": OLD, "python3.12": WITHOUT_VENV}, "python3.12 cannot create a virtual environment."),
    ],
    ids=["none", "stubs", "too old", "without venv"],
)
def test_the_python_that_is_missing_is_named_with_the_command_that_installs_it(
    tmp_path: Path, pythons: dict[str, str], said: str
) -> None:
    made = make_run(tmp_path / "bin", pythons)
    assert made.returncode != 0
    assert said in made.stderr
    assert "apt-get install" in made.stderr
    assert "python3-venv" in made.stderr
