"""What is said stays readable for ever: names never change, public facts name nobody, every text has an end."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import Field

from events import golden
from events.fact import Fact, Public, Sealed, Value
from events.policy import Rules
from events.upcasts import decode
from tests.support.golden import SAMPLES

FACTS = golden.facts()
PUBLIC = sorted(name for name, fact in FACTS.items() if issubclass(fact, Public))
NAMES = Path(__file__).with_name("fact_names.txt")

PERSONAL = {
    *("name", "surname", "alias", "phone", "mobile", "telephone", "contact", "email", "wechat", "idnumber", "idcard"),
    *("passport", "birth", "birthday", "birthdate", "age", "gender", "sex", "ethnicity", "address", "street", "house"),
    *("village", "location", "latitude", "longitude", "account", "bank", "card", "diagnosis", "disease", "symptom"),
    *("hospital", "medical", "disability", "income", "photo", "signature", "verbatim", "relative", "applicant"),
    "payee",
}
"""Words in the names of fields that hold personal data (个人信息). A name in ``_ref`` is a reference, not the thing."""

CLOCK_WORDS = ("breached", "continued", "corrected", "extended", "halted", "paused", "resumed", "warned")

FREE_TEXT = {
    "ledger.paid_without_hold/evidence": "a receipt's number, written as the bank has it",
    "ledger.payment_received/evidence": "a receipt's number, written as the bank or the slip has it",
    "intake.report_returned/basis": "the clause by which it is not ours",
    "relief.advance_decided/basis/clause": "a citation of the published policy",
    "relief.advance_declined/basis/clause": "a citation of the published policy",
    "relief.case_closed/clauses/[]": "a citation of the published policy",
    "relief.case_closed/contacts/[]/role": "a role out of the table of roles",
    "relief.case_closed/handling": "what the hotline may publish: no name, no amount, no diagnosis",
    "relief.notice_posted/clause": "a citation of the published policy",
    "relief.recovery_ordered/basis": "a document's number or a clause",
    "relief.relief_approved/basis/clause": "a citation of the published policy",
    "relief.rest_referred/clause": "a citation of the published policy",
    "relief.small_fast_decided/basis/clause": "a citation of the published policy",
    "relief.clock_breached/calendar": "the edition of the working days that it was counted by",
    "relief.clock_breached/clause": "a citation of the published policy",
    "relief.clock_halted/clause": "a citation of the published policy",
    "relief.clock_warned/clause": "a citation of the published policy",
    **{f"relief.clock_{word}/subject": "a report's or a decision's id" for word in CLOCK_WORDS},
    "relief.paperwork_debt_opened/clause": "a citation of the published policy",
    "policy.set_published/title": "the name of a published document",
    **{f"policy.set_published/{rule}/clause": "a citation of the published policy" for rule in Rules.model_fields},
}
"""The texts of public facts that are more than codes, ids and digests, and why they may travel."""

ABOUT_NOBODY = {"policy.set_published/no_income": "how many months without income a policy asks for, of whomever"}
"""Parts of public facts that sound personal and are rules."""

ENDLESS = {
    "Sealed/box": "as long as what was sealed, which came in a request of 16 MiB at most",
    "intake.report_received/missing/[]": "a JSON pointer from the channel's own list of what is needed",
    "intake.report_supplemented/still_missing/[]": "a JSON pointer from the channel's own list of what is needed",
}
"""Texts without a longest length, and what bounds them instead."""


CHAPTERS = {"intake": ["events.intake_desk", "events.intake_later"], "ledger": ["events.bank"]}
"""Parts of a service's story that stand in a file of their own."""


class Leaf(NamedTuple):
    """A value without parts inside a fact: where it is, and its JSON Schema."""

    path: str
    schema: dict[str, Any]

    @property
    def is_text(self) -> bool:
        """Whether anything can be written into it; not so for one of some words, a date, a moment."""
        return self.schema["type"] == "string" and not {"enum", "const", "format"} & self.schema.keys()


def leaves(whole: dict[str, Any]) -> Iterator[Leaf]:
    """Every value inside a fact, given its schema; a sealed envelope is one value of the type "sealed"."""

    def walk(path: str, node: dict[str, Any]) -> Iterator[Leaf]:
        if "$ref" in node:
            name = node["$ref"].removeprefix("#/$defs/")
            node = {"type": "sealed"} if name == Sealed.__name__ else whole["$defs"][name]
        parts = [
            *((path, choice) for choice in (*node.get("anyOf", []), *node.get("oneOf", []))),
            *((f"{path}/{field}", part) for field, part in node.get("properties", {}).items()),
            *([(f"{path}/[]", node["items"])] if "items" in node else []),
        ]
        for at, part in parts:
            yield from walk(at, part)
        if not parts and node["type"] != "null":
            yield Leaf(path, node)

    yield from walk(whole["$id"].split(":")[2], whole)


LEAVES = {name: list(leaves(golden.schema(fact))) for name, fact in FACTS.items()}
ENVELOPE = [Leaf(f"Sealed/{field}", part) for field, part in Sealed.model_json_schema()["properties"].items()]
EVERYWHERE = [*ENVELOPE, *(leaf for found in LEAVES.values() for leaf in found)]


def is_personal(path: str) -> bool:
    fields = [part for part in path.split("/")[1:] if not part.endswith("_ref")]
    return any(PERSONAL & {*field.split("_"), field.replace("_", "")} for field in fields)


