"""The evidence bundle (证据包) of a closed month: facts, seal, checker, and a journal for another program."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from events.ledger import EntryPosted, Seal
from services.chassis.chain import EPOCH
from services.chassis.event_store import Stored
from services.chassis.replay import recorded
from services.ledger.beancount import journal
from services.ledger.month_tables import last_day
from services.ledger.seal import canonical, short_code

_MICROSECOND = timedelta(microseconds=1)
_MADE_AT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A fund's month, the seal that it is closed under, and the key that the seal was put on with."""

    fund_id: str
    month: str
    seal: Seal
    public_key: bytes


def bundle(closed: ClosedMonth, rows: Sequence[Stored], forms: bytes) -> bytes:
    """A zip that is the same, byte for byte, whenever it is made.

    ``rows`` are the county's log up to the seal, ``forms`` the month's 余额调节表 in their one spelling.
    """
    seal = closed.seal
    document = {
        "fund_id": closed.fund_id,
        "month": closed.month,
        "position": seal.position,
        "head": seal.head,
        "vouchers": seal.vouchers,
        "balances": {told.source: told.balance_fen for told in seal.balances},
        "tables": seal.tables,
        **({} if seal.reconciliation is None else {"reconciliation": seal.reconciliation}),
        "key_id": seal.key_id,
        "signature": seal.signature,
        "public_key": closed.public_key.hex(),
        "code": short_code(seal),
    }
    known = [recorded(row).fact for row in rows if row.name == EntryPosted.NAME]
    entries = [fact for fact in known if isinstance(fact, EntryPosted) and fact.fund_id == closed.fund_id]
    until = last_day(closed.month)
    return _zipped(
        {
            "events.ndjson": b"".join(_line(row) for row in rows),
            "seal.json": canonical(document),
            "reconciliation.json": forms,
            "verify.py": files("services.ledger").joinpath("evidence_check.py").read_bytes(),
            "journal.beancount": journal(entries, until).encode(),
        }
    )


def _line(row: Stored) -> bytes:
    told = {
        "division": row.division,
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "name": row.name,
        "schema_version": row.schema_version,
        "fact_id": str(row.fact_id),
        "command_id": str(row.command_id),
        "occurred_at_us": (row.occurred_at - EPOCH) // _MICROSECOND,
        "recorded_at_us": (row.recorded_at - EPOCH) // _MICROSECOND,
        "meta": row.meta.decode(),
        "data": row.data.decode(),
        "hash": row.hash.hex(),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _zipped(contents: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(ZipInfo(name, _MADE_AT), content)
    return whole.getvalue()
