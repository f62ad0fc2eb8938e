"""Whether two reports may be of one household (疑似重复): by what they share, unread, and how much that weighs.

What is compared are keyed digests of features: the name as written and as it sounds, the phone, the home, the village.
A machine only ranks; a person decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Literal

from pypinyin import lazy_pinyin

from services.chassis.pseudonyms import normal_address, normal_phone

Feature = Literal["name", "sound", "phone", "phone_tail", "home", "village"]

WINDOW = timedelta(days=30)
"""How far apart two reports of one incident may lie."""

ENOUGH = 40
"""From this weight on, a person is asked."""

_WEIGHTS: Mapping[Feature, int] = {
    "name": 35,
    "sound": 25,
    "phone": 45,
    "phone_tail": 15,
    "home": 40,
    "village": 10,
}
FEATURES: tuple[Feature, ...] = tuple(_WEIGHTS)
"""In the order in which a read model has their columns."""

_IMPLIED: Mapping[Feature, Feature] = {"sound": "name", "phone_tail": "phone", "village": "home"}
"""What says nothing more, because something stronger says it already."""

_SAME_CAUSE = 10
_SAME_DAY = 10
_TAIL = 6
_SIGNS_KEPT = 10_000
_VILLAGE = re.compile(r"[^省市区县旗乡镇街道]{2,8}(?:村|社区|居委会|小区)")


@dataclass(frozen=True, slots=True)
class Other:
    """A report that shares something with another: whether each of ``FEATURES``, and what else is known of it."""

    report_id: str
    shares: tuple[bool, ...]
    cause: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Suspect:
    """A report that may be of the same household, and why."""

    report_id: str
    weight: int
    reasons: tuple[str, ...]


def features(name: str | None, phone: str | None, address: str | None) -> Sequence[tuple[Feature, str]]:
    """By what a report may be known again, in plain text; the edge makes digests of it. Of the household only."""
    name, address = name or "", normal_address(address or "")
    phone = normal_phone(phone or "")
    village = _VILLAGE.search(address)
    found: list[tuple[Feature, str]] = [
        ("name", name),
        ("sound", sound_of(name)),
        ("phone", phone),
        ("phone_tail", phone[-_TAIL:] if len(phone) > _TAIL else ""),
        ("home", address if re.search(r"[0-9]", address) else ""),
        ("village", village.group() if village else ""),
    ]
    return [(kind, text) for kind, text in found if text]


def sound_of(name: str) -> str:
    """How a name is said (拼音), without tones: 陈 and 谌 are often heard as one."""
    return " ".join(filter(None, map(_syllable, name)))


@lru_cache(_SIGNS_KEPT)
def _syllable(sign: str) -> str:
    """How one sign is said: that of a name is read by itself, never as a part of a word."""
    return "".join(lazy_pinyin(sign)).strip()


def ranked(others: Iterable[Other], cause: str, reported_at: datetime) -> Sequence[Suspect]:
    """Those that weigh enough, the heaviest first, each with its reasons."""
    suspects = (_weighed(other, cause, reported_at) for other in others)
    enough = (suspect for suspect in suspects if suspect.weight >= ENOUGH)
    return sorted(enough, key=lambda suspect: (-suspect.weight, suspect.report_id))


def _weighed(other: Other, cause: str, reported_at: datetime) -> Suspect:
    is_same_day = abs(other.reported_at - reported_at) <= timedelta(days=1)
    weight, reasons = _weight(other.shares, other.cause == cause, is_same_day)
    return Suspect(other.report_id, weight, reasons)


@cache
def _weight(shares: tuple[bool, ...], is_same_cause: bool, is_same_day: bool) -> tuple[int, tuple[str, ...]]:
    """What it weighs to share this, and the reasons as codes."""
    shared: set[Feature] = {feature for feature, is_shared in zip(FEATURES, shares, strict=True) if is_shared}
    strongest = shared - {weak for weak, strong in _IMPLIED.items() if strong in shared}
    weights = {f"same_{feature}": _WEIGHTS[feature] for feature in sorted(strongest)}
    weights |= {"same_cause": _SAME_CAUSE} if is_same_cause else {}
    weights |= {"same_day": _SAME_DAY} if is_same_day else {}
    return min(sum(weights.values()), 100), tuple(weights)
