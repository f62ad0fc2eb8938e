"""Check a clock's certificate (时限证明) without any of us: Python 3.11 and nothing else.

    python check_certificate.py CERTIFICATE.json

It counts every stretch again, works out again when the time was up, and hashes the facts that are cited. It says 通过
and ends with 0, or says what is wrong and ends with 1. That a fact is the log's own is seen by its hash: ask for the
hash at that position of the log, or compare with another certificate.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

SHANGHAI = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
LATE = {"must": "breached", "may": "target_missed", "stands": "met"}


class Calendar:
    """The working days that a certificate was counted by."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.off, self.worked = set(told["days_off"]), set(told["days_worked"])

    def version(self) -> str:
        """The hash that names these days."""
        lists = (self.told["years"], self.told["days_off"], self.told["days_worked"])
        return sha256("|".join(",".join(str(one) for one in part) for part in lists).encode()).hexdigest()

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return str(day) in self.worked or (day.weekday() < 5 and str(day) not in self.off)

    def between(self, first: date, last: date, unit: str) -> int:
        """The days after the first, up to and with the last."""
        days = [first + (number + 1) * DAY for number in range((last - first).days)]
        return sum(unit == "natural_day" or self.works(day) for day in days)

    def after(self, day: date, count: int, unit: str) -> date:
        """The day that is so many days later."""
        while count > 0:
            day += DAY
            count -= unit == "natural_day" or self.works(day)
        return day


def faults(told: dict[str, Any]) -> Iterator[str]:
    """Everything that is wrong with a certificate, in Chinese."""
    content = {name: value for name, value in told.items() if name != "digest"}
    if sha256(canonical(content)).hexdigest() != told["digest"]:
        yield "内容与摘要不符"
    calendar = Calendar(told["calendar"])
    if calendar.version() != told["calendar"]["version"]:
        yield "日历与其版本号不符"
    for fact in told["facts"]:
        if linked(fact) != fact["hash"]:
            yield f"第{fact['position']}条事实与其散列值不符"
    yield from wrong_segments(told, calendar)
    yield from wrong_verdict(told, calendar)


