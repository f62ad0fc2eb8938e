"""Ledger as a running service."""

from collections.abc import Sequence

from fastapi import FastAPI
from prometheus_client.metrics_core import Metric

from events.topics import RELIEF
from services.chassis.metrics import Figures, labelled
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.settings import Settings
from services.ledger import fund, http, payee
from services.ledger.expiring import keep_expiring
from services.ledger.fund_commands import COMMANDS
from services.ledger.hold import COMMANDS as HOLD_COMMANDS
from services.ledger.journal import JOURNAL, SQL
from services.ledger.subscribers import REACTIONS

SCHEMA = ("services.chassis.migrations.service", "services.ledger.migrations")


def _figures(mounted: Mounted) -> Sequence[Figures]:
    async def read() -> Sequence[Metric]:
        async with mounted.projectors["journal"].reading() as books:
            counties = await books.fetch(SQL["totals"])
            updated = await books.fetchval(SQL["updated"])
        available = [(row["county"], row["available_fen"]) for row in counties]
        reserved = [(row["county"], row["reserved_fen"]) for row in counties]
        view = [("journal", updated)]
        return [
            labelled("jiujinan_fund_available_fen", "What can still be promised", "county", available),
            labelled("jiujinan_fund_reserved_fen", "What is held for decisions", "county", reserved),
            labelled("jiujinan_view_updated_timestamp_seconds", "Until when a view tells everything", "view", view),
        ]

    return [read]


BLUEPRINT = Blueprint(
    name="ledger",
    schema=SCHEMA,
    deciders={**dict.fromkeys((*COMMANDS, *HOLD_COMMANDS), fund.DECIDER), payee.RegisterPayee: payee.DECIDER},
    follows=(RELIEF,),
    router=http.router,
    read_models=(JOURNAL,),
    reactions=lambda mounted: REACTIONS,
    tasks=lambda mounted: [keep_expiring(mounted)],
    figures=_figures,
)


def app(settings: Settings) -> FastAPI:
    """The service's HTTP application."""
    return create_app(settings, BLUEPRINT)
