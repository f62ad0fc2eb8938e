"""The services' own reactions, wired to the simulated stores as each service's ``app`` wires them to the real ones."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.chassis.access import Access, Callback, System
from services.chassis.event_store import EventStore
from services.chassis.following import Reaction
from services.intake import subscriptions
from services.intake.channels.dialect import load_dialects
from services.intake.desk import Desk
from services.intake.subscribers import Reactions as IntakeReactions
from services.intake.telling import Teller
from services.ledger.subscribers import REACTIONS as LEDGER_REACTIONS
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.subscribers import Reactions as ReliefReactions
from tests.simulation.case_ideas import PUBLISHED
from tests.simulation.report_ideas import VENDOR
from tests.support.given import recorded

_POLICIES = Path(__file__).resolve().parents[2] / "policies" / "intake"
_CALLBACK = Callback(url="https://hotline.example/replies", secret=SecretStr("dW51c2Vk"))
_SYSTEM = System(id=VENDOR, role="hotline", scope="", secrets=(SecretStr("unused"),), callback=_CALLBACK)
_TELLER = Teller(
    access=Access(people={}, systems={VENDOR: _SYSTEM}, roles={}),
    dialects=load_dialects(_POLICIES / "hotlines"),
    subscriptions=subscriptions.parse((_POLICIES / "subscriptions.yaml").read_text(encoding="utf-8")),
)


def reactions(service: str, store: EventStore) -> Mapping[str, tuple[str, Reaction]]:
    """What a service does when it hears something."""
    match service:
        case "intake":
            return IntakeReactions(_desk(store)).table()
        case "relief":
            return ReliefReactions(PolicyCache(store, Policies({PUBLISHED.division: (recorded(PUBLISHED),)}))).table()
        case _:
            return LEDGER_REACTIONS


def _desk(store: EventStore) -> Desk:
    """Intake's desk, of which the reactions need no more than its logs and who writes to the senders."""
    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(Desk))
    parts |= {"store": store, "teller": _TELLER}
    return Desk(**parts)
