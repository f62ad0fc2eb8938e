"""Intake as a running service."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

from fastapi import FastAPI
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

from events.topics import RELIEF
from services.chassis.deciding import Deciders
from services.chassis.following import Reaction
from services.chassis.metrics import Figures, gauge, labelled
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.settings import Settings
from services.intake import (
    divisions,
    gazetteer,
    http,
    in_force,
    informants,
    pace,
    policies,
    receivers,
    roster,
    subscriptions,
    tables,
    terms,
    visits,
)
from services.intake.callbacks import Deliverer
from services.intake.channels.dialect import load_dialects
from services.intake.desk import Desk
from services.intake.destinations import Destinations
from services.intake.evidence import open_evidence
from services.intake.knowledge import Knowledge
from services.intake.office_days import load_years
from services.intake.receiving import Reception
from services.intake.report import DECIDER
from services.intake.report_commands import ReportCommand
from services.intake.reports import REPORTS, SQL
from services.intake.routes import attachments, catalogue
from services.intake.routes.caller import desk_of
from services.intake.searching import Search
from services.intake.subscribers import Reactions
from services.intake.telling import Teller
from services.intake.transferring import Carrier

SCHEMA = ("services.chassis.migrations.service", "services.intake.migrations")

_DECIDERS: Deciders = {
    **dict.fromkeys(get_args(ReportCommand), DECIDER),
    **dict.fromkeys((roster.AssignShift, roster.CancelShift), roster.DECIDER),
    **dict.fromkeys((informants.RegisterInformant, informants.StrikeInformant), informants.DECIDER),
    **dict.fromkeys((receivers.DisableCallback, receivers.EnableCallback), receivers.DECIDER),
    visits.LeaveOut: visits.DECIDER,
    policies.HearPolicy: policies.DECIDER,
}


def desk(mounted: Mounted) -> Desk:
    """The desk of a mounted service."""
    folder = mounted.settings.policies_dir
    townships = (folder / "divisions.yaml").read_text(encoding="utf-8")

    def text(name: str) -> str:
        return (folder / "intake" / f"{name}.yaml").read_text(encoding="utf-8")

    return Desk(
        store=mounted.store,
        pool=mounted.pool,
        reports=mounted.projectors["reports"],
        search=Search(mounted.projectors["reports"]),
        gazetteer=gazetteer.parse(townships),
        reception=Reception(mounted.sealer, mounted.pseudonyms),
        terms=terms.parse(text("terms"), in_force.read_sets(folder), load_years(folder)),
        pace=pace.parse(text("pace"), lambda: mounted.clock.now().timestamp()),
        divisions=divisions.parse(text("counties")),
        knowledge=Knowledge.parse(text("questions")),
        sheets=tables.parse_sheets(text("lists")),
        evidence=open_evidence(mounted.settings.evidence_url, mounted.clock.now),
        now=mounted.clock.now,
        teller=Teller(
            access=mounted.access,
            dialects=load_dialects(folder / "intake" / "hotlines"),
            subscriptions=subscriptions.parse(text("subscriptions")),
        ),
    )


def _reactions(mounted: Mounted) -> Mapping[str, tuple[str, Reaction]]:
    return Reactions(desk_of(mounted)).table()


def deliverer(mounted: Mounted) -> Deliverer:
    """Who delivers a mounted service's replies."""
    return Deliverer(
        pool=mounted.pool,
        projector=mounted.projectors["reports"],
        writer=mounted.writer,
        access=mounted.access,
        desk=desk_of(mounted),
        clock=mounted.clock,
        destinations=Destinations(mounted.settings.callback_may_reach),
    )


def carrier(mounted: Mounted) -> Carrier:
    """Who carries a mounted service's transfers over."""
    return Carrier(desk_of(mounted), mounted.projectors["reports"], mounted.writer, mounted.clock)


def _figures(mounted: Mounted) -> Sequence[Figures]:
    async def read() -> Sequence[Metric]:
        async with mounted.projectors["reports"].reading() as connection:
            counts = await connection.fetch(SQL["counts"])
            incomplete = await connection.fetch(SQL["incomplete"])
            undelivered = await connection.fetchrow(SQL["undelivered"])
            untold = await connection.fetchval(SQL["emergencies_untold"])
            unanswered = await connection.fetchval(SQL["dangers_unanswered"])
            gone = await connection.fetchval(SQL["receivers_gone"])
            withheld = await connection.fetchval(SQL["withheld"])
        reports = CounterMetricFamily("jiujinan_reports", "Reports by outcome", labels=["channel", "outcome"])
        for row in counts:
            reports.add_metric([row["channel"], row["outcome"]], row["reports"])
        assert undelivered is not None
        waiting = [(row["channel"], row["reports"]) for row in incomplete]
        oldest: datetime | None = undelivered["oldest"]
        return [
            reports,
            labelled("jiujinan_reports_incomplete", "Reports without a place", "channel", waiting),
            gauge("jiujinan_reports_in_danger_unanswered", "Life in danger, nobody reached in ten minutes", unanswered),
            gauge("jiujinan_callbacks_undelivered", "Replies still owed", undelivered["replies"]),
            gauge("jiujinan_callbacks_emergencies_untold", "Acceptance or help untold for half an hour", untold),
            gauge("jiujinan_callbacks_withheld", "Closure forms that an officer must complete", withheld),
            gauge("jiujinan_callbacks_receivers_gone", "Receivers that answered 410", gone),
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
    deciders=_DECIDERS,
    follows=(RELIEF,),
    router=http.router,
    api=catalogue.API,
    read_models=(REPORTS,),
    own=desk,
    reactions=_reactions,
    tasks=lambda mounted: [deliverer(mounted).run(), carrier(mounted).run()],
    figures=_figures,
    large_bodies=(attachments.PATH,),
    lives_without_kafka=True,
)


def app(settings: Settings) -> FastAPI:
    """The service's HTTP application."""
    return create_app(settings, BLUEPRINT)
