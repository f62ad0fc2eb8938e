"""The tale: somebody calls, help comes before the paperwork, the books balance, and everybody gets an answer."""

import json
from typing import Any

import pytest

from jiujinan.api import Answer, Unexpected
from jiujinan.history import Known, history_of
from jiujinan.verification import verify_service
from tests.support.people import Cashier, County, Hotline, Informant, Leader, Officer, Somebody
from tests.support.services import ROOT
from tests.support.system import System

DONGSHAN, MOLING, TANGSHAN, CHUNHUA, LUKOU, JIANGNING = (f"32011500{number}" for number in range(1, 7))

FAMILY: dict[str, Any] = json.loads((ROOT / "samples" / "jiangning_hotline.json").read_text(encoding="utf-8"))


def order(number: int, township: str, called: str, question: str, **more: str) -> Answer:
    """A work order about somebody invented."""
    return {
        "orderNum": f"NJ2026{number:08d}",
        "callTime": f"{called}:00",
        "callerType": "1",
        "callerName": "陶样山",
        "callerPhone": f"1990000{number:04d}",
        "questionCode": question,
        "areaCode": township,
        "description": "来电人家中突遭变故,急需救助。",
        **more,
    }


FIRE = order(1301, DONGSHAN, "2026-11-02 08:10", "0701", description="昨夜家中电器起火,衣被烧毁,无处过夜。")
SAME_FIRE = {
    "source": {"system": "village-app", "external_id": "fire-1301"},
    "occurred_at": "2026-11-02T07:55:00+08:00",
    "reporter": {"kind": "village_cadre"},
    "subject": {"identity_status": "known", "name": "陶样山", "phone": "19900001301", "persons_affected": 2},
    "place": {"division_code": DONGSHAN},
    "need": {"category_code": "fire", "urgency": "urgent", "reason_text": "村民家中昨夜失火,急需生活费和棉被。"},
}
ILLNESS = order(1302, TANGSHAN, "2026-10-12 09:00", "0703")
ACCIDENT = order(1303, CHUNHUA, "2026-10-09 09:00", "0702")
STRANDED = order(1304, LUKOU, "2026-10-13 09:00", "0704")
LOSS = order(1305, JIANGNING, "2026-10-14 09:00", "0704", callerName="卞样文")

LIMIT = "默认参数(参照山东2019:3000元以下)"
MAKE_UP = "默认参数(参照邹平2018:5个工作日内补齐相关手续)"
BY_THE_CLOCK = {"ledger.payee_registered", "ledger.payment_instructed", "intake.reply_delivered"}
"""What happens when it is recorded; everything else here happened when people said that it did."""

HANDLED = "乡镇(街道)已受理,并与求助人取得联系。已按急难型临时救助先行发放救助金。有关手续已补齐。"


def clock(case: Answer) -> Answer:
    """The clock that runs from the first report."""
    return next(clock for clock in case["clocks"] if clock["name"] == "advance_from_report")


def hours(number: int, minutes: int = 0) -> int:
    """In seconds."""
    return number * 3600 + minutes * 60


async def test_a_family_from_elsewhere_is_helped_on_the_day_it_calls(
    hotline: Hotline, officer: Officer, leader: Leader, cashier: Cashier, county: County
) -> None:
    """Nanjing Jiangning, August 2022: in town for treatment, a yellow health code, no money left."""
    await county.allocates(20_000, MOLING, "样例拨款〔2022〕1号", 2022)
    report = await hotline.reports(FAMILY)
    case = await officer.accepts(report, "2022-08-05 10:00")
    await officer.reaches_household(case, "2022-08-05 10:20")
    decision = await leader.decides(case, 2_000, "2022-08-05 11:00")
    await cashier.pays(case, decision, "2022-08-05 12:05", method="bank_transfer")
    await officer.files_papers(case, "2022-08-07 09:00")
    await leader.closes(case, "2022-08-08 09:00")

    form = await hotline.hears(report, "case.closed")
    assert (form["case_id"], form["resolved"], form["public_reply_text"]) == (case, 0, HANDLED)
    closed = await leader.sees_case(case)
    assert (clock(closed)["elapsed_seconds"], clock(closed)["verdict"]) == (hours(2, 52) + 56, "met")
    await county.sees_fund(MOLING, book=18_000, reserved=0, year=2022)

    appeal = await officer.appeals(report, "advance_from_report")
    shown = await officer.sees("relief", appeal["certificate_url"])
    assert (shown["case_id"], shown["clock"]) == (case, "advance_from_report")


