"""Where an operator's tools find the databases: in the environment, or in what an embedded installation wrote down."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from services.chassis.settings import BadSetting, Settings, read_settings

if TYPE_CHECKING:
    from services.chassis.mount import Blueprint

SERVICES = ("intake", "relief", "ledger")
PLACES = (Path(".data"), Path("/var/lib/jiujinan"))
"""Where an embedded installation is, unless it is told another place."""
_FILE = "environment.json"

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables; each may end in ``_FILE`` instead and name a file that holds the value."""

    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """A variable's value, if it is set. Raises ``BadSetting`` when its file cannot be read."""
        file = self.values.get(f"{name}_FILE")
        if file is None:
            return self.values.get(name) or None
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None
        except OSError:
            raise BadSetting(f"{name}_FILE cannot be read") from None

    def need(self, name: str) -> str:
        """A variable's value. Raises ``BadSetting``."""
        value = self.get(name)
        if value is None:
            raise BadSetting(f"{name} (or {name}_FILE) is not set")
        return value

    def database(self, service: str) -> str:
        """The address of a service's database, for the application's role. Raises ``BadSetting``."""
        return self.need(_url_of(service))

    def services(self) -> Sequence[str]:
        """The services whose databases are given; at least one. Raises ``BadSetting``."""
        given = [service for service in SERVICES if self.get(_url_of(service)) is not None]
        if not given:
            raise BadSetting(
                f"没有给出数据库地址:请用 --data 指明数据目录,或者设置 {'、'.join(map(_url_of, SERVICES))}"
            )
        return given

    def or_here(self) -> "Environment":
        """Itself; where it names no database, that of the embedded installation in ``.data``, if there is one."""
        here = PLACES[0]
        if any(self.get(_url_of(service)) for service in SERVICES) or not (here / _FILE).is_file():
            return self
        return _kept_in(here)

    def settings(self, service: str) -> Settings:
        """What the service itself would be told. Raises ``BadSetting``."""
        others = {name: value for name, value in self.values.items() if name != "DATABASE_URL_FILE"}
        return read_settings(service, {**others, "DATABASE_URL": self.database(service)})


def installed() -> Path | None:
    """The embedded installation that is there when none is named."""
    return next((place for place in PLACES if os.access(place / _FILE, os.R_OK)), None)


def process_environment() -> Environment:
    """The process's own."""
    return Environment(os.environ)


def blueprint_of(service: str) -> "Blueprint":
    """What a service brings. Only the service asked for is imported."""
    return import_module(f"services.{service}.app").BLUEPRINT


@dataclass(frozen=True, slots=True)
class Target:
    """The one service that a tool works on."""

    service: str
    environment: Environment

    @property
    def blueprint(self) -> "Blueprint":
        """What it brings."""
        return blueprint_of(self.service)

    @property
    def database(self) -> str:
        """The address of its database. Raises ``BadSetting``."""
        return self.environment.database(self.service)

    @property
    def settings(self) -> Settings:
        """What it would be told itself. Raises ``BadSetting``."""
        return self.environment.settings(self.service)


def with_environment(command: Command) -> Command:
    """Give a command ``environment``: that of ``--data``, or else the process's own."""
    return click.option(
        "--data",
        "environment",
        type=click.Path(path_type=Path),
        callback=_environment,
        help="内嵌安装的数据目录;不给则从环境变量 INTAKE_URL、RELIEF_URL、LEDGER_URL、KEYRING_URL 读取地址。",
    )(command)


def with_target(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``target``: the service that has to be named, where it is."""

    @click.option("--service", type=click.Choice(SERVICES), required=True, help="哪一个服务。")
    @with_environment
    @wraps(command)
    def targeted(*, service: str, environment: Environment, **others: object) -> None:
        command(target=Target(service, environment), **others)

    return targeted


def _url_of(service: str) -> str:
    return f"{service.upper()}_URL"


def _environment(ctx: click.Context, param: click.Parameter, data: Path | None) -> Environment:
    if data is None:
        return process_environment()
    return _kept_in(data)


def _kept_in(data: Path) -> Environment:
    try:
        return Environment(json.loads((data / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise BadSetting(f"--data: {data / _FILE} cannot be read") from None
