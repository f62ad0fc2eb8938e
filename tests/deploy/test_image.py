"""The image is built from what the build context holds, by a clean Dockerfile; the scripts around it at least parse."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SCRIPTS = [".ci/run", "deploy/postgres/init.sh", "deploy/secrets.sh"]


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    linted = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_bases_are_pinned_to_a_version() -> None:
    assert instructions("FROM")
    for base in instructions("FROM"):
        assert re.match(r"[\w/]+:\d[\w.-]+( AS \w+)?$", base), base


def test_it_runs_as_a_numbered_user_without_rights() -> None:
    assert instructions("USER") == ["10001:10001"]


def test_what_is_copied_exists_and_is_let_through_to_the_build() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignore if line.startswith("!")}
    copied = {word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert "*" in ignore
    assert copied == let_through
    assert all((ROOT / path).exists() for path in copied)


def test_dependencies_are_installed_by_hash() -> None:
    assert "--require-hashes --requirement requirements/runtime.lock" in DOCKERFILE


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_parses_and_can_be_started(script: str) -> None:
    file = ROOT / script
    shell = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()[-1]
    assert file.stat().st_mode & 0o111, script
    assert subprocess.run([shell, "-n", file], capture_output=True, check=False).returncode == 0, script
