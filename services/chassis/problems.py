"""Errors as RFC 9457 problems: a stable code, a sentence that can be read aloud, pointers to fields, nothing else.

What was sent is never repeated: it may be an ID number or a phone.
"""

import re
from collections.abc import Iterable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from services.chassis.access import Denied, Expired, Replayed, Unauthenticated
from services.chassis.decider import Refused
from services.chassis.event_store import Doubled, Fenced, StoreRejected, StoreUnavailable
from services.chassis.field_errors import FieldError
from services.chassis.sealing import Erased
from services.chassis.tracing import trace_id
from services.chassis.unit import NonceReused, SaidDifferently, StreamUnreadable, VersionConflict
from services.chassis.writer import Busy

_RETRY_AFTER_SECONDS = 2
_NUMBER = re.compile(r"[0-9]{11,}[Xx]?")
"""As long as a mobile's number, or longer."""


class Problem(Exception):
    """Raised anywhere behind a route to answer with a problem."""

    def __init__(self, status: int, code: str, detail: str, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.errors = status, code, detail, tuple(errors)


class Invalid(Problem):
    """The request's fields do not fit (422)."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        super().__init__(422, "invalid", "内容不符合要求,请按提示更正后重新提交。", errors)


_ANSWERS: dict[type[Exception], tuple[int, str, str]] = {
    Unauthenticated: (401, "unauthenticated", "身份未能确认,请检查令牌或签名。"),
    Expired: (401, "signature_expired", "签名时间与本系统时间相差超过五分钟,请校准时钟,重新签名后提交。"),
    Replayed: (401, "nonce_replayed", "该随机数 (nonce) 已用过一次,请更换随机数,重新签名后提交。"),
    Denied: (403, "denied", "您的角色或辖区不能办理此事项。"),
    SaidDifferently: (422, "key_reused", "同一幂等号已用于不同内容,请更换幂等号。"),
    NonceReused: (422, "webhook_id_reused", "同一消息编号 (webhook-id) 已用于不同内容,请更换消息编号。"),
    VersionConflict: (409, "conflict", "内容已被他人更新,请刷新后重试。"),
    Erased: (410, "erased", "相关个人信息已依法删除,不能再补充,请重新登记或报告。"),
    StoreRejected: (422, "not_storable", "内容含有无法保存的字符,请更正后重新提交。"),
    Doubled: (503, "unavailable", "系统暂时不可用,请稍后重试。"),
    Busy: (503, "busy", "系统繁忙,请稍后重试。"),
    StoreUnavailable: (503, "unavailable", "系统暂时不可用,请稍后重试。"),
    Fenced: (503, "unavailable", "系统暂时不可用,请稍后重试。"),
    StreamUnreadable: (503, "upgrading", "系统正在升级,请稍后重试。"),
}

_FIELD_MESSAGES = {
    "missing": "缺少此项。",
    "extra_forbidden": "不认识此项。",
    "json_invalid": "不是有效的 JSON。",
    "string_too_long": "内容过长。",
    "string_too_short": "内容过短。",
    "too_long": "条目过多。",
    "timezone_aware": "时间必须带时区。",
}


def register(app: FastAPI) -> None:
    """Make every error that leaves a route a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in _ANSWERS:
        app.add_exception_handler(kind, _known)


def problem_of(failure: Exception) -> Problem | None:
    """What an exception is answered with; none for a bug of ours."""
    if isinstance(failure, Problem):
        return failure
    if isinstance(failure, Refused):
        return Problem(409, failure.code, failure.sentence)
    known = _ANSWERS.get(type(failure))
    return None if known is None else Problem(*known)


def unforeseen() -> Problem:
    """What a fault of ours is answered with. Whoever makes it logs what happened."""
    return Problem(500, "internal", "系统内部错误,已记录。")


def field_errors(errors: Iterable[ErrorDetails], *, skip: int = 0) -> list[FieldError]:
    """pydantic's errors as pointers, codes and Chinese messages; ``skip`` drops leading parts of the location."""
    return [
        FieldError(
            pointer="".join(f"/{part}" for part in error["loc"][skip:]),
            code=error["type"],
            message=_FIELD_MESSAGES.get(error["type"], "格式或取值不符合要求。"),
        )
        for error in errors
    ]


def answer(problem: Problem, instance: str) -> JSONResponse:
    """A problem as a response."""
    retryable = problem.status in (429, 503)
    body = {
        "type": f"urn:jiujinan:problem:{problem.code}",
        "title": problem.code,
        "status": problem.status,
        "detail": problem.detail,
        "instance": _unnumbered(instance),
        "code": problem.code,
        "retryable": retryable,
        "trace_id": trace_id(),
        "errors": [{"pointer": _unnumbered(e.pointer), "code": e.code, "message": e.message} for e in problem.errors],
    }
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if retryable else {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def _unnumbered(text: str) -> str:
    """An address or a field's name without what may be the number of a person: callers put such things anywhere."""
    return _NUMBER.sub("*", text)


def _told(failure: Exception) -> Problem:
    problem = problem_of(failure)
    assert problem is not None
    return problem


async def _problem(request: Request, problem: Exception) -> JSONResponse:
    return answer(_told(problem), request.url.path)


async def _refused(request: Request, refused: Exception) -> JSONResponse:
    return answer(_told(refused), request.url.path)


async def _invalid(request: Request, invalid: Exception) -> JSONResponse:
    assert isinstance(invalid, RequestValidationError)
    return answer(Invalid(field_errors(invalid.errors(), skip=1)), request.url.path)


async def _known(request: Request, error: Exception) -> JSONResponse:
    return answer(_told(error), request.url.path)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: ("not_found", "没有找到。"), 405: ("method_not_allowed", "不支持此操作。")}
    code, detail = codes.get(error.status_code, ("http_error", "请求不能受理。"))
    told = answer(Problem(error.status_code, code, detail), request.url.path)
    told.headers.update(error.headers or {})
    return told
