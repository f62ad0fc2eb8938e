"""The desk of a bank account: it takes files in, with keys and layouts at hand, and hands decisions to the writer."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from events.bank import BankLine
from events.fact import Sealed
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.replay import known_of, state_of
from services.chassis.unit import Directed
from services.ledger import layout_book, statement
from services.ledger.bank_data import BankData
from services.ledger.files.camt053 import is_camt053, read_camt053
from services.ledger.files.layout import Layout
from services.ledger.files.sheet import Faulty
from services.ledger.files.statement import Proved, RawLine, prove
from services.ledger.files.statement_lines import Telling
from services.ledger.files.statement_table import UnknownLayout, read_table
from services.ledger.ids import account_division, account_stream, layouts_stream, line_subject
from services.ledger.statement import Account
from services.ledger.statement_commands import Chunk, ImportStatement

_LINES_A_FACT = 200
_SEALED_TOGETHER = 5
"""Facts whose keys are made in one go; more would hold up the others."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one account."""

    service: Mounted
    data: BankData
    account_id: str

    @property
    def division(self) -> str:
        """The log of the account."""
        return account_division(self.account_id)

    async def account(self) -> tuple[Account, int]:
        """The account and its version. Raises ``Problem`` (404)."""
        known = await known_of(self.service.store, (self.division, account_stream(self.account_id)), statement.DECIDER)
        if known.state is None:
            raise Problem(404, "no_such_account", "没有登记这个银行账户,请先登记。")
        return known.state, known.version

    async def layouts(self) -> Mapping[str, Layout]:
        """The shipped layouts, and those that the county has mapped."""
        known = await state_of(self.service.store, (self.division, layouts_stream(self.division)), layout_book.DECIDER)
        saved = {layout_id: Layout.model_validate_json(document) for layout_id, document in known.items()}
        return {**saved, **self.data.layouts}

    async def proved(self, file_name: str, raw: bytes, account: Account) -> Proved:
        """A file that has passed the gate. Raises ``Problem`` (422) naming file, line and reason."""
        layouts = await self.layouts()
        try:
            proved = await asyncio.to_thread(_read, raw, layouts, account.closing_fen)
        except Faulty as faulty:
            raise Problem(422, "bad_statement", f"对账单未导入。{faulty.sentence(file_name)}") from None
        except UnknownLayout as unknown:
            told = "、".join(unknown.headings)[:200]
            raise Problem(
                422, "unknown_layout", f"{file_name}:不认识这种格式,请先保存表头的对照关系:{told}。"
            ) from None
        seals = await self.service.sealer.prepare([account_stream(self.account_id)])
        if proved.own_account not in (None, seals.open(account.registered.number)):
            raise Problem(422, "other_account", f"{file_name}:这是另一个账户的对账单,请核对账号。")
        return proved

    async def taking_in(self, file_name: str, raw: bytes) -> Directed:
        """The command that takes a file in, expecting the account as it is now. Raises what ``proved`` raises."""
        account, version = await self.account()
        proved = await self.proved(file_name, raw, account)
        telling = Telling(self.service.pseudonyms.term, self.data.kinds)
        lines = await asyncio.to_thread(telling.lines, proved.lines)
        fresh = statement.new_lines(account, lines, file_name)
        digest = sha256(raw).hexdigest()
        command = ImportStatement(
            statement_id=f"S-{digest[:24]}",
            file_name=file_name,
            sha256=digest,
            layout=proved.layout_id,
            chunks=await self._chunks(fresh, proved.lines[len(proved.lines) - len(fresh) :]),
        )
        return Directed(account_stream(self.account_id), command, expects=version)

    async def _chunks(self, lines: Sequence[BankLine], raw: Sequence[RawLine]) -> tuple[Chunk, ...]:
        starts = range(0, len(lines), _LINES_A_FACT)
        some = [(lines[start : start + _LINES_A_FACT], raw[start : start + _LINES_A_FACT]) for start in starts]
        chunks: list[Chunk] = []
        for first in range(0, len(some), _SEALED_TOGETHER):
            together = some[first : first + _SEALED_TOGETHER]
            told = await asyncio.gather(*(self._told(*each) for each in together))
            chunks += [Chunk(tuple(each), words) for (each, _), words in zip(together, told, strict=True)]
        return tuple(chunks)

    async def _told(self, lines: Sequence[BankLine], raw: Sequence[RawLine]) -> tuple[Sealed, ...]:
        """Each line under a key of its own, so that one payee's can be erased without the others'."""
        subjects = [line_subject(self.account_id, line.line_id) for line in lines]
        seals = await self.service.sealer.prepare(subjects)
        said = (json.dumps([line.name, line.account, *line.texts], ensure_ascii=False) for line in raw)
        return tuple(seals.seal(subject, "line", words) for subject, words in zip(subjects, said, strict=True))


def _read(raw: bytes, layouts: Mapping[str, Layout], expected_fen: int | None) -> Proved:
    return prove(read_camt053(raw) if is_camt053(raw) else read_table(raw, layouts), expected_fen)
