"""Until when a reporter is owed something: the reply, and a hotline order's return and completion.

The lengths are data (``policies/intake/terms.yaml``). A deadline that a sender set itself is kept as it came and never
computed anew; the policy's length counts only where none was sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from events.intake import Order, Term
from events.shanghai import day_of
from services.intake.office_days import OfficeDays

_SENT = "工单自带的期限,照原样保存"


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: str = Field(min_length=1, max_length=200)


class _Hours(_Rule):
    hours: int = Field(ge=1, le=24 * 31)


class _WorkingDays(_Rule):
    working_days: int = Field(ge=1, le=250)


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: _Hours | None = None
    order_return: _WorkingDays | None = None
    order_finish: _WorkingDays | None = None


_TABLE = TypeAdapter(dict[str, _Rules])


@dataclass(frozen=True, slots=True)
class Terms:
    """The lengths by division, and the days on which offices work."""

    rules: Mapping[str, _Rules]
    days: OfficeDays

    def of_report(
        self, division: str, reported_at: datetime, order: Order | None, sent: datetime | None
    ) -> tuple[Term, ...]:
        """What a report from this county is owed, and until when."""
        rules = self._of(division)
        found = [_hourly("reply", rules.reply, reported_at)]
        if order is not None:
            found.append(self._daily("order_return", rules.order_return, reported_at))
            found.append(
                Term(name="order_finish", started_at=reported_at, due_at=sent, basis=_SENT)
                if sent is not None
                else self._daily("order_finish", rules.order_finish, reported_at)
            )
        return tuple(term for term in found if term is not None)

    def _of(self, division: str) -> _Rules:
        """The rules that hold in a division: each from the nearest level that has it."""
        levels = (division[:6], division[:4].ljust(6, "0"), division[:2].ljust(6, "0"), "000000")
        tables = [self.rules[level] for level in levels if level in self.rules]
        return _Rules(
            **{
                name: next((rule for table in tables if (rule := getattr(table, name)) is not None), None)
                for name in _Rules.model_fields
            }
        )

    def _daily(self, name: str, rule: _WorkingDays | None, start: datetime) -> Term | None:
        if rule is None:
            return None
        return Term(name=name, started_at=start, due_at=self.days.after(start, rule.working_days), basis=rule.clause)


def _hourly(name: str, rule: _Hours | None, start: datetime) -> Term | None:
    if rule is None:
        return None
    return Term(name=name, started_at=start, due_at=start + timedelta(hours=rule.hours), basis=rule.clause)


def last_day(term: Term) -> date:
    """The last day on which something that is due at 24:00 may still be done."""
    return day_of(term.due_at - timedelta(microseconds=1))


def parse(text: str, days: OfficeDays) -> Terms:
    """The terms of a YAML table by division. Raises ``ValueError``."""
    return Terms(_TABLE.validate_python(yaml.safe_load(text)), days)
