"""What several parts of relief's story are made of."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from events.fact import Value
from events.rules import DayUnit
from events.words import County, Fen, GoodsItem, Id, Sha256

CONTACTS_TOLD = 100
"""Attempts to reach a household that a closure names, at most."""


class Contact(Value):
    """One attempt to speak to the household (联系记录): when, by an officer in which role, with which result."""

    at: AwareDatetime
    role: str = Field(max_length=32)
    reached: bool


Contacts = Annotated[tuple[Contact, ...], Field(max_length=CONTACTS_TOLD)]
"""Every attempt to speak to a household, in the order of their times; of very many the last."""


class Goods(Value):
    """Relief in kind (实物救助), counted at cost: goods use up the limit like money."""

    item: GoodsItem
    quantity: int = Field(ge=1, le=10_000)
    cost_fen: Fen


class HandedOver(Value):
    """The county that had a need before, and the case that it had opened for it."""

    county: County
    case_id: Id


class PolicyBasis(Value):
    """The rule that a decision stood on: the resolved set's hash, the clause, the limit in fen if it has one."""

    policy_hash: Sha256
    clause: str = Field(max_length=200)
    limit_fen: Fen | None


class MakeUpTerm(Value):
    """How the time for papers is counted (补齐期限): in which unit, and how long an emergency is deemed to last.

    ``deemed_lifted_days`` is given where it is counted from the end of the emergency (紧急情况解除).
    """

    length: int = Field(ge=1, le=1_000)
    unit: DayUnit
    deemed_lifted_days: int | None = Field(default=None, ge=0, le=366)


def advance_claim(person: str, cause: str) -> str:
    """The claim key of one person's advance for one open incident."""
    return f"advance:{person}:{cause}"


def decision_claim(decision_id: str) -> str:
    """The claim key of a decision that gives something to a known person: who counts it sees that it was made."""
    return f"decided:{decision_id}"


def fast_track_claim(township: str) -> str:
    """The claim key that is taken as long as a township may not help first."""
    return f"suspended:{township}"


def first_help(person: str | None, cause: str, decision_id: str, *, although_helped: bool) -> tuple[str, ...]:
    """The claim keys that help first takes: the person's for the incident, unless another case has it, and its own."""
    if person is None:
        return ()
    own = decision_claim(decision_id)
    return (own,) if although_helped else (advance_claim(person, cause), own)
