"""The command ``jiujinan``: starts the whole system or one of its services, and holds the operators' tools.

A command's module is imported when the command is asked for, so that one service starts without the others.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.migrate import WrongSchema
from services.chassis.settings import BadSetting

_HOMES = {
    "serve": "serving",
    "migrate": "preparing",
    "topics": "preparing",
    "schemas": "golden_files",
    "generate": "generate",
    "verify": "verification",
    "history": "history",
    "whatif": "whatif",
    "rebuild": "operations",
    "republish": "operations",
    "dlq": "dlq",
    "statement": "statement",
    "finance": "finance",
    "erase": "erasing",
    "keys": "keys",
    "conformance": "conformance",
    "sample": "sample",
    "token": "token",
}
"""The module of each command; there it has its own name."""

Command = TypeVar("Command", bound=Callable[..., Any])


class _ToldWrongly(click.ClickException):
    """A setting or a schema that does not fit."""

    exit_code = 2


class _Tools(click.Group):
    """The commands. What they are told wrongly ends with 2, a database that cannot be used with 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_HOMES])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            return super().get_command(ctx, cmd_name)
        return getattr(import_module(f"jiujinan.{_HOMES[cmd_name]}"), cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (BadSetting, WrongSchema) as told_wrongly:
            raise _ToldWrongly(str(told_wrongly)) from None
        except (StoreUnavailable, StoreRejected) as unusable:
            raise click.ClickException(f"数据库不能用:{unusable}") from None


@click.group(cls=_Tools)
@click.version_option(package_name="jiujinan")
def main() -> None:
    """救急难:一次报告,从热线到账簿再到答复。"""


def _with_place(command: Command) -> Command:
    data = click.option("--data", type=click.Path(path_type=Path), help="数据目录。")
    ports = click.option("--port-base", default=8000, show_default=True, help="三个服务的端口依次为此数加 1、2、3。")
    return data(ports(command))


@main.command()
@_with_place
@click.pass_context
def run(ctx: click.Context, data: Path | None, port_base: int) -> None:
    """启动内嵌的数据库、消息代理和三个服务,演示样例报告,直到 Ctrl-C。"""
    ctx.exit(import_module("jiujinan.demo").run(data, port_base))


@main.command()
@_with_place
@click.pass_context
def demo(ctx: click.Context, data: Path | None, port_base: int) -> None:
    """同 run,但演示完即退出。"""
    ctx.exit(import_module("jiujinan.demo").demo(data, port_base))


if __name__ == "__main__":
    main()