def has_an_end(schema: dict[str, Any]) -> bool:
    pattern = re.sub(r"\[[^]]*\]", "x", schema.get("pattern", "*"))
    closed = pattern.startswith("^") and pattern.endswith("$") and not re.search(r"[*+]|\{[0-9]*,\}", pattern)
    return closed or "maxLength" in schema


def declared(base: type[Fact] = Fact) -> Iterator[type[Fact]]:
    for fact in base.__subclasses__():
        yield fact
        yield from declared(fact)


# --- names ---


def test_the_names_and_versions_are_those_that_were_promised() -> None:
    """A name is in logs for ever. Add a line for a new fact; a line that must go or change is a mistake in the code."""
    today = [f"{name} {fact.VERSION} {'public' if name in PUBLIC else 'private'}" for name, fact in FACTS.items()]
    assert NAMES.read_text(encoding="utf-8").splitlines() == sorted(today)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_name_says_whose_fact_it_is_and_what_happened(name: str) -> None:
    assert re.fullmatch(r"(intake|relief|ledger|policy)\.[a-z_]+", name)
    service = name.split(".")[0]
    module = FACTS[name].__module__
    assert module.startswith(f"events.{service}_") or module in {f"events.{service}", *CHAPTERS.get(service, ())}


def test_two_facts_cannot_have_one_name() -> None:
    def again() -> type[Fact]:
        class Again(Fact, name="relief.case_opened"):
            """The same name once more."""

        return Again

    with pytest.raises(TypeError, match=r"two facts are named relief\.case_opened"):
        again()
    assert golden.facts() == FACTS


def test_no_fact_of_ours_was_declared_without_a_name() -> None:
    ours = {fact for fact in declared() if fact.__module__.startswith("events.")} - {Public}
    assert ours == set(FACTS.values())


# --- who may be named ---


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_fact_holds_personal_data_sealed_or_not_at_all(name: str) -> None:
    told = [leaf for leaf in LEAVES[name] if not leaf.path.startswith(tuple(ABOUT_NOBODY))]
    assert [leaf.path for leaf in told if is_personal(leaf.path) and leaf.schema["type"] != "sealed"] == []


def test_the_free_texts_that_travel_are_listed_with_their_reasons() -> None:
    found = [leaf.path for name in PUBLIC for leaf in LEAVES[name] if leaf.is_text and "pattern" not in leaf.schema]
    assert sorted(found) == sorted(FREE_TEXT)


# --- shapes ---


def test_a_fact_holds_texts_numbers_answers_and_envelopes_and_nothing_else() -> None:
    assert {leaf.schema["type"] for leaf in EVERYWHERE} == {"string", "integer", "boolean", "sealed"}


def test_every_text_has_a_longest_length_or_a_listed_reason_for_none() -> None:
    assert sorted({leaf.path for leaf in EVERYWHERE if leaf.is_text and not has_an_end(leaf.schema)}) == sorted(ENDLESS)


def test_a_pattern_means_the_same_to_every_reader() -> None:
    assert [leaf.path for leaf in EVERYWHERE if re.search(r"\\[dwsb]", leaf.schema.get("pattern", ""))] == []


def test_these_checks_see_into_every_corner_of_a_fact() -> None:
    class Household(Value):
        """A part."""

        members: tuple[str, ...]
        id_number: str = Field(max_length=18)

    class Leaky(Public):
        """What must never be."""

        household: tuple[Household, ...] | None
        payee_ref: str = Field(pattern="^[a-z]+$")
        applicant_name: Sealed
        note: str = Field(pattern="^[a-z]{1,9}$")

    Leaky.NAME, Leaky.VERSION = "test.leaky", 1
    found = list(leaves(golden.schema(Leaky)))
    assert [leaf.path for leaf in found if is_personal(leaf.path) and leaf.schema["type"] != "sealed"] == [
        "test.leaky/household/[]/id_number"
    ]
    assert [leaf.path for leaf in found if leaf.is_text and not has_an_end(leaf.schema)] == [
        "test.leaky/household/[]/members/[]",
        "test.leaky/payee_ref",
    ]


# --- claims ---


@pytest.mark.parametrize(("name", "version"), sorted(SAMPLES))
def test_what_a_fact_takes_and_releases_depends_on_nothing_but_the_fact(name: str, version: int) -> None:
    fact, twin = (decode(name, version, SAMPLES[name, version]) for _ in range(2))
    claims = (fact.takes(), fact.releases())
    assert claims == (fact.takes(), fact.releases()) == (twin.takes(), twin.releases())
    assert fact == twin


@pytest.mark.parametrize(("name", "version"), SAMPLES, ids=str)
def test_a_fact_is_frozen_to_the_last_part_because_all_readers_share_one(name: str, version: int) -> None:
    hash(decode(name, version, SAMPLES[name, version]))


def test_only_what_some_fact_takes_is_ever_released() -> None:
    facts = [decode(name, version, data) for (name, version), data in SAMPLES.items()]
    taken = {key for fact in facts for key in fact.takes()}
    released = {key for fact in facts for key in fact.releases()}
    assert released
    assert released <= taken


def test_claim_keys_are_short_and_made_of_codes_and_pseudonyms() -> None:
    facts = [decode(name, version, data) for (name, version), data in SAMPLES.items()]
    keys = {key for fact in facts for key in (*fact.takes(), *fact.releases())}
    assert [key for key in keys if not re.fullmatch(r"[a-z]+:[A-Za-z0-9:._-]{1,160}", key)] == []
