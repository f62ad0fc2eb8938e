"""Moments as people write and read them here: in the time of Asia/Shanghai."""

from datetime import datetime

import click

from events.shanghai import SHANGHAI


class _Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without an offset it is meant in Asia/Shanghai, without a time as the day's beginning."""

    name = "时刻"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("时刻的写法如 2026-11-02T14:05 或 2026-11-02T06:05:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


MOMENT = _Moment()


def on_paper(moment: datetime) -> str:
    """To the minute: ``2026-11-02 14:05``."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
