"""Amounts as banks and people write them, read to the fen or not at all."""

import re
import unicodedata

_WRITTEN = re.compile(r"([+-]?)(?:[¥]|CNY|RMB)?([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2})0*)?元?")
_NOTHING = {"", "-", "--", "---"}
_DIGITS_AT_MOST = 13


class Unreadable(ValueError):
    """A text that is no amount; the text itself is never repeated."""


def fen_of(text: str) -> int | None:
    """Signed fen of an amount in yuan; ``None`` where the cell is empty or struck out. Raises ``Unreadable``.

    ``33,866.39`` is 3,386,639 fen; a third decimal, a misplaced comma or an exponent is no amount.
    """
    written = "".join(unicodedata.normalize("NFKC", text).split())
    if written in _NOTHING:
        return None
    match = _WRITTEN.fullmatch(written)
    if match is None or (match[1] and match[2]):
        raise Unreadable("not an amount in yuan")
    yuan = match[3].replace(",", "")
    if len(yuan) > _DIGITS_AT_MOST:
        raise Unreadable("more than any account holds")
    fen = int(yuan) * 100 + int((match[4] or "0").ljust(2, "0"))
    return -fen if "-" in (match[1], match[2]) else fen


def cell_text(number: float) -> str:
    """A spreadsheet's number as the spreadsheet shows it, to fifteen digits: the sum of three 0.1 is ``0.3``."""
    return str(int(number)) if number == int(number) and abs(number) < 10**15 else format(number, ".15g")
