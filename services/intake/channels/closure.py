"""The closure form (办结表) that a hotline wants back: whole, or not sent at all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from events.relief import CaseClosed
from services.intake.channels.replies import Envelope, Reply, message, on_paper

PHONE = "contact_phone_masked"
"""The number under which the household was to be reached: no log has it, ``with_phone`` puts it in on the way out."""

_MOBILE = 11
"""Digits of a mobile's number, or of a landline's with its area code."""
_NOTHING: Sequence[object] = (None, "", [])


def closure_form(envelope: Envelope, fact: CaseClosed, *, is_secret: bool) -> Reply:
    """The form for a closed case. Its list of documents is filled in when it is decided on, with those that have come.

    Where secrecy was asked for nothing is public. What the form ``lacks`` a person must supply before it may be sent:
    of a household that was not helped only a person knows whether its need was true.
    """
    was_relieved = fact.outcome == "relieved"
    contacted_at = on_paper(fact.contacted_at)
    form = {
        "case_id": fact.case_id,
        "truthful": was_relieved or None,
        "out_of_scope": False,
        "out_of_scope_type": None,
        "contacted": contacted_at is not None,
        PHONE: None,
        "contact_at": contacted_at,
        "contact_attempts": [{"at": on_paper(one.at), "by": one.role, "reached": one.reached} for one in fact.contacts],
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


def with_phone(document: str, phone: str | None) -> str:
    """A closure form as it is sent: with the number under which the household was to be reached, masked."""
    event = json.loads(document)
    if phone is None or not event["data"].get("contacted"):
        return document
    event["data"][PHONE] = masked(phone)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def masked(phone: str) -> str:
    """The digits of a phone by which who knows it knows it again, and nobody else finds it out."""
    first, last = (3, 4) if len(phone) >= _MOBILE else (0, 2)
    return f"{phone[:first]}{'*' * (len(phone) - first - last)}{phone[-last:]}"


def completed(withheld: str, supplied: Mapping[str, str | bool]) -> Reply:
    """A withheld form with what a person has supplied of what it lacks."""
    event = json.loads(withheld)
    lacks = missing_of(event["data"])
    event["data"] |= {name: supplied[name] for name in lacks if name in supplied}
    document = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return Reply("case_closed", document, missing_of(event["data"]))


def missing_of(form: Mapping[str, Any]) -> tuple[str, ...]:
    """What a form lacks, by the names of its fields: a hotline gives an order with such a form back."""
    needed = {
        "truthful": True,
        "handling_text": True,
        "contact_at": form["contacted"],
        "contact_attempts": True,
        "public_reply_text": form["public_ok"],
        "unresolved_reason": form["resolved"] != 0,
        "out_of_scope_type": form["out_of_scope"],
    }
    return tuple(name for name, is_needed in needed.items() if is_needed and form[name] in _NOTHING)
