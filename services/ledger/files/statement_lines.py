"""A statement's lines as facts hold them: our numbers found, people behind pseudonyms, what the texts say it is."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from events.bank import BankLine
from services.ledger.files.statement import RawLine
from services.ledger.payment_number import numbers_in

_SERIAL = re.compile(r"[A-Za-z0-9._:/-]{1,40}")
_ACCOUNT = re.compile(r"[0-9]{8,32}")
_MASKED = re.compile(r"[*＊×xX]{1,}|某")

Pseudonym = Callable[[str, str], str]
"""Makes the pseudonym of a word of a kind (``name``, ``account``)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How lines are told: under which pseudonyms, and which words in a text say what kind of line it is."""

    pseudonym: Pseudonym
    kinds: Mapping[str, Sequence[str]]

    def lines(self, written: Sequence[RawLine]) -> list[BankLine]:
        """The lines of a proved statement, oldest first. Equal lines are numbered, so that N of them stay N."""
        seen: Counter[str] = Counter()
        told: list[BankLine] = []
        for line in written:
            says = f"{line.booked_on:%Y%m%d}.{line.amount_fen}.{line.balance_fen}"
            seen[says] += 1
            told.append(self._line(line, f"{says}.{seen[says]}"))
        return told

    def _line(self, line: RawLine, line_id: str) -> BankLine:
        numbers = [number for text in line.texts for number in numbers_in(text)]
        return BankLine(
            line_id=line_id,
            row=line.row,
            booked_at=line.booked_at,
            amount_fen=line.amount_fen,
            balance_fen=line.balance_fen,
            serial=line.serial if _SERIAL.fullmatch(line.serial) else "",
            numbers=tuple(dict.fromkeys(numbers)),
            name=self.name(line.name),
            account=self.account(line.account),
            kind=self._kind(" ".join(line.texts)),
        )

    def name(self, written: str) -> str | None:
        """The pseudonym of a full name; a masked one (``样*``) stands for many, so it is none."""
        return None if not written or _MASKED.search(written) else self.pseudonym("name", written)

    def account(self, written: str) -> str | None:
        """The pseudonym of a full account number; of a masked one none."""
        return self.pseudonym("account", written) if _ACCOUNT.fullmatch(written) else None

    def _kind(self, text: str) -> str | None:
        return next((kind for kind, words in self.kinds.items() if any(word in text for word in words)), None)
