"""Vouchers (记账凭证): the numbered, dated postings of a fund, 1 to n in each month and word without a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from events.ledger import EntryPosted
from events.ledger_words import VoucherRef, Word
from events.shanghai import day_of
from services.chassis.decider import Circumstances
from services.ledger.posting import MONEY, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands on a voucher beside its lines: what it is about, where the money went, who did and signed it."""

    case_id: str | None = None
    about: str | None = None
    towards: str | None = None
    basis: str = ""
    made_by: str | None = None
    signed_by: str | None = None
    reverses: VoucherRef | None = None
    adjusts: bool = False
    """Whether it may enter a month that takes only adjustments."""


@dataclass(frozen=True, slots=True)
class Books:
    """A month of the books (会计期间)."""

    standing: Literal["open", "adjusting", "closed"] = "open"
    vouchers: int = 0
    checked: int = 0
    """How many of them have been checked."""
    made_by: frozenset[str] = frozenset()
    seals: int = 0


@dataclass(frozen=True, slots=True)
class Vouchers:
    """A fund's series of voucher numbers, and its months."""

    last: Mapping[str, int] = field(default_factory=dict[str, int])
    """The last number by month and word."""
    months: Mapping[str, Books] = field(default_factory=dict[str, Books])
    words: Literal["one", "three"] = "one"

    def post(self, fund_id: str, entry: Entry, moment: datetime, header: Header) -> EntryPosted:
        """The voucher of an entry, dated by the moment's day in Asia/Shanghai.

        What happened in a month that takes no more goes to the first day of the next open one, and is marked. So does
        what takes back a voucher of a later month: nothing is reversed before it is booked.
        """
        happened_on = day_of(moment)
        not_before = happened_on if header.reverses is None else date.fromisoformat(f"{header.reverses.month}-01")
        dated = self._enters(max(happened_on, not_before), adjusts=header.adjusts)
        word = "记" if self.words == "one" else _word_of(entry)
        return EntryPosted(
            fund_id=fund_id,
            number=self.last.get(f"{month_of(dated)}{word}", 0) + 1,
            dated=dated,
            summary=entry.summary,
            lines=entry.lines,
            case_id=header.case_id,
            about=header.about,
            word=word,
            happened_on=None if dated == happened_on else happened_on,
            reverses=header.reverses,
            towards=header.towards,
            basis=header.basis,
            made_by=header.made_by,
            signed_by=header.signed_by,
        )

    def books(self, month: str) -> Books:
        """A month, as in ``2026-11``."""
        return self.months.get(month, Books())

    @property
    def last_closed(self) -> str:
        """The last month that is closed; empty where none is."""
        return max((month for month, books in self.months.items() if books.standing == "closed"), default="")

    def after(self, posted: EntryPosted) -> "Vouchers":
        """The series once this voucher stands in it."""
        month = month_of(posted.dated)
        books = self.books(month)
        makers = books.made_by | frozenset(filter(None, [posted.made_by]))
        posted_into = Books(books.standing, books.vouchers + 1, books.checked, makers, books.seals)
        last = {**self.last, f"{month}{posted.word}": posted.number}
        return Vouchers(last, {**self.months, month: posted_into}, self.words)

    def turned(self, month: str, books: Books) -> "Vouchers":
        """The series with a month as it is now."""
        return replace(self, months={**self.months, month: books})

    def _enters(self, day: date, *, adjusts: bool) -> date:
        """The day, or the first of the next month that takes it: none before a closed one, which begins as sealed."""
        takes = {"open", "adjusting"} if adjusts else {"open"}
        closed = self.last_closed
        while month_of(day) < closed or self.books(month_of(day)).standing not in takes:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return day


def reference(posted: EntryPosted) -> VoucherRef:
    """A voucher's name in its fund (凭证字号)."""
    return VoucherRef(word=posted.word, month=month_of(posted.dated), number=posted.number)


def happening(now: Circumstances) -> date:
    """The day on which what is being decided happened; what is told with a time to come happens now."""
    return day_of(min(now.occurred_at, now.recorded_at))


def month_of(day: date) -> str:
    """The month of a day, as in ``2026-11``."""
    return day.isoformat()[:7]


def _word_of(entry: Entry) -> Word:
    """收 where money comes in, 付 where it goes out, 转 where none moves or it only changes its place."""
    moved = sum(line.debit_fen - line.credit_fen for line in entry.lines if line.account in MONEY)
    if moved == 0:
        return "转"
    return "收" if moved > 0 else "付"
