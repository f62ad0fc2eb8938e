"""Intake as a running service."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import FastAPI
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

from events.topics import RELIEF
from services.chassis.following import Reaction
from services.chassis.metrics import Figures, gauge, labelled
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.settings import Settings
from services.intake import gazetteer, http, pace, terms
from services.intake.callbacks import Deliverer
from services.intake.caller import desk_of
from services.intake.channels.dialect import load_dialects
from services.intake.desk import Desk
from services.intake.destinations import Destinations
from services.intake.office_days import load_years
from services.intake.receiving import Reception
from services.intake.report import DECIDER
from services.intake.report_commands import (
    AbandonReply,
    CloseReport,
    FileAppeal,
    LearnCase,
    PrepareReply,
    ReceiveReport,
    RecordDelivery,
    RecordReturnVisit,
    ReturnReport,
    SupplementReport,
    UrgeReport,
    WithdrawReport,
)
from services.intake.reports import REPORTS, SQL
from services.intake.subscribers import Reactions

SCHEMA = ("services.chassis.migrations.service", "services.intake.migrations")

_COMMANDS = (
    ReceiveReport,
    SupplementReport,
    LearnCase,
    UrgeReport,
    RecordReturnVisit,
    WithdrawReport,
    FileAppeal,
    ReturnReport,
    PrepareReply,
    RecordDelivery,
    AbandonReply,
    CloseReport,
)


def desk(mounted: Mounted) -> Desk:
    """The desk of a mounted service."""
    policies = mounted.settings.policies_dir
    divisions = (policies / "divisions.yaml").read_text(encoding="utf-8")
    lengths = (policies / "intake" / "terms.yaml").read_text(encoding="utf-8")
    speed = (policies / "intake" / "pace.yaml").read_text(encoding="utf-8")
    return Desk(
        store=mounted.store,
        pool=mounted.pool,
        reports=mounted.projectors["reports"],
        gazetteer=gazetteer.parse(divisions),
        reception=Reception(mounted.sealer, mounted.pseudonyms),
        dialects=load_dialects(policies / "intake" / "hotlines"),
        terms=terms.parse(lengths, load_years(policies)),
        pace=pace.parse(speed, lambda: mounted.clock.now().timestamp()),
    )


def _reactions(mounted: Mounted) -> Mapping[str, tuple[str, Reaction]]:
    return Reactions(desk_of(mounted), mounted.access).table()


def deliverer(mounted: Mounted) -> Deliverer:
    """Who delivers a mounted service's replies."""
    return Deliverer(
        pool=mounted.pool,
        projector=mounted.projectors["reports"],
        writer=mounted.writer,
        access=mounted.access,
        clock=mounted.clock,
        destinations=Destinations(mounted.settings.callback_may_reach),
    )


def _figures(mounted: Mounted) -> Sequence[Figures]:
    async def read() -> Sequence[Metric]:
        async with mounted.projectors["reports"].reading() as connection:
            counts = await connection.fetch(SQL["counts"])
            incomplete = await connection.fetch(SQL["incomplete"])
            undelivered = await connection.fetchrow(SQL["undelivered"])
        reports = CounterMetricFamily("jiujinan_reports", "Reports by outcome", labels=["channel", "outcome"])
        for row in counts:
            reports.add_metric([row["channel"], row["outcome"]], row["reports"])
        assert undelivered is not None
        waiting = [(row["channel"], row["reports"]) for row in incomplete]
        oldest: datetime | None = undelivered["oldest"]
        return [
            reports,
            labelled("jiujinan_reports_incomplete", "Reports without a place", "channel", waiting),
            gauge("jiujinan_callbacks_undelivered", "Replies still owed", undelivered["replies"]),
            gauge(
                "jiujinan_callbacks_oldest_timestamp_seconds",
                "When the oldest owed reply was prepared",
                None if oldest is None else oldest.timestamp(),
            ),
        ]

    return [read]


BLUEPRINT = Blueprint(
    name="intake",
    schema=SCHEMA,
    deciders=dict.fromkeys(_COMMANDS, DECIDER),
    follows=(RELIEF,),
    router=http.router,
    read_models=(REPORTS,),
    own=desk,
    reactions=_reactions,
    tasks=lambda mounted: [deliverer(mounted).run()],
    figures=_figures,
    lives_without_kafka=True,
)


def app(settings: Settings) -> FastAPI:
    """The service's HTTP application."""
    return create_app(settings, BLUEPRINT)
