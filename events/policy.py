"""Policy as dated data: what a jurisdiction decided, published as a fact, each value with its clause."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Value
from events.words import Code, PositiveFen

Clause = str
"""A document, its number and the clause, as one would cite it."""


class AdvanceRule(Value):
    """Help first (先行救助): inside how many natural hours, must it (应当) or may it (可), and from which moment."""

    hours: int = Field(ge=1, le=24 * 31)
    modal: Literal["must", "may"]
    start: Literal["reported", "accepted"]
    clause: Clause = Field(max_length=200)


class TownshipLimit(Value):
    """What a township may decide by itself (乡镇审批额度), goods at cost included, over the case or per decision."""

    limit_fen: PositiveFen
    inclusive: bool
    scope: Literal["decision", "case"]
    clause: Clause = Field(max_length=200)


class MakeUpRule(Value):
    """The paperwork that follows (补齐手续): which papers, inside how many days after the household was relieved."""

    days: int = Field(ge=1, le=366)
    unit: Literal["working_day", "natural_day"]
    papers: tuple[Code, ...] = Field(min_length=1)
    clause: Clause = Field(max_length=200)


class PolicyPublished(Fact, name="policy.set_published"):
    """A jurisdiction's set comes into force. What it leaves out, it inherits from the level above."""

    set_id: Code
    division: str = Field(pattern=r"^[0-9]{6}$")
    title: str = Field(max_length=120)
    effective_from: date
    advance: AdvanceRule | None = None
    township_limit: TownshipLimit | None = None
    make_up: MakeUpRule | None = None


class CalendarPublished(Fact, name="policy.calendar_published"):
    """The State Council's arrangement of one year's holidays (放假安排): days off, and weekend days worked instead."""

    division: str = Field(pattern=r"^[0-9]{6}$")
    year: int = Field(ge=2000, le=2100)
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]
    document: str = Field(max_length=120)


PolicyFact = PolicyPublished | CalendarPublished
