"""How the tools speak: results on standard output, as JSON or for people; progress on standard error."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Command = TypeVar("Command", bound=Callable[..., Any])


def with_json(command: Command) -> Command:
    """Give a command ``as_json``: whether a program reads the result."""
    return click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果。")(command)


def echo_json(result: object) -> None:
    """A result for programs. Moments are written in ISO 8601."""
    click.echo(json.dumps(result, ensure_ascii=False, indent=2, default=str))


@contextmanager
def bar(what: str, total: int) -> Generator[Callable[[int], None]]:
    """A progress bar, where somebody is looking; advance it by calling what you are given."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda more: progress.advance(task, more)
