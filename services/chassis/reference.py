"""An OpenAPI document as a page to read and print (接口说明): plain HTML, which needs no other host to be reached."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.examples import Json
from services.chassis.glossary import glossary
from services.chassis.openapi import Operation, operations
from services.chassis.schema_rows import kind_of, resolved, rows

_PLACES = {"path": "路径", "query": "查询", "header": "请求头"}
_CODE = re.compile(r"``?([^`]+)``?")


def page(document: Json) -> str:
    """The whole document on one page: how to call, the operations by what they are about, the problems at the end."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    groups = _grouped(document)
    problems = "".join(_problems(document["components"]["responses"]))
    main = (
        f"<h1>{title} 接口说明</h1>{_file('reference.html')}{''.join(_sections(document, groups))}"
        f"<h2 id='problems'>错误代码</h2>{_table(('状态', '代码', '含义'), problems)}"
    )
    head = (
        "<meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{title} 接口说明</title><style>{_file('reference.css')}</style>"
    )
    return (
        f"<!doctype html><html lang='zh-CN'><head>{head}</head><body>"
        f"<nav>{''.join(_contents(groups))}</nav><main>{main}</main></body></html>"
    )


def _file(name: str) -> str:
    return files("services.chassis").joinpath(name).read_text(encoding="utf-8")


def _grouped(document: Json) -> Mapping[str, list[Operation]]:
    """The operations by tag; where one tag is the whole service, by the noun in the path."""
    service = document["info"]["title"].rpartition(" ")[2]
    groups: dict[str, list[Operation]] = {}
    for operation in operations(document):
        tag = operation.told.get("tags", [service])[0]
        noun = operation.name.replace("/v1", "").split("/")[1]
        groups.setdefault(noun if tag == service else tag, []).append(operation)
    return {glossary().groups.get(name, name): told for name, told in groups.items()}


def _contents(groups: Mapping[str, list[Operation]]) -> Iterator[str]:
    yield "<p><a href='#calling'>怎样调用</a> · <a href='#problems'>错误代码</a>"
    yield "<p><a href='openapi.json'>openapi.json</a>"
    for title, told in groups.items():
        links = "".join(_link(one) for one in told)
        yield f"<details><summary>{escape(title)}({len(told)})</summary><ul>{links}</ul></details>"


def _link(one: Operation) -> str:
    return f"<li><a href='#{_anchor(one)}' title='{escape(one.told['summary'])}'>{escape(one.name)}</a>"


def _anchor(operation: Operation) -> str:
    return escape(operation.told["operationId"])


def _sections(document: Json, groups: Mapping[str, list[Operation]]) -> Iterator[str]:
    for title, told in groups.items():
        yield f"<h2>{escape(title)}</h2>"
        yield from (_section(document, one) for one in told)


def _section(document: Json, operation: Operation) -> str:
    told = operation.told
    links = (f"<a href='#p{status}'>{status}</a>" for status in sorted(told["responses"]) if status >= "400")
    answers = (_answer(document, status, told["responses"][status]) for status in sorted(told["responses"]))
    return (
        f"<section id='{_anchor(operation)}'><h3>{escape(operation.name)}</h3>{_prose(told.get('description', ''))}"
        f"{_parameters(document, told.get('parameters', ()))}{_asked(document, told.get('requestBody', {}))}"
        f"{''.join(answers)}<p>可能的错误:{' '.join(links)}</p></section>"
    )


def _prose(text: str) -> str:
    return "".join(f"<p>{_said(part)}</p>" for part in text.split("\n\n") if part)


def _table(headings: Iterable[str], body: str) -> str:
    heads = "".join(f"<th>{heading}" for heading in headings)
    return f"<div><table><thead><tr>{heads}<tbody>{body}</table></div>" if body else ""


def _row(name: str, *cells: str) -> str:
    return f"<tr><td><code>{escape(name)}</code>{''.join(f'<td>{cell}' for cell in cells)}"


def _said(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _parameters(document: Json, told: Iterable[Json]) -> str:
    body = "".join(_parameter(document, resolved(document, each)) for each in told)
    return _table(("参数", "位置", "必填", "类型与取值", "含义", "例"), body)


def _parameter(document: Json, told: Json) -> str:
    example = json.dumps(told["example"], ensure_ascii=False) if "example" in told else ""
    kind = kind_of(document, told.get("schema", {})).replace(" 或 null", "")
    needed = "是" if told.get("required") else "否"
    said = _said(told.get("description", ""))
    return _row(told["name"], _PLACES[told["in"]], needed, escape(kind), said, escape(example))


def _asked(document: Json, told: Json) -> str:
    return "".join(
        f"<h4>请求内容({escape(kind)})</h4>{_fields(document, each['schema'], with_need=True)}{_example('例', each)}"
        for kind, each in told.get("content", {}).items()
    )


def _answer(document: Json, status: str, told: Json) -> str:
    """What is answered with a status of success; a repetition and its like are told without their fields."""
    if status >= "300":
        return ""
    content = told.get("content", {}).items() if "Idempotency-Replayed" not in told.get("headers", {}) else ()
    shown = "".join(
        f"<details><summary>字段({escape(kind)})</summary>"
        f"{_fields(document, each['schema'], with_need=False)}</details>"
        f"{_example('例', each)}"
        for kind, each in content
    )
    said = "成功。" if told.get("description") == "Successful Response" else told.get("description", "")
    return f"<h4>回答 {status}</h4><p>{escape(said)}</p>{shown}"


def _fields(document: Json, schema: Json, *, with_need: bool) -> str:
    body = "".join(
        _row(row.path, *(("是" if row.required else "否",) if with_need else ()), escape(row.kind), _said(row.meaning))
        for row in rows(document, schema)
    )
    return _table(("字段", *(("必填",) if with_need else ()), "类型与取值", "含义"), body)


def _example(what: str, told: Json) -> str:
    if "example" not in told:
        return ""
    return f"<details><summary>{what}</summary><pre>{escape(_written(told['example']))}</pre></details>"


def _written(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)


def _problems(responses: Mapping[str, Json]) -> Iterator[str]:
    for name, response in responses.items():
        status, anchor = name.removeprefix("Problem"), f" id='p{name.removeprefix('Problem')}'"
        for content in response["content"].values():
            for code, example in content["examples"].items():
                yield f"<tr{anchor}><td>{status}<td><code>{escape(code)}</code><td>{escape(example['summary'])}"
                anchor = ""


def reference_routes() -> APIRouter:
    """The page at ``/docs``, made when it is first asked for; ``/`` leads there."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def root() -> RedirectResponse:
        return RedirectResponse("docs")

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page(request.app.openapi()))

    return router
