"""The closure form (办结表) that a hotline wants back: whole, or not sent at all."""

from collections.abc import Mapping
from typing import Any

from events.relief import CaseClosed
from services.intake.channels.replies import Envelope, Reply, message, on_paper


class ClosureIncomplete(ValueError):
    """The form lacks something that a hotline asks for: it is not sent. Only names of fields are told."""


def closure_form(envelope: Envelope, fact: CaseClosed, *, is_secret: bool) -> Reply:
    """The form for a closed case.

    A number that was called stays with the caseworker, and where secrecy was asked for nothing is public. Raises
    ``ClosureIncomplete``.
    """
    was_relieved = fact.outcome == "relieved"
    contacted_at = on_paper(fact.contacted_at)
    form = {
        "case_id": fact.case_id,
        "truthful": was_relieved or None,
        "out_of_scope": False,
        "out_of_scope_type": None,
        "contacted": contacted_at is not None,
        "contact_phone_masked": None,
        "contact_at": contacted_at,
        "contact_attempts": [] if contacted_at is None else [{"at": contacted_at, "reached": True}],
        "resolved": 0 if was_relieved else 1,
        "unresolved_reason": None if was_relieved else fact.handling,
        "handling_text": fact.handling,
        "public_reply_text": None if is_secret else fact.handling,
        "public_ok": not is_secret,
        "attachments": [],
        "policy_basis": list(fact.clauses),
    }
    missing = missing_of(form)
    if missing:
        raise ClosureIncomplete(", ".join(missing))
    return message(envelope, "case.closed", form)


def missing_of(form: Mapping[str, Any]) -> tuple[str, ...]:
    """What a form lacks, by the names of its fields: a hotline gives an order with such a form back."""
    needed = {
        "handling_text": True,
        "contact_at": form["contacted"],
        "contact_attempts": form["contacted"],
        "public_reply_text": form["public_ok"],
        "unresolved_reason": form["resolved"] != 0,
        "out_of_scope_type": form["out_of_scope"],
    }
    return tuple(name for name, is_needed in needed.items() if is_needed and not form[name])
