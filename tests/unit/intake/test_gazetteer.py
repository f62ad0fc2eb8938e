"""A place is known by its code or by the names in its address; whoever is unsure asks."""

from pathlib import Path

import pytest

from services.intake.gazetteer import NOWHERE, Gazetteer, Place, parse

DIVISIONS = Path(__file__).parents[3] / "policies" / "divisions.yaml"

JIANGNING, MOLING = "320115", "320115002"
NAMESAKES = {
    "320000": "江苏省",
    "320100": "南京市",
    "320106": "鼓楼区",
    "320106001": "宁海路街道",
    "320106002": "华侨路街道",
    "320115": "江宁区",
    "320115001": "东山街道",
    "320115101": "东山街道办",
    "320300": "徐州市",
    "320302": "鼓楼区",
    "320302001": "黄楼街道",
    "350000": "福建省",
    "350100": "福州市",
    "350102": "鼓楼区",
    "350102001": "鼓东街道",
}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return parse(DIVISIONS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def namesakes() -> Gazetteer:
    return Gazetteer(NAMESAKES)


# --- codes


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("320115002", Place(JIANGNING, MOLING)),
        ("320115002015", Place(JIANGNING, MOLING)),
        ("320115", Place(JIANGNING)),
        ("320115000000", Place(JIANGNING)),
        ("320115999", Place(JIANGNING)),
        ("110101001", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_a_code_is_a_place_as_far_as_it_is_listed(gazetteer: Gazetteer, code: str, place: Place) -> None:
    assert gazetteer.by_code(code) == place


# --- addresses


@pytest.mark.parametrize(
    "address",
    [
        "江苏省南京市江宁区秣陵街道样例路88号",
        "江宁区秣陵街道",
        "江 宁 区, 秣陵街道88号",
        "户籍安徽省旌德县,现住南京市江宁区秣陵街道",
        "安徽省人,现住江宁区秣陵街道",
        "南京市秣陵街道",
    ],
)
def test_an_address_with_county_or_city_and_township_is_a_place(gazetteer: Gazetteer, address: str) -> None:
    assert gazetteer.by_text(address) == Place(JIANGNING, MOLING)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("江宁区样例路88号", Place(JIANGNING)),
        ("旌德县秣陵街道", Place("341825")),
        ("江宁区秣陵街道或东山街道", Place(JIANGNING)),
        ("旌德县俞村镇或江宁区秣陵街道", NOWHERE),
        ("秣陵街道88号", NOWHERE),
        ("江苏省秣陵街道", NOWHERE),
        ("杭州市西湖区", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_what_is_ambiguous_or_unknown_is_not_guessed(gazetteer: Gazetteer, address: str, place: Place) -> None:
    assert gazetteer.by_text(address) == place


@pytest.mark.parametrize("near", ["320115", "320100"])
def test_a_township_alone_lies_where_the_reporter_belongs(gazetteer: Gazetteer, near: str) -> None:
    assert gazetteer.by_text("秣陵街道88号", near) == Place(JIANGNING, MOLING)


def test_a_visitor_s_province_does_not_hide_where_the_reporter_belongs(gazetteer: Gazetteer) -> None:
    assert gazetteer.by_text("安徽省人,现住秣陵街道", "320115") == Place(JIANGNING, MOLING)


@pytest.mark.parametrize("near", ["341825", "320000", ""])
def test_a_township_alone_is_nowhere_else(gazetteer: Gazetteer, near: str) -> None:
    assert gazetteer.by_text("秣陵街道88号", near) == NOWHERE


def test_a_county_that_is_named_counts_more_than_where_the_reporter_belongs(gazetteer: Gazetteer) -> None:
    assert gazetteer.by_text("旌德县俞村镇", "320115") == Place("341825", "341825105")


@pytest.mark.parametrize(
    ("address", "near", "county"),
    [
        ("江苏省南京市鼓楼区", "", "320106"),
        ("南京市鼓楼区", "", "320106"),
        ("福建省鼓楼区", "", "350102"),
        ("徐州市鼓楼区", "320100", "320302"),
        ("鼓楼区", "320100", "320106"),
        ("江苏省鼓楼区", "", None),
        ("鼓楼区", "", None),
        ("户籍南京市,现住徐州市鼓楼区", "", None),
        ("安徽省人,现住鼓楼区", "320100", "320106"),
        ("开封市鼓楼区", "320100", None),
    ],
)
def test_counties_of_one_name_are_told_apart_by_what_is_above_them(
    namesakes: Gazetteer, address: str, near: str, county: str | None
) -> None:
    assert namesakes.by_text(address, near).county == county


def test_a_township_tells_its_county_apart(namesakes: Gazetteer) -> None:
    assert namesakes.by_text("鼓楼区黄楼街道") == Place("320302", "320302001")


def test_a_township_behind_a_county_we_do_not_know_is_not_ours(namesakes: Gazetteer) -> None:
    assert namesakes.by_text("吴中区东山街道", "320115") == NOWHERE


def test_the_longest_name_counts(namesakes: Gazetteer) -> None:
    assert namesakes.by_text("江宁区东山街道办") == Place(JIANGNING, "320115101")


# --- both


@pytest.mark.parametrize(
    ("code", "text", "place"),
    [
        ("341825105", "江宁区秣陵街道", Place("341825", "341825105")),
        ("320115", "秣陵街道88号", Place(JIANGNING, MOLING)),
        ("341825", "江宁区秣陵街道", Place("341825")),
        ("999999999", "江宁区秣陵街道", Place(JIANGNING, MOLING)),
        (None, "江宁区秣陵街道", Place(JIANGNING, MOLING)),
        (None, None, NOWHERE),
    ],
)
def test_a_code_counts_more_than_the_address(
    gazetteer: Gazetteer, code: str | None, text: str | None, place: Place
) -> None:
    assert gazetteer.locate(code, text) == place


# --- the list


@pytest.mark.parametrize("divisions", [{"32": "江苏省"}, {"320115": "宁"}, {320115: "江宁区"}])
def test_a_list_that_is_none_is_refused(divisions: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Gazetteer(divisions)
