"""The tree stays one that a newcomer can hold in the head: short files, telling names, time and chance at the edge."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.architecture.sources import PACKAGES, ROOT, Module, modules

LINES_AT_MOST = 200
MODULES = modules(*PACKAGES)

LONGER = {
    "services/chassis/deciding.py": "one batch: each step reads the draft that the steps before it have written",
    "services/ledger/evolving.py": "one match over every fact of a fund, a few lines each",
    "services/ledger/journal.py": "one match over every fact of a fund, a few lines each",
    "services/ledger/story.py": "one match over every fact of a fund, a sentence each",
    "events/relief.py": "each module of events reads as the story of its service",
    "events/ledger.py": "each module of events reads as the story of its service",
    "services/ledger/statement.py": "one aggregate is one file: state, decide, evolve",
}
"""Files of more code than that, each with the reason why it is one thing all the same."""

VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
"""Words that tell nothing about what is inside, and so attract everything."""

LIBRARY_HOMES = {"services/chassis/mapping.py", "services/chassis/recorder.py"}
"""Where ``eventsourcing`` may be imported: importing it changes ``dataclasses`` for the whole process."""

CLOCK_AND_CHANCE = (
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.localtime"),
    *("uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "random", "secrets", "os.urandom"),
)
EDGES = {
    "jiujinan/api.py": "a signature bears the real time",
    "jiujinan/chance.py": "seeded chance for synthetic months",
    "jiujinan/installation.py": "the secrets of an embedded installation",
    "jiujinan/postgres_server.py": "the password of the embedded database",
    "jiujinan/progress.py": "shows how long a step took",
    "services/chassis/clock.py": "the clock",
    "services/chassis/keyring.py": "new keys",
    "services/chassis/master_keys.py": "nonces",
    "services/chassis/mount.py": "gives the keyring's cache its sense of time",
    "services/chassis/recorder.py": "a call of the library has no name to derive an id from",
    "services/chassis/sealing.py": "nonces",
    "services/chassis/tracing.py": "a request that its caller has not numbered",
    "services/intake/appkey.py": "one sending of a message is told from every other",
}
"""Where time and chance enter; everything else is given them."""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
def test_a_file_fits_in_the_head(module: Module) -> None:
    """A longer one says why in LONGER, and leaves that list when it is short again."""
    assert (module.lines_of_code > LINES_AT_MOST) == (module.path in LONGER), f"{module.lines_of_code} lines of code"


def test_no_wait_swallows_a_cancellation() -> None:
    """``asyncio.wait_for`` of Python 3.11 does, when what it waits for comes in the same moment: a task never ends."""
    assert [module.path for module in MODULES if "wait_for(" in module.text] == []


def test_no_reason_is_given_for_a_file_that_is_gone() -> None:
    assert {*LONGER, *EDGES} <= {module.path for module in MODULES}


def test_no_file_or_folder_has_a_name_that_tells_nothing() -> None:
    named = {part for module in MODULES for part in PurePosixPath(module.path).with_suffix("").parts}
    assert [name for name in named if VAGUE & set(name.split("_"))] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
def test_a_module_says_what_it_is_for(module: Module) -> None:
    assert ast.get_docstring(module.tree)


def test_every_folder_of_code_is_a_package() -> None:
    folders = {file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py")}
    assert [folder.as_posix() for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("module", modules("events", "services"), ids=lambda module: module.path)
def test_what_is_public_says_what_it_means(module: Module) -> None:
    assert [name for name, node in module.public() if not ast.get_docstring(node)] == []


def test_the_library_is_imported_in_its_homes_only() -> None:
    importing = {module.path for module in MODULES if any(_within(use, "eventsourcing") for use in module.uses)}
    assert importing <= LIBRARY_HOMES


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
def test_time_and_chance_enter_at_the_edge(module: Module) -> None:
    used = {use for use in module.uses for source in CLOCK_AND_CHANCE if _within(use, source)}
    assert bool(used) == (module.path in EDGES), used


def test_lines_that_only_tell_are_not_counted() -> None:
    text = '''"""Docstring.

    Goes on."""

# comment
ANSWER = 42  # counted once
"""Told of a constant."""

TEXT = """
counted, for it is
a value"""
'''
    assert Module("example.py", text).lines_of_code == 4


@pytest.mark.parametrize(
    "text",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as d\nprint(d.datetime.now)",
        "from datetime import datetime\nnow = datetime.now",
        "from datetime import datetime as moment\nmoment.now().date()",
    ],
)
def test_a_use_is_seen_however_it_was_imported(text: str) -> None:
    assert "datetime.datetime.now" in {use.removesuffix(".date") for use in Module("example.py", text).uses}


def _within(use: str, name: str) -> bool:
    return use == name or use.startswith(f"{name}.")
