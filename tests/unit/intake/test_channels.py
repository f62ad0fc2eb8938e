"""Each channel reads what its senders send, says what is wrong without repeating it, and answers in their words."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.intake import Order
from events.relief import CaseClosed, HouseholdRelieved
from events.relief_words import Contact
from services.intake.channels import hospital, replies, village
from services.intake.channels.closure import closure_form, completed, masked, missing_of, with_phone
from services.intake.channels.dialect import load_dialects
from services.intake.channels.hotline import reader
from services.intake.channels.told import Match, Told, Unreadable
from services.intake.gazetteer import Gazetteer, Place, parse

ROOT = Path(__file__).parents[3]
GAZETTEER = parse((ROOT / "policies" / "divisions.yaml").read_text(encoding="utf-8"))

DIALECTS = load_dialects(ROOT / "policies" / "intake" / "hotlines")

Json = dict[str, Any]
Read = Callable[[bytes, Gazetteer, str], Told]
CHANNELS: Mapping[str, tuple[str, Read]] = {
    "hotline": ("jiangning_hotline.json", reader(DIALECTS.default)),
    "village": ("jingde_village.json", village.read),
    "hospital": ("shishi_hospital.json", hospital.read),
}
BEIJING_MORNING = datetime(2022, 8, 5, 1, 12, 4, tzinfo=UTC)


def sample(name: str) -> Json:
    return cast(Json, json.loads((ROOT / "samples" / name).read_bytes()))


def payload(channel: str, changes: Mapping[str, object]) -> Json:
    """A channel's sample with fields changed; ``reporter__phone`` is the phone inside reporter, ``...`` takes away."""
    document = sample(CHANNELS[channel][0])
    for path, value in changes.items():
        *above, last = path.split("__")
        target = document
        for step in above:
            target = target[step]
        if value is ...:
            del target[last]
        else:
            target[last] = value
    return document


def read(channel: str, **changes: object) -> Told:
    return read_from("", channel, changes)


def read_from(near: str, channel: str, changes: Mapping[str, object]) -> Told:
    return CHANNELS[channel][1](json.dumps(payload(channel, changes)).encode(), GAZETTEER, near)


def refused(channel: str, changes: Mapping[str, object]) -> Unreadable | None:
    try:
        read_from("", channel, changes)
    except Unreadable as unreadable:
        return unreadable
    return None


# --- the samples


def test_the_hotline_s_family_from_anhui() -> None:
    assert read("hotline") == Told(
        channel="hotline",
        external_id="NJ20220805000173",
        order=Order(number="NJ20220805000173", push=1),
        place=Place("320115", "320115002"),
        address="江苏省南京市江宁区秣陵街道样例路88号临时住处",
        cause="other",
        urgency="urgent",
        persons=3,
        identity="claimed",
        name="陶样山",
        id_number="000000197903150010",
        phone="19900001201",
        reporter_phone=None,
        is_secret=False,
        reported_at=BEIJING_MORNING,
        reply_due_at=BEIJING_MORNING + timedelta(days=1),
    )


def test_the_village_s_fire() -> None:
    told = read("village")
    assert (told.place, told.cause, told.urgency, told.persons) == (Place("341825", "341825105"), "fire", "urgent", 2)
    assert (told.phone, told.reporter_phone, told.order) == ("19900002301", "19900002302", None)
    assert told.reported_at == datetime(2020, 9, 2, 22, 40, tzinfo=UTC)
    assert told.missing == ()


def test_the_hospital_s_patient_of_unknown_identity() -> None:
    told = read("hospital")
    assert (told.identity, told.name, told.id_number, told.phone) == ("unknown", None, None, None)
    assert (told.place, told.urgency, told.reporter_phone) == (
        Place("350581", "350581100"),
        "life_danger",
        "19900003401",
    )
    assert told.matches == ()


def test_the_county_s_allocation_comes_to_360_000_yuan_for_known_townships() -> None:
    document = sample("shishi_allocation.json")
    allocations = cast(list[Json], document["allocations"])
    assert sum(allocation["amount_fen"] for allocation in allocations) == 360_000 * 100
    places = {GAZETTEER.by_code(allocation["township"]) for allocation in allocations}
    assert len(places) == len(allocations)
    assert all(place.county == document["county"] and place.township is not None for place in places)


# --- reading


