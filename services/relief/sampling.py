"""Which cases the county looks at again (抽查): drawn by lot that anybody can draw again, never chosen by hand."""

from collections.abc import Iterable
from hashlib import sha256


def drawn(case_ids: Iterable[str], percent: int, sample_id: str) -> tuple[str, ...]:
    """At least so many per cent of the cases, rounded up, in the order of their lots: SHA-256 of ``sample_id|case``.

    Nobody who names the sample can foresee whom it hits without knowing the cases, and the same name draws the same.
    """
    lots = sorted(set(case_ids), key=lambda case_id: sha256(f"{sample_id}|{case_id}".encode()).digest())
    return tuple(lots[: -(-len(lots) * percent // 100)])
