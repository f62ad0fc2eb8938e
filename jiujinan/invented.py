"""Invented people and places: every name contains 样, no area has the code 9901, every mobile begins with 1990000."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, product

from jiujinan.chance import Chance

AREA = "990101"
"""The impossible area of every invented ID number."""

_SUPERIORS = {"990000": "样例省", "990100": "样例市"}
MOST_COUNTIES = 99
_COUNTIES = tuple(f"样{first}{second}县" for first, second in product("甲乙丙丁戊己庚辛壬癸", "东西南北中上下前后新"))
_TOWNSHIPS = ("样城街道", "样河镇", "样桥镇", "样山镇", "样湖镇", "样林乡", "样田乡", "样泉乡")
_VILLAGES = ("样南村", "样北村", "样东村", "样西村", "样新村", "样和村", "样平村", "样安村")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_LAST_SIGNS = "明华芳兰秀英伟强军丽敏静平玉红梅生根福贵安宁山青"
_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
_PHONES = 10_000
_PHONES_APART = 1_009
"""How far apart the counties' phone numbers begin, so that neighbours do not share them."""
_DOORS_APART = 35
_BORN_FROM = date(1938, 1, 1)
_BORN_DAYS = 70 * 365
_BORN_APART = 7_919
"""A prime: birthdays seem scattered, and 511,000 people pass before an ID number comes again."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village by its code of twelve digits and its full address."""

    code: str
    address: str

    @property
    def township(self) -> str:
        """The township's code."""
        return self.code[:9]


@dataclass(frozen=True, slots=True)
class Household:
    """Who is in need."""

    name: str
    id_number: str
    phone: str
    persons: int
    village: Village
    door: str

    @property
    def address(self) -> str:
        """The address down to the door."""
        return f"{self.village.address}{self.door}"


class InventedCounty:
    """A county that does not exist, and the people in it."""

    def __init__(self, number: int, chance: Chance) -> None:
        self.code = _county_code(number)
        self.address = "".join([*_SUPERIORS.values(), _COUNTIES[number]])
        self._chance = chance
        self._number = number
        self._households = count()

    def household(self) -> Household:
        """The next household; 10,000 pass before a phone number comes again."""
        number, chance = next(self._households), self._chance
        return Household(
            name=f"{chance.choice(_SURNAMES)}样{chance.choice(_LAST_SIGNS)}",
            id_number=id_number(AREA, number * (MOST_COUNTIES + 1) + self._number),
            phone=f"1990000{(number + self._number * _PHONES_APART) % _PHONES:04d}",
            persons=chance.choices((1, 2, 3, 4, 5, 6), (24, 26, 22, 14, 9, 5))[0],
            village=self._village(),
            door=f"{number % 12 + 1}组{number // 12 * _DOORS_APART % 99 + 1}号",
        )

    def _village(self) -> Village:
        township, village = self._chance.randrange(len(_TOWNSHIPS)), self._chance.randrange(len(_VILLAGES))
        address = f"{self.address}{_TOWNSHIPS[township]}{_VILLAGES[village]}"
        return Village(f"{_township_code(self.code, township)}{201 + village}", address)


def divisions(counties: int) -> dict[str, str]:
    """The codes and names of the first counties and their townships, for a gazetteer."""
    named = dict(_SUPERIORS)
    for number in range(counties):
        county = _county_code(number)
        named[county] = _COUNTIES[number]
        named |= {_township_code(county, index): name for index, name in enumerate(_TOWNSHIPS)}
    return named


def _county_code(number: int) -> str:
    return f"9901{number + 1:02d}"


def _township_code(county: str, index: int) -> str:
    return f"{county}{index + 1:03d}" if index == 0 else f"{county}{99 + index}"


def id_number(area: str, person: int) -> str:
    """An ID number of nobody in an area that is none, with a check digit that fits (GB 11643-1999)."""
    born = _BORN_FROM + timedelta(days=person * _BORN_APART % _BORN_DAYS)
    body = f"{area}{born:%Y%m%d}{person % 1_000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]
