"""What earlier releases stored is read by this one: each fact and version has a sample that keeps being read."""

import json
from functools import cache
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from events import golden
from events.fact import Sealed, UnknownFact
from events.intake import Order, ReportReceived
from events.upcasts import UPCASTS, decode, encode
from tests.support.golden import SAMPLES

FACTS = golden.facts()
VERSIONS = [(name, version) for name, fact in FACTS.items() for version in range(1, fact.VERSION + 1)]
REPORT = "intake.report_received"
ENVELOPES = ("verbatim", "name", "phone", "address")


class Validator(Protocol):
    """What we use of jsonschema's validator, whose own annotations are incomplete."""

    def is_valid(self, instance: Any) -> bool:
        """Whether a document fits."""
        ...

    def validate(self, instance: Any) -> None:
        """Raise the first reason why a document does not fit."""
        ...


@cache
def validator(name: str, version: int) -> Validator:
    """The committed schema of a fact, checked itself first."""
    schema = json.loads((golden.SCHEMAS / f"{name}.{version}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def fits(name: str, version: int, document: Any) -> bool:
    return validator(name, version).is_valid(document)


def first_report(**changes: object) -> dict[str, Any]:
    """The sample of a report as version 1 had it."""
    return json.loads(SAMPLES[REPORT, 1]) | changes


# --- every fact, every version ---


def test_every_fact_has_one_sample_of_each_of_its_versions() -> None:
    assert sorted(SAMPLES) == sorted(VERSIONS)


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_sample_fits_the_committed_schema_of_its_version(name: str, version: int) -> None:
    validator(name, version).validate(json.loads(SAMPLES[name, version]))


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_sample_is_read_as_the_fact_of_today(name: str, version: int) -> None:
    assert type(decode(name, version, SAMPLES[name, version])) is FACTS[name]


@pytest.mark.parametrize(("name", "fact"), FACTS.items())
def test_a_sample_of_today_is_written_again_byte_for_byte(name: str, fact: type[Any]) -> None:
    sample = SAMPLES[name, fact.VERSION]
    assert encode(decode(name, fact.VERSION, sample)) == sample


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_what_was_read_once_and_written_is_read_the_same(name: str, version: int) -> None:
    fact = decode(name, version, SAMPLES[name, version])
    assert decode(name, fact.VERSION, encode(fact)) == fact
    assert fits(name, fact.VERSION, json.loads(encode(fact)))


@pytest.mark.parametrize(("name", "fact"), FACTS.items())
def test_our_own_log_is_read_closed_and_what_others_send_is_read_open(name: str, fact: type[Any]) -> None:
    grown = json.loads(SAMPLES[name, fact.VERSION]) | {"added_later": True}
    data = json.dumps(grown).encode()
    assert not fits(name, fact.VERSION, grown)
    with pytest.raises(ValidationError):
        decode(name, fact.VERSION, data)
    assert decode(name, fact.VERSION, data, extra="ignore") == decode(name, fact.VERSION, SAMPLES[name, fact.VERSION])


@pytest.mark.parametrize(("name", "fact"), FACTS.items())
def test_a_fact_that_lacks_a_required_field_is_refused_by_code_and_schema_alike(name: str, fact: type[Any]) -> None:
    whole = json.loads(SAMPLES[name, fact.VERSION])
    for needed in (field for field, info in fact.model_fields.items() if info.is_required()):
        short = {field: value for field, value in whole.items() if field != needed}
        assert not fits(name, fact.VERSION, short)
        with pytest.raises(ValidationError):
            decode(name, fact.VERSION, json.dumps(short).encode())


def test_every_earlier_version_has_the_step_that_lifts_it_and_there_is_no_other_step() -> None:
    assert sorted(UPCASTS) == sorted((name, version) for name, version in VERSIONS if version < FACTS[name].VERSION)


# --- the report that named its order by a bare number ---


def test_a_report_of_version_1_reads_as_today_would_have_written_it() -> None:
    assert decode(REPORT, 1, SAMPLES[REPORT, 1]) == decode(REPORT, 2, SAMPLES[REPORT, 2])


def test_a_bare_order_number_becomes_the_first_push_of_that_order() -> None:
    report = decode(REPORT, 1, SAMPLES[REPORT, 1])
    assert isinstance(report, ReportReceived)
    assert report.order == Order(number=first_report()["order_number"], push=1)


def test_a_report_of_version_1_without_an_order_has_none() -> None:
    report = decode(REPORT, 1, json.dumps(first_report(order_number=None)).encode())
    assert isinstance(report, ReportReceived)
    assert report.order is None


def test_the_two_versions_of_a_report_are_told_apart_by_their_schemas() -> None:
    assert not fits(REPORT, 2, first_report())
    assert not fits(REPORT, 1, json.loads(SAMPLES[REPORT, 2]))


def test_sealed_envelopes_pass_through_the_upcast_untouched() -> None:
    lifted = encode(decode(REPORT, 1, SAMPLES[REPORT, 1]))
    for field in ENVELOPES:
        envelope = json.dumps(first_report()[field], separators=(",", ":")).encode()
        assert envelope in SAMPLES[REPORT, 1]
        assert lifted.count(envelope) == SAMPLES[REPORT, 1].count(envelope) == 1


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=64)
SEALED = st.builds(Sealed, suite=TEXT.map(lambda text: text[:16]), key_id=TEXT, subject=TEXT, field=TEXT, box=TEXT)


@given(number=st.none() | TEXT.filter(bool), envelopes=st.tuples(SEALED, *[st.none() | SEALED] * 3))
def test_every_report_of_version_1_is_lifted_and_no_envelope_is_looked_into(
    number: str | None, envelopes: tuple[Sealed, Sealed | None, Sealed | None, Sealed | None]
) -> None:
    sealed = dict(zip(ENVELOPES, envelopes, strict=True))
    stored = first_report(order_number=number, **{k: v and v.model_dump() for k, v in sealed.items()})
    validator(REPORT, 1).validate(stored)
    report = decode(REPORT, 1, json.dumps(stored).encode())
    assert isinstance(report, ReportReceived)
    assert {field: getattr(report, field) for field in ENVELOPES} == sealed
    assert (None if report.order is None else report.order.number) == number
    assert fits(REPORT, 2, json.loads(encode(report)))


# --- what a newer release has written ---


@pytest.mark.parametrize(("name", "version"), [(REPORT, 3), ("relief.case_opened", 2), ("relief.case_dreamt", 1)])
def test_a_name_or_version_of_a_newer_release_is_unknown(name: str, version: int) -> None:
    with pytest.raises(UnknownFact) as unknown:
        decode(name, version, b'{"case_id":"secret"}')
    assert unknown.value.name == name
    assert "secret" not in str(unknown.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff", b'{"report_id":"secret"}'])
def test_bytes_that_do_not_fit_are_refused_without_being_repeated(data: bytes) -> None:
    with pytest.raises(ValidationError) as refusal:
        decode(REPORT, 2, data)
    assert "secret" not in str(refusal.value)
