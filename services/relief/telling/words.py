"""Amounts, goods and times as people write them."""

from collections.abc import Sequence
from datetime import datetime

from events.relief_words import Goods
from events.shanghai import SHANGHAI
from events.yuan import yuan

_PAPERS = {
    "amount": "救助金额",
    "application": "申请书",
    "authorisation": "核对授权书",
    "cause": "救助事由",
    "handler_signature": "经办人签字",
    "hukou_book": "户口簿",
    "identity_copy": "身份证复印件",
    "income_statement": "收入证明",
    "medical_record": "诊断材料",
    "relief_object": "救助对象",
}


def limit(limit_fen: int | None) -> str:
    """A limit in fen, or that there is none."""
    return "不设上限" if limit_fen is None else yuan(limit_fen)


def helped_with(amount_fen: int, goods: Sequence[Goods]) -> str:
    """Money and goods, in words."""
    money = [f"救助金 {yuan(amount_fen)}"] if amount_fen else []
    items = [f"{item.item} {item.quantity}件(成本 {yuan(item.cost_fen)})" for item in goods]
    return "、".join([*money, *items])


def on_paper(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in the time of Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).strftime(form)


def paper_called(code: str) -> str:
    """What a paper is called; one that has no words here is told by its code."""
    return _PAPERS.get(code, code)