def test_a_place_that_is_not_told_is_asked_for() -> None:
    assert read("hotline", address="市中心某处").missing == ("/place",)
    assert read("village", place=...).missing == ("/place",)
    assert read("village", place__division_code="110101001", place__address_text=...).place == Place()


def test_a_hotline_s_own_city_is_understood() -> None:
    assert read_from("320100", "hotline", {"address": "秣陵街道"}).place == Place("320115", "320115002")


def test_full_width_signs_are_read_as_half_width() -> None:
    told = read(
        "hotline",
        orderNum="NJ20220805000173",
        callerPhone="19900001201",
        idCard="000000197903150010",
        callTime="2022-08-05 09:12:04",
        areaCode="320115002",
        personCount="3",
    )
    assert told == read("hotline")


def test_a_vendor_may_send_numbers_for_texts_and_empty_texts_for_nothing() -> None:
    told = read(
        "hotline", callerPhone=19900001201, callerType=1, pilotLight=3, deadlineDate="", idCard=" ", address=None
    )
    assert (told.phone, told.urgency, told.reply_due_at, told.id_number) == ("19900001201", "life_danger", None, None)
    assert told.missing == ("/place",)


@pytest.mark.parametrize("nothing", ["\u200b", "\ufeff \u2060", "\u202e", "\u3000"])
def test_a_text_of_which_nothing_can_be_seen_is_nothing(nothing: str) -> None:
    told = read("hotline", callerName=nothing, address=nothing)
    assert (told.name, told.address) == (None, None)


def test_codes_of_the_vendor_that_we_do_not_know_never_cost_time() -> None:
    told = read("hotline", pilotLight="9", questionCode="9999")
    assert (told.urgency, told.cause) == ("urgent", "other")


def test_a_vendor_s_time_without_offset_is_of_shanghai_and_with_one_as_it_says() -> None:
    assert read("hotline").reported_at.utcoffset() == timedelta(hours=8)
    assert read("hotline", callTime="2022-08-05T01:12:04Z").reported_at == BEIJING_MORNING


def test_a_deadline_without_an_hour_is_the_end_of_its_day() -> None:
    assert read("hotline", deadlineDate="2022-08-06").reply_due_at == datetime(2022, 8, 6, 15, 59, 59, tzinfo=UTC)


def test_a_later_push_of_an_order_says_which() -> None:
    assert read("hotline", pushSeq=2).order == Order(number="NJ20220805000173", push=2)


def test_a_phone_whose_clock_is_wrong_is_set_right() -> None:
    told = read("village", clock_offset_ms=3_600_000)
    assert told.reported_at == datetime(2020, 9, 2, 21, 40, tzinfo=UTC)


def test_a_phone_is_read_into_its_digits() -> None:
    assert read("hotline", callerPhone="+86 199-0000-1201").phone == "19900001201"


def test_an_id_number_of_fifteen_digits_stands_for_its_successor() -> None:
    assert read("hotline", idCard="000000790315001").id_number == "000000197903150010"


# --- who it is about


def test_a_bystander_s_name_and_phone_are_never_the_household_s() -> None:
    told = read("hotline", callerType="3", idCard=...)
    assert (told.name, told.phone, told.reporter_phone, told.identity) == (None, None, "19900001201", "unknown")
    assert read("village", subject__phone=...).matches == read("village").matches[:1] + read("village").matches[2:]


def test_a_bystander_who_asked_for_secrecy_is_not_passed_on() -> None:
    assert read("hotline", callerType="3", isSecret="1").reporter_phone is None
    told = read("village", reporter__is_secret=True)
    assert (told.reporter_phone, told.is_secret) == (None, True)


def test_a_report_is_known_again_by_person_phone_and_the_door_that_burnt() -> None:
    address = "安徽省宣城市旌德县俞村镇俞村村样例组12号"
    assert read("village").matches == (
        Match("person", "000000195608240022"),
        Match("phone", "19900002301"),
        Match("address", address),
    )


@pytest.mark.parametrize(
    "told",
    [
        read("village", need__category_code="illness"),
        read("village", place__address_text="旌德县俞村镇俞村村"),
        read("village", place__address_text=...),
        read("hospital", need__category_code="fire"),
    ],
    ids=["an illness has no door", "a village is no door", "no address", "a hospital is no home"],
)
def test_an_address_that_strangers_may_share_joins_nobody(told: Told) -> None:
    assert "address" not in {match.kind for match in told.matches}


