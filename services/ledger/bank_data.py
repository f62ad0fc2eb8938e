"""What differs between banks and counties, as written in ``policies``: layouts, rules, telling words; places' names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.chassis.mount import Mounted
from services.ledger.files.batch import Template, templates_of
from services.ledger.files.layout import Layout, layouts_of
from services.ledger.matchable import MatchRules

_NAMES = TypeAdapter(dict[str, str])


class _Matching(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    default: MatchRules
    counties: Mapping[str, MatchRules] = Field(default_factory=dict[str, MatchRules])
    kinds: Mapping[str, tuple[str, ...]]


class Duties(BaseModel):
    """What one person may do of a batch, and of cash (不相容岗位)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    exporter_settles: bool = False
    """Whether who has had a batch's file may also bring its answer and confirm its receipts."""
    handler_confirms: bool = False
    """Whether who has handed over cash may also confirm that the household has it."""


class _Duties(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    default: Duties
    counties: Mapping[str, Duties] = Field(default_factory=dict[str, Duties])


@dataclass(frozen=True, slots=True)
class BankData:
    """Layouts that are shipped, rules of matching, telling words, templates of batches, duties, and names."""

    layouts: Mapping[str, Layout]
    matching: _Matching
    templates: Mapping[str, Template]
    places: Mapping[str, str]
    """The names of divisions by their codes, as they stand on paper."""
    duties: _Duties

    def duties_of(self, county: str) -> Duties:
        """What a county lets one person do."""
        return self.duties.counties.get(county, self.duties.default)

    def rules_of(self, county: str) -> MatchRules:
        """A county's rules: its own, and else the default ones."""
        return self.matching.counties.get(county, self.matching.default)

    def bank_name(self, layout_id: str) -> str:
        """What a bank is called on paper; its id where no layout of it is shipped."""
        known = self.layouts.get(layout_id)
        return layout_id if known is None else known.title.partition(" ")[0]

    @property
    def kinds(self) -> Mapping[str, Sequence[str]]:
        """The words of each kind of line, the telling kind first."""
        return self.matching.kinds


def load_bank_data(folder: Path) -> BankData:
    """Read the files of ``policies/banks``, and the names beside it. Raises ``ValueError`` for what does not fit."""
    layouts = yaml.safe_load((folder / "statements.yaml").read_text(encoding="utf-8"))
    matching = yaml.safe_load((folder / "matching.yaml").read_text(encoding="utf-8"))
    batches = yaml.safe_load((folder / "batches.yaml").read_text(encoding="utf-8"))
    places = _NAMES.validate_python(yaml.safe_load((folder.parent / "divisions.yaml").read_text(encoding="utf-8")))
    duties = _Duties.model_validate(yaml.safe_load((folder / "duties.yaml").read_text(encoding="utf-8")))
    return BankData(layouts_of(layouts), _Matching.model_validate(matching), templates_of(batches), places, duties)


def bank_data_of(service: Mounted) -> BankData:
    """What a running ledger has read."""
    data = service.own
    assert isinstance(data, BankData)
    return data


def names_of(service: Mounted) -> Mapping[str, str]:
    """The names of places by their codes."""
    return bank_data_of(service).places
