"""Amounts as people type them at the command line: yuan, which are whole fen."""

import click

from services.ledger.files.amount_text import Unreadable, fen_of


class _Yuan(click.ParamType[int]):
    """A positive amount in yuan with two decimals at most, given on as fen."""

    name = "元"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            fen = fen_of(value)
        except Unreadable:
            fen = None
        if fen is None or fen <= 0:
            self.fail("金额应大于零,最多两位小数", param, ctx)
        return fen


YUAN = _Yuan()
