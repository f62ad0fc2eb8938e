"""A closed month proves itself: without this program, to another program, and against every tampering."""

import base64
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from events.fact import Actor, Fact, Meta
from events.ledger import Balance, EntryPosted, Seal
from events.upcasts import encode
from services.chassis.chain import genesis, link
from services.chassis.event_store import Stored
from services.ledger.beancount import journal
from services.ledger.evidence import ClosedMonth, bundle
from services.ledger.evidence_check import faults, form_faults, is_signed
from services.ledger.seal import Sealed, Signet, canonical, is_genuine, short_code
from tests.support.given import NAMESPACE, NOON
from tests.unit.ledger.test_examples import Book

FUND = "990101001-2026"
SIGNET = Signet(b"k" * 32)


def month() -> list[Fact]:
    """A month with money of two sources in, paid, sent back and paid again."""
    book = Book(fund_id=FUND).opened(("central", 1_500), ("county", 1_500))
    book.pay("D1", 2_000)
    return list(book.log)


def stored(facts: Sequence[Fact]) -> list[Stored]:
    """The facts as the county's log holds them, chained."""
    rows: list[Stored] = []
    last = genesis("ledger", "990101")
    meta = Meta(actor=Actor(id="S-1", role="x", scope=""), correlation="样", causation="c").model_dump_json().encode()
    for position, fact in enumerate(facts, start=1):
        ids = uuid5(NAMESPACE, str(position))
        told = ("990101", position, f"fund:{FUND}", position, fact.NAME, fact.VERSION, ids, ids, NOON, NOON)
        row = Stored(*told, meta, encode(fact), False, b"")
        last = link(last, row)
        rows.append(Stored(*told, meta, encode(fact), False, last))
    return rows


ROWS = stored(month())
ENTRIES = [fact for fact in month() if isinstance(fact, EntryPosted)]
FORM = {
    "account_id": "B990101001-2222",
    "book_fen": 100_000,
    "statement_fen": 170_030,
    "other_fen": 20_000,
    "items": [
        {"group": "bank_received", "amount_fen": 30},
        {"group": "book_paid", "amount_fen": 50_000},
    ],
}
"""1,000.00 in the books and 0.30 interest; 1,700.30 at the bank, 200.00 of others, 500.00 that it has not paid yet."""
FORMS = canonical({"accounts": [FORM]})
SEALED = Sealed(
    fund_id=FUND,
    month="2026-11",
    position=len(ROWS),
    head=ROWS[-1].hash.hex(),
    vouchers=len(ENTRIES),
    balances=(Balance(source="county", balance_fen=100_000),),
    tables="0" * 64,
    reconciliation=sha256(FORMS).hexdigest(),
)
SEAL = SIGNET.seal(SEALED)


