"""Which published rules (政策) bind a county on a day: each from the nearest level, inside the bounds above it."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from events.intake_desk import PolicyHeard
from events.rules import Rule


def levels(county: str) -> tuple[str, ...]:
    """The divisions whose rules bind a county, outermost first: nation, province, city, county."""
    return tuple(dict.fromkeys(("000000", f"{county[:2]}0000", f"{county[:4]}00", county)))


def in_force(sets: Iterable[PolicyHeard], county: str, on: date) -> Sequence[PolicyHeard]:
    """Of each level the set in force, outermost first. Of two from the same day, the one published later counts."""
    held = sorted((each for each in sets if each.effective_from <= on), key=lambda each: each.effective_from)
    newest = {each.division: each for each in held}
    return [newest[division] for division in levels(county) if division in newest]


def having(held: Sequence[PolicyHeard], code: str) -> Sequence[tuple[PolicyHeard, Rule]]:
    """Of the sets in force those that have a rule, and it."""
    return [(each, rule) for each in held if (rule := _rule(each, code)) is not None]


def bounded(rules: Sequence[Rule]) -> Rule:
    """The nearest level's rule, inside the bounds of every level above it."""
    *above, rule = rules
    for bound in above:
        rule = rule.inside(bound)
    return rule


def read_sets(folder: Path) -> Sequence[PolicyHeard]:
    """The sets in the folder of policies, the same files that relief publishes. Raises ``ValueError``."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml")))
    documents: list[Any] = [document for text in texts for document in yaml.load_all(text, Loader=yaml.CSafeLoader)]
    return [PolicyHeard.model_validate(document["policy"]) for document in documents if "policy" in document]


def _rule(held: PolicyHeard, code: str) -> Rule | None:
    return getattr(held, code)
