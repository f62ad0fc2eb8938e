"""A clock's certificate says what was counted, is checked offline by a script of its own, and betrays each change."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from events.fact import Fact, Recorded
from events.relief import CaseFact
from events.relief_clocks import ClockExtended, ClockFact, ClockPaused, ClockResumed
from events.upcasts import decode, encode
from services.chassis.chain import genesis, link
from services.chassis.event_store import Stored
from services.relief.certificate import Issue, certificate, cited, digest, proof
from services.relief.certificate_page import page
from services.relief.clocks import Clock, clocks
from services.relief.rulebook import Rulebook
from services.relief.signals import signals
from tests.architecture.sources import ROOT
from tests.support.given import recorded
from tests.unit.relief.facts import ACCEPTED, CASE, at, came_back, happened, opened, relieved
from tests.unit.relief.test_clock_kinds import rules

SCRIPT = ROOT / "deploy" / "check_certificate.py"
ADVANCE = {"length": 24, "unit": "hour", "pausable": ["applicant_unreachable"], "clause": "示例县办法第九条:24小时"}
REPLY = {"length": 3, "unit": "working_day", "pausable": ["means_check"], "clause": "示例县办法第八条:3个工作日"}

Told = Recorded[CaseFact] | Recorded[ClockFact]


def still(cause: str, since: str, until: str, name: str = "advance_from_report", subject: str = "") -> ClockPaused:
    return ClockPaused.model_validate(
        {
            "case_id": CASE,
            "clock": name,
            "subject": subject,
            "cause": cause,
            "authorised_by": "S-2001",
            "paused_at": at(since),
            "expires_at": at(until),
        }
    )


RESUMED = ClockResumed(
    case_id=CASE, clock="advance_from_report", subject="", resumed_by="S-2001", resumed_at=at("10-09 12:30")
)


def told(fact: Fact, when: str) -> Any:
    return happened(fact, at(when)) if isinstance(fact, CaseFact) else recorded(fact, at=at(when))


LATE: Sequence[Told] = (
    told(opened(reported_at=at("10-09 09:00")), "10-09 09:00"),
    told(still("applicant_unreachable", "10-09 10:00", "10-20 10:00"), "10-09 10:00"),
    told(RESUMED, "10-09 12:30"),
    told(ACCEPTED, "10-09 13:00"),
    told(relieved(when=at("10-09 14:05")), "10-09 14:05"),
    told(came_back(), "10-10 15:40"),
    told(relieved(payment_id="payment-2", when=at("10-10 16:45")), "10-10 16:45"),
)
PAUSED: Sequence[Told] = (
    told(opened(reported_at=at("09-18 09:00")), "09-18 09:00"),
    told(still("means_check", "09-21 10:00", "12-31 00:00", "reply", "report-1"), "09-21 10:00"),
)


TWICE: Sequence[Told] = (
    *PAUSED[:1],
    told(still("means_check", "09-21 10:00", "09-23 10:00", "reply", "report-1"), "09-21 10:00"),
    told(still("letter_inquiry", "09-22 10:00", "09-24 10:00", "reply", "report-1"), "09-22 10:00"),
)


def paused_twice() -> dict[str, Any]:
    both = {**REPLY, "pausable": ["means_check", "letter_inquiry"]}
    return issued(TWICE, "reply", rules(reply=both), "09-29 09:00")


ORDER = {"length": 5, "pausable": ["means_check"], "extension_at_most": 3, "clause": "示例县办法第十条"}
EXTENDED = ClockExtended(
    case_id=CASE,
    clock="hotline_finish",
    subject="report-1",
    due_at=at("09-29 00:00"),
    reference="〔2026〕3号",
    authorised_by="S-2001",
)
PUT_OFF: Sequence[Told] = (
    told(opened(reported_at=at("09-17 09:00")), "09-17 09:00"),
    told(EXTENDED, "09-18 12:00"),
    told(still("means_check", "09-21 10:00", "09-23 10:00", "hotline_finish", "report-1"), "09-21 10:00"),
)


def put_off(unit: str) -> dict[str, Any]:
    return issued(PUT_OFF, "hotline_finish", rules(hotline_finish={**ORDER, "unit": unit}), "09-24 09:00")


def chained(facts: Sequence[Told]) -> list[tuple[Told, Stored, bytes]]:
    """The facts as a log would hold them, each with the hash before it."""
    found: list[tuple[Told, Stored, bytes]] = []
    previous = genesis("relief", "990101")
    for position, one in enumerate(facts, start=1):
        meta, data = one.meta.model_dump_json(exclude_none=True).encode(), encode(one.fact)
        place = ("990101", position, f"case:{CASE}", position, one.fact.NAME, 1, one.fact_id, one.command_id)
        row = Stored(*place, one.occurred_at, one.recorded_at, meta, data, public=False, hash=b"")
        row = Stored(*place, one.occurred_at, one.recorded_at, meta, data, public=False, hash=link(previous, row))
        found.append((one, row, previous))
        previous = row.hash
    return found


def issued(facts: Sequence[Told], name: str, book: Rulebook, now: str) -> dict[str, Any]:
    log = chained(facts)
    said = [signal for one, row, _ in log for signal in signals(one._replace(position=row.position))]
    clock: Clock = next(one for one in clocks(said, book, at(now)) if one.name == name)
    issue = Issue(CASE, "990101", at(now), book.on(clock.started_at.date()))
    proofs = {(row.division, row.position): proof(row, previous) for _, row, previous in log}
    assert set(cited(clock)) <= set(proofs)
    return json.loads(json.dumps(certificate(clock, issue, proofs)))


def late() -> dict[str, Any]:
    return issued(LATE, "advance_from_report", rules(advance=ADVANCE), "10-11 09:00")


def check(folder: Path, document: object) -> tuple[int, str]:
    file = folder / "certificate.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, check=False, env={"PYTHONUTF8": "1"}
    )
    return done.returncode, done.stdout.decode().strip()


def test_every_stretch_is_there_with_who_began_and_ended_it() -> None:
    document = late()
    assert [(one["kind"], one["microseconds"] // 60_000_000) for one in document["segments"]] == [
        ("running", 60),
        ("paused", 150),
        ("running", 1695),
    ]
    assert [one["began_by"]["fact"] for one in document["segments"]] == [
        "relief.case_opened",
        "relief.clock_paused",
        "relief.clock_resumed",
    ]
    assert document["segments"][-1]["ended_by"]["position"] == 7
    assert (document["verdict"], document["due_at"]) == ("breached", at("10-10 11:30").isoformat())
    assert document["sums"]["running_microseconds"] + document["sums"]["paused_microseconds"] == (
        timedelta(hours=31, minutes=45) // timedelta(microseconds=1)
    )
    assert [fact["position"] for fact in document["facts"]] == [1, 2, 3, 7]


DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "late, in hours": late,
    "paused, in working days": lambda: issued(PAUSED, "reply", rules(reply=REPLY), "09-29 09:00"),
    "paused for two causes at once": paused_twice,
    "running, in working days": lambda: issued(PAUSED[:1], "reply", rules(reply=REPLY), "09-19 09:00"),
    "put off and then paused, in days": lambda: put_off("working_day"),
    "put off and then paused, in hours": lambda: put_off("hour"),
    "rolling days": lambda: issued(
        PAUSED[:1], "reply", rules(reply={**REPLY, "unit": "natural_day", "rolls": True, "length": 7}), "10-10 09:00"
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sound_certificate_passes_offline(name: str, tmp_path: Path) -> None:
    assert check(tmp_path, DOCUMENTS[name]()) == (0, "通过")


def test_every_cause_of_a_pause_is_named_and_proven(tmp_path: Path) -> None:
    document = paused_twice()
    assert [one["position"] for one in document["segments"][1]["joined"]] == [3]
    assert {fact["position"] for fact in document["facts"]} == {1, 2, 3}
    text = re.sub(r"<[^>]+>", "", page(document))
    assert "暂停:信息核对,批准人 S-2001" in text
    assert "并有暂停:信函索证,批准人 S-2001" in text
    document["facts"] = [fact for fact in document["facts"] if fact["position"] != 3]
    document["digest"] = digest(document)
    assert "第2段的起因没有所引事实" in check(tmp_path, document)[1]


def test_an_older_certificate_whose_deadline_nothing_moved_passes_still(tmp_path: Path) -> None:
    document = issued(PUT_OFF[:2], "hotline_finish", rules(hotline_finish={**ORDER, "unit": "hour"}), "09-24 09:00")
    del document["rule"]["heeds_from"]
    document["digest"] = digest(document)
    assert check(tmp_path, document) == (0, "通过")
    moved = put_off("working_day")
    moved["rule"]["heeds_from"] = "2026-09-22T10:00:00+08:00"
    moved["digest"] = digest(moved)
    assert check(tmp_path, moved) == (1, "到期时间有误")


def test_the_whole_is_betrayed_by_its_digest(tmp_path: Path) -> None:
    assert check(tmp_path, late() | {"case_id": "case-2"}) == (1, "内容与摘要不符")


def _set(document: dict[str, Any], path: str, value: object) -> None:
    *way, last = path.split("/")
    node: Any = document
    for step in way:
        node = node[int(step) if step.lstrip("-").isdigit() else step]
    node[last] = value


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("verdict", "met", "判定有误"),
        ("due_at", "2026-10-10T17:00:00+08:00", "到期时间有误"),
        ("started_at", "2026-10-09T10:00:00+08:00", "起算时间与所引事实不符"),
        ("stopped_at", "2026-10-10T11:00:00+08:00", "完成时间与所引事实不符"),
        ("segments/1/until", "2026-10-09T20:30:00+08:00", "到期时间有误"),
        ("segments/2/microseconds", 1, "第3段时长有误"),
        ("segments/2/begins_at", "2026-10-09T12:31:00+08:00", "第3段与前一段不相接"),
        ("segments/0/began_by", {"position": 1, "fact": "x", "by": "S-9", "why": ""}, "起算的经手人与所引事实不符"),
        ("sums/running_microseconds", 1, "计时时长合计有误"),
        ("sums/paused_days", 3, "暂停天数合计有误"),
        ("calendar/days_off", ["2026-10-09"], "日历与其版本号不符"),
        ("facts/3/occurred_at", "2026-10-10T11:00:00+08:00", "第7条事实与其散列值不符"),
        ("facts/0/data", "{}", "第1条事实与其散列值不符"),
        ("facts", [], "没有所引事实"),
    ],
)
def test_a_change_is_found_although_the_digest_was_made_anew(
    path: str, value: object, fault: str, tmp_path: Path
) -> None:
    document = late()
    _set(document, path, value)
    document["digest"] = digest(document)
    code, said = check(tmp_path, document)
    assert (code, fault in said) == (1, True), said


def test_what_is_no_certificate_is_said_to_be_none(tmp_path: Path) -> None:
    assert check(tmp_path, [])[1].startswith("不是合格的时限证明")


def test_the_page_says_it_in_chinese_for_a4_and_names_nobody() -> None:
    text = page(late())
    assert "@page { size: A4" in text
    for words in ("超时", "2026-10-10 11:30", "联系不上求助人,批准人 S-2001", "28小时15分", "31小时45分", "24小时内"):
        assert words in re.sub(r"<[^>]+>", "", text) or words in text
    assert '"box"' not in text


FACTS: Sequence[type[Fact]] = (*get_args(CaseFact), *get_args(ClockFact))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.NAME)
def test_the_page_has_a_chinese_word_for_every_fact_that_moves_a_clock(fact: type[Fact]) -> None:
    sample = (ROOT / "tests" / "golden" / f"{fact.NAME}.{fact.VERSION}.json").read_bytes()
    moved: Any = recorded(decode(fact.NAME, fact.VERSION, sample.strip()))
    document = late()
    for one in signals(moved):
        if one.kind in MOVES:
            _set(document, "segments/0/began_by/fact", fact.NAME)
    assert "relief." not in page(document)


MOVES = {"start", "since", "stop", "decided", "give_up", "pause", "resume", "lifted", "extended"}


def test_what_is_written_on_the_page_is_text_and_never_markup() -> None:
    document = late()
    document["rule"]["clause"] = "<script>"
    assert "<script>" not in page(document)


def test_a_certificate_of_today_is_the_same_tomorrow() -> None:
    assert digest(late()) == digest(late())
    assert isinstance(datetime.fromisoformat(late()["issued_at"]), datetime)