# --- what is wrong


@pytest.mark.parametrize(
    ("channel", "changes", "expected"),
    [
        ("hotline", {"orderNum": ...}, {"/orderNum": "required"}),
        ("hotline", {"orderNum": ""}, {"/orderNum": "required"}),
        ("hotline", {"orderNum": "编号 1"}, {"/orderNum": "invalid"}),
        ("hotline", {"callTime": "2022-08-05"}, {"/callTime": "not_a_time"}),
        ("hotline", {"callTime": 1659661924}, {"/callTime": "not_a_time"}),
        ("hotline", {"callTime": "2022-13-05 09:12:04"}, {"/callTime": "not_a_time"}),
        ("hotline", {"callTime": "0001-01-01 00:00:00"}, {"/callTime": "out_of_range"}),
        ("hotline", {"deadlineDate": "9999-12-31"}, {"/deadlineDate": "out_of_range"}),
        ("hotline", {"idCard": "000000197903150011"}, {"/idCard": "id_number_wrong"}),
        ("hotline", {"callerPhone": "张三"}, {"/callerPhone": "phone_wrong"}),
        ("hotline", {"callerName": "样\u0000例"}, {"/callerName": "control_character"}),
        ("hotline", {"callerName": "样" * 81}, {"/callerName": "too_long"}),
        ("hotline", {"description": "样" * 4001}, {"/description": "too_long"}),
        ("hotline", {"description": ["样"]}, {"/description": "wrong_type"}),
        ("hotline", {"personCount": 0}, {"/personCount": "out_of_range"}),
        ("hotline", {"orderNum": ..., "description": ...}, {"/orderNum": "required", "/description": "required"}),
        ("village", {"occurred_at": "2020-09-03T06:40:00"}, {"/occurred_at": "offset_missing"}),
        ("village", {"source": ...}, {"/source": "required"}),
        ("village", {"source": "x"}, {"/source": "not_an_object"}),
        ("village", {"source__external_id": ...}, {"/source/external_id": "required"}),
        ("village", {"subject__name": ...}, {"/subject/name": "required"}),
        ("village", {"subject__id_no": "12345"}, {"/subject/id_no": "id_number_wrong"}),
        ("village", {"place__division_code": "3418"}, {"/place/division_code": "invalid"}),
        ("village", {"need__category_code": "flood"}, {"/need/category_code": "unknown_value"}),
        ("village", {"clock_offset_ms": 10**10}, {"/clock_offset_ms": "out_of_range"}),
        ("hospital", {"living_needs": ["food", "cash"]}, {"/living_needs/1": "unknown_value"}),
        ("hospital", {"subject__id_no": "000000195608240022"}, {"/subject/identity_status": "contradictory"}),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_pointer(
    channel: str, changes: dict[str, object], expected: dict[str, str]
) -> None:
    unreadable = refused(channel, changes)
    assert unreadable is not None
    assert {error.pointer: error.code for error in unreadable.errors} == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"orderNum": "\xff"}', "not_json"),
        (b'{"orderNum": "\\ud800"}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"110101"', "not_an_object"),
    ],
)
@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_no_report_at_all_is_said_of_the_whole(channel: str, raw: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        CHANNELS[channel][1](raw, GAZETTEER, "")
    assert [(error.pointer, error.code) for error in unreadable.value.errors] == [("", code)]


MARKERS: tuple[object, ...] = (
    "ZZMARK",
    "ZZMARK" * 1_000,
    "000000197903150011",
    "2022-19-45 00:00:00",
    -987654321,
    3.14159,
    ["ZZMARK"],
    {"ZZMARK": "ZZMARK"},
)


def leaves(document: Json, above: str = "") -> list[str]:
    found: list[str] = []
    for name, value in document.items():
        found += leaves(cast(Json, value), f"{above}{name}__") if isinstance(value, dict) else [f"{above}{name}"]
    return found


@pytest.mark.parametrize("channel", CHANNELS)
@settings(deadline=None)
@given(data=st.data())
def test_no_error_ever_repeats_a_value(channel: str, data: st.DataObject) -> None:
    fields = leaves(payload(channel, {}))
    chosen = data.draw(st.dictionaries(st.sampled_from(fields), st.sampled_from(MARKERS), min_size=1))
    unreadable = refused(channel, chosen)
    if unreadable is None:
        return
    said = repr((unreadable, unreadable.args, unreadable.errors, unreadable.__cause__, unreadable.__context__))
    assert not any(marker in said for marker in ("ZZMARK", "150011", "2022-19", "987654321", "3.14159"))
    assert all(error.message for error in unreadable.errors)


def test_an_error_carries_no_exception_that_knows_the_values() -> None:
    with pytest.raises(Unreadable) as unreadable:
        read("hotline", idCard="000000197903150011")
    assert (unreadable.value.__cause__, unreadable.value.__context__) == (None, None)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(deadline=None)
@given(
    raw=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_whatever_json_comes_is_a_report_or_unreadable(channel: str, raw: object) -> None:
    with pytest.raises(Unreadable):
        CHANNELS[channel][1](json.dumps(raw).encode(), GAZETTEER, "")


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**17 - 1), st.sampled_from("0123456789X"))
def test_of_eleven_last_signs_of_an_id_number_one_fits(body: int, last: str) -> None:
    fits = [sign for sign in "0123456789X" if reads_as_id(f"{body:017}{sign}")]
    assert len(fits) == 1
    assert reads_as_id(f"{body:017}{last.lower()}") == (last == fits[0])


