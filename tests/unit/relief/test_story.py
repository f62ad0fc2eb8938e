from typing import get_args

import pytest

from events.fact import Actor, Recorded, fact_types
from events.relief import CaseAccepted, CaseFact, FundsShort
from events.upcasts import decode
from services.relief.story import line, sentence, story, yuan
from tests.support.golden import SAMPLES
from tests.unit.relief.facts import at, happened

ACCEPTED = CaseAccepted(case_id="case-1", report_ids=("r-1",), accepted_by="S-0001")
SHORT = FundsShort(case_id="case-1", decision_id="d-1", available_fen=50_005, shortfall_fen=150_000)
NAMES = {kind.NAME for kind in get_args(CaseFact)}
GOLDEN = [key for key in SAMPLES if key[0] in NAMES and key[1] == fact_types()[key[0]].VERSION]


def by(told: Recorded[CaseFact], rule: str) -> Recorded[CaseFact]:
    return told._replace(meta=told.meta.model_copy(update={"actor": Actor(id="x", role="system", scope="", rule=rule)}))


@pytest.mark.parametrize(("fen", "text"), [(0, "0元"), (5, "0.05元"), (200_000, "2000元"), (200_010, "2000.10元")])
def test_fen_are_told_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_every_fact_of_a_case_has_a_sentence() -> None:
    assert {name for name, _ in GOLDEN} >= {kind.NAME for kind in get_args(CaseFact)}
    for name, version in GOLDEN:
        fact = decode(name, version, SAMPLES[name, version])
        assert isinstance(fact, CaseFact)
        assert sentence(fact).endswith("。")


def test_a_story_is_told_as_it_happened_whatever_was_learned_first() -> None:
    first = happened(ACCEPTED, at("11-02 08:10"), known=at("11-02 19:40"), position=2)
    second = happened(SHORT, at("11-02 09:00"), position=1)
    told = story([second, by(first, "opens_case")])
    assert [line(one) for one in told] == [
        "2026-11-02 08:10(收到 11-02 19:40) 系统(opens_case):受理本案。",
        "2026-11-02 09:00 S-0001:备用金不足:可用 500.05元,尚缺 1500元;时限照常计算。",
    ]


def test_what_was_learned_in_another_year_says_which() -> None:
    told = story([happened(ACCEPTED, at("12-31 23:50"), known=at("12-31 23:50").replace(year=2028))])
    assert [line(one) for one in told] == ["2026-12-31 23:50(收到 2028-12-31 23:50) S-0001:受理本案。"]
