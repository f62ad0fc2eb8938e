"""What operators answer callers with (话务员知识库): the policy in force as questions and answers, with its clauses.

How a rule is asked about and put into words is data (``policies/intake/questions.yaml``); its numbers, its clause and
its day come from the nearest division's newest set in force. What nobody lays down has no answer here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from events.policy import PolicyPublished
from events.rules import Rule

_UNITS = {"hour": "小时", "natural_day": "天", "working_day": "个工作日"}
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
class Answer:
    """One question answered: what holds, since when, by which set and clause."""

    code: str
    question: str
    answer: str
    clause: str
    division: str
    set_id: str
    title: str
    effective_from: date
    more: str

    def shares(self, pairs: frozenset[str]) -> float:
        """Which part of a search is found here."""
        return len(pairs & _pairs(f"{self.question} {self.answer} {self.more} {self.clause}")) / len(pairs)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The wording, and every set that was ever published."""

    book: _Book
    sets: tuple[PolicyPublished, ...]

    @classmethod
    def parse(cls, book: str, policies: Iterable[str]) -> Self:
        """From the YAML of the questions and of the policy files. Raises ``ValueError``."""
        documents = (document for text in policies for document in yaml.load_all(text, Loader=yaml.CSafeLoader))
        sets = [
            PolicyPublished.model_validate(document["policy"], strict=False)
            for document in documents
            if "policy" in document
        ]
        return cls(_Book.model_validate(yaml.safe_load(book)), tuple(sets))

    def answers(self, county: str, on: date, search: str = "") -> Sequence[Answer]:
        """What holds in a county on a day; with a search, what fits it, the best first."""
        found = [answer for code in self.book.questions if (answer := self._answer(code, county, on)) is not None]
        pairs = _pairs(search)
        if not pairs:
            return found
        fitting = [(answer.shares(pairs), answer) for answer in found]
        best = sorted((each for each in fitting if each[0] >= _ENOUGH), key=lambda each: -each[0])
        return [answer for _, answer in best]

    def _answer(self, code: str, county: str, on: date) -> Answer | None:
        in_force = next((each for each in self._of(county, on) if getattr(each, code) is not None), None)
        if in_force is None:
            return None
        rule: Rule = getattr(in_force, code)
        wording = self.book.questions[code]
        return Answer(
            code=code,
            question=wording.question,
            answer=wording.answer.format_map(self._said(rule)),
            clause=rule.clause,
            division=in_force.division,
            set_id=in_force.set_id,
            title=in_force.title,
            effective_from=in_force.effective_from,
            more=wording.more,
        )

    def _of(self, county: str, on: date) -> Sequence[PolicyPublished]:
        """The sets that may hold, the nearest division's first and of each its newest first."""
        levels = (county, f"{county[:4]}00", f"{county[:2]}0000", "000000")
        held = [each for each in self.sets if each.division in levels and each.effective_from <= on]
        newest = sorted(held, key=lambda each: each.effective_from, reverse=True)
        return sorted(newest, key=lambda each: levels.index(each.division))

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