def unpacked(seal: Seal = SEAL, rows: Sequence[Stored] = tuple(ROWS)) -> dict[str, bytes]:
    closed = ClosedMonth(FUND, "2026-11", seal, SIGNET.public_key)
    made = bundle(closed, rows, FORMS)
    assert made == bundle(closed, rows, FORMS)
    with zipfile.ZipFile(BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checked(tmp_path: Path, contents: dict[str, bytes]) -> subprocess.CompletedProcess[str]:
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return subprocess.run([sys.executable, "-I", tmp_path / "verify.py"], capture_output=True, text=True, check=False)


def test_a_bundle_is_whole_by_its_own_checker_without_this_program(tmp_path: Path) -> None:
    ran = checked(tmp_path, unpacked())
    whole = f"完好:{len(ROWS)} 条事实,封存码 {short_code(SEAL)},签名密钥 {SEAL.key_id}\n"
    assert (ran.returncode, ran.stdout) == (0, whole)


def test_another_program_accepts_the_journal_and_its_balances(tmp_path: Path) -> None:
    (tmp_path / "journal.beancount").write_bytes(unpacked()["journal.beancount"])
    command = [Path(sys.executable).parent / "bean-check", tmp_path / "journal.beancount"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""
    wrong = journal(ENTRIES, date(2026, 11, 30)).replace("A100:County 1000.00", "A100:County 1000.01")
    (tmp_path / "journal.beancount").write_text(wrong, encoding="utf-8")
    assert "Balance failed" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


FACTS = [json.loads(line) for line in unpacked()["events.ndjson"].decode().split("\n") if line]
PAPER = json.loads(unpacked()["seal.json"])


@pytest.mark.parametrize("position", range(len(ROWS)))
def test_a_fact_that_is_changed_missing_or_moved_is_seen(position: int) -> None:
    assert faults(FACTS, PAPER) == []
    changed = [dict(fact) for fact in FACTS]
    changed[position]["data"] = changed[position]["data"].replace(FUND, "990101002-2026")
    assert faults(changed, PAPER) != []
    assert faults(FACTS[:position] + FACTS[position + 1 :], PAPER) != []
    assert faults([*FACTS[:position], *reversed(FACTS[position:])], PAPER) != [] or position == len(FACTS) - 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("position", 1),
        ("head", "0" * 64),
        ("vouchers", 1),
        ("balances", {"county": 1}),
        ("balances", {}),
        ("month", "2026-12"),
        ("tables", "1" * 64),
        ("reconciliation", "1" * 64),
        ("signature", base64.b64encode(bytes(64)).decode()),
        ("public_key", Signet(b"j" * 32).public_key.hex()),
        ("key_id", "0" * 16),
    ],
)
def test_a_seal_that_says_otherwise_is_seen(field: str, value: object) -> None:
    assert faults(FACTS, {**PAPER, field: value}) != []


def test_a_seal_that_says_nothing_of_the_forms_any_more_is_seen() -> None:
    assert faults(FACTS, {name: value for name, value in PAPER.items() if name != "reconciliation"}) != []


def test_forms_that_were_changed_or_do_not_come_out_even_are_seen() -> None:
    assert form_faults(FORMS, PAPER) == []
    uneven = canonical({"accounts": [FORM | {"book_fen": 100_001}]})
    assert form_faults(uneven, PAPER) == ["余额调节表与封存不符"]
    sealed = PAPER | {"reconciliation": sha256(uneven).hexdigest()}
    assert form_faults(uneven, sealed) == ["B990101001-2222:余额调节表不平"]


def test_a_seal_from_before_there_were_forms_is_still_genuine(tmp_path: Path) -> None:
    old = SIGNET.seal(replace(SEALED, reconciliation=None))
    assert "reconciliation" not in json.loads(unpacked(old)["seal.json"])
    assert checked(tmp_path, unpacked(old)).returncode == 0


def test_a_signature_belongs_to_one_key_and_one_content() -> None:
    assert is_genuine(SEALED, SEAL, SIGNET.public_key)
    assert not is_genuine(SEALED, SEAL, Signet(b"j" * 32).public_key)
    other = Sealed(FUND, "2026-12", SEALED.position, SEALED.head, SEALED.vouchers, SEALED.balances, SEALED.tables)
    assert not is_genuine(other, SEAL, SIGNET.public_key)


RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "words", "signature"), RFC_8032)
def test_the_standards_own_signatures_are_genuine(key: str, words: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(words))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 63), st.integers(1, 255))
@settings(max_examples=25, deadline=None)
def test_the_bundles_own_check_agrees_with_the_library(secret: bytes, words: bytes, place: int, flip: int) -> None:
    signer = Ed25519PrivateKey.from_private_bytes(secret)
    key, signature = signer.public_key().public_bytes_raw(), signer.sign(words)
    forged = bytes(byte ^ flip if at == place else byte for at, byte in enumerate(signature))
    assert is_signed(key, signature, words)
    assert not is_signed(key, forged, words)
    assert not is_signed(key, signature, words + b"x")
    assert not is_signed(key[:31], signature, words)
    assert not is_signed(key, signature[:63], words)


def test_the_short_code_is_eight_characters_of_the_seal() -> None:
    assert short_code(SEAL) == sha256(SEAL.signature.encode()).hexdigest()[:8].upper()
