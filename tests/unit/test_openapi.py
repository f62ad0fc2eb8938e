"""The OpenAPI documents: every operation is told, with examples that fit their own schemas."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from events.fact import fact_types
from services.chassis.examples import Composer, NoExample
from services.chassis.mount import Blueprint
from services.chassis.openapi import PROBLEM, Operation, operations
from services.chassis.reference import page
from services.chassis.schema_rows import rows
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from tests.architecture.test_routes import routes

Json = dict[str, Any]
BLUEPRINTS = (INTAKE, RELIEF, LEDGER)


def document(blueprint: Blueprint) -> Json:
    """What a service shows at ``/openapi.json``."""
    app = FastAPI(title=blueprint.name)
    app.include_router(blueprint.router)
    assert blueprint.api is not None
    return blueprint.api.document(app)


def validated_by(name: str, made: Json) -> Json:
    """A document in which references lead to itself wherever a piece of it is looked at."""
    return json.loads(json.dumps(made).replace('"#/', f'"urn:{name}#/'))


DOCUMENTS = {blueprint.name: document(blueprint) for blueprint in BLUEPRINTS}
REGISTRY = Registry[Any]().with_resources(
    (f"urn:{name}", DRAFT202012.create_resource(validated_by(name, made))) for name, made in DOCUMENTS.items()
)
PAGES = {name: page(made) for name, made in DOCUMENTS.items()}
OPERATIONS = [(name, one) for name, made in DOCUMENTS.items() for one in operations(made)]
IDS = [f"{name} {one.name}" for name, one in OPERATIONS]
SAY_ALL_IN_THE_PATH = {
    "POST /v1/batches/{batch_id}/file",
    "POST /v1/callbacks/{vendor}/enable",
    "POST /v1/callbacks/{vendor}/replay",
}
each_operation = pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=IDS)


def resolved(service: str, told: Json) -> Json:
    """What a reference leads to."""
    if "$ref" not in told:
        return told
    kind, name = told["$ref"].removeprefix("#/components/").split("/")
    return DOCUMENTS[service]["components"][kind][name]


def misfits(service: str, schema: Json, example: Any) -> list[str]:
    """Why an example does not fit a schema of a service's document."""
    validator: Any = Draft202012Validator(validated_by(service, schema), registry=REGISTRY)
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(example)]


def answers(service: str, operation: Operation) -> Iterator[tuple[int, str, Json]]:
    """Status, media type and content of everything that an operation may be answered with."""
    for status, response in operation.told["responses"].items():
        for media_type, content in resolved(service, response).get("content", {}).items():
            yield int(status), media_type, content


@each_operation
def test_an_operation_says_what_it_is_for(service: str, operation: Operation) -> None:
    assert len(operation.told["summary"]) > len("a case.")
    assert operation.told["summary"] in operation.told["description"].replace("\n", " ")


@each_operation
def test_row_26_what_is_asked_has_an_example_that_fits(service: str, operation: Operation) -> None:
    for parameter in (resolved(service, each) for each in operation.told.get("parameters", ())):
        if parameter["required"]:
            assert not misfits(service, parameter["schema"], parameter["example"]), parameter["name"]
    for content in operation.told.get("requestBody", {}).get("content", {}).values():
        if content["schema"].get("format") != "binary":
            assert not misfits(service, content["schema"], content["example"])
    assert (
        operation.method in {"get", "delete"}
        or operation.name in SAY_ALL_IN_THE_PATH
        or "requestBody" in operation.told
    )


@pytest.mark.parametrize("route", [one for one in routes() if one.dependant.body_params], ids=lambda one: one.path)
def test_row_26_what_is_sent_as_an_example_is_what_the_route_takes(route: APIRoute) -> None:
    """Beyond its schema: what validators of ours ask for, too."""
    (body,) = route.dependant.body_params
    names = {f"{method} {route.path}" for method in route.methods or ()}
    told = [one.told["requestBody"]["content"]["application/json"] for _, one in OPERATIONS if one.name in names]
    taken: Any = body.field_info.annotation
    assert told
    for content in told:
        TypeAdapter[Any](taken).validate_json(json.dumps(content["example"]))


@each_operation
def test_row_26_what_is_answered_has_an_example_that_fits(service: str, operation: Operation) -> None:
    told = list(answers(service, operation))
    assert any(status < 300 for status, _, _ in told)
    for status, media_type, content in told:
        if status < 300 and media_type.endswith("json"):
            assert content["schema"]
            assert not misfits(service, content["schema"], content["example"])


