"""The country's divisions at county level and above (GB/T 2260), as they are published: code and name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

_NAMES = TypeAdapter(
    dict[Annotated[str, Field(pattern=r"^[0-9]{6}$")], Annotated[str, Field(min_length=2, max_length=40)]]
)
_LEVELS = (2, 4, 6)


@dataclass(frozen=True, slots=True)
class Divisions:
    """All counties, cities and provinces; townships are a deployment's own (``policies/divisions.yaml``)."""

    names: Mapping[str, str]

    def name(self, code: str) -> str | None:
        """A division's name with those above it, as in 江苏省南京市江宁区; none for a code that is not listed."""
        if code not in self.names:
            return None
        above = dict.fromkeys(code[:digits].ljust(6, "0") for digits in _LEVELS)
        return "".join(self.names[each] for each in above if each in self.names)


def parse(text: str) -> Divisions:
    """The divisions of a YAML table. Raises ``ValueError``."""
    return Divisions(_NAMES.validate_python(yaml.load(text, Loader=yaml.CSafeLoader)))