async def test_two_reports_of_one_fire_are_one_case_one_hold_and_two_answers(
    hotline: Hotline, informant: Informant, officer: Officer, leader: Leader, cashier: Cashier, county: County
) -> None:
    """The village spoke first, at 07:55, but had no signal before the leader had decided."""
    await county.allocates(2_000, DONGSHAN, "样例拨款〔2026〕1号")
    by_phone = await hotline.reports(FIRE)
    case = await officer.accepts(by_phone, "2026-11-02 08:30")
    await officer.reaches_household(case, "2026-11-02 09:00")
    decision = await leader.decides(case, 2_000, "2026-11-02 10:00")
    decided_at = (await leader.reads_history(case))[-1]["recorded_at"]
    by_app = await informant.reports(SAME_FIRE)
    assert (await informant.looks_up(by_app, lambda report: report["case_id"] is not None))["case_id"] == case

    seen = await leader.sees_case(case)
    assert (set(seen["reports"]), clock(seen)["due_at"]) == ({by_phone, by_app}, "2026-11-03T07:55:00+08:00")
    assert clock(await leader.sees_case(case, as_of=decided_at))["due_at"] == "2026-11-03T08:10:00+08:00"

    await cashier.pays(case, decision, "2026-11-02 13:20")
    await officer.files_papers(case, "2026-11-04 09:00")
    await leader.closes(case, "2026-11-04 10:00")
    [hold] = (await cashier.sees("ledger", f"/v1/holds?case_id={case}"))["holds"]
    assert (hold["amount_fen"], hold["standing"]) == (200_000, "received")
    assert clock(await leader.sees_case(case))["elapsed_seconds"] == hours(5, 25)
    assert (await hotline.hears(by_phone, "case.closed"))["public_reply_text"] == HANDLED
    await informant.looks_up(by_app, lambda report: report["status"] == "closed")


async def test_a_fund_that_is_short_delays_the_money_and_never_the_case(
    hotline: Hotline, officer: Officer, leader: Leader, cashier: Cashier, county: County
) -> None:
    """1,200 are there and 2,000 are needed; everybody can see it, and it is decided again when the money has come."""
    await county.allocates(1_200, TANGSHAN, "样例拨款〔2026〕2号")
    case = await officer.accepts(await hotline.reports(ILLNESS), "2026-10-12 09:30")
    await officer.reaches_household(case, "2026-10-12 09:40")
    first = await leader.decides(case, 2_000, "2026-10-12 10:00")
    refused = await cashier.finds_hold(case, first)
    assert (refused["standing"], refused["available_fen"], refused["shortfall_fen"]) == ("short", 120_000, 80_000)
    short = await leader.sees_case(case, lambda seen: seen["decisions"][0]["standing"] == "short")
    assert (short["closed_at"], clock(short)["stopped_at"]) == (None, None)
    assert "备用金不足:可用 1200元,尚缺 800元;时限照常计算。" in await leader.reads_sentences(case)
    await county.sees_fund(TANGSHAN, book=1_200, reserved=0)

    await county.allocates(800, TANGSHAN, "样例拨款〔2026〕3号")
    second = await leader.decides(case, 2_000, "2026-10-12 15:00")
    await cashier.fetches_cash(f"{TANGSHAN}-2026", 2_000, leader)
    await cashier.pays(case, second, "2026-10-12 16:00", method="cash")
    helped = await leader.sees_case(case, lambda seen: seen["relieved_at"] is not None)
    assert [decision["standing"] for decision in helped["decisions"]] == ["replaced", "held"]
    assert (clock(helped)["elapsed_seconds"], clock(helped)["verdict"]) == (hours(7), "met")
    await county.sees_fund(TANGSHAN, book=0, reserved=0)


async def test_a_payment_that_comes_back_is_paid_anew_and_counted_once(
    hotline: Hotline, officer: Officer, leader: Leader, cashier: Cashier, county: County
) -> None:
    """In the household's account after two hours, sent back by the bank the next day, and paid again: too late."""
    await county.allocates(5_000, CHUNHUA, "样例拨款〔2026〕4号")
    case = await officer.accepts(await hotline.reports(ACCIDENT), "2026-10-09 09:10")
    decision = await leader.decides(case, 2_000, "2026-10-09 10:00")
    payment = await cashier.pays(case, decision, "2026-10-09 11:05", method="bank_transfer")
    in_time = await leader.sees_case(case, lambda seen: seen["relieved_at"] is not None)
    assert (clock(in_time)["elapsed_seconds"], clock(in_time)["verdict"]) == (hours(2, 5), "met")

    await cashier.hears_from_bank(payment, "account_closed")
    await leader.sees_case(case, lambda seen: seen["relieved_at"] is None)
    await county.sees_fund(CHUNHUA, book=5_000, reserved=2_000)

    again = await cashier.pays(case, decision, "2026-10-10 16:45", method="bank_transfer")
    assert again != payment
    late = await leader.sees_case(case, lambda seen: seen["relieved_at"] is not None)
    assert (clock(late)["elapsed_seconds"], clock(late)["seconds_left"]) == (hours(31, 45), -hours(7, 45))
    assert clock(late)["verdict"] == "target_missed"
    await county.sees_fund(CHUNHUA, book=3_000, reserved=0)
    assert await county.sees_balances(f"{CHUNHUA}-2026") == {"100": 3_000, "200": -5_000, "310": 2_000}


