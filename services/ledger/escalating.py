"""Differences that nobody has settled in time go to somebody above (逾期升级). The account judges: this only asks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from events.bank import Level
from events.fact import Actor
from events.shanghai import day_of
from services.chassis.mount import Mounted
from services.chassis.unit import Directed, Unit
from services.ledger.bank import SQL
from services.ledger.bank_data import BankData, bank_data_of
from services.ledger.difference import level_on
from services.ledger.ids import account_stream
from services.ledger.looking import Looking
from services.ledger.statement_commands import EscalateException

_NAMESPACE = UUID("7b0a3f52-1d0b-5b7e-8a41-2f7a9a4be2c6")
_RULE = Actor(id="ledger", role="system", scope="", rule="exception_overdue")


class Ageing(NamedTuple):
    """An exception that nobody has settled, and that the county does not know of."""

    division: str
    account_id: str
    exception_id: str
    since: date
    escalated: Level | None
    clears_by: date | None


def escalation(service: Mounted) -> Looking:
    """The one of a service at work."""
    data = bank_data_of(service)

    async def due(now: datetime) -> Sequence[Unit]:
        async with service.projectors["bank"].reading() as books:
            ageing = [Ageing(*row) for row in await books.fetch(SQL["ageing"])]
        return [_asking(one, now, data) for one in ageing if _is_due(one, now, data)]

    return Looking("escalation", due, service.writer, service.clock)


def _is_due(one: Ageing, now: datetime, data: BankData) -> bool:
    level = level_on(day_of(now), one.since, one.clears_by, data.rules_of(one.division).escalation)
    return level not in (None, one.escalated)


def _asking(one: Ageing, now: datetime, data: BankData) -> Unit:
    command = EscalateException(one.exception_id, data.rules_of(one.division).escalation)
    return Unit(
        division=one.division,
        parts=(Directed(account_stream(one.account_id), command),),
        command_id=uuid5(_NAMESPACE, f"{one.account_id}|{one.exception_id}|{now.isoformat()}"),
        actor=_RULE,
        occurred_at=now,
    )
