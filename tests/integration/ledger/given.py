"""What ledger's tests are given: relief's decisions as records, and a running ledger that is easily talked to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from events.cloudevents import headers
from events.fact import Fact
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    FundFact,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from events.relief import AdvanceDecided, PolicyBasis
from events.shanghai import SHANGHAI
from events.topics import RELIEF
from services.chassis.following import Record
from services.chassis.replay import recorded
from tests.support.saying import message_of
from tests.support.services import RunningService, bearer

COUNTY, TOWN, OTHER_TOWN = "350581", "350581001", "350581002"
COUNTY_FUND, FUND = "350581-2023", "350581001-2023"
LEADER = f"township_leader-{TOWN}"
CASHIER = f"township_finance-{TOWN}"
CITY = COUNTY[:4]
SCOPES = (CITY, COUNTY, TOWN, OTHER_TOWN)
BASIS = PolicyBasis(policy_hash="0" * 64, clause="示例条款", limit_fen=500_000)
RECEIVED = {"received_at": "2023-07-28T09:30:00+08:00", "evidence": "回单 88"}
T0 = datetime(2023, 7, 27, 4, tzinfo=UTC)
THEN = {"occurred_at": T0.isoformat()}
"""In the funds' own year."""


def advance(decision_id: str, amount_fen: int, *, fund_id: str = FUND, decided_by: str = LEADER) -> AdvanceDecided:
    """A decided advance; its case is named after it."""
    return AdvanceDecided(
        case_id=f"C-{decision_id}",
        decision_id=decision_id,
        county=COUNTY,
        township=TOWN,
        fund_id=fund_id,
        amount_fen=amount_fen,
        person=None,
        cause="fire",
        decided_by=decided_by,
        basis=BASIS,
    )


@dataclass(slots=True)
class Relief:
    """Relief's log of the county, as far as ledger hears of it."""

    positions: "count[int]" = field(default_factory=lambda: count(1))

    def says(self, fact: Fact, stream: str) -> Record:
        """The next public fact, as the record that comes over the broker."""
        position = next(self.positions)
        said = message_of(fact, stream, position=position, at=T0)
        message = replace(said, division=COUNTY, correlation=f"story-{stream}")
        return Record(RELIEF, 0, position, headers(message), message.data)

    def decides(self, *advances: AdvanceDecided) -> list[Record]:
        """Records of these decisions."""
        return [self.says(fact, f"case:{fact.case_id}") for fact in advances]


