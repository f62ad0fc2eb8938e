"""Moments that callers name: what they tell us of has happened, by a clock that may be a little ahead of ours."""

from datetime import datetime, timedelta

from services.chassis.calling import Call
from services.chassis.field_errors import FieldError
from services.chassis.problems import Invalid

AHEAD = timedelta(minutes=5)
"""How far a caller's clock may be ahead of ours."""


def must_have_happened(call: Call, moment: datetime | None, pointer: str = "/occurred_at") -> None:
    """Raise ``Invalid`` for a moment that is still to come; none means now."""
    if moment is not None and moment > call.service.clock.now() + AHEAD:
        raise Invalid([FieldError(pointer, "in_the_future", "发生时间不能晚于现在。")])