def reads_as_id(number: str) -> bool:
    try:
        return read("hotline", idCard=number).id_number == number.upper()
    except Unreadable:
        return False


# --- what they hear from us

ENVELOPE = replies.Envelope(
    reply_id="P1", report_id="R1", county="320115", at=datetime(2022, 8, 5, 3, 0, tzinfo=UTC), cause="relief:320115:7"
)
PSEUDONYM = "f" * 64
CLOSED = CaseClosed(
    case_id="C1",
    report_ids=("R1", "R2"),
    outcome="relieved",
    handling="已在线核实并给予临时救助。",
    contacted_at=datetime(2022, 8, 5, 2, 0, tzinfo=UTC),
    relieved_at=datetime(2022, 8, 5, 7, 30, tzinfo=UTC),
    closed_by="S-0001",
    person=PSEUDONYM,
    cause="other",
    clauses=("样例办法第八条",),
    contacts=(
        Contact(at=datetime(2022, 8, 5, 1, 0, tzinfo=UTC), role="township_officer", reached=False),
        Contact(at=datetime(2022, 8, 5, 2, 0, tzinfo=UTC), role="township_officer", reached=True),
    ),
)
RELIEVED = HouseholdRelieved(
    case_id="C1",
    report_ids=("R1",),
    decision_id="D1",
    amount_fen=200_000,
    relieved_at=datetime(2022, 8, 5, 7, 30, tzinfo=UTC),
)


def test_the_closure_form_holds_every_field_that_the_hotline_asks_for() -> None:
    reply = closure_form(ENVELOPE, CLOSED, is_secret=False)
    assert (reply.kind, reply.lacks) == ("case_closed", ())
    assert json.loads(with_phone(reply.document, "19900002301")) == {
        "specversion": "1.0",
        "type": "cn.jiujinan.case.closed.v1",
        "source": "/intake/320115",
        "subject": "R1",
        "id": "P1",
        "time": "2022-08-05T11:00:00+08:00",
        "datacontenttype": "application/json",
        "correlationid": "R1",
        "causationid": "relief:320115:7",
        "dataclassification": "internal",
        "data": {
            "case_id": "C1",
            "truthful": True,
            "out_of_scope": False,
            "out_of_scope_type": None,
            "contacted": True,
            "contact_phone_masked": "199****2301",
            "contact_at": "2022-08-05T10:00:00+08:00",
            "contact_attempts": [
                {"at": "2022-08-05T09:00:00+08:00", "by": "township_officer", "reached": False},
                {"at": "2022-08-05T10:00:00+08:00", "by": "township_officer", "reached": True},
            ],
            "resolved": 0,
            "unresolved_reason": None,
            "handling_text": "已在线核实并给予临时救助。",
            "public_reply_text": "已在线核实并给予临时救助。",
            "public_ok": True,
            "attachments": [],
            "policy_basis": ["样例办法第八条"],
        },
    }


