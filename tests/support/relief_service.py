"""Relief as a running service, for tests: what the others say to it, and what officers ask of it over HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx

from events.intake import HelpNeeded
from events.ledger import Draw, PaymentReceived, PaymentReturned, Reserved
from events.policy import PolicyPublished
from events.rules import SignerChain, TownshipLimit
from events.shanghai import day_of
from events.words import Urgency
from services.chassis.unit import Directed, Unit
from services.relief.household_chain import CHAIN
from services.relief.policy_cache import PolicyCache
from services.relief.policy_set import STREAM, PublishPolicy
from services.relief.subscribers import case_id_of
from tests.support.neighbours import Neighbour
from tests.support.services import RunningService, bearer

COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "320115", "320115001", "320115002"


SCOPES = (COUNTY, TOWNSHIP, OTHER_TOWNSHIP, "371681")


PAPERS = ("relief_object", "cause", "amount", "handler_signature")


NAME = "陶样山"


PERSON = "p:" + "0123456789abcdef" * 4


REPORTED = timedelta(hours=2)
"""How long ago the reports of these tests were made."""


_JUDGED = """
select not exists (select from log_heads h left join clock_positions c using (division)
    where h.position > coalesce(c.position, 0))
and not exists (select from clock_looks where at <= $1)
"""


@dataclass(slots=True)
class Relief:
    """The service under test, with what the others say to it and officers ask of it."""

    service: RunningService
    intake: Neighbour
    ledger: Neighbour

    def now(self) -> datetime:
        """The service's own time: noon, and what has passed since."""
        return self.service.mounted.clock.now()

    @property
    def today(self) -> date:
        """The service's day."""
        return day_of(self.now())

    @property
    def fund_id(self) -> str:
        """The township's fund of this year."""
        return f"{TOWNSHIP}-{self.today.year}"

    async def opens(
        self,
        report_id: str = "r-1",
        *,
        township: str = TOWNSHIP,
        ago: timedelta = REPORTED,
        urgency: Urgency = "urgent",
        person: str | None = PERSON,
    ) -> str:
        """Intake asks for help: a case is opened."""
        seals = await self.service.mounted.sealer.prepare([report_id])
        at = self.now() - ago
        fact = HelpNeeded(
            report_id=report_id,
            channel="hotline",
            county=COUNTY,
            township=township,
            cause="illness",
            urgency=urgency,
            persons=3,
            identity="known",
            person=person,
            name=seals.seal(report_id, "name", NAME),
            match_keys=(),
            reported_at=at,
        )
        await self.intake.says(fact, f"report:{report_id}", at)
        return case_id_of(report_id)

    async def does(
        self, case_id: str, what: str, body: Any = None, *, key: str = "k-1", role: str = "township_officer"
    ) -> httpx.Response:
        """An officer of the township gives a command."""
        url = f"/v1/cases/{case_id}/{what}"
        return await self.service.client.post(url, json=body, headers=bearer(role, TOWNSHIP, key))

    async def decides(self, case_id: str, amount_fen: int = 200_000, *, key: str = "k-1", **body: Any) -> Any:
        """The township's leader decides an advance; gives the answer."""
        answer = await self.does(
            case_id, "advances", {"amount_fen": amount_fen, **body}, key=key, role="township_leader"
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def reads(self, path: str, role: str = "township_officer", scope: str = TOWNSHIP, **query: Any) -> Any:
        """What an officer reads."""
        answer = await self.service.client.get(path, params=query, headers=bearer(role, scope))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def case(self, case_id: str, **query: Any) -> Any:
        return await self.reads(f"/v1/cases/{case_id}", **query)

    async def worklist(self, scope: str = TOWNSHIP, **query: Any) -> list[Any]:
        """The worker's list, at least as of everything that is in the log by now."""
        return (await self.worklist_page(scope, **query))["cases"]

    async def worklist_page(self, scope: str = TOWNSHIP, **query: Any) -> Any:
        role = "township_officer" if len(scope) == 9 else "county_civil_affairs"
        return await self.reads("/v1/cases", role, scope, after=await self.position(), **query)

    async def position(self) -> str:
        heads = await self.service.mounted.store.heads()
        return next(f"{COUNTY}:{head.position}" for head in heads if head.division == COUNTY)

    async def steps(self, case_id: str) -> list[str]:
        return [case["next_step"] for case in await self.worklist() if case["case_id"] == case_id]

    async def reserves(self, case_id: str, decision_id: str, amount_fen: int = 200_000) -> None:
        fact = Reserved(
            fund_id=self.fund_id,
            hold_id=decision_id,
            case_id=case_id,
            amount_fen=amount_fen,
            decided_by="township_leader",
            draws=(Draw(source="county", amount_fen=amount_fen),),
        )
        await self.ledger.says(fact, "fund:f", self.now())

    async def pays(
        self, case_id: str, decision_id: str, *, payment_id: str = "p-1", ago: timedelta = timedelta(hours=1)
    ) -> None:
        at = self.now() - ago
        fact = PaymentReceived(
            fund_id=self.fund_id,
            hold_id=decision_id,
            case_id=case_id,
            payment_id=payment_id,
            amount_fen=200_000,
            received_at=at,
            evidence="回单0001",
        )
        await self.ledger.says(fact, "fund:f", at)

    async def metrics(self) -> dict[str, float]:
        """Every series with its value, as a scrape shows it once all clocks are judged that are due by now."""
        await self.judged()
        collectors: Any = self.service.mounted.registry
        for collector in collectors._collector_to_names:
            if hasattr(collector, "refresh"):
                await collector.refresh()
        text = (await self.service.client.get("/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}

    async def judged(self) -> None:
        """Wait until the scheduler's agenda knows every fact, and nothing on it is due."""
        pool = self.service.mounted.pool
        async with asyncio.timeout(20):
            while not await pool.fetchval(_JUDGED, self.now() + timedelta(seconds=1)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def letters(self) -> list[str]:
        rows = await self.service.mounted.pool.fetch("select reason from dead_letters order by recorded_at")
        return [row["reason"] for row in rows]


async def comes_back_and_is_paid_again(relief: Relief) -> None:
    """A case whose payment the bank sends back after it was closed: the clock runs again until it is paid anew."""
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await relief.does(case_id, "contacts", {"reached": True})
    decision_id = (await relief.decides(case_id))["decision_id"]
    await relief.reserves(case_id, decision_id)
    await relief.pays(case_id, decision_id)
    await relief.does(case_id, "close")
    returned = PaymentReturned(
        fund_id=relief.fund_id,
        hold_id=decision_id,
        case_id=case_id,
        payment_id="p-1",
        amount_fen=200_000,
        was_received=True,
        reason="account_closed",
    )
    await relief.ledger.says(returned, "fund:f", relief.now())
    assert (await relief.case(case_id))["clocks"][0]["verdict"] == "running"
    assert await relief.steps(case_id) == ["await_payment"]
    await relief.pays(case_id, decision_id, payment_id="p-2")
    assert await relief.steps(case_id) == ["file_papers"]


async def of_household(relief: Relief, person: str) -> Any:
    return await relief.reads(f"/v1/households/{COUNTY}/{person}", "county_civil_affairs", COUNTY)


async def says(relief: Relief, url: str, body: Any, role: str = "county_civil_affairs") -> int:
    headers = bearer(role, TOWNSHIP if role.startswith("township") else COUNTY, f"k-{role}-{len(str(body))}")
    return (await relief.service.client.post(url, json=body, headers=headers)).status_code


async def publish(relief: Relief, published: PolicyPublished) -> None:
    mounted = relief.service.mounted
    unit = Unit(
        division=COUNTY,
        parts=(Directed(STREAM, PublishPolicy(published)),),
        command_id=uuid5(UUID(int=1), published.set_id),
        actor=mounted.access.person(bearer("operator", COUNTY)["authorization"]),
        occurred_at=mounted.clock.now(),
    )
    await mounted.writer.submit(unit)
    assert isinstance(mounted.own, PolicyCache)
    await mounted.own.refresh()


async def proposes(relief: Relief, case_id: str) -> str:
    """A county whose policy names two signers, and a proposal of 1,000 yuan for today; gives the approval's id."""
    await publishes_signers(relief)
    await relief.does(case_id, "accept")
    await relief.does(case_id, "type", {"relief_type": "emergency"})
    body = {"instalments": [{"amount_fen": 100_000, "due_on": relief.today.isoformat()}]}
    proposed = await relief.does(case_id, "approvals", body)
    assert (proposed.status_code, proposed.json()["outcome"]) == (201, "approval_proposed")
    return proposed.json()["approval_id"]


async def publishes_signers(relief: Relief) -> None:
    signers = SignerChain(township=("township_officer", "township_leader"), clause="示例")
    published = PolicyPublished(
        set_id="signers",
        division=COUNTY,
        title="示例",
        effective_from=date(2026, 1, 1),
        township_limit=TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", clause="示例"),
        signers=signers,
    )
    await publish(relief, published)


async def chain_of(relief: Relief, links: int, person: str = PERSON) -> Any:
    """The person's chain, once it shows everything that is in the log."""
    head = int((await relief.position()).rpartition(":")[2])
    assert await relief.service.mounted.projectors[CHAIN.name].reached(COUNTY, head, patience=5.0)
    chain = await relief.reads(f"/v1/chains/{person}")
    assert len(chain["links"]) == links
    return chain
