"""The seal of a closed month (封存): what it says, how it is signed, and its short code for paper."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from events.ledger import Balance, Seal


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal is put on: a fund's month, the log up to a position, and what was published of it."""

    fund_id: str
    month: str
    position: int
    head: str
    vouchers: int
    balances: tuple[Balance, ...]
    tables: str
    reconciliation: str | None = None
    """SHA-256 over the forms 银行存款余额调节表 of the fund's place."""

    def words(self) -> bytes:
        """The one canonical spelling of it, which is signed; seals from before there were such forms have no word."""
        forms = {} if self.reconciliation is None else {"reconciliation": self.reconciliation}
        return canonical(
            forms
            | {
                "fund_id": self.fund_id,
                "month": self.month,
                "position": self.position,
                "head": self.head,
                "vouchers": self.vouchers,
                "balances": {told.source: told.balance_fen for told in self.balances},
                "tables": self.tables,
            }
        )


class Signet:
    """The service's signing key (签名密钥). It follows from the pepper: a seal outlives the rotation of master keys."""

    def __init__(self, pepper: bytes) -> None:
        secret = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jiujinan/ledger/seal").derive(pepper)
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public_key = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def seal(self, what: Sealed) -> Seal:
        """Put the seal on it."""
        return Seal(
            position=what.position,
            head=what.head,
            vouchers=what.vouchers,
            balances=what.balances,
            tables=what.tables,
            reconciliation=what.reconciliation,
            key_id=sha256(self.public_key).hexdigest()[:16],
            signature=base64.b64encode(self._key.sign(what.words())).decode(),
        )


def is_genuine(what: Sealed, seal: Seal, public_key: bytes) -> bool:
    """Whether a seal was put on exactly this by the holder of the key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(seal.signature), what.words())
    except InvalidSignature:
        return False
    return True


def short_code(seal: Seal) -> str:
    """Eight characters of a seal that are printed on paper and can be read aloud."""
    return sha256(seal.signature.encode()).hexdigest()[:8].upper()


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON in one spelling: keys in order, no spaces, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
