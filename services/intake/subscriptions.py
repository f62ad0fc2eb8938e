"""Which events a sender hears (订阅): data in ``policies/intake/subscriptions.yaml``, so that no vendor is flooded.

What nobody names hears the default. The feed has the same events as the callbacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from events.relief_clocks import ClockName
from events.words import StaffId

Event = Literal[
    "report.received",
    "report.incomplete",
    "report.linked",
    "report.accepted",
    "report.returned",
    "report.transferred",
    "report.correction",
    "case.contacted",
    "case.advance_decided",
    "case.advance_paid",
    "case.payment_returned",
    "case.makeup_due",
    "case.closed",
    "case.closure_amended",
    "case.reopened",
    "clock.paused",
    "clock.resumed",
    "clock.warning",
    "clock.breached",
    "clock.corrected",
]
"""Everything that a sender can be told, by the names of its CloudEvents."""


class Subscription(BaseModel):
    """What one sender hears; of the clocks only those named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: frozenset[Event]
    clocks: frozenset[ClockName] = frozenset()
    amounts: bool = False
    """Whether sums of money are told, in fen: to finance offices, never to a hotline."""

    def wants(self, event: Event) -> bool:
        """Whether the sender hears of this."""
        return event in self.events


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Subscription
    senders: Mapping[StaffId, Subscription] = {}


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of a deployment."""

    default: Subscription
    senders: Mapping[str, Subscription]

    def of(self, sender: str) -> Subscription:
        """What a sender hears, by the id that it calls under."""
        return self.senders.get(sender, self.default)


def parse(text: str) -> Subscriptions:
    """The subscriptions of a YAML document. Raises ``ValueError``."""
    found = _File.model_validate(yaml.safe_load(text))
    return Subscriptions(found.default, found.senders)
