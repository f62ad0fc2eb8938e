"""What operators answer callers with (话务员知识库): the policy in force as questions and answers, with its clauses.

How a rule is asked about and put into words is data (``policies/intake/questions.yaml``); its numbers, its clause and
its day come from the nearest division's newest set in force, inside the floors and ceilings of those above it. What
nobody lays down has no answer here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from events.intake_desk import PolicyHeard
from events.rules import Rule
from services.intake.in_force import bounded, having, in_force

_UNITS = {"hour": "小时", "natural_day": "天", "working_day": "个工作日", "month": "个月", "percent": "%"}
_FEN_A_YUAN = 100
_ENOUGH = 0.5
"""The share of a search's pairs of characters that an answer must hold."""


class _Wording(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(min_length=4, max_length=60)
    answer: str = Field(min_length=4, max_length=120)
    more: str = Field(max_length=60)


class _Book(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Mapping[str, str]
    questions: Mapping[str, _Wording]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a level above lays down as a floor (下限) or a ceiling (上限): the number in words, its clause, its set."""

    kind: Literal["floor", "ceiling"]
    said: str
    clause: str
    division: str
    set_id: str
    binds: bool
    """Whether it stands in place of the nearer number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered: what holds, since when, by which set and clause, and inside which bounds."""

    code: str
    question: str
    answer: str
    clause: str
    division: str
    set_id: str
    title: str
    effective_from: date
    more: str
    bounds: tuple[Bound, ...]

    def shares(self, pairs: frozenset[str]) -> float:
        """Which part of a search is found here."""
        return len(pairs & _pairs(f"{self.question} {self.answer} {self.more} {self.clause}")) / len(pairs)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How rules are asked about and put into words."""

    book: _Book

    @classmethod
    def parse(cls, book: str) -> Self:
        """From the YAML of the questions. Raises ``ValueError``."""
        return cls(_Book.model_validate(yaml.safe_load(book)))

    def answers(self, sets: Iterable[PolicyHeard], county: str, on: date, search: str = "") -> Sequence[Answer]:
        """What holds in a county on a day, by the sets that were heard; with a search, what fits it, the best first."""
        held = in_force(sets, county, on)
        found = [answer for code in self.book.questions if (answer := self._answer(code, held)) is not None]
        pairs = _pairs(search)
        if not pairs:
            return found
        fitting = [(answer.shares(pairs), answer) for answer in found]
        best = sorted((each for each in fitting if each[0] >= _ENOUGH), key=lambda each: -each[0])
        return [answer for _, answer in best]

    def _answer(self, code: str, held: Sequence[PolicyHeard]) -> Answer | None:
        """The nearest level's rule counts, inside the bounds of every level above it."""
        rules = having(held, code)
        if not rules:
            return None
        (nearest, own), above = rules[-1], rules[:-1]
        rule = bounded([each for _, each in rules])
        wording = self.book.questions[code]
        return Answer(
            code=code,
            question=wording.question,
            answer=wording.answer.format_map(self._said(rule)),
            clause=own.clause,
            division=nearest.division,
            set_id=nearest.set_id,
            title=nearest.title,
            effective_from=nearest.effective_from,
            more=wording.more,
            bounds=tuple(self._bound(each, bound, own) for each, bound in above if bound.binds != "value"),
        )

    def _bound(self, by: PolicyHeard, bound: Rule, own: Rule) -> Bound:
        assert bound.binds != "value"
        return Bound(
            kind=bound.binds,
            said=_number(bound),
            clause=bound.clause,
            division=by.division,
            set_id=by.set_id,
            binds=own.inside(bound) != own,
        )

    def _said(self, rule: Rule) -> Mapping[str, str]:
        """A rule's numbers and codes in words."""
        told = rule.model_dump()
        said = {name: self._word(value) for name, value in told.items()}
        said["per"] = self._word(told.get("per") or told.get("subject"))
        said["limit"] = _limit(told)
        if "length" in told:
            said["length"] = f"{told['length']}{_UNITS[told['unit']]}"
        return said

    def _word(self, value: Any) -> str:
        if isinstance(value, tuple):
            return "、".join(map(self._word, cast("tuple[Any, ...]", value)))
        return self.book.words.get(str(value), str(value))


def _number(rule: Rule) -> str:
    """What levels compare, in words."""
    measured = rule.measure()
    assert measured is not None, "a floor or a ceiling has a number: nothing else is published"
    return f"{measured.number}{_UNITS[measured.unit]}" if measured.unit in _UNITS else _limit(rule.model_dump())


def _limit(rule: Mapping[str, Any]) -> str:
    if rule.get("unlimited"):
        return "不设上限"
    inclusive = {True: "(含)", False: "(不含)", None: ""}[rule.get("inclusive")]
    if rule.get("limit_fen") is not None:
        yuan, fen = divmod(rule["limit_fen"], _FEN_A_YUAN)
        return f"{yuan}.{fen:02}元{inclusive}" if fen else f"{yuan}元{inclusive}"
    return f"月低保标准的{rule.get('percent_of_standard')}%{inclusive}"


def _pairs(text: str) -> frozenset[str]:
    """A text's pairs of neighbouring characters, within its words: Chinese has no spaces between them."""
    words = re.findall(r"\w+", text.lower())
    return frozenset(word[at : at + 2] for word in words for at in range(max(1, len(word) - 1)))
