"""Relief as a running service."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, get_args

from fastapi import APIRouter, FastAPI

from events.topics import INTAKE, LEDGER
from services.chassis.catalogue import catalogue_routes
from services.chassis.following import Reaction
from services.chassis.metrics import Figures
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.openapi import Api
from services.chassis.settings import Settings
from services.relief import case, clock_book, disqualification, fast_track_right, household, http, policy_set
from services.relief.agenda import PostgresAgenda
from services.relief.case_commands import CaseCommand
from services.relief.caseload import CASELOAD
from services.relief.clock_book import ClockCommand
from services.relief.desk import policy_cache
from services.relief.disqualification import BarPerson
from services.relief.fast_track_right import TownshipCommand
from services.relief.household_chain import CHAIN
from services.relief.household_commands import HouseholdCommand
from services.relief.policy_cache import PolicyCache
from services.relief.policy_set import ConfirmPolicy, PublishCalendar, PublishPolicy, PublishStandard
from services.relief.precondition import PRECONDITION, NothingSince
from services.relief.publishing import publish
from services.relief.scheduler import Scheduler
from services.relief.sla_figures import sla_figures
from services.relief.subscribers import Reactions

SCHEMA = ("services.chassis.migrations.service", "services.relief.migrations")

_CASE_COMMANDS = get_args(CaseCommand)

_API = Api.of("services.relief")
_router = APIRouter()
_router.include_router(http.router)
_router.include_router(catalogue_routes(_API.catalogue, "relief.discover"))


def _reactions(mounted: Mounted) -> Mapping[str, tuple[str, Reaction]]:
    return Reactions(policy_cache(mounted)).table()


async def _prepare(mounted: Mounted) -> None:
    await publish(mounted.writer, mounted.clock, mounted.settings.policies_dir)
    await policy_cache(mounted).refresh()


def _figures(mounted: Mounted) -> Sequence[Figures]:
    return [sla_figures(mounted.pool, mounted.clock)]


def _tasks(mounted: Mounted) -> Sequence[Coroutine[Any, Any, None]]:
    cache = policy_cache(mounted)
    scheduler = Scheduler(mounted.store, mounted.writer, cache, mounted.clock, PostgresAgenda(mounted.pool))
    return [cache.keep(mounted.clock), scheduler.run()]


BLUEPRINT = Blueprint(
    name="relief",
    schema=SCHEMA,
    deciders={
        **dict.fromkeys(_CASE_COMMANDS, case.DECIDER),
        NothingSince: PRECONDITION,
        **dict.fromkeys(get_args(HouseholdCommand), household.DECIDER),
        BarPerson: disqualification.DECIDER,
        **dict.fromkeys(get_args(TownshipCommand), fast_track_right.DECIDER),
        **dict.fromkeys(get_args(ClockCommand), clock_book.DECIDER),
        **dict.fromkeys((PublishPolicy, PublishCalendar, PublishStandard, ConfirmPolicy), policy_set.DECIDER),
    },
    follows=(INTAKE, LEDGER),
    router=_router,
    api=_API,
    read_models=(CASELOAD, CHAIN),
    own=lambda mounted: PolicyCache(mounted.store),
    reactions=_reactions,
    prepare=_prepare,
    tasks=_tasks,
    figures=_figures,
)


def app(settings: Settings) -> FastAPI:
    """The service's HTTP application."""
    return create_app(settings, BLUEPRINT)
