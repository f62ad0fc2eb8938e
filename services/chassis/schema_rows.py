"""A JSON schema as rows to read: each field with its path, whether it must be there, what it may be, what it means."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.chassis.examples import Json

_DEEPEST = 4
_KINDS: Mapping[str, str] = {
    "string": "文本",
    "integer": "整数",
    "number": "数",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "null",
}
_FORMATS: Mapping[str, str] = {
    "date-time": "时刻,如 2026-11-20T10:05:00+08:00",
    "date": "日期,如 2026-11-20",
    "binary": "文件",
}
_LIMITS: Mapping[str, str] = {
    "minLength": "至少 {} 字",
    "maxLength": "至多 {} 字",
    "minItems": "至少 {} 项",
    "maxItems": "至多 {} 项",
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "pattern": "形如 {}",
    "default": "默认 {}",
}


class Row(NamedTuple):
    """One field of a body."""

    path: str
    required: bool
    kind: str
    meaning: str


def resolved(document: Json, told: Json) -> Json:
    """What a reference leads to; a description beside it stays."""
    if "$ref" not in told:
        return told
    kind, name = told["$ref"].removeprefix("#/components/").split("/")
    return document["components"][kind][name] | {key: told[key] for key in ("description",) if key in told}


def kind_of(document: Json, schema: Json) -> str:
    """What a value may be, in words: its type, its limits, its choices, its default."""
    told = resolved(document, schema)
    if "const" in told:
        return json.dumps(told["const"], ensure_ascii=False)
    if "enum" in told:
        return "、".join(map(str, told["enum"])) + _limits(told)
    if choices := _choices(told):
        one_of = dict.fromkeys(kind_of(document, each) for each in choices)
        return " 或 ".join(one_of) + _limits({key: told[key] for key in ("default", "pattern") if key in told})
    return _typed(document, told) + _limits(told)


def _typed(document: Json, told: Json) -> str:
    kind = told.get("type", "object")
    if isinstance(kind, list):
        return " 或 ".join(_KINDS[each] for each in told["type"])
    items = told.get("items")
    if items is None or "properties" in resolved(document, items):
        return _FORMATS.get(told.get("format", ""), _KINDS[kind])
    return f"列表,每项:{kind_of(document, items)}"


def _limits(told: Json) -> str:
    said = (words.format(_number(told[key])) for key, words in _LIMITS.items() if told.get(key) not in (None, [], {}))
    return "".join(f",{each}" for each in said)


def _number(limit: object) -> str:
    if isinstance(limit, bool) or not isinstance(limit, int | float | str):
        return json.dumps(limit, ensure_ascii=False)
    return str(limit) if isinstance(limit, str) else f"{int(limit)}"


def _choices(told: Json) -> list[Json]:
    choices: list[Json] = told.get("anyOf") or told.get("oneOf") or []
    return choices


def rows(document: Json, schema: Json, above: str = "") -> Iterator[Row]:
    """Every field of a body and of what is inside it, ``goods[].item`` being an item's."""
    told = resolved(document, schema)
    for choice in _choices(told):
        yield from rows(document, choice, above)
    if told.get("type") == "array" and above:
        yield from rows(document, told["items"], f"{above}[]")
    prefix = f"{above}." if above else ""
    for name, inner in told.get("properties", {}).items():
        found = resolved(document, inner)
        required = name in told.get("required", ())
        yield Row(f"{prefix}{name}", required, kind_of(document, inner), found.get("description", ""))
        if above.count(".") < _DEEPEST:
            yield from rows(document, inner, f"{prefix}{name}")
