"""A village worker's phone: what is said without signal waits in its outbox, and goes when there is signal again."""

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(slots=True)
class VillagePhone:
    """A phone with its outbox. Ids are made on the phone, so that nothing becomes two by being sent twice."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    device: str
    outbox: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    problems: dict[str, str] = field(default_factory=dict[str, str])
    _made: int = 0

    def report(self, body: dict[str, Any]) -> str:
        """Note a report; its number on the phone."""
        number = self._next()
        self.outbox.append({"id": number, "kind": "report", "body": body | {"source": {"external_id": number}}})
        return number

    def supplement(self, report: str, body: dict[str, Any]) -> None:
        """Note something more about a report."""
        self.outbox.append({"id": self._next(), "kind": "supplement", "report": report, "body": body})

    async def sync(self, *, answer_is_lost: bool = False) -> None:
        """Send the outbox. What was taken leaves it; what was not stays, with its reason."""
        batch = {"device_id": self.device, "items": self.outbox}
        answer = await self.client.post("/v1/sync", json=batch, headers=self.headers)
        answer.raise_for_status()
        if answer_is_lost:
            return
        results = {item["id"]: item for item in answer.json()["items"]}
        kept = [item for item in self.outbox if results[item["id"]]["status"] in ("rejected", "blocked")]
        self.problems = {item["id"]: results[item["id"]]["status"] for item in kept}
        self.outbox = kept

    def _next(self) -> str:
        self._made += 1
        return f"{self.device}-{self._made}"
