"""Ledger as a running service."""

from collections.abc import Sequence
from typing import get_args

from fastapi import APIRouter, FastAPI
from prometheus_client.metrics_core import Metric

from events.shanghai import SHANGHAI
from events.topics import RELIEF
from services.chassis.catalogue import catalogue_routes
from services.chassis.metrics import Figures, labelled
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.openapi import Api
from services.chassis.settings import Settings
from services.ledger import batch, fund, http, layout_book, payee, statement, statement_commands
from services.ledger.bank import BANK_MODEL
from services.ledger.bank import SQL as BANK_SQL
from services.ledger.bank_data import load_bank_data
from services.ledger.escalating import escalation
from services.ledger.expiring import expiry
from services.ledger.fund_commands import Command as FundCommand
from services.ledger.journal import JOURNAL, SQL
from services.ledger.subscribers import REACTIONS

SCHEMA = ("services.chassis.migrations.service", "services.ledger.migrations")

_API = Api.of("services.ledger")
_router = APIRouter()
_router.include_router(http.router)
_router.include_router(catalogue_routes(_API.catalogue, "ledger.discover"))


def _figures(mounted: Mounted) -> Sequence[Figures]:
    async def read() -> Sequence[Metric]:
        async with mounted.projectors["journal"].reading() as books:
            year = mounted.clock.now().astimezone(SHANGHAI).year
            counties = await books.fetch(SQL["totals"], year)
        available = [(row["county"], row["available_fen"]) for row in counties]
        reserved = [(row["county"], row["reserved_fen"]) for row in counties]
        return [
            labelled("jiujinan_fund_available_fen", "What can still be promised", "county", available),
            labelled("jiujinan_fund_reserved_fen", "What is held for decisions", "county", reserved),
        ]

    async def differences() -> Sequence[Metric]:
        async with mounted.projectors["bank"].reading() as books:
            counties = await books.fetch(BANK_SQL["escalations"])
        warned = [(row["county"], row["warned"]) for row in counties]
        told = [(row["county"], row["at_county"]) for row in counties]
        return [
            labelled("jiujinan_exceptions_warned", "Differences of which their places were warned", "county", warned),
            labelled("jiujinan_exceptions_at_county", "Differences that went to the county", "county", told),
        ]

    return [read, differences]


BLUEPRINT = Blueprint(
    name="ledger",
    schema=SCHEMA,
    deciders={
        **dict.fromkeys(get_args(FundCommand), fund.DECIDER),
        **dict.fromkeys(get_args(statement_commands.Command), statement.DECIDER),
        batch.DrawBatch: batch.DECIDER,
        batch.ExportBatch: batch.DECIDER,
        batch.AnswerBatch: batch.DECIDER,
        payee.RegisterPayee: payee.DECIDER,
        layout_book.SaveLayout: layout_book.DECIDER,
    },
    follows=(RELIEF,),
    router=_router,
    api=_API,
    read_models=(JOURNAL, BANK_MODEL),
    own=lambda mounted: load_bank_data(mounted.settings.policies_dir / "banks"),
    large_bodies=("/opening-balances", "/statements", "/statement-previews", "/results"),
    reactions=lambda mounted: REACTIONS,
    tasks=lambda mounted: [expiry(mounted).run(), escalation(mounted).run()],
    figures=_figures,
)


def app(settings: Settings) -> FastAPI:
    """The service's HTTP application."""
    return create_app(settings, BLUEPRINT)
