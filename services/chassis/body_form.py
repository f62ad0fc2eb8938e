"""In which form a body may come (内容格式), for every route of every service: JSON that says so, and nothing packed.

A route that reads its bytes itself, because a signature is over them or it takes files, judges them by what they are.
"""

from collections.abc import Mapping
from email.message import Message

from fastapi import Request
from pydantic import BaseModel
from starlette.types import Message as Received

from services.chassis.problems import Problem


def must_not_be_packed(headers: Mapping[str, str]) -> None:
    """Raise ``Problem`` (415) for a body that is said to be packed (gzip): a few bytes could be very many."""
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Problem(415, "encoding_refused", "请求内容不能压缩传送,请去掉请求头 Content-Encoding 后按原文提交。")


async def said_in_json(request: Request, body: object) -> Request:
    """A request whose body is JSON: as it came, or ``{}`` for nothing where the ``body`` asked for needs no field.

    Raises ``Problem`` (415) for a body that is not said to be JSON.
    """
    if await request.body():
        _must_be_json(request.headers)
        return request
    needs_nothing = isinstance(body, type) and issubclass(body, BaseModel) and not has_required(body)
    return _saying(b"{}", request) if needs_nothing else request


def has_required(body: type[BaseModel]) -> bool:
    """Whether a body has a field that must be there."""
    return any(one.is_required() for one in body.model_fields.values())


def _must_be_json(headers: Mapping[str, str]) -> None:
    told = Message()
    told["content-type"] = headers.get("content-type", "")
    subtype = told.get_content_subtype()
    if told.get_content_maintype() != "application" or not (subtype == "json" or subtype.endswith("+json")):
        raise Problem(415, "not_said_to_be_json", "请求头 Content-Type 应为 application/json,请补上后重新提交。")


def _saying(body: bytes, request: Request) -> Request:
    headers = [header for header in request.scope["headers"] if header[0] != b"content-type"]

    async def receive() -> Received:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}, receive)
