"""ISO 20022 camt.053, the bank-to-customer statement, read into the same lines as every other file."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from events.shanghai import day_of
from services.ledger.files.amount_text import Unreadable, fen_of
from services.ledger.files.sheet import Faulty
from services.ledger.files.statement import RawLine, Written

LAYOUT = "camt.053"
_DIRECTIONS = {"CRDT": 1, "DBIT": -1}


def is_camt053(raw: bytes) -> bool:
    """Whether a file says that it is such a statement."""
    return raw.lstrip()[:1] in (b"<", b"\xef") and b"camt.053." in raw[:4096]


def read_camt053(raw: bytes) -> Written:
    """The statement of a file that holds exactly one. Raises ``Faulty``; an entry counts as a line, from 1.

    Balances stand only at both ends, so each line's is reckoned from the opening, and the closing proves them all.
    """
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Faulty("XML 已损坏,或含有不允许的内容") from None
    statements = [node for node in root.iter() if _tag(node) == "Stmt"]
    if len(statements) != 1:
        raise Faulty("文件中应当正好有一份对账单")
    (statement,) = statements
    opening_fen, closing_fen = _balance(statement, "OPBD"), _balance(statement, "CLBD")
    return Written(
        layout_id=LAYOUT,
        lines=list(_lines(statement, opening_fen)),
        own_account=_text(statement, "Acct/Id/Othr/Id") or _text(statement, "Acct/Id/IBAN") or None,
        opening_fen=opening_fen,
        closing_fen=closing_fen,
    )


def _lines(statement: Element, opening_fen: int) -> Iterator[RawLine]:
    balance_fen = opening_fen
    for number, entry in enumerate((node for node in statement if _tag(node) == "Ntry"), start=1):
        if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != "BOOK":
            raise Faulty("含有尚未入账的明细", number)
        amount_fen = _amount(entry, number)
        balance_fen += amount_fen
        yield _line(entry, number, amount_fen, balance_fen)


def _line(entry: Element, number: int, amount_fen: int, balance_fen: int) -> RawLine:
    day, moment = _booked(entry, number)
    details = [part for named in _children(entry, "NtryDtls") for part in _children(named, "TxDtls")]
    name, account = _party(details[0], amount_fen) if len(details) == 1 else ("", "")
    reversal = ("冲正",) if _text(entry, "RvslInd") in ("true", "1") else ()
    return RawLine(
        row=number,
        booked_on=day,
        booked_at=moment,
        amount_fen=amount_fen,
        balance_fen=balance_fen,
        serial=_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"),
        name=name,
        account=account,
        texts=(*_said(details), *_said([entry]), *reversal),
    )


def _party(detail: Element, amount_fen: int) -> tuple[str, str]:
    """The other side of a transaction. An entry of several has several, and is no one's of them."""
    party = f"RltdPties/{'Dbtr' if amount_fen > 0 else 'Cdtr'}"
    name = _text(detail, f"{party}/Nm") or _text(detail, f"{party}/Pty/Nm")
    return name, _text(detail, f"{party}Acct/Id/Othr/Id") or _text(detail, f"{party}Acct/Id/IBAN")


_TEXTS = ("Refs/EndToEndId", "RmtInf/Ustrd", "AddtlNtryInf")


def _said(nodes: Iterable[Element]) -> tuple[str, ...]:
    return tuple(text for node in nodes for path in _TEXTS if (text := _text(node, path)))


def _booked(entry: Element, number: int) -> tuple[date, datetime | None]:
    try:
        moment = _text(entry, "BookgDt/DtTm")
        if moment:
            booked_at = datetime.fromisoformat(moment)
            return (day_of(booked_at), booked_at) if booked_at.tzinfo else (booked_at.date(), None)
        return date.fromisoformat(_text(entry, "BookgDt/Dt")), None
    except ValueError:
        raise Faulty("日期读不出来", number) from None


def _balance(statement: Element, kind: str) -> int:
    for node in statement:
        if _tag(node) == "Bal" and _text(node, "Tp/CdOrPrtry/Cd") == kind:
            return _amount(node, None)
    raise Faulty("缺少期初余额(OPBD)或期末余额(CLBD)")


def _amount(node: Element, number: int | None) -> int:
    """The signed amount of a balance or an entry, in fen. A reversal (``RvslInd``) bears its own direction already."""
    amount = _child(node, "Amt")
    direction = _DIRECTIONS.get(_text(node, "CdtDbtInd"))
    try:
        fen = None if amount is None or amount.get("Ccy") != "CNY" else fen_of(amount.text or "")
    except Unreadable:
        fen = None
    if fen is None or fen < 0 or direction is None:
        raise Faulty("金额、币种或方向读不出来", number)
    return direction * fen


def _text(node: Element, path: str) -> str:
    found: Element | None = node
    for tag in path.split("/"):
        found = None if found is None else _child(found, tag)
    return "" if found is None or found.text is None else found.text.strip()


def _child(node: Element, tag: str) -> Element | None:
    return next(_children(node, tag), None)


def _children(node: Element, tag: str) -> Iterator[Element]:
    return (child for child in node if _tag(child) == tag)


def _tag(node: Element) -> str:
    return node.tag.rpartition("}")[2]
