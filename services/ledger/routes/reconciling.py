"""The forms 银行存款余额调节表 of a place's accounts: as they stand, and as they stood when their month was sealed."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from events.ledger import Seal
from events.shanghai import day_of
from services.chassis.database import Connection, translated
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.ledger.bank import SQL
from services.ledger.ids import account_place, fund_id_of
from services.ledger.journal import SQL as BOOKS_SQL
from services.ledger.month_tables import last_day
from services.ledger.reconciliation import Reconciliation, reconciliation
from services.ledger.routes.bank_reading import bank_books, caught_up, known_account
from services.ledger.routes.reading import Reader
from services.ledger.seal import canonical

Version = Literal["published", "corrected"]
"""As sealed with the month, or with what has come since."""


class MonthEnd(NamedTuple):
    """How a place's accounts stand by the end of a month, and of which of them no statement reaches that day.

    ``position`` says by how much of the county's log.
    """

    position: int
    forms: tuple[Reconciliation, ...]
    open_tasks: int
    unstated: tuple[str, ...]

    @property
    def open_exceptions(self) -> int:
        """What keeps the month from being closed: items nobody has answered for, and tasks."""
        return self.open_tasks + sum(form.unexplained for form in self.forms)

    @property
    def difference_fen(self) -> int:
        """By how many fen bank and book differ, over all accounts."""
        return sum(abs(form.difference_fen) for form in self.forms)


async def month_end(service: Mounted, place: str, day: date) -> MonthEnd:
    """How a place's accounts stood by the end of a day, by all that the county's log holds now.

    Raises ``Problem`` (409) where money is booked on a bank of which nobody has registered an account; 503 while
    the bank's side is behind.
    """
    bank, county = service.projectors["bank"], place[:6]
    await caught_up(service, county)
    async with bank.reading() as books:
        position = await bank.stands_at(books, county)
        forms = await _forms(books, place, day)
        if not forms and await books.fetchval(SQL["booked_until"], place, day):
            raise Problem(409, "no_bank_account", "该单位尚未登记银行账户并导入对账单,不能结账。")
        tasks = [await books.fetchval(SQL["open_tasks"], form.account_id, day) for form in forms]
    unstated = tuple(form.account_id for form in forms if form.through is None or form.through < day)
    return MonthEnd(position, forms, sum(tasks), unstated)


async def published_forms(service: Mounted, place: str, day: date, seal: Seal) -> tuple[Reconciliation, ...]:
    """The forms that were sealed with a month: made again from the log once, and read as kept from then on.

    What is kept counts only as long as it is what the seal names. Raises ``Problem`` (409) where the log gives others.
    """
    if seal.reconciliation is not None and (kept := await _kept(service, seal.reconciliation)) is not None:
        return kept
    async with service.projectors["bank"].as_of({place[:6]: seal.position}) as books:
        forms = await _forms(books, place, day)
    if seal.reconciliation is None:
        return forms
    words = spelt(forms)
    if seal.reconciliation != sha256(words).hexdigest():
        raise Problem(409, "seal_broken", "余额调节表与封存时不符,请立即核查。")
    with translated():
        await service.pool.execute(SQL["keep_forms"], seal.reconciliation, words)
    return forms


class _Sealed(BaseModel):
    """What is kept: of each form more than it is made of, which follows from the rest."""

    accounts: tuple[Reconciliation, ...]


async def _kept(service: Mounted, digest: str) -> tuple[Reconciliation, ...] | None:
    """The forms of a digest; none where they are not kept, or not as they were."""
    with translated():
        words = await service.pool.fetchval(SQL["sealed_forms"], digest)
    if words is None or sha256(words).hexdigest() != digest:
        return None
    return _Sealed.model_validate_json(words).accounts


def spelt(forms: Sequence[Reconciliation]) -> bytes:
    """The one spelling of a month's forms, which its seal names."""
    return canonical({"accounts": to_jsonable_python([form.document() for form in forms])})


class Shown(NamedTuple):
    """A form as it is shown, at which bank the account is, and the seal that it was made under, if any."""

    form: Reconciliation
    bank: str
    seal: Seal | None


async def shown(reading: Reader, account_id: str, on: date | None, version: Version | None) -> Shown:
    """An account's form: a closed month's as it was sealed, unless it is asked for as corrected.

    Raises ``Denied``, or ``Problem`` (404) for an account that is not there, or was not when the month was sealed.
    """
    day = on or day_of(reading.at or reading.service.clock.now())
    async with bank_books(reading) as books:
        account = await known_account(books, reading, account_id)
        live = await _form(books, account_id, day)
    seal = None if version == "corrected" else await _closed_under(reading, account_place(account_id), day)
    if seal is not None:
        forms = await published_forms(reading.service, account_place(account_id), day, seal)
        for form in forms:
            if form.account_id == account_id:
                return Shown(form, account["bank"], seal)
    if version == "published":
        raise Problem(404, "not_closed", "该月尚未结账封存。")
    return Shown(live, account["bank"], None)


async def _closed_under(reading: Reader, place: str, day: date) -> Seal | None:
    """The seal of the month that ends with a day, as long as it is closed."""
    month = f"{day:%Y-%m}"
    if day != last_day(month):
        return None
    async with reading.books() as books:
        told = await books.fetchval(BOOKS_SQL["closed_under"], fund_id_of(place, day.year), month)
    return None if told is None else Seal.model_validate_json(told)


async def _forms(books: Connection, place: str, day: date) -> tuple[Reconciliation, ...]:
    accounts = [row["account_id"] for row in await books.fetch(SQL["accounts_of"], place)]
    return tuple([await _form(books, account, day) for account in accounts])


async def _form(books: Connection, account_id: str, day: date) -> Reconciliation:
    stated = await books.fetchrow(SQL["stated"], account_id, day)
    assert stated is not None
    rows = await books.fetch(SQL["outstanding"], account_id, day)
    return reconciliation(account_id, day, dict(stated), [dict(row) for row in rows])
