"""Check an evidence bundle (证据包): run this file beside events.ndjson and seal.json; it needs Python alone.

It reckons the chain of hashes anew from the first fact to the sealed position, the vouchers, and each source's balance.
"""

import json
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

Fact = dict[str, Any]


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
    found = _chain(facts, seal)
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


def _chain(facts: list[Fact], seal: Fact) -> list[str]:
    last = sha256(framed(b"ledger", seal["fund_id"][:6].encode())).digest()
    for number, fact in enumerate(facts, start=1):
        last = linked(last, fact)
        if fact["position"] != number or fact["hash"] != last.hex():
            return [f"第{number}条事实被改动、缺失或移位"]
    return [] if (len(facts), last.hex()) == (seal["position"], seal["head"]) else ["事实与封存的位置或哈希不符"]


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
    sys.stdout.write("\n".join(found or [f"完好:{len(lines) - 1} 条事实,封存码 {seal['code']}"]) + "\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
