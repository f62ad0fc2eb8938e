"""Amounts, goods and times as people write them."""

from collections.abc import Sequence
from datetime import datetime

from events.relief_words import Goods
from events.shanghai import SHANGHAI
from events.yuan import yuan


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