def test_a_household_that_got_nothing_and_was_not_reached_is_reported_so() -> None:
    in_vain = {"contacted_at": None, "contacts": CLOSED.contacts[:1]}
    closed = CLOSED.model_copy(update={"outcome": "not_relieved", "relieved_at": None} | in_vain)
    reply = closure_form(ENVELOPE, closed, is_secret=False)
    form = json.loads(with_phone(reply.document, "19900002301"))["data"]
    assert (form["truthful"], form["resolved"], form["unresolved_reason"]) == (None, 1, CLOSED.handling)
    assert (form["contacted"], form["contact_at"], form["contact_phone_masked"]) == (False, None, None)
    assert [attempt["reached"] for attempt in form["contact_attempts"]] == [False]
    assert reply.lacks == ("truthful",)
    assert completed(reply.document, {"truthful": False}).lacks == ()


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("19900002301", "199****2301"), ("051000000123", "051*****0123"), ("0000123", "*****23"), ("00012", "***12")],
)
def test_of_a_phone_only_so_much_is_shown_that_who_knows_it_knows_it_again(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_a_report_without_a_phone_or_whose_person_was_erased_leaves_the_number_open() -> None:
    document = closure_form(ENVELOPE, CLOSED, is_secret=False).document
    assert with_phone(document, None) == document
    assert json.loads(document)["data"]["contact_phone_masked"] is None


@pytest.mark.parametrize("outcome", ["relieved", "not_relieved"])
def test_a_form_says_what_it_lacks_until_all_of_it_is_supplied(outcome: str) -> None:
    closed = CLOSED.model_copy(update={"outcome": outcome, "handling": ""})
    form = closure_form(ENVELOPE, closed, is_secret=False)
    assert {"handling_text", "public_reply_text"} <= set(form.lacks)
    some = completed(form.document, {"handling_text": "已电话核实。"})
    assert some.lacks == tuple(name for name in form.lacks if name != "handling_text")
    supplied = dict.fromkeys(some.lacks, "已答复群众。") | {"handling_text": "另一说法", "resolved": "9"}
    whole = completed(some.document, supplied)
    told = json.loads(whole.document)
    assert (whole.kind, whole.lacks) == (form.kind, ())
    assert (told["data"]["handling_text"], told["data"]["public_reply_text"]) == ("已电话核实。", "已答复群众。")
    assert told["data"]["resolved"] == (0 if outcome == "relieved" else 1)
    assert told["id"] == "P1"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"contacted": True, "contact_at": None}, ("contact_at",)),
        ({"contact_attempts": []}, ("contact_attempts",)),
        ({"truthful": None}, ("truthful",)),
        ({"truthful": False}, ()),
        ({"public_ok": True, "public_reply_text": None}, ("public_reply_text",)),
        ({"resolved": 1, "unresolved_reason": None}, ("unresolved_reason",)),
        ({"out_of_scope": True, "out_of_scope_type": None}, ("out_of_scope_type",)),
        ({}, ()),
    ],
)
def test_what_a_form_lacks_is_named(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    whole = json.loads(closure_form(ENVELOPE, CLOSED, is_secret=False).document)["data"]
    assert missing_of(whole | changes) == missing


def test_where_secrecy_was_asked_for_nothing_is_public() -> None:
    form = json.loads(closure_form(ENVELOPE, CLOSED, is_secret=True).document)["data"]
    assert (form["public_ok"], form["public_reply_text"]) == (False, None)


def messages() -> list[replies.Reply]:
    return [
        replies.report_accepted(ENVELOPE, "C1"),
        replies.advance_paid(ENVELOPE, "C1", BEIJING_MORNING),
        replies.payment_returned(ENVELOPE, "C1"),
        replies.case_closed(ENVELOPE, CLOSED),
        closure_form(ENVELOPE, CLOSED, is_secret=False),
    ]


def test_each_step_has_its_kind_and_type() -> None:
    said = [(reply.kind, json.loads(reply.document)["type"]) for reply in messages()]
    assert said == [
        ("report_accepted", "cn.jiujinan.report.accepted.v1"),
        ("case_advance_paid", "cn.jiujinan.case.advance_paid.v1"),
        ("case_payment_returned", "cn.jiujinan.case.payment_returned.v1"),
        ("case_closed", "cn.jiujinan.case.closed.v1"),
        ("case_closed", "cn.jiujinan.case.closed.v1"),
    ]


def test_no_message_names_a_person_an_officer_or_an_amount() -> None:
    for reply in messages():
        assert not any(secret in reply.document for secret in (PSEUDONYM, "S-0001", "200000", "2000"))
