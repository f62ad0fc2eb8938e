"""Check an evidence bundle (证据包): run this file beside events.ndjson and the rest; it needs Python alone.

It reckons the chain of hashes anew from the first fact to the sealed position, the vouchers, each source's balance,
both sides of the bank's forms (余额调节表), and the seal's signature. Whose key it is, paper says: compare the key id
with the one that the county published.
"""

import base64
import json
import sys
from collections import Counter
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any
from uuid import UUID

Fact = dict[str, Any]
Point = tuple[int, int, int, int]

# Ed25519 (RFC 8032, 5.1), which the standard library has not. Nothing here is secret: it only verifies.
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_SIGNED = ("fund_id", "month", "position", "head", "vouchers", "balances", "tables")
_SIGNED_SINCE = ("reconciliation",)
"""What seals of the first months did not say yet."""


def is_signed(key: bytes, signature: bytes, words: bytes) -> bool:
    """Whether the holder of this key has signed these words."""
    whole = int.from_bytes(signature[32:], "little")
    signer, nonce = _point(key), _point(signature[:32])
    if len(signature) != 64 or signer is None or nonce is None or whole >= _ORDER:
        return False
    share = int.from_bytes(sha512(signature[:32] + key + words).digest(), "little") % _ORDER
    left, right = _times(whole, _BASE), _plus(nonce, _times(share, signer))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P)


def _point(packed: bytes) -> Point | None:
    """A point from its 32 bytes: y, and the last bit of x."""
    y, odd = int.from_bytes(packed, "little") & (2**255 - 1), packed[-1] >> 7 if len(packed) == 32 else 2
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if y >= _P or odd > 1 or (x * x - square) % _P or (x == 0 and odd):
        return None
    if x % 2 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _plus(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: Point) -> Point:
    whole: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            whole = _plus(whole, point)
        point, number = _plus(point, point), number >> 1
    return whole


def _base() -> Point:
    found = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert found is not None
    return found


_BASE = _base()


def framed(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def linked(previous: bytes, fact: Fact) -> bytes:
    """The hash of a fact that follows ``previous``."""
    return sha256(
        framed(
            previous,
            fact["division"].encode(),
            fact["position"].to_bytes(8, "big"),
            fact["stream"].encode(),
            fact["version"].to_bytes(8, "big"),
            fact["name"].encode(),
            fact["schema_version"].to_bytes(4, "big"),
            UUID(fact["fact_id"]).bytes,
            UUID(fact["command_id"]).bytes,
            fact["occurred_at_us"].to_bytes(8, "big", signed=True),
            fact["recorded_at_us"].to_bytes(8, "big", signed=True),
            fact["meta"].encode(),
            fact["data"].encode(),
        )
    ).digest()


def faults(facts: list[Fact], seal: Fact) -> list[str]:
    """What does not fit; nothing for a whole bundle."""
    found = [*_signature(seal), *_chain(facts, seal)]
    posted = [json.loads(fact["data"]) for fact in facts if fact["name"] == "ledger.entry_posted"]
    mine = [entry for entry in posted if entry["fund_id"] == seal["fund_id"] and entry["dated"][:7] <= seal["month"]]
    balances: Counter[str] = Counter()
    for entry in mine:
        if sum(line["debit_fen"] for line in entry["lines"]) != sum(line["credit_fen"] for line in entry["lines"]):
            found.append(f"{entry['dated']} {entry['word']}{entry['number']}:借贷不平")
        for line in entry["lines"]:
            if line["account"] in ("100", "101") and line["source"]:
                balances[line["source"]] += line["debit_fen"] - line["credit_fen"]
    if {source: fen for source, fen in balances.items() if fen} != seal["balances"]:
        found.append("各来源余额与封存不符")
    return found + _numbers([entry for entry in mine if entry["dated"][:7] == seal["month"]], seal)


def _signature(seal: Fact) -> list[str]:
    """The seal's key must be the one that it names, and have signed what the seal says."""
    key = bytes.fromhex(seal["public_key"])
    signed = {name: seal[name] for name in _SIGNED} | {name: seal[name] for name in _SIGNED_SINCE if name in seal}
    words = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if sha256(key).hexdigest()[:16] != seal["key_id"] or not is_signed(key, base64.b64decode(seal["signature"]), words):
        return ["封存签名不符"]
    return []


def _chain(facts: list[Fact], seal: Fact) -> list[str]:
    last = sha256(framed(b"ledger", seal["fund_id"][:6].encode())).digest()
    for number, fact in enumerate(facts, start=1):
        last = linked(last, fact)
        if fact["position"] != number or fact["hash"] != last.hex():
            return [f"第{number}条事实被改动、缺失或移位"]
    return [] if (len(facts), last.hex()) == (seal["position"], seal["head"]) else ["事实与封存的位置或哈希不符"]


def form_faults(raw: bytes, seal: Fact) -> list[str]:
    """What does not fit in the forms (余额调节表) that were sealed; each must come to a difference of 0.00."""
    if sha256(raw).hexdigest() != seal.get("reconciliation", sha256(raw).hexdigest()):
        return ["余额调节表与封存不符"]
    return [f"{form['account_id']}:余额调节表不平" for form in json.loads(raw)["accounts"] if not _is_even(form)]


def _is_even(form: Fact) -> bool:
    fen: Counter[str] = Counter()
    for item in form["items"]:
        fen[item["group"]] += item["amount_fen"]
    book = form["book_fen"] + fen["bank_received"] - fen["bank_paid"]
    return book == form["statement_fen"] - form["other_fen"] + fen["book_received"] - fen["book_paid"]


def _numbers(entries: list[Fact], seal: Fact) -> list[str]:
    found: list[str] = []
    for word in {entry["word"] for entry in entries}:
        numbers = [entry["number"] for entry in entries if entry["word"] == word]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"{seal['month']} {word}字凭证号不连续")
    return found if len(entries) == seal["vouchers"] else [*found, "凭证张数与封存不符"]


def main(folder: Path) -> int:
    """Say whether the bundle in a folder is whole; 1 when it is not."""
    lines = (folder / "events.ndjson").read_text(encoding="utf-8").split("\n")
    seal = json.loads((folder / "seal.json").read_text(encoding="utf-8"))
    found = faults([json.loads(line) for line in lines if line], seal)
    found += form_faults((folder / "reconciliation.json").read_bytes(), seal)
    sys.stdout.write(
        "\n".join(found or [f"完好:{len(lines) - 1} 条事实,封存码 {seal['code']},签名密钥 {seal['key_id']}"]) + "\n"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
