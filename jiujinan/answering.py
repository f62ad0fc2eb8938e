"""Who answers for what a tool does, and why: in fixed forms, so that nothing else gets into the records."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class _Matching(click.ParamType[str]):
    """Text of one form."""

    def __init__(self, name: str, form: str) -> None:
        self.name = name
        self._form = re.compile(form)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if self._form.fullmatch(value) is None:
            self.fail(f"不符合 {self._form.pattern}", param, ctx)
        return value


def with_staff(command: Command) -> Command:
    """Give a command ``by``: the staff id of whoever answers for it."""
    staff = _Matching("工号", r"[A-Za-z0-9._-]{1,64}")
    return click.option("--by", type=staff, required=True, help="经办人的工号。")(command)


def with_reason(example: str) -> Callable[[Command], Command]:
    """Give a command ``reason``: a code."""
    code = _Matching("原因码", r"[a-z][a-z0-9_]{0,63}")
    return click.option("--reason", type=code, required=True, help=f"原因码,如 {example}。")
