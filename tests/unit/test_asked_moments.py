"""Moments in a query: as we tell them ourselves, whether or not their plus sign was encoded."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.chassis.routing import AskedMoment
from tests.support.given import NOON

_ASKED: TypeAdapter[AskedMoment] = TypeAdapter(AskedMoment)


@pytest.mark.parametrize("sign", ["+", " "])
def test_a_moment_that_was_told_can_be_asked_for_as_it_stands(sign: str) -> None:
    told = f"{NOON.replace(tzinfo=None).isoformat()}{sign}00:00"
    assert _ASKED.validate_python(told) == NOON


@pytest.mark.parametrize("told", ["2026-11-02T08:10:00", "2026-11-02 08:10", "2026-11-02T08:10:00 8:00", ""])
def test_a_moment_without_its_offset_is_none(told: str) -> None:
    with pytest.raises(ValidationError):
        _ASKED.validate_python(told)
