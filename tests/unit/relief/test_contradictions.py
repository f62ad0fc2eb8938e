"""A set that contradicts itself, or what bound it when it came into force, is refused at its line."""

from pathlib import Path

import pytest

from services.relief.policy_file import BadPolicy, parse
from services.relief.publishing import UnusablePolicies, read_files

WHOLE = """\
policy:
  set_id: s1
  division: "320115"
  title: 测试
  effective_from: 2026-01-01
  township_limit: {limit_fen: 300000, inclusive: true, clause: 一}
  make_up: {length: 5, unit: working_day, papers: [cause], clause: 二}
  minimum_relief: {limit_fen: 80000, clause: 三}
  staging: {months_at_most: 6, clause: 四}
  overdraft: {allowed: true, cap_fen: 100000, settled: borne, clause: 五}
  remedies: {order: [emergency_replenishment, overdraft], clause: 六}
  household_cap: {times: 2, window: natural_year, clause: 七}
  general: {length: 15, unit: working_day, clause: 八}
  general_county: {length: 5, unit: working_day, clause: 九}
  small_fast: {percent_of_standard: 100, inclusive: true, days: 3, clause: 十}
"""


def test_a_sound_set_is_taken() -> None:
    assert len(parse(WHOLE)) == 1


@pytest.mark.parametrize(
    ("good", "bad", "line", "reason"),
    [
        ("limit_fen: 300000, inclusive", "percent_of_standard: 400, limit_fen: 1, inclusive", 6, "只能写一项"),
        ("limit_fen: 300000, inclusive", "limit_fen: 300000, unlimited: true, inclusive", 6, "只能写一项"),
        ("papers: [cause]", "papers: [cause], anchor: emergency_lifted", 7, "视为解除"),
        ("papers: [cause]", "papers: [cause], deemed_lifted_days: 3", 7, "视为解除"),
        ("limit_fen: 80000", "limit_fen: 300001", 8, "高于乡镇审批额度"),
        ("months_at_most: 6, ", "", 9, "最长月数或自然年度"),
        ("allowed: true, cap_fen: 100000, settled: borne", "allowed: true", 10, "上限和承担方式"),
        ("allowed: true, cap_fen: 100000, settled: borne", "allowed: false", 11, "不允许垫付"),
        ("[emergency_replenishment, overdraft]", "[overdraft, overdraft]", 11, "重复"),
        ("times: 2, ", "", 12, "次数或金额"),
        ("{length: 5, unit: working_day, clause: 九}", "{length: 16, unit: working_day, clause: 九}", 14, "长于总时限"),
        ("{percent_of_standard: 100, inclusive", "{unlimited: true, inclusive", 15, "必须有上限"),
        ("inclusive: true, days: 3", "inclusive: true, days: 4", 15, "不得超过3天"),
        ("months_at_most: 6, ", "months_at_most: 6, binds: ceiling, ", 9, "不能作为上限或下限"),
        ("limit_fen: 300000, ", "limit_fen: 300000, scope: household_year, ", 6, "自然年度或连续十二个月"),
        ("limit_fen: 300000, ", "limit_fen: 300000, window: natural_year, ", 6, "只有按户年度"),
    ],
)
def test_a_set_that_contradicts_itself_is_refused_with_line_and_reason(
    good: str, bad: str, line: int, reason: str
) -> None:
    assert good in WHOLE
    with pytest.raises(BadPolicy) as refused:
        parse(WHOLE.replace(good, bad, 1))
    assert (refused.value.line, reason in refused.value.reason) == (line, True)


PROVINCE = """\
policy:
  set_id: province
  division: "320000"
  title: 省
  effective_from: 2025-01-01
  general: {length: 10, unit: working_day, binds: ceiling, clause: 省文第三条}
"""


@pytest.mark.parametrize(
    ("province", "refusal"),
    [
        (PROVINCE, "county.yaml:第13行:general 一般程序时限超出上级规定的上限(省文第三条)。"),
        (
            PROVINCE.replace("working_day", "natural_day"),
            "county.yaml:第13行:general 一般程序时限与上级规定的单位不同,无法比较(省文第三条)。",
        ),
        (PROVINCE.replace("length: 10", "length: 15"), None),
        (PROVINCE.replace("2025-01-01", "2026-01-02"), None),
        (PROVINCE.replace("320000", "340000"), None),
    ],
)
def test_a_set_that_breaks_what_bound_it_is_refused_with_file_and_line(
    tmp_path: Path, province: str, refusal: str | None
) -> None:
    (tmp_path / "county.yaml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "province.yaml").write_text(province, encoding="utf-8")
    if refusal is None:
        assert len(read_files(tmp_path)) == 2
        return
    with pytest.raises(UnusablePolicies) as unusable:
        read_files(tmp_path)
    assert str(unusable.value) == refusal
