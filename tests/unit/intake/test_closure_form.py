"""The closure form lists what has come when it is decided on, and a document that comes later amends it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from events.intake import Attachment, IntakeFact
from events.intake_later import ReplyPrepared
from events.relief import CaseClosed
from events.relief_words import CONTACTS_TOLD, Contact
from services.intake.channels.closure import closure_form
from services.intake.channels.replies import Envelope
from services.intake.report import DECIDER
from services.intake.report_commands import (
    AmendClosure,
    PrepareReply,
    ReportCommand,
    StoreAttachment,
    SupplementReport,
)
from tests.support.given import given
from tests.unit.intake.test_report import COMPLETE, RECEIVE, RECEIVED, WITHHOLD, sealed, state_after

PROOF = StoreAttachment("a" * 64, 2_048, "application/pdf", "handling")
PHOTO = replace(PROOF, sha256="b" * 64, kind="contact_evidence")
FORM = PrepareReply("P1", "case_closed", '{"id":"P1","data":{"case_id":"C1","order_state":"结案","attachments":[]}}')
AMEND = AmendClosure("P2", '{"id":"P2","data":{"order_state":null,"text":"补送"}}')


def listed(fact: IntakeFact) -> list[str]:
    assert isinstance(fact, ReplyPrepared)
    return [one["name"] for one in json.loads(fact.document)["data"]["attachments"]]


def after(*commands: ReportCommand) -> list[IntakeFact]:
    facts: list[IntakeFact] = [*RECEIVED]
    for command in commands:
        facts += given(DECIDER, *facts).when(command)
    return facts


def test_the_closure_form_lists_what_has_come_when_it_is_decided_on_each_by_what_it_is() -> None:
    *_, form = after(PHOTO, PROOF, FORM)
    assert isinstance(form, ReplyPrepared)
    assert json.loads(form.document)["data"]["attachments"] == [
        {
            "sha256": "b" * 64,
            "name": "联系证据1",
            "media_type": "application/pdf",
            "bytes": 2_048,
            "kind": "contact_evidence",
            "url": f"/v1/reports/R1/attachments/{'b' * 64}",
        },
        {
            "sha256": "a" * 64,
            "name": "办理附件2",
            "media_type": "application/pdf",
            "bytes": 2_048,
            "kind": "handling",
            "url": f"/v1/reports/R1/attachments/{'a' * 64}",
        },
    ]
    *_, completed = after(WITHHOLD, PHOTO, replace(COMPLETE, document=FORM.document))
    assert listed(completed) == ["联系证据1"]


def test_a_document_that_comes_after_the_form_amends_it_once_and_says_all_that_the_form_says() -> None:
    facts = after(PHOTO, FORM, PROOF, AMEND)
    amended = facts[-1]
    assert isinstance(amended, ReplyPrepared)
    assert (amended.kind, listed(amended)) == ("case_closure_amended", ["联系证据1", "办理附件2"])
    event = json.loads(amended.document)
    told = {name: event["data"][name] for name in ("case_id", "order_state", "amends", "text")}
    assert (event["id"], told) == ("P2", {"case_id": "C1", "order_state": "结案", "amends": "P1", "text": "补送"})
    assert given(DECIDER, *facts).when(replace(AMEND, reply_id="P3")) == []
    late = replace(PROOF, sha256="c" * 64)
    again = after(PHOTO, FORM, PROOF, AMEND, late, replace(AMEND, reply_id="P3"))[-1]
    assert isinstance(again, ReplyPrepared)
    assert (json.loads(again.document)["data"]["amends"], len(listed(again))) == ("P2", 3)


@pytest.mark.parametrize("told", [(), (WITHHOLD,), (PrepareReply("P1", "case_closed", '{"data":{"text":"办结"}}'),)])
def test_where_no_form_has_left_a_document_amends_none(told: tuple[ReportCommand, ...]) -> None:
    assert given(DECIDER, *after(*told, PROOF)).when(AMEND) == []


def test_the_number_told_last_before_the_form_left_is_the_one_under_which_the_household_is_reached() -> None:
    later = [SupplementReport(f"s{number}", sealed("verbatim"), None, phone=phone) for number, phone in PHONES]
    facts, known = [*RECEIVED], [RECEIVE.phone]
    for command in (*later[:3], FORM, later[3]):
        facts += given(DECIDER, *facts).when(command)
        report = state_after(facts)
        assert report is not None
        known.append(report.phone)
    told = [phone for _, phone in PHONES]
    assert known == [RECEIVE.phone, told[0], told[0], told[2], told[2], told[2]]


PHONES = [(0, sealed("phone0")), (1, None), (2, sealed("phone2")), (3, sealed("phone3"))]


def test_the_longest_form_that_a_case_can_have_is_told() -> None:
    """Forty documents, a hundred attempts, all texts and clauses as long as they may be."""
    at = datetime(2022, 8, 5, 2, tzinfo=UTC)
    case = CaseClosed(
        case_id="C" * 64,
        report_ids=("R1",),
        outcome="not_relieved",
        handling="办" * 500,
        contacted_at=at,
        relieved_at=None,
        closed_by="S-1",
        person=None,
        cause="other",
        clauses=("条" * 200,) * 60,
        contacts=(Contact(at=at, role="county_civil_affairs", reached=True),) * CONTACTS_TOLD,
    )
    envelope = Envelope(reply_id="P1", report_id="R" * 64, county="320115", at=at, cause="relief:320115:7")
    document = closure_form(envelope, case, is_secret=False).document
    papers = [replace(PROOF, sha256=f"{number:064}") for number in range(20)]
    announced = tuple(
        Attachment(sha256=f"{number:064}", media_type="application/pdf", size=16 * 2**20, kind="contact_evidence")
        for number in range(20, 40)
    )
    facts = given(DECIDER).when(replace(RECEIVE, report_id="R" * 64, attachments=announced))
    for paper in (*papers, *(StoreAttachment(one.sha256, one.size) for one in announced)):
        facts += given(DECIDER, *facts).when(paper)
    (form,) = given(DECIDER, *facts).when(PrepareReply("P1", "case_closed", document))
    assert len(listed(form)) == 40
