"""What operators answer with is the policy in force there on that day, in words, with its clause; and it is found."""

import re
from datetime import date

import pytest
import yaml

from events.intake_desk import PolicyHeard
from services.intake.knowledge import Answer, Bound, Knowledge
from tests.support.services import ROOT

POLICIES = ROOT / "policies"
QUESTIONS = (POLICIES / "intake" / "questions.yaml").read_text(encoding="utf-8")
FILES = [file.read_text(encoding="utf-8") for file in sorted(POLICIES.glob("[0-9]*.yaml"))]
KNOWLEDGE = Knowledge.parse(QUESTIONS)
TODAY = date(2026, 11, 2)


def sets(*texts: str) -> list[PolicyHeard]:
    documents = (document for text in texts for document in yaml.load_all(text, Loader=yaml.CSafeLoader))
    return [PolicyHeard.model_validate(each["policy"], strict=False) for each in documents if "policy" in each]


PUBLISHED = sets(*FILES)

LOCAL = """
policy:
  set_id: sample_first
  division: "990102"
  title: 样例县办法
  effective_from: 2026-01-01
  township_limit: {limit_fen: 300050, inclusive: true, scope: case, clause: 样例办法第八条}
---
policy:
  set_id: sample_second
  division: "990102"
  title: 样例县办法(修订)
  effective_from: 2026-07-01
  township_limit: {percent_of_standard: 400, inclusive: false, scope: decision, clause: 样例办法(修订)第八条}
"""
ABOVE = """
policy:
  set_id: sample_province
  division: "990000"
  title: 样例省办法
  effective_from: 2026-01-01
  township_limit: {limit_fen: 200000, inclusive: true, scope: case, binds: ceiling, clause: 样例省办法第五条}
  reply: {length: 24, unit: hour, binds: ceiling, clause: 样例省办法第六条}
"""
SAMPLE = [*PUBLISHED, *sets(LOCAL)]


def answer(code: str, heard: list[PolicyHeard], county: str, on: date = TODAY) -> Answer:
    return next(each for each in KNOWLEDGE.answers(heard, county, on) if each.code == code)


@pytest.mark.parametrize(
    ("on", "said", "version", "clause"),
    [
        (date(2026, 6, 30), "3000.50元(含)以内", "sample_first", "样例办法第八条"),
        (date(2026, 7, 1), "月低保标准的400%(不含)以内", "sample_second", "样例办法(修订)第八条"),
    ],
)
def test_the_set_in_force_on_the_day_answers(on: date, said: str, version: str, clause: str) -> None:
    limit = answer("township_limit", SAMPLE, "990102", on)
    assert said in limit.answer
    assert (limit.set_id, limit.clause, limit.division) == (version, clause, "990102")


def test_a_ceiling_from_above_stands_in_place_of_what_is_over_it_and_is_told_with_its_clause() -> None:
    limit = answer("township_limit", [*SAMPLE, *sets(ABOVE)], "990102", date(2026, 6, 30))
    assert "2000元(含)以内" in limit.answer
    assert (limit.clause, limit.set_id) == ("样例办法第八条", "sample_first")
    said = ("ceiling", "2000元(含)", "样例省办法第五条", "990000", "sample_province")
    assert limit.bounds == (Bound(*said, binds=True),)


def test_a_ceiling_that_is_kept_or_cannot_be_compared_is_told_and_changes_nothing() -> None:
    heard = [*SAMPLE, *sets(ABOVE)]
    percent = answer("township_limit", heard, "990102", date(2026, 7, 1))
    assert "400%" in percent.answer
    assert [bound.binds for bound in percent.bounds] == [False]
    own = sets(LOCAL.partition("---")[0] + "  reply: {length: 12, unit: hour, clause: 样例办法第九条}\n")
    reply = answer("reply", [*own, *sets(ABOVE)], "990102")
    assert "12小时" in reply.answer
    assert [(bound.said, bound.binds) for bound in reply.bounds] == [("24小时", False)]


def test_before_any_set_nothing_is_answered() -> None:
    assert KNOWLEDGE.answers(SAMPLE, "990102", date(2000, 1, 1)) == []


def test_what_a_county_leaves_out_its_nearest_level_above_answers() -> None:
    assert answer("make_up", SAMPLE, "990102").division == "000000"


@pytest.mark.parametrize(
    ("search", "code"), [("先行救助 24小时", "advance"), ("补手续要几天", "make_up"), ("能批多少", "township_limit")]
)
def test_what_an_operator_types_finds_its_answer_first(search: str, code: str) -> None:
    assert KNOWLEDGE.answers(PUBLISHED, "320115", TODAY, search)[0].code == code


def test_what_is_nowhere_is_not_found() -> None:
    assert KNOWLEDGE.answers(PUBLISHED, "320115", TODAY, "养老保险转移接续") == []


@pytest.mark.parametrize("county", sorted({policy.division for policy in PUBLISHED}))
def test_every_answer_of_every_published_set_is_a_sentence_in_chinese(county: str) -> None:
    answers = [each for policy in PUBLISHED for each in KNOWLEDGE.answers(PUBLISHED, county, policy.effective_from)]
    for each in answers:
        assert not re.search(r"[A-Za-z_{}]", each.answer), each
        assert each.answer.endswith("。")
        assert each.clause


def test_every_question_is_about_a_rule_that_can_be_laid_down() -> None:
    assert set(KNOWLEDGE.book.questions) <= set(PolicyHeard.model_fields)