async def test_who_has_decided_does_not_pay(
    hotline: Hotline, officer: Officer, leader: Leader, leader_at_the_till: Cashier, cashier: Cashier, county: County
) -> None:
    """In a small town hall the leader stands in for the cashier: not for what was decided at the other desk."""
    await county.allocates(2_000, LUKOU, "样例拨款〔2026〕5号")
    case = await officer.accepts(await hotline.reports(STRANDED), "2026-10-13 09:10")
    decision = await leader.decides(case, 2_000, "2026-10-13 10:00")
    with pytest.raises(Unexpected, match="409 same_person 作出救助决定或在审批中签字的人"):
        await leader_at_the_till.pays(case, decision, "2026-10-13 11:00")
    await cashier.pays(case, decision, "2026-10-13 11:00")
    await county.sees_fund(LUKOU, book=0, reserved=0)


async def test_what_happened_can_be_read_and_proven_afterwards(
    system: System,
    hotline: Hotline,
    officer: Officer,
    leader: Leader,
    cashier: Cashier,
    county: County,
    auditor: Somebody,
) -> None:
    """Months later: who did what and when, in sentences; no fact is gone or changed; every fund's books balance."""
    await county.allocates(2_000, JIANGNING, "样例拨款〔2026〕6号")
    report = await hotline.reports(LOSS)
    case = await officer.accepts(report, "2026-10-14 09:05")
    await officer.reaches_household(case, "2026-10-14 09:10")
    decision = await leader.decides(case, 500, "2026-10-14 09:30")
    payment = await cashier.pays(case, decision, "2026-10-14 10:00")
    await officer.files_papers(case, "2026-10-15 09:00")
    await leader.closes(case, "2026-10-15 09:30")
    await hotline.hears(report, "case.closed")
    await county.sees_fund(JIANGNING, book=1_500, reserved=0)

    called, told = f"12345热线(demo12345)工单 {LOSS['orderNum']}", await history_of(case, Known(system.databases))
    assert [(line.service, line.sentence) for line in told if line.name not in BY_THE_CLOCK] == [
        ("intake", f"{called} 报告 {report}:其他急难,紧急,1人;求助人〔姓名已加密〕身份为自述。"),
        ("intake", f"发生地 {JIANGNING} 需要救助,转该地办理。"),
        ("relief", f"立案:其他急难,紧急,1人,发生地 {JIANGNING},报告 {report}。"),
        ("intake", f"报告 {report} 由个案 {case} 办理。"),
        ("relief", "受理本案。"),
        ("intake", "拟答复报告人:已受理。"),
        ("relief", "与求助人取得联系。"),
        ("relief", f"决定先行救助救助金 500元,备用金 {JIANGNING}-2026(依据:{LIMIT};额度 3000元)。"),
        ("ledger", f"备用金 {JIANGNING}-2026 占用 500元,决定人 S-2001。"),
        ("relief", "备用金已占用 500元。"),
        ("ledger", f"500元 已到领款人手中(凭据 样例回单 {payment[:8]})。"),
        ("ledger", "记账 2026-10-14 记字第1号:先行救助支付,500元。"),
        ("relief", "求助家庭已收到救助金 500元,时间 2026-10-14 10:00。"),
        ("relief", f"待补手续:救助对象、救助事由、救助金额、经办人签字,最迟 2026-10-21(依据:{MAKE_UP})。"),
        ("intake", "拟答复报告人:已先行救助。"),
        ("relief", "补交材料:救助对象。"),
        ("relief", "补交材料:救助事由。"),
        ("relief", "补交材料:救助金额。"),
        ("relief", "补交材料:经办人签字。"),
        ("relief", "手续已补齐。"),
        ("relief", f"办结(已救助):{HANDLED}"),
        ("intake", "拟答复报告人:已办结。"),
        ("intake", f"报告 {report} 办结。"),
    ]
    for name, pool in system.pools.items():
        verdict = await verify_service(pool, name, [other for other in system.pools.values() if other is not pool])
        assert (verdict.facts > 0, verdict.breaks) == (True, [])
    assert f"办结(已救助):{HANDLED}" in await auditor.reads_sentences(case)
    for fund in await auditor.sees_funds():
        balances = await auditor.sees_balances(fund["fund_id"])
        assert sum(balances.values()) == 0
        assert (balances.get("100", 0) + balances.get("101", 0)) * 100 == fund["book_fen"]