@dataclass(slots=True)
class Ledger:
    """A running ledger, spoken to by people of every role."""

    service: RunningService
    relief: Relief = field(default_factory=Relief)
    seen: str = f"{COUNTY}:0"
    """The last ``Log-Position``, handed on to every later call."""
    _keys: "count[int]" = field(default_factory=lambda: count(1))

    async def post(
        self, path: str, body: Any, *, role: str, scope: str = TOWN, key: str | None = None
    ) -> httpx.Response:
        """Give a command; under a new key unless one is given."""
        asked = bearer(role, scope, key or f"key-{next(self._keys)}")
        answer = await self.service.client.post(path, json=body, headers=asked, params={"after": self.seen})
        self.seen = answer.headers.get("log-position", self.seen)
        return answer

    async def get(self, path: str, *, role: str = "auditor", scope: str = COUNTY, **asked: Any) -> Any:
        """Read what is there once all that was answered so far is in it."""
        params = {"after": self.seen} | asked
        answer = await self.service.client.get(path, headers=bearer(role, scope), params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def raw(self, path: str, **asked: str) -> httpx.Response:
        """Read what is no JSON of ours, or must be the same byte for byte."""
        params = {"after": self.seen} | asked
        answer = await self.service.client.get(path, headers=bearer("auditor", COUNTY), params=params)
        assert answer.status_code == 200, answer.text
        return answer

    async def finance(self, path: str, body: Any, **more: Any) -> httpx.Response:
        """A command of the county's finance office."""
        return await self.post(path, body, role="county_finance", scope=COUNTY, **more)

    async def cashier(self, path: str, body: Any, **more: Any) -> httpx.Response:
        """A command of the township's cashier."""
        return await self.post(path, body, role="township_finance", **more)

    @property
    def year(self) -> int:
        """The present budget year, whose funds pay what is instructed today."""
        return self.service.mounted.clock.now().astimezone(SHANGHAI).year

    async def fed(self, amount_fen: int, year: int = 2023) -> None:
        """The county's fund is open and has money; the township's has been allocated all of it."""
        await self.finance("/v1/funds", {"county": COUNTY, "year": year})
        fed = {"amount_fen": amount_fen, "source": "province", "document": "省拨1号"}
        await self.finance(f"/v1/funds/{COUNTY}-{year}/appropriations", fed)
        shares = [{"township": TOWN, "amount_fen": amount_fen}]
        document: dict[str, Any] = {"county": COUNTY, "year": year, "document": "县拨1号"}
        document |= {"source": "province", "allocations": shares}
        assert (await self.finance("/v1/allocations", document)).status_code == 201

    async def fetched(self, amount_fen: int) -> None:
        """The cashier has fetched cash, which the leader approved."""
        act = {"kind": "cash_moved", "direction": "withdrawn", "amount_fen": amount_fen}
        told = await self.cashier(f"/v1/funds/{FUND}/acts", {"act": act, "document": "现金支票1号"})
        path = f"/v1/funds/{FUND}/acts/{told.json()['act_id']}/approval"
        assert (await self.post(path, {}, role="township_leader")).status_code == 201

    async def hears(self, *advances: AdvanceDecided) -> None:
        """Relief's decisions arrive."""
        await self.learns(*self.relief.decides(*advances))

    async def learns(self, *records: Record) -> None:
        """Records of relief arrive."""
        await self.service.mounted.follower.take_in(records)
        heads = await self.service.mounted.store.heads()
        self.seen = next(f"{head.division}:{head.position}" for head in heads if head.division == COUNTY)

    async def payee(self, decision_id: str) -> str:
        """A registered payee with an account, for a decision's case."""
        asked = {"place": TOWN, "case_id": f"C-{decision_id}", "relation": "household_member"}
        person = {"name": "样甲", "account": "6200000000000000"}
        answer = await self.post("/v1/payees", asked | person, role="township_officer")
        return answer.json()["payee_ref"]

    async def instructed(self, hold_id: str) -> str:
        """The payment by which a hold is now being paid."""
        body = {"method": "bank_transfer", "payee_ref": await self.payee(hold_id), **THEN}
        answer = await self.cashier(f"/v1/holds/{hold_id}/payments", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["payment_id"]

    async def hold(self, decision_id: str) -> Any:
        """What became of a decision."""
        (found,) = (await self.get("/v1/holds", case_id=f"C-{decision_id}"))["holds"]
        return found

    async def balances(self, fund_id: str = FUND, **asked: Any) -> tuple[int, int, int]:
        """Book, reserved and available, in fen."""
        fund = await self.get(f"/v1/funds/{fund_id}", **asked)
        return fund["book_fen"], fund["reserved_fen"], fund["available_fen"]

    async def facts(self) -> list[Fact]:
        """The county's log."""
        return [recorded(row).fact async for row in self.service.mounted.store.read(COUNTY)]


@dataclass(slots=True)
class Audit:
    """A fund reckoned from its facts alone, by other means than ledger's own; amounts in fen."""

    book_fen: int = 0
    held_fen: dict[str, int] = field(default_factory=dict[str, int])
    posted_fen: int = 0
    """Debits less credits of all entries on bank and cash."""
    lowest_fen: int = 0
    """The least that could ever be promised."""

    @property
    def available_fen(self) -> int:
        return self.book_fen - sum(self.held_fen.values())

    def take(self, fact: FundFact) -> None:
        """Reckon with the next fact."""
        match fact:
            case AppropriationReceived() | AllocationReceived():
                self.book_fen += fact.amount_fen
            case AllocationSent():
                self.book_fen -= fact.amount_fen
            case EntryPosted():
                money = [line for line in fact.lines if line.account in {"100", "101"}]
                self.posted_fen += sum(line.debit_fen - line.credit_fen for line in money)
            case _:
                self._hold(fact)
        self.lowest_fen = min(self.lowest_fen, self.available_fen)

    def _hold(self, fact: FundFact) -> None:
        match fact:
            case Reserved():
                assert fact.hold_id not in self.held_fen
                self.held_fen[fact.hold_id] = fact.amount_fen
            case Voided():
                assert self.held_fen.pop(fact.hold_id) == fact.amount_fen
            case PaymentReceived():
                self.book_fen -= self.held_fen.pop(fact.hold_id)
            case PaymentReturned(was_received=True):
                self.book_fen += fact.amount_fen
                self.held_fen[fact.hold_id] = fact.amount_fen
            case RefusedShort():
                assert fact.asked_fen > fact.available_fen == self.available_fen
                assert fact.shortfall_fen == fact.asked_fen - fact.available_fen
            case _:
                pass


def audit(facts: Iterable[Fact], fund_id: str) -> Audit:
    """A fund reckoned from a log."""
    told = Audit()
    for fact in facts:
        if isinstance(fact, FundFact) and fact.fund_id == fund_id:
            told.take(fact)
    return told
