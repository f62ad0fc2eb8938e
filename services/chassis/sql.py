"""SQL as text that can be pasted into psql: each statement of a ``.sql`` file under a line ``-- name: it``."""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def statements(package: str, file: str) -> Mapping[str, str]:
    """The named statements of a file that lies in a package."""
    pieces = _NAME.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}
