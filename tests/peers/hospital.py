"""A hospital's system that speaks FHIR R4: it asks for help with a ServiceRequest and watches its Task."""

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(slots=True)
class Hospital:
    """The system behind the emergency room."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    position: str = ""
    """How far it has to be read, so that what it asked for last can be seen."""

    async def ask_for_help(self, number: str, *, place: str, story: str) -> str:
        """Ask for a patient whom nobody knows; where the Task is."""
        request: dict[str, Any] = {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "identifier": [{"system": "urn:hospital", "value": number}],
            "authoredOn": "2026-11-02T02:35:00+08:00",
            "priority": "stat",
            "subject": {"reference": "#patient"},
            "requester": {"display": "急诊科值班"},
            "reasonCode": [{"text": story}],
            "contained": [
                {"resourceType": "Patient", "id": "patient"},
                {"resourceType": "Location", "id": "place", "identifier": [{"value": place}]},
            ],
        }
        headers = self.headers | {"idempotency-key": number}
        answer = await self.client.post("/fhir/ServiceRequest", json=request, headers=headers)
        answer.raise_for_status()
        self.position = answer.headers["log-position"]
        return answer.headers["location"]

    async def status(self, task: str) -> str:
        """Where the Task stands."""
        answer = await self.client.get(task, params={"after": self.position}, headers=self.headers)
        answer.raise_for_status()
        return answer.json()["status"]
