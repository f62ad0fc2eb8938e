"""What the senders of each channel would write about an invented need, in the channel's own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from events.words import Cause, Channel, Urgency
from jiujinan.chance import Chance
from jiujinan.invented import Household, InventedCounty

Json = dict[str, Any]

_QUESTIONS: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        "fire": ("0701", "民政-社会救助-火灾"),
        "accident": ("0702", "民政-社会救助-意外事件"),
        "illness": ("0703", "民政-社会救助-突发重大疾病"),
        "other": ("0704", "民政-社会救助-临时遇困"),
    }
)
_PILOT_LIGHTS: Mapping[Urgency, str] = MappingProxyType({"normal": "1", "urgent": "2", "life_danger": "3"})
STORIES: Mapping[Cause, tuple[str, ...]] = MappingProxyType(
    {
        "fire": ("家中因电器故障起火,家具和被褥被烧毁", "灶间失火,房屋部分烧毁,暂无住处"),
        "accident": ("家中主要劳动力遭遇交通事故,正在抢救", "务工时高处坠落受伤,家中断了收入"),
        "illness": ("家人突发重病住院,自付费用一时无力承担", "患重病需马上手术,押金没有着落"),
        "other": ("外出务工丢失财物,一家滞留,生活没有着落", "家中突遭变故,基本生活暂时难以维持"),
    }
)
_PLACE_NOT_TOLD = 0.02


@dataclass(frozen=True, slots=True)
class Need:
    """What struck one household."""

    county: InventedCounty
    household: Household
    cause: Cause
    urgency: Urgency
    amount_fen: int
    story: str


@dataclass(frozen=True, slots=True)
class Telling:
    """A need as one sender tells it."""

    need: Need
    at: datetime
    number: int
    is_known: bool


def _hotline(telling: Telling, chance: Chance) -> Json:
    need, at = telling.need, telling.at
    household, (question, name) = need.household, _QUESTIONS[need.cause]
    address, area = household.address, household.village.township if chance.random() < 0.6 else ""
    if chance.random() < _PLACE_NOT_TOLD:
        address = area = ""
    return {
        "orderNum": f"{need.county.code}{at:%Y%m%d}{telling.number:06d}",
        "pushSeq": 1,
        "callId": f"C{at:%Y%m%d%H%M%S}{telling.number:06d}",
        "sourceType": chance.choice(("电话", "电话", "电话", "微信", "网站")),
        "callTime": f"{at:%Y-%m-%d %H:%M:%S}",
        "callerType": chance.choice("12"),
        "callerName": household.name,
        "callerPhone": household.phone,
        "idCard": household.id_number,
        "isSecret": "0",
        "personCount": household.persons,
        "pilotLight": _PILOT_LIGHTS[need.urgency],
        "questionCode": question,
        "questionName": name,
        "areaCode": area,
        "address": address,
        "description": _story(need),
        "timeUnit": "天",
        "handleDays": 1,
        "deadlineDate": f"{at + timedelta(days=1):%Y-%m-%d %H:%M:%S}",
    }


def _village(telling: Telling, chance: Chance) -> Json:
    need, village = telling.need, telling.need.household.village
    ahead = timedelta(milliseconds=chance.choice((0, 0, 0, 0, chance.randint(-120_000, 120_000))))
    return {
        "source": {"system": "village-app", "external_id": str(UUID(int=chance.getrandbits(128), version=4))},
        "device_id": f"vp-{village.code}-01",
        "app_version": "1.4.2",
        "occurred_at": (telling.at + ahead).isoformat(),
        "clock_offset_ms": ahead // timedelta(milliseconds=1),
        "reporter": {"kind": "village_cadre", "is_secret": False},
        "subject": _subject(need.household),
        "place": {"division_code": village.code, "address_text": need.household.address},
        "need": _plain_need(need),
    }


def _hospital(telling: Telling, chance: Chance) -> Json:
    need, village = telling.need, telling.need.household.village
    return {
        "source": {"system": f"hospital-{need.county.code}-01", "external_id": f"JZ{telling.number:08d}"},
        "occurred_at": telling.at.isoformat(),
        "reporter": {"kind": "hospital", "name": "急诊科值班", "is_secret": False},
        "subject": _subject(need.household) if telling.is_known else {"identity_status": "unknown"},
        "place": {"division_code": village.township, "address_text": f"{need.county.address}样例大道1号样例医院"},
        "need": _plain_need(need),
        "ward": chance.choice(("急诊抢救室", "急诊留观室", "重症监护室")),
        "arrived_at": (telling.at - timedelta(minutes=chance.randint(5, 180))).isoformat(),
        "self_paid_band": chance.choice(("under_5000", "5000_to_20000", "over_20000")),
        "living_needs": [living for living in ("food", "escort", "lodging") if chance.random() < 0.5],
    }


WRITERS: Mapping[Channel, Callable[[Telling, Chance], Json]] = MappingProxyType(
    {"hotline": _hotline, "village": _village, "hospital": _hospital}
)


def _subject(household: Household) -> Json:
    return {
        "identity_status": "known",
        "name": household.name,
        "id_no": household.id_number,
        "phone": household.phone,
        "persons_affected": household.persons,
    }


def _plain_need(need: Need) -> Json:
    return {"category_code": need.cause, "urgency": need.urgency, "reason_text": _story(need)}


def _story(need: Need) -> str:
    yuan, fen = divmod(need.amount_fen, 100)
    return f"{need.story},预计急需{yuan}{f'.{fen:02d}' if fen else ''}元。"
