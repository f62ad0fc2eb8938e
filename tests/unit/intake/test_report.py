"""A report is received once, asks for help once, links to a need that is open, and answers without personal data."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Literal

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from events.fact import Sealed
from events.intake import (
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    IntakeFact,
    NeedJoined,
    Order,
    ReportClosed,
    ReportReceived,
    ReportReturned,
    ReportSupplemented,
    ReportVoided,
    need_claim,
    order_claim,
)
from events.intake_later import (
    AccountsDiffer,
    AccountsSettled,
    ReplyAbandoned,
    ReplyCompleted,
    ReplyDelivered,
    ReplyPrepared,
    ReportUrged,
    TransferredOut,
)
from services.chassis.decider import Refused
from services.intake.report import DECIDER, asks
from services.intake.report_commands import (
    AbandonReply,
    AnnounceReceipt,
    CloseReport,
    CompleteReply,
    DecideDuplicate,
    FileAppeal,
    JoinNeed,
    LearnCase,
    LeaveNeed,
    LogCall,
    Message,
    PrepareReply,
    ReceiveReport,
    RecordDelivery,
    RecordReturnVisit,
    ReportCommand,
    ReturnReport,
    SettleAccounts,
    SupplementReport,
    TransferOut,
    UrgeReport,
    VoidReport,
    WithdrawReport,
    WithholdReply,
)
from services.intake.report_state import Report, stream_of
from tests.support.given import CLERK, given, recorded

PERSON, PHONE, DOOR = ("person:" + "a" * 20, "phone:" + "b" * 20, "address:" + "c" * 20)


def sealed(field: str) -> Sealed:
    return Sealed(suite="A256GCM", key_id="k1", subject="report:R1", field=field, box="c2VhbGVk")


RECEIVE = ReceiveReport(
    report_id="R1",
    channel="hotline",
    vendor="nj12345",
    order=Order(number="NJ-1", push=1),
    verbatim=sealed("verbatim"),
    county="320115",
    township="320115002",
    cause="illness",
    urgency="urgent",
    persons=3,
    identity="claimed",
    person=PERSON,
    name=sealed("name"),
    phone=sealed("phone"),
    address=sealed("address"),
    match_keys=(PERSON, PHONE),
    reported_at=datetime(2022, 8, 5, 1, 12, tzinfo=UTC),
)
NOWHERE = replace(RECEIVE, township=None, missing=("/place",))
WITHDRAW = WithdrawReport("m9", "by_the_reporter")
GIVE_BACK = ReturnReport("not_here", "样例办法第八条", date(2022, 8, 9), datetime(2022, 8, 9, 16, tzinfo=UTC))
LATER: list[ReportCommand] = [
    UrgeReport("m1", "urge", sealed("message")),
    RecordReturnVisit(
        message_id="m2", reached=True, resolved="resolved", satisfied="satisfied", visited_at=RECEIVE.reported_at
    ),
    FileAppeal("m3", sealed("message")),
]
PLACE_ADDED = SupplementReport("push:2", sealed("verbatim"), "320115002")
THERE = TransferOut(
    new_report_id="R1-there", to_county="341825", to_township="341825105", reason="arose_there", basis="样例依据"
)
ADDED_ELSEWHERE = replace(PLACE_ADDED, township="341825105", elsewhere=THERE)
JOIN = JoinNeed("R2", (PERSON, PHONE, DOOR), "illness")

RECEIVED = given(DECIDER).when(RECEIVE)
INCOMPLETE = given(DECIDER).when(NOWHERE)
ASKED_BY_PERSON = given(DECIDER).when(replace(RECEIVE, match_keys=(PERSON,)))
WITHHOLD = WithholdReply("P1", "case_closed", "{}", ("handling_text",))
COMPLETE = CompleteReply("P1", '{"handling_text":"ok"}', ("handling_text",))
REPLIES = [PrepareReply("P1", "report_received", "{}"), RecordDelivery("P1", 2), AbandonReply("P1", 10, "timed_out")]


# --- receiving


def test_a_report_with_a_place_asks_for_help_there() -> None:
    received, needed = given(DECIDER).when(RECEIVE)
    assert isinstance(received, ReportReceived)
    assert received == ReportReceived.model_validate(RECEIVE, from_attributes=True)
    assert needed == HelpNeeded(
        report_id="R1",
        channel="hotline",
        county="320115",
        township="320115002",
        cause="illness",
        urgency="urgent",
        persons=3,
        identity="claimed",
        person=PERSON,
        name=sealed("name"),
        match_keys=(PERSON, PHONE),
        reported_at=RECEIVE.reported_at,
    )


@pytest.mark.parametrize("taken", [PERSON, PHONE])
def test_a_need_that_is_open_under_any_key_is_linked_to_its_report(taken: str) -> None:
    _, again = given(DECIDER).when(RECEIVE, owners={need_claim(taken, "illness"): stream_of("R0")})
    assert again == HelpAskedAgain(
        report_id="R1", first_report_id="R0", channel="hotline", county="320115", reported_at=RECEIVE.reported_at
    )


def test_of_two_open_needs_the_report_joins_the_one_of_its_strongest_key() -> None:
    owners = {
        need_claim(PHONE, "illness"): stream_of("of-phone"),
        need_claim(PERSON, "illness"): stream_of("of-person"),
    }
    _, again = given(DECIDER).when(RECEIVE, owners=owners)
    assert isinstance(again, HelpAskedAgain)
    assert again.first_report_id == "of-person"


def test_another_cause_is_another_need() -> None:
    _, needed = given(DECIDER).when(replace(RECEIVE, cause="fire"), owners={need_claim(PERSON, "illness"): "report:R0"})
    assert isinstance(needed, HelpNeeded)


def test_a_number_that_comes_again_years_later_is_the_same_report_or_is_refused_and_never_lost() -> None:
    again = replace(RECEIVE, verbatim=sealed("sealed anew"), missing=("/place",))
    assert given(DECIDER, *RECEIVED).when(again) == []
    other = replace(RECEIVE, persons=RECEIVE.persons + 1)
    assert given(DECIDER, *RECEIVED).refused(other).code == "report_known"


def test_a_number_that_comes_again_with_other_sealed_words_is_refused_and_with_the_same_is_not() -> None:
    report = given(DECIDER, *given(DECIDER).when(replace(RECEIVE, said="a" * 64)))
    assert report.when(replace(RECEIVE, said="a" * 64, verbatim=sealed("sealed anew"))) == []
    assert report.refused(replace(RECEIVE, said="b" * 64)).code == "report_known"
    assert given(DECIDER, *RECEIVED).when(replace(RECEIVE, said="b" * 64)) == []


def test_a_supplement_that_comes_again_with_other_sealed_words_is_refused_and_with_the_same_is_not() -> None:
    added = replace(PLACE_ADDED, said="a" * 64)
    report = given(DECIDER, *RECEIVED, *given(DECIDER, *RECEIVED).when(added))
    assert report.when(replace(added, verbatim=sealed("sealed anew"))) == []
    assert report.refused(replace(added, said="b" * 64)).code == "supplement_known"
    assert given(DECIDER, *RECEIVED, *given(DECIDER, *RECEIVED).when(PLACE_ADDED)).when(added) == []


@pytest.mark.parametrize(
    "message",
    [
        UrgeReport("m1", "urge", sealed("message"), "a" * 64),
        UrgeReport("m2", "supervise", sealed("message"), "a" * 64),
        FileAppeal("m3", sealed("message"), "a" * 64),
        RecordReturnVisit(
            message_id="m4", reached=False, resolved=None, satisfied=None, visited_at=RECEIVE.reported_at, said="a" * 64
        ),
        WithdrawReport("m5", "by_the_reporter", "a" * 64),
        LogCall(
            call_id="m6",
            division="320115002",
            staff_id="S-9",
            reached=False,
            called_at=RECEIVE.reported_at,
            said="a" * 64,
        ),
    ],
)
def test_a_message_that_comes_again_with_other_words_is_refused_and_with_the_same_is_not(
    message: Message | LogCall,
) -> None:
    report = given(DECIDER, *RECEIVED, *given(DECIDER, *RECEIVED).when(message))
    anew = {"verbatim": sealed("sealed anew")} if isinstance(message, UrgeReport | FileAppeal) else {}
    assert report.when(replace(message, **anew)) == []
    assert report.refused(replace(message, said="b" * 64)).code == "message_known"


def test_the_same_verdict_for_another_reason_is_another_word_and_for_the_same_reason_none() -> None:
    same = DecideDuplicate("R7", "same", sealed("reason"), "a" * 64)
    report = given(DECIDER, *RECEIVED, *given(DECIDER, *RECEIVED).when(same))
    assert report.when(replace(same, reason=sealed("sealed anew"))) == []
    (again,) = report.when(replace(same, reason=sealed("another"), said="b" * 64))
    assert again.model_dump()["said"] == "b" * 64


def test_an_order_number_of_another_report_is_refused() -> None:
    refused = given(DECIDER).refused(RECEIVE, owners={order_claim("nj12345", "NJ-1"): stream_of("R0")})
    assert refused.code == "order_known"


def test_a_township_of_another_county_is_refused() -> None:
    assert given(DECIDER).refused(replace(RECEIVE, county="341825")).code == "township_elsewhere"


@settings(deadline=None)
@for_all(
    keys=st.lists(st.sampled_from([PERSON, PHONE, DOOR]), unique=True),
    order=st.none() | st.just(Order(number="NJ-9", push=1)),
    township=st.none() | st.just("320115002"),
    cause=st.sampled_from(["fire", "illness"]),
)
def test_every_claim_that_a_fact_takes_was_asked_about(
    keys: list[str], order: Order | None, township: str | None, cause: str
) -> None:
    command = replace(RECEIVE, match_keys=tuple(keys), order=order, township=township, cause=cause)
    first = given(DECIDER).when(command)
    assert {claim for fact in first for claim in fact.takes()} <= set(asks(command))
    later = given(DECIDER, *first).when(PLACE_ADDED)
    assert {claim for fact in later for claim in fact.takes()} <= set(asks(PLACE_ADDED, state_after(first)))


# --- supplements


def test_a_report_without_a_place_waits_for_it() -> None:
    assert [type(fact) for fact in INCOMPLETE] == [ReportReceived]


def test_the_place_added_later_asks_for_help() -> None:
    supplemented, needed = given(DECIDER, *INCOMPLETE).when(PLACE_ADDED)
    assert supplemented == ReportSupplemented(
        report_id="R1", supplement_id="push:2", township="320115002", verbatim=sealed("verbatim")
    )
    assert needed == RECEIVED[1]


def test_the_place_added_later_may_lie_in_another_county_which_then_gets_the_report() -> None:
    facts = given(DECIDER, *INCOMPLETE).when(ADDED_ELSEWHERE)
    assert [type(fact) for fact in facts] == [ReportSupplemented, TransferredOut]
    out = facts[1]
    assert isinstance(out, TransferredOut)
    assert (out.to_county, out.to_township, out.new_report_id) == ("341825", "341825105", "R1-there")
    answer = DECIDER.answer(facts)
    assert (answer["status"], answer["owner_division"], answer["new_report_id"]) == (
        "transferred",
        "341825",
        "R1-there",
    )


def test_another_county_without_a_township_gets_the_report_too() -> None:
    onward = replace(THERE, to_township=None)
    vague = replace(ADDED_ELSEWHERE, township=None, elsewhere=onward, still_missing=("/place",))
    _, out = given(DECIDER, *INCOMPLETE).when(vague)
    assert isinstance(out, TransferredOut)
    assert out.to_township is None


def test_help_is_never_asked_for_in_the_log_of_another_county() -> None:
    refused = given(DECIDER, *INCOMPLETE).refused(replace(ADDED_ELSEWHERE, elsewhere=None))
    assert refused.code == "township_elsewhere"


@pytest.mark.parametrize("owners", [{}, {need_claim(PERSON, "illness"): stream_of("R0")}])
def test_a_report_that_has_asked_here_stays_until_a_person_decides(owners: dict[str, str]) -> None:
    facts = given(DECIDER, *given(DECIDER).when(RECEIVE, owners=owners)).when(ADDED_ELSEWHERE)
    assert facts[1:] == [
        AccountsDiffer(report_id="R1", supplement_id="push:2", about="place", known="320115002", told="341825105")
    ]


# --- a linked report's keys


def test_an_open_need_is_known_by_the_free_keys_of_a_report_that_was_linked_to_it() -> None:
    owners = {need_claim(PERSON, "illness"): stream_of("R1"), need_claim(DOOR, "illness"): stream_of("R7")}
    joined = given(DECIDER, *ASKED_BY_PERSON).when(JOIN, owners=owners)
    assert joined == [NeedJoined(report_id="R1", linked_report_id="R2", match_keys=(PHONE,), cause="illness")]
    assert joined[0].takes() == (need_claim(PHONE, "illness"),)
    (closed,) = given(DECIDER, *ASKED_BY_PERSON, *joined).when(CloseReport())
    assert set(closed.releases()) == {need_claim(PERSON, "illness"), need_claim(PHONE, "illness")}


def test_a_need_that_is_open_no_longer_takes_no_keys() -> None:
    closed = given(DECIDER, *ASKED_BY_PERSON).when(CloseReport())
    assert given(DECIDER, *ASKED_BY_PERSON, *closed).when(JOIN) == []
    assert given(DECIDER, *INCOMPLETE).when(JOIN) == []


def test_the_place_added_later_links_to_a_need_opened_meanwhile() -> None:
    owners = {need_claim(PHONE, "illness"): stream_of("R2")}
    _, again = given(DECIDER, *INCOMPLETE).when(PLACE_ADDED, owners=owners)
    assert isinstance(again, HelpAskedAgain)


def test_a_supplement_that_still_names_no_place_is_kept() -> None:
    still = replace(PLACE_ADDED, township=None, still_missing=("/place",))
    assert [type(fact) for fact in given(DECIDER, *INCOMPLETE).when(still)] == [ReportSupplemented]


def test_who_has_said_where_help_is_needed_is_not_asked_for_it_again() -> None:
    note = SupplementReport("s3", sealed("verbatim"), None, ("/place",))
    for past, missing in ((RECEIVED, ()), (INCOMPLETE, ("/place",))):
        (added,) = given(DECIDER, *past).when(note)
        assert isinstance(added, ReportSupplemented)
        assert added.still_missing == missing


def test_a_supplement_never_asks_for_help_again() -> None:
    asked = given(DECIDER, *RECEIVED)
    assert [type(fact) for fact in asked.when(PLACE_ADDED)] == [ReportSupplemented]
    linked = given(DECIDER).when(RECEIVE, owners={need_claim(PERSON, "illness"): stream_of("R0")})
    assert [type(fact) for fact in given(DECIDER, *linked).when(PLACE_ADDED)] == [ReportSupplemented]


def test_two_accounts_of_the_place_both_stand_and_a_person_decides() -> None:
    facts = given(DECIDER, *RECEIVED).when(replace(PLACE_ADDED, township="320115001"))
    assert facts[1:] == [
        AccountsDiffer(report_id="R1", supplement_id="push:2", about="place", known="320115002", told="320115001")
    ]
    assert DECIDER.answer(facts)["conflicts"] == ["place"]


def test_which_account_holds_is_a_person_s_word_and_another_word_takes_its_place() -> None:
    differ = given(DECIDER, *RECEIVED).when(replace(PLACE_ADDED, township="320115001"))
    settle = SettleAccounts("push:2", "told", sealed("reason"), "a" * 64)
    assert given(DECIDER, *RECEIVED).refused(settle).code == "accounts_agree"
    report = given(DECIDER, *RECEIVED, *differ)
    (settled,) = report.when(settle)
    assert isinstance(settled, AccountsSettled)
    assert (settled.holds, settled.supplement_id) == ("told", "push:2")
    settled_once = given(DECIDER, *RECEIVED, *differ, settled)
    assert settled_once.when(replace(settle, reason=sealed("sealed anew"))) == []
    (again,) = settled_once.when(replace(settle, holds="known"))
    assert isinstance(again, AccountsSettled)
    assert again.holds == "known"
    assert len(settled_once.when(replace(settle, reason=sealed("another"), said="b" * 64))) == 1


# --- what is said later


def urge(number: int, level: Literal["urge", "supervise"] = "urge") -> UrgeReport:
    return UrgeReport(f"m{number}", level, sealed("message"))


def test_every_urge_is_counted_by_its_level() -> None:
    past = list(RECEIVED)
    for command in (urge(1), urge(2), urge(3, "supervise")):
        past += given(DECIDER, *past).when(command)
    assert [(fact.level, fact.number) for fact in past if isinstance(fact, ReportUrged)] == [
        ("urge", 1),
        ("urge", 2),
        ("supervise", 1),
    ]


def test_a_report_that_was_dealt_with_cannot_be_taken_back() -> None:
    closed = given(DECIDER, *RECEIVED).when(CloseReport())
    assert given(DECIDER, *RECEIVED, *closed).refused(WITHDRAW).code == "report_closed"


def test_an_appeal_leads_to_the_certificate_of_its_clock_and_to_the_history_of_its_case() -> None:
    learned = given(DECIDER, *RECEIVED).when(LearnCase("C1"))
    said = FileAppeal("m1", sealed("message"), clock="reply")
    (appeal,) = given(DECIDER, *RECEIVED, *learned).when(said)
    told = DECIDER.answer([appeal])
    assert told["evidence_url"] == "/v1/cases/C1/history"
    assert told["certificate_url"] == "/v1/cases/C1/clocks/reply/certificate"
    assert told["certificate_page_url"] == "/v1/cases/C1/clocks/reply/certificate.html"
    (unknown,) = given(DECIDER, *RECEIVED).when(said)
    told = DECIDER.answer([unknown])
    assert [told[name] for name in ("evidence_url", "certificate_url", "certificate_page_url")] == [None] * 3


def test_an_appeal_of_before_clocks_were_named_leads_to_the_history_alone() -> None:
    learned = given(DECIDER, *RECEIVED).when(LearnCase("C1"))
    (appeal,) = given(DECIDER, *RECEIVED, *learned).when(FileAppeal("m1", sealed("message")))
    told = DECIDER.answer([appeal])
    assert (told["evidence_url"], told["certificate_url"]) == ("/v1/cases/C1/history", None)


# --- giving an order back


def test_an_order_given_back_in_time_is_open_here_no_longer() -> None:
    (returned,) = given(DECIDER, *RECEIVED).when(GIVE_BACK, at=GIVE_BACK.due_at)
    assert isinstance(returned, ReportReturned)
    assert (returned.number, returned.reason, returned.returned_by) == (1, "not_here", CLERK.id)
    assert set(returned.releases()) == {need_claim(PERSON, "illness"), need_claim(PHONE, "illness")}


def test_a_moment_too_late_an_order_stays() -> None:
    late = GIVE_BACK.due_at + timedelta(microseconds=1)
    with pytest.raises(Refused, match="return_too_late"):
        given(DECIDER, *RECEIVED).when(GIVE_BACK, at=late)


def test_only_an_order_that_is_open_can_be_given_back() -> None:
    village = given(DECIDER).when(replace(RECEIVE, channel="village", order=None))
    assert given(DECIDER, *village).refused(GIVE_BACK).code == "no_order"
    closed = given(DECIDER, *RECEIVED).when(CloseReport())
    assert given(DECIDER, *RECEIVED, *closed).refused(GIVE_BACK).code == "report_closed"


def test_a_report_that_is_void_is_open_no_longer_and_what_was_dealt_with_cannot_be() -> None:
    (void,) = given(DECIDER, *RECEIVED).when(VoidReport("wrong_entry"))
    assert isinstance(void, ReportVoided)
    assert set(void.frees) == set(RECEIVE.match_keys)
    assert given(DECIDER, *RECEIVED, void).when(VoidReport("wrong_entry")) == []
    assert given(DECIDER, *RECEIVED, void).refused(VoidReport("test_entry")).code == "report_closed"
    assert given(DECIDER, *RECEIVED, void).refused(THERE).code == "report_closed"
    closed = given(DECIDER, *RECEIVED).when(CloseReport())
    assert given(DECIDER, *RECEIVED, *closed).refused(VoidReport("wrong_entry")).code == "report_closed"


def test_the_returns_of_an_order_are_counted_over_all_its_reports() -> None:
    anew = replace(RECEIVE, report_id="R2", previous_report_id="R1", returns_before=1)
    owners = {order_claim("nj12345", "NJ-1"): stream_of("R1")}
    facts = given(DECIDER).when(anew, owners=owners)
    assert facts[0].takes() == ()
    (returned,) = given(DECIDER, *facts).when(GIVE_BACK, at=GIVE_BACK.due_at)
    assert isinstance(returned, ReportReturned)
    assert returned.number == 2


# --- replies, case, closing


def test_a_reply_is_prepared_and_delivered() -> None:
    prepared = given(DECIDER, *RECEIVED).when(REPLIES[0])
    placed = '{"sequence":"00000000000000000001","recordedtime":"2026-11-02T12:00:00+08:00"}'
    assert prepared == [ReplyPrepared(report_id="R1", reply_id="P1", kind="report_received", document=placed)]
    delivered = given(DECIDER, *RECEIVED, *prepared).when(REPLIES[1])
    assert delivered == [ReplyDelivered(report_id="R1", reply_id="P1", attempts=2)]


def test_an_abandoned_reply_may_still_be_delivered_but_a_delivered_one_never_abandoned() -> None:
    prepared = given(DECIDER, *RECEIVED).when(REPLIES[0])
    abandoned = given(DECIDER, *RECEIVED, *prepared).when(REPLIES[2])
    assert abandoned == [ReplyAbandoned(report_id="R1", reply_id="P1", attempts=10, reason="timed_out")]
    delivered = given(DECIDER, *RECEIVED, *prepared, *abandoned).when(REPLIES[1])
    assert [type(fact) for fact in delivered] == [ReplyDelivered]
    assert given(DECIDER, *RECEIVED, *prepared, *abandoned, *delivered).when(REPLIES[2]) == []


@pytest.mark.parametrize("command", REPLIES[1:])
def test_the_result_of_a_reply_that_was_never_prepared_is_refused(command: ReportCommand) -> None:
    assert given(DECIDER, *RECEIVED).refused(command).code == "no_such_reply"


@pytest.mark.parametrize(
    "command", [PLACE_ADDED, LearnCase("C1"), *REPLIES, *LATER, WITHDRAW, GIVE_BACK, CloseReport()]
)
def test_nothing_happens_to_a_report_that_was_never_received(command: ReportCommand) -> None:
    assert given(DECIDER).refused(command).code == "no_such_report"


def test_the_case_is_learned_and_a_later_one_replaces_it() -> None:
    first = given(DECIDER, *RECEIVED).when(LearnCase("C1"))
    assert first == [CaseNumberLearned(report_id="R1", case_id="C1")]
    assert given(DECIDER, *RECEIVED, *first).when(LearnCase("C2")) == [CaseNumberLearned(report_id="R1", case_id="C2")]


def test_closing_frees_the_keys_that_the_need_was_open_under() -> None:
    (closed,) = given(DECIDER, *RECEIVED).when(CloseReport())
    assert set(closed.releases()) == {need_claim(PERSON, "illness"), need_claim(PHONE, "illness")}


def test_closing_a_linked_report_frees_nothing_of_the_first() -> None:
    linked = given(DECIDER).when(RECEIVE, owners={need_claim(PERSON, "illness"): stream_of("R0")})
    assert given(DECIDER, *linked).when(CloseReport()) == [ReportClosed(report_id="R1", frees=(), cause="illness")]


def test_a_place_added_after_closing_is_kept_and_asks_for_nothing() -> None:
    closed = given(DECIDER, *INCOMPLETE).when(CloseReport())
    facts = given(DECIDER, *INCOMPLETE, *closed).when(PLACE_ADDED)
    assert [type(fact) for fact in facts] == [ReportSupplemented]


# --- laws

COMMANDS = st.sampled_from(
    [
        RECEIVE,
        NOWHERE,
        PLACE_ADDED,
        ADDED_ELSEWHERE,
        JOIN,
        LeaveNeed("R2"),
        LearnCase("C1"),
        *REPLIES,
        *LATER,
        CloseReport(),
        SupplementReport("s3", sealed("v"), None),
    ]
)


@settings(deadline=None)
@for_all(before=st.lists(COMMANDS, max_size=6), command=COMMANDS)
def test_said_twice_is_said_once(before: list[ReportCommand], command: ReportCommand) -> None:
    past: list[IntakeFact] = given(DECIDER).when(RECEIVE)
    for earlier in before:
        past += facts_or_none(past, earlier)
    past += facts_or_none(past, command)
    assert facts_or_none(past, command) == []


KEYS = st.sets(st.sampled_from([PERSON, PHONE, DOOR]), min_size=1)


@settings(deadline=None)
@for_all(keys=st.tuples(KEYS, KEYS).filter(lambda pair: bool(pair[0] & pair[1])))
def test_two_reports_of_one_need_ask_once_in_either_order(keys: tuple[set[str], set[str]]) -> None:
    reports = [replace(RECEIVE, report_id=f"R{n}", order=None, match_keys=tuple(k)) for n, k in enumerate(keys)]
    assert [helps_needed(order) for order in permutations(reports)] == [1, 1]


def test_after_closing_the_same_household_may_be_in_need_again() -> None:
    anew = replace(RECEIVE, report_id="R2", order=None)
    assert helps_needed([RECEIVE, CloseReport(), anew]) == 2


# --- answers


def test_the_answer_to_a_report() -> None:
    assert DECIDER.answer(RECEIVED) == {
        "report_id": "R1",
        "status": "received",
        "missing": [],
        "owner_division": "320115002",
        "previous_report_id": None,
        "clocks": [],
        "status_url": "/v1/reports/R1",
        "possible_duplicates": [],
        "ack_text": "您的报告已收到,已转急难发生地的乡镇(街道)办理,工作人员会尽快联系。",
    }


def test_the_answer_to_a_linked_report_names_the_first() -> None:
    linked = given(DECIDER).when(RECEIVE, owners={need_claim(PERSON, "illness"): stream_of("R0")})
    answer = DECIDER.answer(linked)
    assert (answer["status"], answer["first_report_id"]) == ("linked", "R0")


def test_the_answer_to_an_incomplete_report_asks_for_the_place() -> None:
    answer = DECIDER.answer(INCOMPLETE)
    assert (answer["status"], answer["missing"], answer["owner_division"]) == ("incomplete", ["/place"], "320115")
    assert "请补充" in answer["ack_text"]


def test_the_answer_to_a_supplement() -> None:
    complete = DECIDER.answer(given(DECIDER, *INCOMPLETE).when(PLACE_ADDED))
    assert (complete["report_id"], complete["status"], complete["owner_division"]) == ("R1", "received", "320115002")
    still = replace(PLACE_ADDED, township=None, still_missing=("/place",))
    assert DECIDER.answer(given(DECIDER, *INCOMPLETE).when(still))["status"] == "incomplete"


@pytest.mark.parametrize("township", [None, "320115002"])
def test_where_life_is_in_danger_the_answer_first_says_whom_to_call(township: str | None) -> None:
    facts = given(DECIDER).when(replace(RECEIVE, urgency="life_danger", township=township))
    assert DECIDER.answer(facts)["ack_text"].startswith("有生命危险的,请先拨打110或120")


def test_an_answer_holds_neither_envelopes_nor_pseudonyms() -> None:
    for facts in (RECEIVED, INCOMPLETE, given(DECIDER, *INCOMPLETE).when(PLACE_ADDED)):
        said = json.dumps(DECIDER.answer(facts))
        assert not any(secret in said for secret in ("c2VhbGVk", PERSON, PHONE))


def test_what_is_no_answer_to_a_reporter_says_nothing() -> None:
    assert DECIDER.answer(given(DECIDER, *RECEIVED).when(CloseReport())) == {}


# --- helpers


def state_after(facts: Sequence[IntakeFact]) -> Report | None:
    state = DECIDER.initial
    for fact in facts:
        state = DECIDER.evolve(state, recorded(fact))
    return state


def facts_or_none(past: Sequence[IntakeFact], command: ReportCommand) -> list[IntakeFact]:
    """What a command gives; a reply that was not prepared yet is refused, which leaves nothing."""
    after = given(DECIDER, *past)
    if isinstance(command, RecordDelivery | AbandonReply) and not any(isinstance(f, ReplyPrepared) for f in past):
        assert after.refused(command).code == "no_such_reply"
        return []
    return after.when(command)


def helps_needed(commands: Sequence[ReceiveReport | CloseReport]) -> int:
    """How often help is asked for when these come into one log in turn; a closing is of the first report."""
    log: dict[str, list[IntakeFact]] = {}
    owners: dict[str, str] = {}
    for command in commands:
        stream = stream_of(command.report_id) if isinstance(command, ReceiveReport) else next(iter(log))
        known = {claim: owners[claim] for claim in asks(command) if claim in owners}
        past = log.setdefault(stream, [])
        facts = given(DECIDER, *past).when(command, owners=known)
        past += facts
        owners |= {claim: stream for fact in facts for claim in fact.takes()}
        for claim in (claim for fact in facts for claim in fact.releases()):
            del owners[claim]
    return sum(isinstance(fact, HelpNeeded) for facts in log.values() for fact in facts)


# --- a form that is not whole


def test_a_withheld_form_goes_out_once_when_a_person_has_completed_it() -> None:
    (withheld,) = given(DECIDER, *RECEIVED).when(WITHHOLD)
    assert given(DECIDER, *RECEIVED, withheld).when(WITHHOLD) == []
    completed, prepared = given(DECIDER, *RECEIVED, withheld).when(COMPLETE)
    assert isinstance(completed, ReplyCompleted)
    assert completed.supplied == ("handling_text",)
    assert isinstance(prepared, ReplyPrepared)
    assert (prepared.reply_id, prepared.is_sent) == ("P1", True)
    assert json.loads(prepared.document).items() >= json.loads(COMPLETE.document).items()
    assert given(DECIDER, *RECEIVED).refused(COMPLETE).code == "nothing_withheld"
    assert given(DECIDER, *RECEIVED, withheld, completed, prepared).when(COMPLETE) == []


def test_a_receipt_says_once_what_is_so_and_again_when_it_is_otherwise() -> None:
    kinds = ("report_received", "report_incomplete", "report_linked")
    announce = AnnounceReceipt(dict.fromkeys(kinds, '{"data":{}}'))
    (waits,) = given(DECIDER, *INCOMPLETE).when(announce)
    placed = [*INCOMPLETE, waits, *given(DECIDER, *INCOMPLETE, waits).when(PLACE_ADDED)]
    (received,) = given(DECIDER, *placed).when(announce)
    assert given(DECIDER, *placed, received).when(announce) == []
    assert isinstance(waits, ReplyPrepared)
    assert isinstance(received, ReplyPrepared)
    assert (waits.kind, received.kind) == ("report_incomplete", "report_received")
    assert json.loads(waits.document)["data"] == {"missing": ["/place"]}
    assert given(DECIDER, *RECEIVED).when(AnnounceReceipt({"report_linked": "{}"})) == []


def test_events_of_a_report_sort_by_their_sequence_in_the_order_in_which_they_may_be_sent() -> None:
    facts: list[IntakeFact] = [*RECEIVED]
    for command in (PrepareReply("P0", "case_x", "{}"), WITHHOLD, PrepareReply("P2", "case_y", "{}"), COMPLETE):
        facts += given(DECIDER, *facts).when(command)
    facts += given(DECIDER, *facts).when(PrepareReply("P3", "case_z", "{}"))
    told = [json.loads(fact.document)["sequence"] for fact in facts if isinstance(fact, ReplyPrepared)]
    assert len(told) == 4
    assert told == sorted(set(told))


def test_a_withheld_form_is_neither_sent_nor_given_up() -> None:
    facts = given(DECIDER, *RECEIVED).when(WITHHOLD)
    assert given(DECIDER, *RECEIVED, *facts).when(AbandonReply("P1", 10, "timed_out")) == []
