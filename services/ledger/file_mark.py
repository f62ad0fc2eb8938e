"""How a file is told in the books: by what is in it and how its name ends, for its name may be somebody's."""

from pathlib import PurePosixPath

_ENDINGS = {".csv", ".txt", ".xls", ".xlsx", ".xml"}
_DIGITS = 12


def file_mark(name: str, sha256: str) -> str:
    """The beginning of a file's SHA-256, and the ending of its name where it is a usual one: ``3f9a12cd07be.xlsx``."""
    ending = PurePosixPath(name).suffix.lower()
    return sha256[:_DIGITS] + (ending if ending in _ENDINGS else "")
