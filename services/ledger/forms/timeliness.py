"""How long households waited (时效): payment by payment, and all together with the papers that followed (SLA)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from events.shanghai import SHANGHAI, day_of
from services.ledger.forms.printed import Cells, Column, Table
from services.ledger.usage import hundredths

Row = Mapping[str, Any]
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class InTime:
    """Up to how long, inclusive, a receipt after its hold is in time: in hours, or in natural days.

    The day of the hold is not counted, and the last day ends at 24:00. Working days are relief's to count: a clock's
    certificate (时限证明) judges those.
    """

    length: int = 24
    unit: Literal["hour", "natural_day"] = "hour"

    def is_late(self, row: Row) -> bool:
        """Whether a payment was received later than that."""
        if self.unit == "hour":
            return row["received_at"] - row["held_at"] > self.length * _HOUR
        return day_of(row["received_at"]) > day_of(row["held_at"]) + timedelta(days=self.length)

    @property
    def told(self) -> str:
        """What a table is judged by, as its heading says it."""
        if self.unit == "hour":
            return f"自占用起{self.length}小时内到账为按时"
        return f"自占用次日起{self.length}日内到账为按时"


_TIMELINESS = (
    Column("支付号", 20),
    Column("占用时间", 16),
    Column("指令时间", 16),
    Column("到账时间", 16),
    Column("用时(小时)", 10, "count"),
    Column("是否超时", 12),
)
_SLA = (
    Column("先行救助笔数", 12, "count"),
    Column("时限内", 10, "count"),
    Column("超时", 10, "count"),
    Column("最长(小时)", 12, "figure"),
    Column("中位数(小时)", 12, "figure"),
    Column("应补手续", 10, "count"),
    Column("按时补齐", 10, "count"),
    Column("补手续按时率", 12, "figure"),
)


def timeliness(rows: Sequence[Row], limit: InTime) -> Table:
    """How many full hours lay between the hold and the household's receipt, and whether it was late."""
    return Table(_TIMELINESS, tuple(_timed(row, limit) for row in rows))


def _timed(row: Row, limit: InTime) -> Cells:
    taken = row["received_at"] - row["held_at"]
    moments = (_moment(row[name]) for name in ("held_at", "instructed_at", "received_at"))
    return row["payment_number"], *moments, taken // _HOUR, "超时" if limit.is_late(row) else ""


def sla(rows: Sequence[Row], limit: InTime, papers_days: int | None, today: date) -> Table:
    """How many payments were in time, how long the others took, and how many had their papers in time (SLA).

    Papers are due so many days after the day of receipt, inclusive; one that is not due yet does not count, and
    where a fund has no such term none is ever due.
    """
    taken = sorted(row["received_at"] - row["held_at"] for row in rows)
    late = sum(map(limit.is_late, rows))
    middle = (taken[(len(taken) - 1) // 2] + taken[len(taken) // 2]) / 2 if taken else None
    in_time = [told for row in rows if (told := _filed_in_time(row, papers_days, today)) is not None]
    rate = hundredths((2 * sum(in_time) * 10_000 + len(in_time)) // (2 * len(in_time))) + "%" if in_time else "无"
    longest = taken[-1] if taken else None
    counts = (len(taken), len(taken) - late, late, _tenths(longest), _tenths(middle))
    return Table(_SLA, ((*counts, len(in_time), sum(in_time), rate),))


def _filed_in_time(row: Row, papers_days: int | None, today: date) -> bool | None:
    """Whether its papers were filed in time; none while they are not due."""
    if papers_days is None:
        return None
    last = day_of(row["received_at"]) + timedelta(days=papers_days)
    if row["filed_at"] is None:
        return None if today <= last else False
    return day_of(row["filed_at"]) <= last


def _tenths(taken: timedelta | None) -> str:
    """Hours with one digit behind the point, rounded down."""
    if taken is None:
        return "无"
    tenths = taken * 10 // _HOUR
    return f"{tenths // 10}.{tenths % 10}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
