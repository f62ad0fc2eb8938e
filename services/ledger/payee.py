"""A payee (领款人): who is to be paid for a case. Others know the reference only; the name stays here, sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.fact import Recorded, Sealed
from events.ledger import PayeeFact, PayeeRegistered
from services.chassis.decider import Circumstances, Decider, Refused


@dataclass(frozen=True, slots=True)
class RegisterPayee:
    """Register the household, or an agent with the relation to it. ``account`` is a bank account; none for cash."""

    payee_ref: str
    case_id: str
    relation: str
    name: Sealed
    account: Sealed | None
    name_digest: str | None = None
    account_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Payee:
    """A registered payee, as far as it is not sealed."""

    case_id: str
    relation: str
    has_account: bool
    registered_by: str = field(compare=False)
    """Another person must tell the bank to pay into the account."""


def decide(payee: Payee | None, command: RegisterPayee, now: Circumstances) -> Sequence[PayeeFact]:
    """Register once. What is sealed looks different each time, so a repetition is known by what is not."""
    asked = Payee(command.case_id, command.relation, command.account is not None, now.actor.id)
    if payee == asked:
        return ()
    if payee is not None:
        raise Refused("payee_differs", "该领款人编号已登记为其他领款人,请使用新的编号。")
    return (
        PayeeRegistered(
            payee_ref=command.payee_ref,
            case_id=command.case_id,
            relation=command.relation,
            name=command.name,
            account=command.account,
            registered_by=now.actor.id,
            name_digest=command.name_digest,
            account_digest=command.account_digest,
        ),
    )


def evolve(payee: Payee | None, recorded: Recorded[PayeeFact]) -> Payee | None:
    """The payee as registered."""
    fact = recorded.fact
    return Payee(fact.case_id, fact.relation, fact.account is not None, fact.registered_by)


def answer(facts: Sequence[PayeeFact]) -> Mapping[str, Any]:
    """The reference, under which the payee is known from now on."""
    return facts[0].model_dump(include={"payee_ref"}) if facts else {}


DECIDER: Decider[RegisterPayee, Payee | None, PayeeFact] = Decider(None, decide, evolve, answer)
