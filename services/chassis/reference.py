"""An OpenAPI document as a page to read and print (接口说明): plain HTML, which needs no other host to be reached."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.chassis.examples import Json
from services.chassis.openapi import Operation, operations

_STYLE = """
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:62rem}
section{border-top:1px solid #bbb;padding:.6rem 0;break-inside:avoid}
h2{margin:2rem 0 .4rem}h3{font:600 1rem/1.4 ui-monospace,monospace;margin:.4rem 0;overflow-wrap:anywhere}
pre{background:#f4f4f4;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px}
table{border-collapse:collapse;font-size:14px}td{border:1px solid #ccc;padding:.2rem .5rem;vertical-align:top}
"""


def page(document: Json) -> str:
    """The whole document on one page, by what the operations are about, and the problems once at the end."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    by_tag: dict[str, list[Operation]] = {}
    for operation in operations(document):
        by_tag.setdefault(operation.told.get("tags", ["other"])[0], []).append(operation)
    body = [f"<h1>{title}</h1><p><a href='openapi.json'>openapi.json</a></p>"]
    for tag, told in by_tag.items():
        body.append(f"<h2>{escape(tag)}</h2>{''.join(_section(document, one) for one in told)}")
    body.append(f"<h2>Problems</h2><table>{''.join(_problems(document))}</table>")
    head = f"<meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='zh-CN'><head>{head}</head><body>{''.join(body)}</body></html>"


def _section(document: Json, operation: Operation) -> str:
    told = operation.told
    parameters = "".join(_parameter(_resolved(document, each)) for each in told.get("parameters", ()))
    statuses = ", ".join(sorted(told["responses"]))
    return (
        f"<section><h3>{escape(operation.name)}</h3><p>{escape(told.get('description', ''))}</p>"
        f"<table>{parameters}</table>{_examples('Asked', told.get('requestBody', {}))}"
        f"{''.join(_examples(status, told['responses'][status]) for status in ('200', '201') if _first(told, status))}"
        f"<p>{escape(statuses)}</p></section>"
    )


def _first(told: Json, status: str) -> bool:
    """Whether this is the status of the main answer; a repetition has the same."""
    return status in told["responses"] and (status == "201" or "201" not in told["responses"])


def _parameter(told: Json) -> str:
    needed = "" if told.get("required") else "?"
    said = told.get("description") or told.get("schema", {}).get("description", "")
    example = json.dumps(told["example"], ensure_ascii=False) if "example" in told else ""
    return f"<tr><td>{escape(told['name'] + needed)}<td>{told['in']}<td>{escape(said)}<td>{escape(example)}"


def _examples(what: str, told: Json) -> str:
    found = ((kind, each["example"]) for kind, each in told.get("content", {}).items() if "example" in each)
    return "".join(f"<p>{what}: {escape(kind)}</p><pre>{escape(_written(example))}</pre>" for kind, example in found)


def _written(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)


def _problems(document: Json) -> Iterator[str]:
    for response in document["components"]["responses"].values():
        for content in response["content"].values():
            for code, example in content["examples"].items():
                yield f"<tr><td>{example['value']['status']}<td>{escape(code)}<td>{escape(example['summary'])}"


def _resolved(document: Json, told: Json) -> Json:
    if "$ref" not in told:
        return told
    kind, name = told["$ref"].removeprefix("#/components/").split("/")
    return document["components"][kind][name]


def reference_routes() -> APIRouter:
    """The page at ``/docs``, made when it is first asked for."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page(request.app.openapi()))

    return router
