"""Intake over HTTP: where reports come in, what is said about them later, and what an integrator can look up."""

from typing import Any

from fastapi import APIRouter

from services.intake import (
    attachments,
    catalogue,
    completing,
    duty,
    feed,
    leaving,
    listing,
    messages,
    orders,
    redelivery,
    referring,
    reporting,
    syncing,
)

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "retryable", "errors"],
}
_CONTENT = {"application/problem+json": {"schema": _PROBLEM}}
_ENVELOPED = {"application/json": {"schema": {"type": "object", "required": ["success", "code", "message", "data"]}}}

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "the answer, or the first one once more"},
    202: {"description": "taken in; something is still asked for"},
    400: {"description": "no idempotency key, or not readable at all", "content": _CONTENT},
    401: {"description": "who is calling is not known", "content": _CONTENT | _ENVELOPED},
    403: {"description": "the role may not do this, or not there", "content": _CONTENT | _ENVELOPED},
    404: {"description": "there is no such thing", "content": _CONTENT | _ENVELOPED},
    409: {"description": "it makes no sense now", "content": _CONTENT | _ENVELOPED},
    410: {"description": "it was erased", "content": _CONTENT | _ENVELOPED},
    413: {"description": "too large", "content": _CONTENT},
    422: {"description": "fields do not fit", "content": _CONTENT | _ENVELOPED},
    429: {"description": "too many calls", "content": _CONTENT | _ENVELOPED},
    503: {"description": "try again", "content": _CONTENT | _ENVELOPED},
}
"""What a route may answer beside its own success: every one of them is in the catalogue of errors."""

_PARTS = (
    *(orders, reporting, referring, syncing, listing, messages, attachments),
    *(leaving, completing, duty, feed, redelivery, catalogue),
)
router = APIRouter()
for part in _PARTS:
    router.include_router(part.router, responses=ANSWERS)
