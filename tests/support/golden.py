"""One sample of the stored bytes of every fact and schema version, as some release wrote them."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "golden"

SAMPLES: dict[tuple[str, int], bytes] = {
    (file.stem.rpartition(".")[0], int(file.stem.rpartition(".")[2])): file.read_bytes().removesuffix(b"\n")
    for file in sorted(_FOLDER.glob("*.json"))
}
"""The bytes by the fact's stored name and schema version."""
