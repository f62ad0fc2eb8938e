"""A hotline's dialect (厂商对接规范) as data: its field names, code tables, time formats, states and form of answers.

One YAML file each in ``policies/intake/hotlines/``; a vendor that no file names speaks the default one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from events.words import Cause, Urgency

Action = Literal["dispatch", "supplement", "redo", "urge", "supervise", "visit", "withdraw", "void"]
"""What a push of an order is: 派单, 补充, 重办, 催办, 督办, 回访, 撤回, 作废."""

Resolved = Literal["resolved", "unresolved", "partly", "declined"]
Satisfied = Literal["satisfied", "mostly", "dissatisfied", "unrated"]

_TIMES = ("call_time", "deadline_date", "visit_time")
_FLAGS = ("is_secret", "visit_reached")
Path_ = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,60}(/[A-Za-z0-9_]{1,60}){0,3}$")]
"""Where a field stands in the vendor's JSON: its names from the outside in."""


class Dialect(BaseModel):
    """How a vendor says what we call by other names. What a table does not have counts as its ``other``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    title: str = Field(max_length=80)
    vendors: tuple[str, ...] = ()
    is_default: bool = False
    fields: Mapping[str, Path_]
    time_formats: tuple[str, ...] = ()
    """Beside ISO 8601, as ``strptime`` writes them."""
    causes: Mapping[str, Cause] = {}
    urgencies: Mapping[str, Urgency] = {}
    household: frozenset[str]
    """The caller types that speak for themselves (本人, 亲属); others' names and phones are not the household's."""
    actions: Mapping[str, Action] = {}
    resolved: Mapping[str, Resolved] = {}
    satisfied: Mapping[str, Satisfied] = {}
    yes: frozenset[str] = frozenset({"1", "true", "是", "Y"})
    no: frozenset[str] = frozenset({"0", "false", "否", "N"})
    states: Mapping[str, str] = {}
    """Their word for where an order stands, by the kind of our reply."""
    return_codes: Mapping[str, str] = {}
    """Their code for a reason to give an order back, by ours."""
    answer: Literal["plain", "envelope"] = "plain"
    """``envelope`` is ``{success, code, message, data}``; ``plain`` our own body and RFC 9457 problems."""
    success_code: str = "0"
    signature: Literal["standard_webhooks", "appkey"] = "standard_webhooks"

    def ours(self, theirs: Mapping[str, object]) -> dict[str, object]:
        """The vendor's fields under our names; what is not there is left out."""
        found = {name: _at(theirs, path) for name, path in self.fields.items()}
        return {name: self._said(name, value) for name, value in found.items() if value is not None}

    def theirs(self, ours: Mapping[str, Any]) -> dict[str, Any]:
        """Our fields under the vendor's names, as the vendor would send them."""
        document: dict[str, Any] = {}
        for name, value in ours.items():
            if name not in self.fields:
                continue
            *above, last = self.fields[name].split("/")
            place = document
            for step in above:
                place = place.setdefault(step, {})
            place[last] = value
        return document

    def action(self, code: str | None, push: int) -> Action:
        """What this push is; without a word about it, the first is the order and a later one a supplement."""
        return self.actions.get(code or "", "dispatch" if push == 1 else "supplement")

    def _said(self, name: str, value: object) -> object:
        if name in _TIMES:
            return self._moment(value)
        if name in _FLAGS and str(value) in self.yes | self.no:
            return str(value) in self.yes
        return value

    def _moment(self, value: object) -> object:
        for form in self.time_formats:
            try:
                return datetime.strptime(str(value).strip(), form).isoformat()  # noqa: DTZ007  it bears no offset
            except ValueError:
                continue
        return value


@dataclass(frozen=True, slots=True)
class Dialects:
    """All dialects of a deployment."""

    default: Dialect
    by_vendor: Mapping[str, Dialect]

    def of(self, vendor: str) -> Dialect:
        """The dialect of a vendor."""
        return self.by_vendor.get(vendor, self.default)


def gather(texts: Iterable[str]) -> Dialects:
    """The dialects of these YAML documents. Raises ``ValueError`` unless exactly one of them is the default."""
    found = [Dialect.model_validate(yaml.safe_load(text)) for text in texts]
    (default,) = (dialect for dialect in found if dialect.is_default)
    by_vendor = {vendor: dialect for dialect in found for vendor in dialect.vendors}
    if len(by_vendor) != sum(len(dialect.vendors) for dialect in found):
        raise ValueError("two dialects name the same vendor")
    return Dialects(default, by_vendor)


def load_dialects(folder: Path) -> Dialects:
    """The dialects in a folder."""
    return gather(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml")))


def _at(document: Mapping[str, Any], path: str) -> object:
    value: Any = document
    for step in path.split("/"):
        if not isinstance(value, dict):
            return None
        value = cast(dict[str, Any], value).get(step)
    return value
