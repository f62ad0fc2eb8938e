"""The monitoring platform for low-income households: it warns, one by one, and fetches what became of its warnings."""

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(slots=True)
class MonitoringPlatform:
    """The platform; ``results`` are the kinds of messages about each warning, by its number with us."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    cursor: str = ""
    results: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    async def warn(self, number: str, document: dict[str, Any]) -> str:
        """Push a warning under its own number; the report's id."""
        headers = self.headers | {"idempotency-key": number}
        body = document | {"source": {"system": "monitor", "external_id": number}, "level": "red"}
        answer = await self.client.post("/v1/reports", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()["report_id"]

    async def fetch(self) -> int:
        """Read on in the feed from where it stopped; how many items came."""
        answer = await self.client.get("/v1/feed", params={"after": self.cursor}, headers=self.headers)
        answer.raise_for_status()
        told = answer.json()
        for item in told["items"]:
            self.results.setdefault(item["report_id"], []).append(item["event"]["type"].split(".", 2)[2])
        self.cursor = told["cursor"]
        return len(told["items"])
