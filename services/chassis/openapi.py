"""The OpenAPI document of a service: what FastAPI reads off the routes, with examples and every answer there is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from services.chassis.catalogue import RETRYABLE, Catalogue, Kind
from services.chassis.examples import Composer, Json, Vocabulary
from services.chassis.field_errors import FieldError
from services.chassis.glossary import glossary
from services.chassis.problems import Problem, answer

PROBLEM = "application/problem+json"
_JSON = "application/json"
_STATUSES: Mapping[int, str] = {
    400: "No idempotency key, or not readable at all.",
    401: "Who is calling is not known.",
    403: "The role may not do this, or not there.",
    404: "There is no such thing.",
    408: "The body did not come in time.",
    409: "It makes no sense now; the code says why.",
    410: "It was erased.",
    412: "It has changed since it was read.",
    413: "Too large.",
    415: "Packed, or not said to be JSON.",
    422: "Fields do not fit; `errors` says which.",
    429: "Too many calls.",
    500: "Our mistake; it is logged.",
    503: "Try again.",
}
"""The statuses of problems that an operation may be answered with; others are not about an operation."""
_FILE: Json = {"type": "string", "format": "binary"}
_OF_BODIES = (400, 408, 412, 413, 415)
"""What only an operation with something to say is answered with."""
_WRONG_FIELD = FieldError("/occurred_at", "in_the_future", "发生时间不能晚于现在。")


def raw(*media_types: str) -> Json:
    """For a route's ``openapi_extra``: its body is a file, taken as it came; text can be given as an example."""
    content = {kind: {"schema": {"type": "string"} if kind.startswith("text/") else _FILE} for kind in media_types}
    return {"requestBody": {"required": True, "content": content}}


def json_of(body: type[BaseModel]) -> Json:
    """For a route's ``openapi_extra``: its body is JSON of this form, read by the route itself as it came."""
    schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema}}}}


def a_file(*media_types: str) -> dict[int | str, Json]:
    """For a route's ``responses``: it answers with a file of one of these kinds."""
    content = {kind: {"schema": _FILE} for kind in media_types}
    return {200: {"description": "The file.", "content": content}}


class Operation(NamedTuple):
    """An operation of a document: ``METHOD /path``, and what stands there."""

    name: str
    method: str
    told: Json


