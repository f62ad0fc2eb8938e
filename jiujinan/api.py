"""The three services as their callers see them: HTTP with tokens and signatures, and the waits between services."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
from standardwebhooks import Webhook

from jiujinan.installation import HOTLINE, Secrets

_PATIENCE_SECONDS = 30.0
_GLANCE_SECONDS = 0.05

Found = TypeVar("Found")
Answer = dict[str, Any]


class Unexpected(Exception):
    """A service answered what the story does not foresee; the message is its problem's code and sentence."""


@dataclass(frozen=True, slots=True)
class Api:
    """A client of the whole system. Keys are fixed words, so that playing again repeats and never doubles."""

    client: httpx.AsyncClient
    urls: Mapping[str, str]
    secrets: Secrets

    async def order(self, raw: bytes, message_id: str) -> Answer:
        """Push a hotline's work order, signed."""
        now = datetime.now(UTC)  # noqa: TID251  a signature bears the real time
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secrets.webhook).sign(message_id, now, raw.decode()),
        }
        url = f"{self.urls['intake']}/adapters/12345/{HOTLINE}"
        return _answer(await self.client.post(url, content=raw, headers=headers))

    async def post(self, service: str, path: str, by: str, key: str, body: bytes | Answer) -> Answer:
        """Give a command as one of the installation's callers."""
        headers = {"authorization": f"Bearer {self.secrets.token(by)}", "idempotency-key": key}
        url = self.urls[service] + path
        if isinstance(body, bytes):
            return _answer(await self.client.post(url, content=body, headers=headers))
        return _answer(await self.client.post(url, json=body, headers=headers))

    async def get(self, service: str, path: str, by: str) -> Answer:
        """Look something up."""
        headers = {"authorization": f"Bearer {self.secrets.token(by)}"}
        return _answer(await self.client.get(self.urls[service] + path, headers=headers))

    async def case_of(self, report_id: str, by: str) -> str:
        """Wait until the report has a case."""
        report = await self._until(lambda: self.get("intake", f"/v1/reports/{report_id}", by), _has_case)
        return report["case_id"]

    async def case(self, case_id: str, ready: Callable[[Answer], bool]) -> Answer:
        """Wait until a case looks as it should."""
        return await self._until(lambda: self.get("relief", f"/v1/cases/{case_id}", "leader-01"), ready)

    async def delivered(self, report_id: str, kind: str, by: str) -> None:
        """Wait until the reporter's system has confirmed a reply."""

        def confirmed(report: Answer) -> bool:
            return any((reply["kind"], reply["state"]) == (kind, "delivered") for reply in report["replies"])

        await self._until(lambda: self.get("intake", f"/v1/reports/{report_id}", by), confirmed)

    async def hold(self, case_id: str, decision_id: str) -> Answer:
        """Wait until ledger has answered a decision, by a hold or by saying that the fund is short."""
        path = f"/v1/holds?case_id={case_id}"
        told = await self._until(
            lambda: self.get("ledger", path, "cashier-01"), lambda answer: _hold(answer, decision_id) is not None
        )
        return _hold(told, decision_id) or {}

    async def _until(self, look: Callable[[], Awaitable[Answer]], ready: Callable[[Answer], bool]) -> Answer:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                found = await _or_none(look)
                if found is not None and ready(found):
                    return found
                await asyncio.sleep(_GLANCE_SECONDS)


async def _or_none(look: Callable[[], Awaitable[Answer]]) -> Answer | None:
    """What is looked for may not be there yet."""
    try:
        return await look()
    except Unexpected:
        return None


def _has_case(report: Answer) -> bool:
    return report["case_id"] is not None


def _hold(answer: Answer, decision_id: str) -> Answer | None:
    return next((hold for hold in answer["holds"] if hold["hold_id"] == decision_id), None)


def _answer(response: httpx.Response) -> Answer:
    told: Answer = response.json()
    if not response.is_success:
        raise Unexpected(f"{response.status_code} {told.get('code')} {told.get('detail')} {told.get('errors')}")
    return told
