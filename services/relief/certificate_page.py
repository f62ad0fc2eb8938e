"""A clock's certificate as a page to be printed (时限证明打印页): one sheet of A4, in Chinese, with both times."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any

from events.shanghai import SHANGHAI

_UNITS = {"hour": "小时", "natural_day": "日", "working_day": "个工作日"}
_MODALS = {"must": "应当在{}内", "may": "可在{}内", "stands": "须满{}"}
_VERDICTS = {
    "running": "正在计时",
    "met": "按时完成",
    "target_missed": "未达目标(政策为可)",
    "breached": "超时",
    "lapsed": "未救助办结,时限终止",
}
_KINDS = {"running": "计时", "paused": "暂停"}
_FACTS = {
    "relief.case_opened": "立案(首份报告)",
    "relief.report_linked": "另一份报告",
    "relief.case_accepted": "受理",
    "relief.household_contacted": "联系求助人",
    "relief.household_relieved": "家庭收到救助",
    "relief.case_closed": "办结",
    "relief.paperwork_debt_opened": "待补手续",
    "relief.paperwork_debt_closed": "手续补齐",
    "relief.clock_paused": "暂停",
    "relief.clock_resumed": "恢复",
    "relief.clock_extended": "延期",
    "relief.advance_decided": "先行救助决定",
    "relief.emergency_lifted": "紧急情况解除",
    "relief.advance_let_go": "先行救助决定作罢",
    "relief.advance_voided": "先行救助撤销",
    "relief.funds_reserved": "资金已落实",
    "relief.funds_short": "资金不足",
    "relief.relief_came_back": "救助款退回",
    "relief.small_fast_decided": "小额快救决定",
    "relief.emergency_called": "拨打110/120",
    "relief.case_diverted": "转其他救助途径",
    "relief.type_judged": "认定救助类型",
    "relief.missing_told": "一次性告知补正",
    "relief.means_check_requested": "发起核对",
    "relief.means_check_answered": "核对反馈",
    "relief.notice_posted": "张榜公示",
    "relief.notice_objected": "公示异议",
    "relief.objection_answered": "异议核查",
    "relief.notice_ended": "公示期满",
    "relief.approval_proposed": "提出审核意见",
    "relief.approval_signed": "签批",
    "relief.approval_sent_back": "退回补充",
    "relief.plan_declined": "未获批准",
    "relief.relief_approved": "批准救助",
    "relief.relief_refused": "不予救助决定",
    "relief.filing_received": "收到备案",
    "relief.case_ended_early": "提前终结",
    "relief.report_left": "报告转出",
    "relief.police_asked": "请公安核查身份",
    "relief.police_answered": "公安核查反馈",
    "relief.identity_established": "查明身份",
}
_CAUSES = {
    "means_check": "信息核对",
    "letter_inquiry": "信函索证",
    "publicity": "公示",
    "objection": "公示异议",
    "applicant_unreachable": "联系不上求助人",
    "coordination_meeting": "一事一议",
}

_STYLE = """
@page { size: A4; margin: 18mm 16mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.6 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; color: #111; max-width: 178mm;
  margin: 8mm auto }
