"""The time of China (北京时间), in which days, months and budget years begin and end."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day of a moment."""
    return moment.astimezone(SHANGHAI).date()
