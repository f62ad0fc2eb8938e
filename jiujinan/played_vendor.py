"""A vendor's system as the conformance kit plays it: its words, its signature, its order numbers. All is invented."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from standardwebhooks import Webhook

from events.shanghai import SHANGHAI
from services.intake.appkey import sign
from services.intake.channels.dialect import Action, Dialect

_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Vendor:
    """The vendor's system, as the kit plays it. ``run`` tells one play's order numbers from another's."""

    client: httpx.AsyncClient
    name: str
    secret: str
    dialect: Dialect
    area_code: str
    run: str
    now: Callable[[], datetime]

    def order(self, number: str, *, ago: timedelta = _AT_ONCE, **changes: Any) -> bytes:
        """A push in the vendor's own words, of an order that was called in so long ago."""
        called = (self.now() - ago).astimezone(SHANGHAI)
        ours: dict[str, Any] = {
            "order_num": f"CK{self.run}{number}",
            "push_seq": 1,
            "call_time": called.strftime(next(iter(self.dialect.time_formats), _TIME_FORMAT)),
            "caller_type": min(self.dialect.household),
            "caller_name": "样例甲",
            "caller_phone": "19900001201",
            "person_count": 2,
            "question_code": min(self.dialect.causes, default="0"),
            "pilot_light": min(self.dialect.urgencies, default="0"),
            "area_code": self.area_code,
            "address": "样例路1号",
            "description": "对接自测:样例工单,请勿办理。",
        }
        return json.dumps(self.dialect.theirs(ours | changes), ensure_ascii=False).encode()

    def code(self, action: Action) -> str:
        """The vendor's code for what a push is for."""
        return next(code for code, meant in self.dialect.actions.items() if meant == action)

    async def push(
        self, body: bytes, *, secret: str = "", ago: timedelta = _AT_ONCE, number: str = ""
    ) -> httpx.Response:
        """Send a push, signed as the vendor's dialect asks, so long ago, with its own secret if no other is given.

        ``number`` is what is said to be the message's own: each has another, unless it is given.
        """
        return await self.post(body, self.signature(body, secret=secret, ago=ago, number=number))

    def signature(
        self, body: bytes, *, secret: str = "", ago: timedelta = _AT_ONCE, number: str = ""
    ) -> Mapping[str, str]:
        """What a push is signed with; given twice to ``post``, one request is replayed."""
        at = self.now() - ago
        message = f"m{self.run}-{number or at.timestamp()}"
        return self._signed(body, secret or self.secret, at, message)

    async def post(self, body: bytes, signature: Mapping[str, str]) -> httpx.Response:
        """Send a push with a signature, such as it is."""
        headers = {"content-type": "application/json", **signature}
        return await self.client.post(f"/adapters/12345/{self.name}", content=body, headers=headers)

    def _signed(self, body: bytes, secret: str, at: datetime, message: str) -> Mapping[str, str]:
        match self.dialect.signature:
            case "standard_webhooks":
                return {
                    "webhook-id": message,
                    "webhook-timestamp": str(int(at.timestamp())),
                    "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
                }
            case "appkey":
                stamp = str(int(at.timestamp() * 1_000))
                signature = sign(secret, self.name, stamp, message, body)
                return {"appkey": self.name, "timestamp": stamp, "nonce": message, "sign": signature}