h1 { font-size: 18pt; text-align: center; letter-spacing: .3em; margin: 0 0 2mm }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm }
.number { text-align: center; margin: 0 0 5mm }
table { width: 100%; border-collapse: collapse }
th, td { border: .3mm solid #444; padding: 1mm 2mm; text-align: left; vertical-align: top }
th { background: #f1f1ee; font-weight: 600; white-space: nowrap }
td.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
table.parts { font-size: 9.5pt }
table.parts td.time { width: 7.4em }
table.parts td.figure { width: 7em }
tr.paused td { background: #faf6e8 }
tr { break-inside: avoid }
.verdict { font-size: 13pt; font-weight: 700 }
.verdict.late { color: #a4161a }
.hash { font: 8pt/1.4 monospace; word-break: break-all }
.signs { display: flex; justify-content: space-between; margin-top: 12mm }
footer { margin-top: 6mm; font-size: 8.5pt; color: #444 }
@media print { body { margin: 0; max-width: none } th, tr.paused td { print-color-adjust: exact } }
"""


def page(document: Mapping[str, Any]) -> str:
    """The page of a certificate. Nothing on it names a person but the staff ids of those who acted."""
    title = f"{document['title']}时限证明"
    parts = (_head(document), _verdict(document), _segments(document), _sums(document), _proof(document))
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>时限证明</h1>{''.join(parts)}</body></html>"
    )


def _head(document: Mapping[str, Any]) -> str:
    rule = document["rule"]
    term = _MODALS[rule["modal"]].format(f"{rule['length']}{_UNITS[rule['unit']]}")
    rows = [
        ("个案编号", document["case_id"]),
        ("时限", f"{document['title']}{_subject(document)}"),
        ("规定", f"{term}({rule['clause']})"),
        ("出证时间", _time(document["issued_at"])),
    ]
    return f"<table>{''.join(f'<tr><th>{name}</th><td>{escape(value)}</td></tr>' for name, value in rows)}</table>"


def _subject(document: Mapping[str, Any]) -> str:
    return f"({document['subject']})" if document["subject"] else ""


def _verdict(document: Mapping[str, Any]) -> str:
    late = document["verdict"] in ("target_missed", "breached")
    stopped = "尚未完成" if document["stopped_at"] is None else _time(document["stopped_at"])
    provisional = "(所涉年度放假安排尚未公布,暂定)" if document["provisional"] else ""
    return (
        "<h2>结论</h2><table>"
        f"<tr><th>起算</th><td class='time'>{_time(document['started_at'])}</td>"
        f"<th>到期</th><td class='time'>{_time(document['due_at'])}{provisional}</td></tr>"
        f"<tr><th>完成</th><td class='time'>{stopped}</td>"
        f"<th>判定</th><td><span class='verdict{' late' if late else ''}'>{_VERDICTS[document['verdict']]}</span></td>"
        "</tr></table>"
    )


def _segments(document: Mapping[str, Any]) -> str:
    rows = "".join(_row(number, one) for number, one in enumerate(document["segments"], start=1))
    names = ("段", "性质", "起", "止", "时长", "天数", "起因(经手)", "止因(经手)")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<h2>各段</h2><table class='parts'><tr>{head}</tr>{rows}</table>"


def _row(number: int, one: Mapping[str, Any]) -> str:
    return (
        f"<tr class='{one['kind']}'><td>{number}</td><td>{_KINDS[one['kind']]}</td>"
        f"<td class='time'>{_time(one['begins_at'])}</td><td class='time'>{_time(one['ends_at'])}</td>"
        f"<td class='figure'>{_length(one['microseconds'])}</td><td>{one['days'] or '—'}</td>"
        f"<td>{_causes(one)}</td><td>{_signal(one['ended_by'])}</td></tr>"
    )


def _causes(one: Mapping[str, Any]) -> str:
    """What began a stretch, and what paused it, too, while it stood still."""
    return ";并有".join(_signal(signal) for signal in (one["began_by"], *one["joined"]))


def _signal(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "到期或延续"
    cause, _, authoriser = one["why"].partition("|")
    why = f":{_CAUSES.get(cause, cause)},批准人 {authoriser}" if authoriser else ""
    return escape(f"{_FACTS.get(one['fact'], one['fact'])}{why}({one['by']},第{one['position']}条)")


def _sums(document: Mapping[str, Any]) -> str:
    sums = document["sums"]
    total = sums["running_microseconds"] + sums["paused_microseconds"]
    return (
        "<h2>合计</h2><table><tr>"
        f"<th>计时</th><td class='figure'>{_length(sums['running_microseconds'])}</td>"
        f"<th>暂停</th><td class='figure'>{_length(sums['paused_microseconds'])}</td>"
        f"<th>总时长</th><td class='figure'>{_length(total)}</td>"
        f"<th>计入天数</th><td class='figure'>{sums['running_days'] or '—'}</td></tr></table>"
    )


def _proof(document: Mapping[str, Any]) -> str:
    rule, calendar = document["rule"], document["calendar"]
    years = f"{calendar['years'][0]}—{calendar['years'][-1]}年" if calendar["years"] else "无"
    rows = [
        ("政策", rule["policy_hash"]),
        (f"日历({years})", calendar["version"]),
        *((f"第{fact['position']}条", fact["hash"]) for fact in document["facts"]),
        ("本证明", document["digest"]),
    ]
    listed = "".join(f"<tr><th>{name}</th><td class='hash'>{escape(value)}</td></tr>" for name, value in rows)
    return (
        f"<h2>校验(SHA-256)</h2><table>{listed}</table>"
        "<div class='signs'><span>经办人:____________</span><span>复核人:____________</span>"
        "<span>(盖章) 年 月 日</span></div>"
        "<footer>时间均为北京时间。本页由事件日志生成;其 JSON 证明可用 check_certificate.py 脱机核对。</footer>"
    )


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _length(microseconds: int) -> str:
    minutes = timedelta(microseconds=microseconds) // timedelta(minutes=1)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}小时{minutes:02}分"
