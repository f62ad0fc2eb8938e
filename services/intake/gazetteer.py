"""Where a place is: a division by its code, or by the names that stand in an address. Unsure means unknown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from services.chassis.pseudonyms import normal_address

_Code = Annotated[str, Field(pattern=r"^\d{6}(\d{3})?$")]
_Name = Annotated[str, Field(min_length=2, max_length=40)]
_DIVISIONS = TypeAdapter(dict[_Code, _Name])

_LAST_SIGNS = "省市区县州盟旗"
"""How the names of provinces, cities and counties end."""

_PROVINCE, _CITY, _COUNTY, _TOWNSHIP = 2, 4, 6, 9
"""The significant digits of the levels' codes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the need arose, as far as it is known: a township's county is its first six digits."""

    county: str | None = None
    township: str | None = None


NOWHERE = Place()


class Gazetteer:
    """The divisions (行政区划) that a deployment knows, by code and by full name. Raises ``ValueError`` for bad ones.

    It may hold less than the country, so a name alone proves little: a township counts only inside a county or city
    that is named with it or that the reporter belongs to, and a name that follows on an unknown superior not at all.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = _DIVISIONS.validate_python(names)
        self._codes: dict[str, tuple[str, ...]] = {}
        for code, name in self._names.items():
            self._codes[name] = (*self._codes.get(name, ()), code)
        self._lengths = sorted({len(name) for name in self._codes}, reverse=True)

    def by_code(self, code: str) -> Place:
        """The place of a code of 6, 9 or 12 digits (county, township, village). What is not listed is unknown."""
        county, township = code[:6], code[:9]
        if county not in self._names:
            return NOWHERE
        return Place(county, township if len(township) == 9 and township in self._names else None)

    def by_text(self, text: str, near: str = "") -> Place:
        """The place that an address names; more than one is none.

        ``near`` is the county or city (six digits) that the reporter belongs to, which people leave out.
        """
        named = _Named(tuple(self._mentioned(normal_address(text))))
        return named.place([near] if len(_significant(near)) >= _CITY else [])

    def locate(self, code: str | None, text: str | None, near: str = "") -> Place:
        """The place given by code, or else by its address; an address in another county than the code's is ignored."""
        coded = self.by_code(code or "")
        if coded.township is not None:
            return coded
        named = self.by_text(text or "", coded.county or near)
        return named if coded.county in (None, named.county) else coded

    def _mentioned(self, text: str) -> Iterator[tuple[str, ...]]:
        """The codes of each name in a text, the longest at each point; names behind an unknown superior left out."""
        start = end_of_last = 0
        while start < len(text):
            name = next((text[start : start + n] for n in self._lengths if text[start : start + n] in self._codes), "")
            if name and (start == end_of_last or text[start - 1] not in _LAST_SIGNS):
                yield self._codes[name]
                end_of_last = start + len(name)
            start += len(name) or 1


def parse(text: str) -> Gazetteer:
    """A gazetteer from YAML: a mapping of codes to full names. Raises ``ValueError`` or ``yaml.YAMLError``."""
    return Gazetteer(yaml.safe_load(text))


@dataclass(frozen=True, slots=True)
class _Named:
    """The names in an address, each as the codes of all divisions that bear it."""

    names: tuple[tuple[str, ...], ...]

    def place(self, near: Sequence[str]) -> Place:
        counties = {code for name in self._at(_COUNTY) for code in self._told_apart(name, near)}
        around = counties or self._codes_at(_CITY) or near
        townships = _within(around, self._codes_at(_TOWNSHIP))
        if len(townships) == 1:
            return Place(townships[0][:6], townships[0])
        return Place(min(counties)) if len(counties) == 1 else NOWHERE

    def _told_apart(self, namesakes: Sequence[str], near: Sequence[str]) -> Sequence[str]:
        """Those of the counties of one name that lie in a city named with it, or else in a province, or else near."""
        superiors = (self._codes_at(_CITY), self._codes_at(_PROVINCE), near)
        return next(filter(None, (_within(divisions, namesakes) for divisions in superiors)), namesakes)

    def _at(self, digits: int) -> Iterator[tuple[str, ...]]:
        return (name for name in self.names if len(_significant(name[0])) == digits)

    def _codes_at(self, digits: int) -> set[str]:
        return {code for name in self._at(digits) for code in name}


def _within(divisions: Iterable[str], codes: Iterable[str]) -> list[str]:
    """Those of the codes that lie in one of the divisions."""
    return [code for code in codes if code.startswith(tuple(map(_significant, divisions)))]


def _significant(code: str) -> str:
    """A code without the pairs of zeros at its end: the first digits of all divisions inside."""
    return code if len(code) == _TOWNSHIP else code.removesuffix("00").removesuffix("00")