def canonical(value: object) -> bytes:
    """The one way of writing a value down."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def linked(fact: dict[str, Any]) -> str:
    """The hash of a fact that follows the one before it."""
    parts = (
        bytes.fromhex(fact["previous"]),
        fact["division"].encode(),
        fact["position"].to_bytes(8, "big"),
        fact["stream"].encode(),
        fact["version"].to_bytes(8, "big"),
        fact["name"].encode(),
        fact["schema_version"].to_bytes(4, "big"),
        UUID(fact["fact_id"]).bytes,
        UUID(fact["command_id"]).bytes,
        stamp(fact["occurred_at"]),
        stamp(fact["recorded_at"]),
        fact["meta"].encode(),
        fact["data"].encode(),
    )
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def stamp(text: str) -> bytes:
    """A moment in microseconds since 1970, as it is hashed."""
    return ((moment(text) - EPOCH) // MICROSECOND).to_bytes(8, "big", signed=True)


def moment(text: str) -> datetime:
    """A moment as it is written."""
    return datetime.fromisoformat(text)


def day_of(text: str) -> date:
    """The day in Asia/Shanghai."""
    return moment(text).astimezone(SHANGHAI).date()


def wrong_segments(told: dict[str, Any], calendar: Calendar) -> Iterator[str]:
    """The stretches must join, sum up, and begin and end when the cited facts say."""
    segments, facts = told["segments"], {fact["position"]: fact for fact in told["facts"]}
    ends = [told["started_at"], *(one["ends_at"] for one in segments)]
    for number, (one, began) in enumerate(zip(segments, ends, strict=False), start=1):
        if moment(one["begins_at"]) != moment(began):
            yield f"第{number}段与前一段不相接"
        if not facts.keys() >= {cause["position"] for cause in (one["began_by"], *one.get("joined", ()))}:
            yield f"第{number}段的起因没有所引事实"
        if (moment(one["ends_at"]) - moment(one["begins_at"])) // MICROSECOND != one["microseconds"]:
            yield f"第{number}段时长有误"
        if one["days"] != counted(one, told, calendar):
            yield f"第{number}段天数有误"
    yield from wrong_starts(told, facts)
    yield from wrong_sums(told)


def wrong_sums(told: dict[str, Any]) -> Iterator[str]:
    """The sums must be those of the stretches."""
    for kind, name in (("running", "计时"), ("paused", "暂停")):
        own = [one for one in told["segments"] if one["kind"] == kind]
        if sum(one["microseconds"] for one in own) != told["sums"][f"{kind}_microseconds"]:
            yield f"{name}时长合计有误"
        if sum(one["days"] for one in own) != told["sums"][f"{kind}_days"]:
            yield f"{name}天数合计有误"


def wrong_starts(told: dict[str, Any], facts: dict[int, dict[str, Any]]) -> Iterator[str]:
    """A start and a stop are moments that the cited facts name, or at which they happened."""
    first, last = told["segments"][0], told["segments"][-1]
    bounds = [(told["started_at"], first["began_by"], "起算"), (told["stopped_at"], last["ended_by"], "完成")]
    for at, signal, name in bounds:
        if at is None:
            continue
        fact = facts.get(signal["position"]) if signal else None
        if fact is None or moment(at) not in moments(fact):
            yield f"{name}时间与所引事实不符"
        elif json.loads(fact["meta"])["actor"]["id"] != signal["by"] != json.loads(fact["meta"])["actor"].get("rule"):
            yield f"{name}的经手人与所引事实不符"
    ended = told["stopped_at"] or told["issued_at"]
    if moment(last["ends_at"]) != max(moment(ended), moment(told["started_at"])):
        yield "最后一段没有止于完成或出证之时"


def moments(fact: dict[str, Any]) -> set[datetime]:
    """Every moment that a fact names."""
    found = {moment(fact["occurred_at"]), moment(fact["recorded_at"])}
    for value in json.loads(fact["data"]).values():
        if isinstance(value, str) and "T" in value:
            try:
                found.add(moment(value.replace("Z", "+00:00")))
            except ValueError:
                continue
    return found


def counted(one: dict[str, Any], told: dict[str, Any], calendar: Calendar) -> int:
    """The days of a stretch; a clock in hours counts none."""
    unit = told["rule"]["unit"]
    return 0 if unit == "hour" else calendar.between(day_of(one["begins_at"]), day_of(one["ends_at"]), unit)


def wrong_verdict(told: dict[str, Any], calendar: Calendar) -> Iterator[str]:
    """When the time was up, and whether that was kept."""
    due, end = moment(told["due_at"]), moment(told["segments"][-1]["ends_at"])
    if due != due_at(told, calendar):
        yield "到期时间有误"
    kept = ("met", "lapsed") if told["stopped_at"] else ("running",)
    if told["verdict"] not in ((LATE[told["rule"]["modal"]],) if end > due else kept):
        yield "判定有误"


def due_at(told: dict[str, Any], calendar: Calendar) -> datetime:
    """When the time is up: as it was given, or else counted, and put off by each pause that began before."""
    given = told["rule"]["sent_due_at"]
    if given is not None and heeds_from(told) is None:
        return moment(given)
    return by_hours(told) if told["rule"]["unit"] == "hour" else by_days(told, calendar)


def heeds_from(told: dict[str, Any]) -> datetime | None:
    """From when on a pause counts. Older certificates do not say: then none moves a deadline that was given."""
    given, since = told["rule"]["sent_due_at"], told["rule"].get("heeds_from")
    if since is None:
        return moment(told["started_at"]) if given is None else None
    return moment(since)


def pauses(told: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    """Where the clock stood still, to the end that was foreseen."""
    since = heeds_from(told)
    still = [one for one in told["segments"] if one["kind"] == "paused"]
    found = [(max(moment(one["begins_at"]), since), moment(one["until"])) for one in still]
    return [(begins_at, ends_at) for begins_at, ends_at in found if begins_at < ends_at]


def by_hours(told: dict[str, Any]) -> datetime:
    """A term in hours never rolls."""
    rule = told["rule"]
    counted = moment(told["started_at"]) + timedelta(days=rule["after_days"], hours=rule["length"])
    due = counted if rule["sent_due_at"] is None else moment(rule["sent_due_at"])
    for begins_at, ends_at in pauses(told):
        due += ends_at - begins_at if begins_at < due else timedelta()
    return due


def by_days(told: dict[str, Any], calendar: Calendar) -> datetime:
    """A term in days ends at 24:00 of its last day."""
    rule, unit = told["rule"], told["rule"]["unit"]
    last = last_day(told, calendar)
    for begins_at, ends_at in pauses(told):
        if begins_at < midnight(last):
            first, until = begins_at.astimezone(SHANGHAI).date(), ends_at.astimezone(SHANGHAI).date()
            last = calendar.after(last, calendar.between(first, until, unit), unit)
    while unit == "natural_day" and rule["rolls"] and not calendar.works(last):
        last += DAY
    return midnight(last)


def last_day(told: dict[str, Any], calendar: Calendar) -> date:
    """The last day before any pause: of the deadline that was given, or counted from the start."""
    rule = told["rule"]
    if rule["sent_due_at"] is not None:
        return (moment(rule["sent_due_at"]) - MICROSECOND).astimezone(SHANGHAI).date()
    return calendar.after(day_of(told["started_at"]) + timedelta(days=rule["after_days"]), rule["length"], rule["unit"])


def midnight(day: date) -> datetime:
    """24:00 of a day."""
    return datetime.combine(day + DAY, time(), SHANGHAI)


def main() -> int:
    """Check the file that is named, and say what was found."""
    try:
        told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        found = list(faults(told))
    except (AttributeError, IndexError, OSError, ValueError, KeyError, TypeError) as error:
        found = [f"不是合格的时限证明({type(error).__name__})"]
    sys.stdout.write(("\n".join(found) if found else "通过") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
