"""The time of China (北京时间), in which days, months and budget years begin and end."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day of a moment."""
    return moment.astimezone(SHANGHAI).date()


def in_shanghai(moment: datetime) -> datetime:
    """The same moment with China's offset, as every answer tells it."""
    return moment.astimezone(SHANGHAI)


Shown = Annotated[datetime, AfterValidator(in_shanghai)]
"""A moment as it is answered."""
