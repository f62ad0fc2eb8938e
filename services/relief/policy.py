"""The policy in force (政策): published sets, resolved per county and date, each rule with the set it came from."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Generic, Literal, TypeVar

from events.policy import AdvanceRule, MakeUpRule, PolicyPublished, TownshipLimit
from services.chassis.decider import Refused

NATION = "000000"
"""The division code of what holds for the whole country."""

Rule = TypeVar("Rule", AdvanceRule, TownshipLimit, MakeUpRule)

RuleName = Literal["advance", "township_limit", "make_up"]

_NAMED: dict[RuleName, str] = {"advance": "先行救助时限", "township_limit": "乡镇审批额度", "make_up": "补齐手续期限"}


class NoPolicy(Refused):
    """No level from the nation down to the county has published this rule."""

    def __init__(self, rule: RuleName) -> None:
        super().__init__("no_policy", f"本县(市、区)尚无适用的政策规定:{_NAMED[rule]}。")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class InForce(Generic[Rule]):
    """A rule, and the set and division that it came from."""

    rule: Rule
    set_id: str
    division: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a county on a day. A rule is ``None`` where no level has one; ``required`` insists on it."""

    county: str
    advance: InForce[AdvanceRule] | None
    township_limit: InForce[TownshipLimit] | None
    make_up: InForce[MakeUpRule] | None

    @property
    def policy_hash(self) -> str:
        """SHA-256 over the canonical JSON of the rules and their sources; it names what a decision stood on."""
        rules = {"advance": self.advance, "township_limit": self.township_limit, "make_up": self.make_up}
        document = {
            name: {"set_id": found.set_id, "division": found.division, "rule": found.rule.model_dump(mode="json")}
            for name, found in rules.items()
            if found is not None
        }
        canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()


def required(found: InForce[Rule] | None, name: RuleName) -> Rule:
    """The rule. Raises ``NoPolicy`` naming the one that is missing."""
    if found is None:
        raise NoPolicy(name)
    return found.rule


def levels(county: str) -> tuple[str, ...]:
    """The divisions whose rules bind a county, outermost first: nation, province, city, county."""
    return tuple(dict.fromkeys((NATION, f"{county[:2]}0000", f"{county[:4]}00", county)))


def resolve(published: Iterable[PolicyPublished], county: str, on: date) -> Policy:
    """What holds in ``county`` on the day ``on``, from sets in the order of their publication.

    Of each level the latest set effective by then counts, and a rule of a lower level stands before the same rule of
    a higher one. Of two sets effective from the same day, the one published later counts.
    """
    sets = _latest_of_each_level(published, levels(county), on)
    return Policy(
        county=county,
        advance=_nearest(sets, lambda found: found.advance),
        township_limit=_nearest(sets, lambda found: found.township_limit),
        make_up=_nearest(sets, lambda found: found.make_up),
    )


def _latest_of_each_level(
    published: Iterable[PolicyPublished], divisions: Sequence[str], on: date
) -> list[PolicyPublished]:
    latest: dict[str, PolicyPublished] = {}
    for found in published:
        earlier = latest.get(found.division)
        if found.effective_from <= on and (earlier is None or earlier.effective_from <= found.effective_from):
            latest[found.division] = found
    return [latest[division] for division in divisions if division in latest]


def _nearest(
    sets: Sequence[PolicyPublished], rule_of: Callable[[PolicyPublished], Rule | None]
) -> InForce[Rule] | None:
    for found in reversed(sets):
        rule = rule_of(found)
        if rule is not None:
            return InForce(rule, found.set_id, found.division)
    return None
