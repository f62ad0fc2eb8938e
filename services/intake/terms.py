"""Until when a reporter is owed something: the reply, and a hotline order's return and completion.

The lengths are those of the published policy in force. Where it says nothing of a reply, the desk's own default holds
(``policies/intake/terms.yaml``). A deadline that a sender set itself is kept as it came and never computed anew; the
policy's length counts only where none was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from events.intake import Order, Term
from events.intake_desk import PolicyHeard
from events.rules import Rule, TimeLimit
from events.shanghai import day_of
from services.intake.in_force import bounded, having, in_force, levels
from services.intake.office_days import OfficeDays

_SENT = "工单自带的期限,照原样保存"
_REMEMBERED = 4_096
"""Counties on days whose rules are kept at hand."""

_Ruled = Literal["reply", "hotline_return", "hotline_finish"]
_RULED: Sequence[_Ruled] = ("reply", "hotline_return", "hotline_finish")
"""The deadlines of the desk, as policy sets call them."""


class _Hours(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: int = Field(ge=1, le=24 * 31)
    clause: str = Field(min_length=1, max_length=200)


class _Defaults(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: _Hours


_TABLE = TypeAdapter(dict[str, _Defaults])
_Limits = Mapping[_Ruled, TimeLimit]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is published, the desk's defaults by division, and the days on which offices work."""

    sets: Sequence[PolicyHeard]
    defaults: Mapping[str, _Defaults]
    days: OfficeDays
    _known: dict[tuple[str, date], _Limits] = field(default_factory=dict[tuple[str, date], _Limits])

    def of_report(
        self, division: str, reported_at: datetime, order: Order | None, sent: datetime | None
    ) -> tuple[Term, ...]:
        """What a report from this county is owed, and until when."""
        limits = self._in_force(division, day_of(reported_at))
        found = [self._term("reply", limits.get("reply"), reported_at)]
        if order is not None:
            found.append(self._term("order_return", limits.get("hotline_return"), reported_at))
            found.append(
                Term(name="order_finish", started_at=reported_at, due_at=sent, basis=_SENT)
                if sent is not None
                else self._term("order_finish", limits.get("hotline_finish"), reported_at)
            )
        return tuple(term for term in found if term is not None)

    def _in_force(self, division: str, on: date) -> _Limits:
        known = self._known.get((division, on))
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[division, on] = self._resolved(division, on)
        return known

    def _resolved(self, division: str, on: date) -> _Limits:
        held = in_force(self.sets, division, on)
        rules: Mapping[_Ruled, Sequence[Rule]] = {code: [rule for _, rule in having(held, code)] for code in _RULED}
        found: _Limits = {code: cast(TimeLimit, bounded(each)) for code, each in rules.items() if each}
        return {**self._default(division), **found}

    def _default(self, division: str) -> _Limits:
        """The desk's own reply: from the nearest level that has one."""
        near = next((self.defaults[level] for level in reversed(levels(division)) if level in self.defaults), None)
        if near is None:
            return {}
        return {"reply": TimeLimit(length=near.reply.hours, unit="hour", clause=near.reply.clause)}

    def _term(self, name: str, limit: TimeLimit | None, start: datetime) -> Term | None:
        if limit is None:
            return None
        return Term(name=name, started_at=start, due_at=self._due_at(limit, start), basis=limit.clause)

    def _due_at(self, limit: TimeLimit, start: datetime) -> datetime:
        match limit.unit:
            case "hour":
                return start + timedelta(hours=limit.length)
            case "natural_day":
                return self.days.after_natural(start, limit.length, rolls=limit.rolls)
            case "working_day":
                return self.days.after(start, limit.length)


def last_day(term: Term) -> date:
    """The last day on which something that is due at 24:00 may still be done."""
    return day_of(term.due_at - timedelta(microseconds=1))


def parse(text: str, sets: Sequence[PolicyHeard], days: OfficeDays) -> Terms:
    """The terms by what is published, with the defaults of a YAML table by division. Raises ``ValueError``."""
    return Terms(sets, _TABLE.validate_python(yaml.safe_load(text)), days)