@each_operation
def test_every_problem_that_an_operation_may_meet_is_told(service: str, operation: Operation) -> None:
    told = {status for status, kind, _ in answers(service, operation) if kind == PROBLEM}
    assert {401, 403, 422, 500, 503} <= told
    assert operation.method == "get" or {400, 409, 413} <= told


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda each: each.name)
def test_every_code_of_the_catalogue_has_an_example_that_fits(blueprint: Blueprint) -> None:
    assert blueprint.api is not None
    shown: set[tuple[str, int]] = set()
    for response in DOCUMENTS[blueprint.name]["components"]["responses"].values():
        for code, example in response["content"][PROBLEM]["examples"].items():
            assert not misfits(blueprint.name, response["content"][PROBLEM]["schema"], example["value"])
            assert example["value"]["detail"] == example["summary"]
            shown.add((code, example["value"]["status"]))
    not_of_operations = {("method_not_allowed", 405)}
    assert shown == {(kind.code, kind.status) for kind in blueprint.api.catalogue.kinds} - not_of_operations


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda each: each.name)
def test_the_table_of_examples_has_no_entry_without_an_operation(blueprint: Blueprint) -> None:
    assert blueprint.api is not None
    table = blueprint.api.vocabulary
    offered = {operation.name for operation in operations(DOCUMENTS[blueprint.name])}
    assert {*table.requests, *table.answers, *table.facts, *table.keyless} <= offered


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda each: each.name)
def test_the_facts_that_are_told_exist(blueprint: Blueprint) -> None:
    assert blueprint.api is not None
    assert {name for names in blueprint.api.vocabulary.facts.values() for name in names} <= set(fact_types())


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda each: each.name)
def test_every_moment_in_an_example_of_an_answer_bears_the_offset_of_china(blueprint: Blueprint) -> None:
    assert blueprint.api is not None
    told = yaml.safe_dump(dict(blueprint.api.vocabulary.answers))
    moments = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)", told)
    assert set(moments) <= {"+08:00"}


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda each: each.name)
def test_no_example_is_about_a_real_person(blueprint: Blueprint) -> None:
    assert blueprint.api is not None
    vocabulary = blueprint.api.vocabulary
    told = yaml.safe_dump([dict(vocabulary.words), dict(vocabulary.requests), dict(vocabulary.answers)])
    assert not re.findall(r"'(?!000000)\d{17}[\dXx]'", told)
    assert not re.findall(r"'1(?!990000)[3-9]\d{9}'", told)


def test_a_property_without_a_word_is_told_by_its_name() -> None:
    schema: Mapping[str, Any] = {"type": "object", "required": ["amount_fen"], "properties": {"amount_fen": {}}}
    with pytest.raises(NoExample, match=r"Sum\.amount_fen"):
        Composer({}, {"Sum": dict(schema)}).example({"$ref": "#/components/schemas/Sum"})


@pytest.mark.parametrize("service", DOCUMENTS)
def test_the_page_to_print_has_every_operation_and_needs_no_other_host(service: str) -> None:
    shown = re.findall(r"<h3>(.*?)</h3>", PAGES[service])
    assert sorted(shown) == sorted(one.name for name, one in OPERATIONS if name == service)
    assert "//" not in re.sub(r"<pre>.*?</pre>", "", PAGES[service], flags=re.DOTALL)
    assert "<script" not in PAGES[service]


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_link_of_the_page_leads_to_a_place_on_it_and_every_operation_can_be_reached(service: str) -> None:
    places = re.findall(r" id='([^']+)'", PAGES[service])
    linked = set(re.findall(r"href='#([^']+)'", PAGES[service]))
    assert len(places) == len(set(places))
    assert linked <= set(places)
    assert {one.told["operationId"] for name, one in OPERATIONS if name == service} <= linked


@each_operation
def test_the_page_tells_every_parameter_and_every_field_of_a_body_with_its_meaning(
    service: str, operation: Operation
) -> None:
    """What FastAPI does not know, the glossary does."""
    document = DOCUMENTS[service]
    section = PAGES[service].split(f"<section id='{operation.told['operationId']}'>")[1].split("</section>")[0]
    told = [
        (each["name"], each.get("description", ""))
        for each in operation.told.get("parameters", ())
        if "$ref" not in each
    ]
    for content in operation.told.get("requestBody", {}).get("content", {}).values():
        told += [(row.path, row.meaning) for row in rows(document, content["schema"])]
    for name, meaning in told:
        assert meaning, name
        assert f"<td><code>{name}</code>" in section


def test_a_field_is_told_with_its_limits_its_choices_and_what_is_inside_it() -> None:
    found = {row.path: row for row in rows(DOCUMENTS["relief"], {"$ref": "#/components/schemas/Advance"})}
    assert found["amount_fen"].kind == "整数,≥ 0,≤ 1000000000000000,默认 0"
    assert (found["goods"].required, found["goods[].item"].required) == (False, True)
    closing = {row.path: row for row in rows(DOCUMENTS["relief"], {"$ref": "#/components/schemas/Closing"})}
    assert closing["outcome"].kind == "relieved、not_relieved,默认 relieved"


@pytest.mark.parametrize("service", DOCUMENTS)
def test_the_page_says_how_to_call_and_has_chinese_headings(service: str) -> None:
    for words in ("Authorization: Bearer", "Idempotency-Key", "viewport"):
        assert words in PAGES[service]
    headings = re.findall(r"<(?:h1|h2|h4|th|summary)(?: [^>]*)?>(.*?)<", PAGES[service])
    assert [heading for heading in headings if not re.search(r"[\u4e00-\u9fff]", heading)] == []
