"""The policy in force (政策): published sets, resolved per county and date, each rule with the set it came from."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import takewhile
from typing import TypeVar

from events.policy import PolicyConfirmed, PolicyFact, PolicyPublished, Rules, StandardPublished
from events.rules import Residence, Rule
from services.chassis.decider import Refused

NATION = "000000"
"""The division code of what holds for the whole country."""

RULES: Mapping[str, str] = {name: found.title or name for name, found in Rules.model_fields.items()}
"""Every rule by the name of its field, with what it is called."""

Found = TypeVar("Found", bound=Rule)


class NoPolicy(Refused):
    """No level from the nation down to the county has published this rule."""

    def __init__(self, rule: str) -> None:
        super().__init__("no_policy", f"本县(市、区)尚无适用的政策规定:{RULES[rule]}。")
        self.rule = rule


class NoStandard(Refused):
    """A rule is a multiple of a low-income standard that no level has published."""

    def __init__(self) -> None:
        super().__init__("no_standard", "本县(市、区)尚未公布适用的最低生活保障标准。")


@dataclass(frozen=True, slots=True)
class Source:
    """A set, the division that it is of, and from when on it holds."""

    set_id: str
    division: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule in force comes from, and what of higher levels it takes the place of (outermost first).

    ``bounded_by`` is the set above whose floor or ceiling stands in place of the number. ``unconfirmed`` marks a rule
    that is older than one above it, as long as no person has confirmed that it stands.
    """

    source: Source
    overrides: tuple[Source, ...] = ()
    bounded_by: Source | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a county on a day. A rule is ``None`` where no level has one; ``required`` insists on it."""

    county: str
    rules: Rules = field(default_factory=Rules)
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    standards: Mapping[Residence, StandardPublished] = field(default_factory=dict[Residence, StandardPublished])
    _hashes: list[str] = field(init=False, default_factory=list[str], compare=False, repr=False)
    """The hash, once it was asked for: many decisions stand on one policy."""

    @property
    def unconfirmed(self) -> bool:
        """Whether any of its rules waits for a person's word."""
        return any(origin.unconfirmed for origin in self.origins.values())

    @property
    def policy_hash(self) -> str:
        """SHA-256 over the canonical JSON of the rules and their sources; it names what a decision stood on."""
        if not self._hashes:
            self._hashes.append(self._hashed())
        return self._hashes[0]

    def _hashed(self) -> str:
        rules = self.rules.model_dump(mode="json", exclude_none=True)
        document: dict[str, object] = {
            name: {"set_id": origin.source.set_id, "division": origin.source.division, "rule": rules[name]}
            for name, origin in self.origins.items()
        }
        if self.standards:
            document["standards"] = {name: one.model_dump(mode="json") for name, one in self.standards.items()}
        canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()

    def standard_fen(self, residence: Residence) -> int:
        """The low-income standard in fen a month and person. Raises ``NoStandard``."""
        found = self.standards.get(residence)
        if found is None:
            raise NoStandard
        return found.monthly_fen


def required(rule: Found | None, name: str) -> Found:
    """The rule. Raises ``NoPolicy`` naming the one that is missing."""
    if rule is None:
        raise NoPolicy(name)
    return rule


def levels(county: str) -> tuple[str, ...]:
    """The divisions whose rules bind a county, outermost first: nation, province, city, county."""
    return tuple(dict.fromkeys((NATION, f"{county[:2]}0000", f"{county[:4]}00", county)))


def resolve(published: Iterable[PolicyFact], county: str, on: date) -> Policy:
    """What holds in ``county`` on the day ``on``, from what was published, in that order.

    Of each level the latest set effective by then counts, and a rule of a lower level stands before the same rule of
    a higher one, inside what the higher ones laid down as floor or ceiling. Of two sets effective from the same day,
    the one published later counts.
    """
    book = list(published)
    sets = _sets_of_each_level(book, levels(county), on)
    confirmed = {(one.set_id, one.newer_set_id) for one in book if isinstance(one, PolicyConfirmed)}
    found = {name: _in_force(sets, name, confirmed) for name in RULES}
    return Policy(
        county=county,
        rules=Rules.model_validate({name: rule for name, (rule, _) in found.items()}),
        origins={name: origin for name, (_, origin) in found.items() if origin is not None},
        standards=_standards(book, levels(county), on),
    )


def in_force(published: Iterable[PolicyFact], county: str, on: date, name: str) -> Rule | None:
    """One rule of what holds in ``county`` on a day, for whoever needs no other."""
    return _in_force(_sets_of_each_level(published, levels(county), on), name, set())[0]


def supposing(sets: Iterable[PolicyPublished], since: date) -> Iterator[PolicyPublished]:
    """The sets of a file as if they had held in the past: of each division the first one from ``since`` on."""
    seen: set[str] = set()
    for one in sorted(sets, key=lambda found: found.effective_from):
        first = one.division not in seen
        seen.add(one.division)
        yield one.model_copy(update={"effective_from": min(one.effective_from, since)}) if first else one


def _sets_of_each_level(
    published: Iterable[PolicyFact], divisions: Sequence[str], on: date
) -> Sequence[Sequence[PolicyPublished]]:
    """The sets of each level that has any, the one in force last."""
    effective = [one for one in published if isinstance(one, PolicyPublished) and one.effective_from <= on]
    effective.sort(key=lambda one: one.effective_from)
    found = ([one for one in effective if one.division == division] for division in divisions)
    return [level for level in found if level]


def _in_force(
    sets: Sequence[Sequence[PolicyPublished]], name: str, confirmed: set[tuple[str, str]]
) -> tuple[Rule | None, Origin | None]:
    having = [(level, rule) for level in sets if (rule := _rule(level[-1], name)) is not None]
    if not having:
        return None, None
    (own, rule), above = having[-1], having[:-1]
    bound_by = next((level[-1] for level, bound in above if rule.inside(bound) != rule), None)
    for _, bound in above:
        rule = rule.inside(bound)
    since = _since(own, name)
    newer = [level[-1].set_id for level, _ in above if _since(level, name) > since]
    return rule, Origin(
        source=_source(own[-1]),
        overrides=tuple(_source(level[-1]) for level, _ in above),
        bounded_by=None if bound_by is None else _source(bound_by),
        unconfirmed=any((own[-1].set_id, set_id) not in confirmed for set_id in newer),
    )


def _since(level: Sequence[PolicyPublished], name: str) -> date:
    """Since when a level has said what it says now: a new set that repeats a rule makes it no newer."""
    said = takewhile(lambda one: _rule(one, name) == _rule(level[-1], name), reversed(level))
    return min(one.effective_from for one in said)


def _rule(found: PolicyPublished, name: str) -> Rule | None:
    return getattr(found, name)


def _standards(
    published: Iterable[PolicyFact], divisions: Sequence[str], on: date
) -> Mapping[Residence, StandardPublished]:
    order = {division: rank for rank, division in enumerate(divisions)}
    nearest: dict[Residence, StandardPublished] = {}
    for found in published:
        if not isinstance(found, StandardPublished) or found.division not in order or found.effective_from > on:
            continue
        known = nearest.get(found.residence)
        if known is None or _rank(known, order) <= _rank(found, order):
            nearest[found.residence] = found
    return nearest


def _rank(found: StandardPublished, order: Mapping[str, int]) -> tuple[int, date]:
    return order[found.division], found.effective_from


def _source(found: PolicyPublished) -> Source:
    return Source(found.set_id, found.division, found.effective_from)