def operations(document: Json) -> Iterator[Operation]:
    """Every operation of a document."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(f"{method.upper()} {path}", method, told)


@dataclass(frozen=True, slots=True)
class Api:
    """What a service says about its API beside its routes."""

    catalogue: Catalogue
    vocabulary: Vocabulary

    @classmethod
    def of(cls, package: str) -> "Api":
        """What lies in a service's package. Raises ``KeyError`` and pydantic's errors for what is no such file."""
        return cls(Catalogue.of(package), Vocabulary.of(package))

    def document(self, app: FastAPI) -> Json:
        """The document of an application. Raises ``NoExample`` for a property that no word exemplifies."""
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        common = yaml.safe_load(files("services.chassis").joinpath("openapi.yaml").read_text(encoding="utf-8"))
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        bodies = [
            content["schema"]
            for operation in operations(made)
            for content in operation.told.get("requestBody", {}).get("content", {}).values()
        ]
        for body in bodies:
            schemas |= body.pop("$defs", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        made["components"] = {**common, "schemas": {**schemas, **common["schemas"]}, "responses": self._problems()}
        made["security"] = [{"token": []}]
        asked = (each for operation in operations(made) for each in operation.told.get("parameters", ()))
        glossary().fill(asked, [*schemas.values(), *bodies])
        teller = _Teller(self, Composer(self.vocabulary.words, made["components"]["schemas"]))
        for operation in operations(made):
            teller.tell(operation)
        return made

    def _problems(self) -> Json:
        return {f"Problem{status}": _told(self.catalogue.with_status(status), status) for status in self.statuses}

    @property
    def statuses(self) -> Sequence[int]:
        """The statuses of the problems that an operation may be answered with."""
        return [status for status in self.catalogue.statuses if status in _STATUSES]


@dataclass(frozen=True, slots=True)
class _Teller:
    """Completes the operations of one document."""

    api: Api
    composer: Composer

    def tell(self, operation: Operation) -> None:
        """Give an operation its summary, its headers, its examples and its problems."""
        told = operation.told
        told["summary"] = told.get("description", operation.name).split(". ")[0].split("\n")[0].rstrip(".")
        self._ask(operation)
        self._succeed(operation)
        for status in self.api.statuses:
            if status not in _OF_BODIES or operation.method != "get":
                responses = told["responses"]
                responses[str(status)] = _problem(status, responses.get(str(status), {}))

    def _ask(self, operation: Operation) -> None:
        told, vocabulary = operation.told, self.api.vocabulary
        for parameter in told.get("parameters", ()):
            if parameter["required"] or parameter["name"] in vocabulary.words:
                parameter["example"] = self.composer.example(parameter["schema"], parameter["name"], operation.name)
        if self._is_keyed(operation):
            told.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
        body = told.get("requestBody", {})
        for content in body.get("content", {}).values():
            body["required"] = body.get("required", False) and not self._needs_nothing(content["schema"])
            if content["schema"] != _FILE:
                whole = vocabulary.requests.get(operation.name)
                content["example"] = self.composer.example(content["schema"]) if whole is None else whole

    def _needs_nothing(self, schema: Json) -> bool:
        """Whether a body of this form may be empty: it has a name, and no field that must be there."""
        name = schema.get("$ref", "").rpartition("/")[2]
        return name in self.composer.schemas and not self.composer.schemas[name].get("required")

    def _is_keyed(self, operation: Operation) -> bool:
        return operation.method != "get" and operation.name not in self.api.vocabulary.keyless

    def _succeed(self, operation: Operation) -> None:
        responses = operation.told["responses"]
        for status in [status for status in responses if status.startswith("2")]:
            for media_type, content in responses[status].get("content", {}).items():
                if media_type.endswith("json"):
                    self._exemplify(operation, content)
        first = responses.get("201", {})
        for like_first in {"200", "202"} & responses.keys():
            responses[like_first] = {**first, **responses[like_first]}
        if first and self._is_keyed(operation):
            first["headers"] = {"Log-Position": _component("headers", "LogPosition")}
            responses["200"] = _replayed(first)

    def _exemplify(self, operation: Operation, content: Json) -> None:
        whole = self.api.vocabulary.answers.get(operation.name)
        if operation.name in self.api.vocabulary.facts:
            content["schema"] = _component("schemas", "Taken")
            own: Json = {"facts": self.api.vocabulary.facts[operation.name]} | (whole or {})
            whole = self.composer.example(content["schema"]) | own
        content["schema"] = content.get("schema") or {"type": "object"}
        content["example"] = self.composer.example(content["schema"]) if whole is None else whole


def _component(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _replayed(first: Json) -> Json:
    headers = {**first["headers"], "Idempotency-Replayed": _component("headers", "IdempotencyReplayed")}
    return {**first, "description": "The first answer once more, byte for byte.", "headers": headers}


def _problem(status: int, own: Mapping[str, Any]) -> Json:
    """The shared answer, unless the route has a form of its own for it beside the problem."""
    form = own.get("content", {}).get(_JSON)
    if form is None or form["schema"] == _component("schemas", "HTTPValidationError"):
        return _component("responses", f"Problem{status}")
    content = {PROBLEM: {"schema": _component("schemas", "Problem")}, _JSON: form}
    return {"description": _STATUSES[status], "content": content}


def _told(kinds: Sequence[Kind], status: int) -> Json:
    """The answer with a status, and each of its codes as an example."""
    examples = {kind.code: {"summary": kind.detail, "value": _example(kind)} for kind in kinds}
    content = {PROBLEM: {"schema": _component("schemas", "Problem"), "examples": examples}}
    told: Json = {"description": _STATUSES[status], "content": content}
    return told | {"headers": {"Retry-After": _component("headers", "RetryAfter")}} if status in RETRYABLE else told


def _example(kind: Kind) -> Json:
    errors = [_WRONG_FIELD] if kind.code == "invalid" else []
    return json.loads(bytes(answer(Problem(kind.status, kind.code, kind.detail, errors), "/v1").body))
