"""Payees whose seals are opened: for the bank's file, and masked for paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from events.ledger import PayeeRegistered
from services.chassis.mount import Mounted
from services.chassis.replay import recorded
from services.ledger.ids import payee_stream


@dataclass(frozen=True, slots=True)
class Opened:
    """A payee's name, account and relation; name and account are none once erased, an account also for cash."""

    name: str | None
    account: str | None
    relation: str


async def opened_payees(service: Mounted, division: str, refs: Iterable[str]) -> Mapping[str, Opened]:
    """The payees of these references that a county's log knows. Raises ``StoreUnavailable``."""
    subjects = [payee_stream(ref) for ref in dict.fromkeys(refs)]
    seals = await service.sealer.prepare(subjects)
    facts = [recorded(row).fact for row in await service.store.load({(division, stream): 0 for stream in subjects})]
    return {
        fact.payee_ref: Opened(seals.open(fact.name), fact.account and seals.open(fact.account), fact.relation)
        for fact in facts
        if isinstance(fact, PayeeRegistered)
    }
