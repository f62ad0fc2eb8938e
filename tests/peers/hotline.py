"""A 12345 platform: it pushes orders in its own words, hears what becomes of them, and never sends one twice as new."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from jiujinan.receiver import CallbackReceiver


@dataclass(slots=True)
class Hotline:
    """One vendor's platform; ``heard`` are the words in which it was told of each order, the oldest first."""

    client: httpx.AsyncClient
    vendor: str
    secret: str
    receiver: CallbackReceiver
    now: Callable[[], datetime]
    heard: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    async def push(self, order: dict[str, Any]) -> dict[str, Any]:
        """Push an order, signed; the answer that the operator reads out."""
        body, at = json.dumps(order, ensure_ascii=False), self.now()
        headers = {
            "webhook-id": f"{order['orderNum']}-{order.get('pushSeq', 1)}",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": "",
        }
        headers["webhook-signature"] = Webhook(self.secret).sign(headers["webhook-id"], at, body)
        answer = await self.client.post(f"/adapters/12345/{self.vendor}", content=body.encode(), headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def listen(self, messages: int) -> None:
        """Take in so many callbacks."""
        for _ in range(messages):
            message = await self.receiver.next()
            self.heard.setdefault(message["data"]["order_number"], []).append(message["type"].split(".", 2)[2])
