"""Reports that are handed over, duty rosters, registers of informants, receivers that are gone: facts from commands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from events.fact import Sealed
from events.intake import Attachment, CameFrom, HelpAskedAgain, HelpNeeded, ReportReceived, TransferTaken, need_claim
from events.intake_later import AttachmentStored, ReplyRequeued, TransferredIn, TransferredOut
from services.intake import informants, receivers, roster, visits
from services.intake.divisions import parse
from services.intake.report import DECIDER
from services.intake.report_commands import (
    AbandonReply,
    CloseReport,
    ConfirmTransfer,
    LogCall,
    Origin,
    PrepareReply,
    RequeueReply,
    StoreAttachment,
    TransferOut,
)
from services.intake.routes.leaving import ReturnBody
from tests.support.given import given
from tests.support.services import ROOT
from tests.unit.intake.test_report import PERSON, RECEIVE, RECEIVED, sealed

OUT = TransferOut(
    new_report_id="R2", to_county="341825", to_township="341825105", reason="arose_there", basis="急难发生地实施救助"
)
NIGHT = datetime(2026, 11, 1, 19, tzinfo=UTC)


# --- handed over


@pytest.mark.parametrize("basis", ["样例\u0000", "\ud800样例", "样"])
def test_a_clause_that_no_log_could_show_is_refused_at_the_edge(basis: str) -> None:
    with pytest.raises(ValidationError):
        ReturnBody(reason="not_here", basis=basis)


def test_a_report_on_its_way_to_another_county_is_still_open_here_until_that_one_has_it() -> None:
    (out,) = given(DECIDER, *RECEIVED).when(OUT)
    assert isinstance(out, TransferredOut)
    assert out.releases() == ()
    (taken,) = given(DECIDER, *RECEIVED, out).when(ConfirmTransfer())
    assert need_claim(PERSON, "illness") in taken.releases()
    assert given(DECIDER, *RECEIVED, out, taken).when(ConfirmTransfer()) == []
    assert given(DECIDER, *RECEIVED, out).when(OUT) == []
    assert given(DECIDER, *RECEIVED, out).refused(replace(OUT, basis="样例办法第六条")).code == "report_closed"
    (joined,) = given(DECIDER, *RECEIVED, out).when(ConfirmTransfer("R9"))
    assert isinstance(joined, TransferTaken)
    assert (joined.new_report_id, joined.joined_report_id) == ("R2", "R9")


def test_the_other_county_s_report_carries_the_first_receipt_and_asks_for_help_there() -> None:
    arriving = replace(
        RECEIVE,
        report_id="R2",
        county="341825",
        township="341825105",
        previous_report_id="R1",
        came_from=Origin("320115", "R1", RECEIVE.reported_at),
    )
    received, came_in, needed = given(DECIDER).when(arriving)
    assert isinstance(received, ReportReceived)
    assert came_in == TransferredIn(
        report_id="R2", from_report_id="R1", from_county="320115", first_received_at=RECEIVE.reported_at
    )
    assert isinstance(needed, HelpNeeded)
    assert needed.reported_at == RECEIVE.reported_at


def test_a_report_that_joins_an_open_need_still_says_which_county_it_came_from_and_of_which_need_there() -> None:
    origin = Origin("320115", "R1", RECEIVE.reported_at, first_report_id="R0")
    arriving = replace(RECEIVE, report_id="R2", previous_report_id="R1", came_from=origin)
    owners = {need_claim(RECEIVE.match_keys[0], RECEIVE.cause): "report:R-first"}
    *_, again = given(DECIDER).when(arriving, owners=owners)
    assert isinstance(again, HelpAskedAgain)
    assert again.came_from == CameFrom(county="320115", report_id="R1", first_report_id="R0")
    unplaced = given(DECIDER, *given(DECIDER).when(replace(arriving, township=None)))
    assert unplaced.state is not None
    assert unplaced.state.came_from == again.came_from


def test_what_had_come_before_a_report_was_handed_over_has_come() -> None:
    photo = Attachment(sha256="a" * 64, media_type="image/jpeg", size=7, kind="photo")
    proof = Attachment(sha256="b" * 64, media_type="application/pdf", size=9, kind="id")
    arriving = replace(
        RECEIVE,
        report_id="R2",
        previous_report_id="R1",
        came_from=Origin("320115", "R1", RECEIVE.reported_at),
        attachments=(photo, proof),
        brought=frozenset({photo.sha256}),
    )
    facts = given(DECIDER).when(arriving)
    assert AttachmentStored(report_id="R2", sha256=photo.sha256, size=7) in facts
    stored = given(DECIDER, *facts)
    assert stored.when(StoreAttachment(photo.sha256, 7)) == []
    assert len(stored.when(StoreAttachment(proof.sha256, 9))) == 1


def test_a_document_that_nobody_announced_is_one_of_the_report_s_up_to_twenty() -> None:
    added = [StoreAttachment(f"{number:064}", 5, "application/pdf", "handling") for number in range(20)]
    report = given(DECIDER, *RECEIVED, *(fact for one in added for fact in given(DECIDER, *RECEIVED).when(one)))
    assert report.state is not None
    assert [one.sha256 for one in report.state.documents] == [one.sha256 for one in added]
    assert {(one.media_type, one.size, one.kind) for one in report.state.documents} == {
        ("application/pdf", 5, "handling")
    }
    assert report.when(added[0]) == []
    assert report.refused(StoreAttachment("f" * 64, 5, "application/pdf", "id")).code == "too_many_attachments"


def test_a_document_that_comes_while_its_report_is_being_handed_over_is_not_left_behind() -> None:
    gone = given(DECIDER, *RECEIVED, *given(DECIDER, *RECEIVED).when(OUT))
    for late in (StoreAttachment("a" * 64, 5), StoreAttachment("a" * 64, 5, "application/pdf", "handling")):
        assert gone.refused(late).code == "being_transferred"


def test_a_report_that_was_dealt_with_is_not_handed_over_and_one_never_handed_over_not_confirmed() -> None:
    closed = given(DECIDER, *RECEIVED).when(CloseReport())
    assert given(DECIDER, *RECEIVED, *closed).refused(OUT).code == "report_closed"
    assert given(DECIDER, *RECEIVED).refused(ConfirmTransfer()).code == "not_transferred"


def test_only_what_was_given_up_is_sent_once_more() -> None:
    owed = given(DECIDER, *RECEIVED).when(PrepareReply("P1", "case_closed", "{}"))
    assert given(DECIDER, *RECEIVED, *owed).when(RequeueReply("P1")) == []
    given_up = given(DECIDER, *RECEIVED, *owed).when(AbandonReply("P1", 10, "not_confirmed"))
    again = given(DECIDER, *RECEIVED, *owed, *given_up).when(RequeueReply("P1"))
    assert again == [ReplyRequeued(report_id="R1", reply_id="P1")]


def test_a_call_in_the_night_is_logged_once() -> None:
    call = LogCall(call_id="K1", division="320115002", staff_id="S-9", reached=False, called_at=NIGHT)
    called = given(DECIDER, *RECEIVED).when(call)
    assert len(called) == 1
    assert given(DECIDER, *RECEIVED, *called).when(call) == []


# --- who is on duty


def shift(number: int, rank: int, hours: int = 12, start: datetime = NIGHT) -> roster.AssignShift:
    return roster.AssignShift(
        shift_id=f"SH{number}",
        division="320115002",
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        staff_id=f"S-{number}",
        phone=sealed("phone"),
        rank=rank,
        said="a" * 64,
    )


def test_a_shift_that_comes_again_with_other_words_is_refused_and_with_the_same_is_not() -> None:
    roster_of_one = given(roster.DECIDER, *given(roster.DECIDER).when(shift(1, rank=2)))
    assert roster_of_one.when(replace(shift(1, rank=2), phone=sealed("sealed anew"))) == []
    assert roster_of_one.refused(replace(shift(1, rank=2), said="b" * 64)).code == "message_known"


def test_who_is_called_at_three_in_the_morning() -> None:
    facts = [
        *given(roster.DECIDER).when(shift(1, rank=2)),
        *given(roster.DECIDER).when(shift(2, rank=1)),
        *given(roster.DECIDER).when(shift(3, rank=1, start=NIGHT + timedelta(days=1))),
    ]
    state = given(roster.DECIDER, *facts).state
    assert [one.staff_id for one in roster.on_duty(state, NIGHT)] == ["S-2", "S-1"]
    assert roster.on_duty(state, NIGHT + timedelta(hours=12)) == []
    cancelled = given(roster.DECIDER, *facts).when(roster.CancelShift("SH2"))
    state = given(roster.DECIDER, *facts, *cancelled).state
    assert [one.staff_id for one in roster.on_duty(state, NIGHT)] == ["S-1"]


def test_a_shift_ends_after_it_starts() -> None:
    assert given(roster.DECIDER).refused(shift(1, rank=1, hours=0)).code == "shift_ends_early"


# --- informants, receivers, lists

INFORMANT = informants.RegisterInformant(
    informant_id="V-1",
    township="341825105",
    village="341825105001",
    name=sealed("name"),
    phone=sealed("phone"),
    phone_key="phone:" + "b" * 20,
    said="a" * 64,
)


def test_an_informant_is_entered_once_and_for_a_village_of_the_township() -> None:
    entered = given(informants.DECIDER).when(INFORMANT)
    assert len(entered) == 1
    assert given(informants.DECIDER, *entered).when(INFORMANT) == []
    assert given(informants.DECIDER, *entered).when(replace(INFORMANT, name=sealed("sealed anew"))) == []
    assert given(informants.DECIDER, *entered).refused(replace(INFORMANT, said="b" * 64)).code == "informant_known"
    other = replace(INFORMANT, village="341825105002")
    assert given(informants.DECIDER, *entered).refused(other).code == "informant_known"
    elsewhere = replace(INFORMANT, village="341825106001")
    assert given(informants.DECIDER).refused(elsewhere).code == "village_elsewhere"
    struck = given(informants.DECIDER, *entered).when(informants.StrikeInformant("V-1", "left"))
    assert len(given(informants.DECIDER, *entered, *struck).when(other)) == 1


def test_a_receiver_is_off_until_it_is_enabled() -> None:
    off = given(receivers.DECIDER).when(receivers.DisableCallback("demo", "P1"))
    assert given(receivers.DECIDER, *off).when(receivers.DisableCallback("demo", "P2")) == []
    on = given(receivers.DECIDER, *off).when(receivers.EnableCallback("demo"))
    assert len(on) == 1
    assert given(receivers.DECIDER, *off, *on).when(receivers.EnableCallback("demo")) == []


def test_a_line_that_was_left_out_is_noted_once() -> None:
    envelope: Sealed = sealed("reason")
    note = visits.LeaveOut(list_id="Q4", line=3, kind="visits", person=PERSON, reason=envelope)
    noted = given(visits.DECIDER).when(note)
    assert len(noted) == 1
    assert given(visits.DECIDER, *noted).when(note) == []


def test_another_household_under_a_line_that_was_left_out_is_refused_and_the_same_is_not() -> None:
    envelope: Sealed = sealed("reason")
    note = visits.LeaveOut(list_id="Q4", line=3, kind="visits", person=None, reason=envelope, said="said:" + "a" * 20)
    noted = given(visits.DECIDER).when(note)
    assert given(visits.DECIDER, *noted).when(replace(note, reason=sealed("words"))) == []
    assert given(visits.DECIDER, *noted).refused(replace(note, said="said:" + "b" * 20)).code == "line_known"


# --- the country's divisions

DIVISIONS = parse((ROOT / "policies" / "intake" / "counties.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("320115", "江苏省南京市江宁区"),
        ("341825", "安徽省宣城市旌德县"),
        ("350581", "福建省泉州市石狮市"),
        ("110101", "北京市东城区"),
        ("320000", "江苏省"),
        ("999999", None),
    ],
)
def test_a_county_is_known_by_its_code_with_all_above_it(code: str, name: str | None) -> None:
    assert DIVISIONS.name(code) == name


def test_the_whole_country_is_there() -> None:
    assert len(DIVISIONS.names) > 3_200
    assert {code[:2] for code in DIVISIONS.names} >= {f"{number}" for number in (11, 31, 44, 54, 65)}
