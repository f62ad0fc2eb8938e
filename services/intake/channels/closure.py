"""The closure form (办结表) that a hotline wants back: whole, or not sent at all."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from events.relief import CaseClosed
from services.intake.channels.replies import Envelope, Reply, message, on_paper


def closure_form(envelope: Envelope, fact: CaseClosed, *, is_secret: bool) -> Reply:
    """The form for a closed case.

    A number that was called stays with the caseworker, and where secrecy was asked for nothing is public. What the
    form ``lacks`` a person must supply before it may be sent.
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
    reply = message(envelope, "case.closed", form, state_of=f"case_closed_{fact.outcome}")
    return replace(reply, lacks=missing_of(form))


def completed(withheld: str, supplied: Mapping[str, str]) -> Reply:
    """A withheld form with what a person has supplied of what it lacks; nothing else of it changes."""
    event = json.loads(withheld)
    lacks = missing_of(event["data"])
    event["data"] |= {name: supplied[name] for name in lacks if name in supplied}
    document = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return Reply("case_closed", document, missing_of(event["data"]))


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
