"""Plays the published cases of ``samples/`` through the running services, step by step, as their people would."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from events.shanghai import SHANGHAI
from jiujinan.api import Answer, Api
from jiujinan.progress import Progress
from jiujinan.receiver import CallbackReceiver
from services.chassis.clock import SystemClock

SAMPLES = Path(__file__).parents[1] / "samples"
_PAPERS_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """One published case: where it happened, when the first officer took it on, what was given."""

    name: str
    title: str
    sample: str
    by: str
    township: str
    fund_fen: int
    accepted_at: datetime
    amount_fen: int
    goods: Sequence[Answer] = ()
    method: str = "bank_transfer"

    @property
    def mark(self) -> str:
        """What marks its steps among those of the other stories: ``(a)``."""
        return self.title[:3]

    @property
    def purse(self) -> "Purse":
        """The township's money in the budget year in which it happened."""
        return Purse(self.name, self.township, self.accepted_at.year, self.fund_fen)

    def later(self, **passed: float) -> str:
        """A moment after acceptance."""
        return (self.accepted_at + timedelta(**passed)).isoformat()


JIANGNING = Tale(
    name="jiangning",
    title="(a) 南京江宁 2022-08 12345 来电:外地一家三口来宁看病,身无分文",
    sample="jiangning_hotline.json",
    by="hotline",
    township="320115002",
    fund_fen=2_000_000,
    accepted_at=datetime.fromisoformat("2022-08-05T10:00:00+08:00"),
    amount_fen=200_000,
    method="bank_transfer",
)
JINGDE = Tale(
    name="jingde",
    title="(b) 旌德俞村 2020-09 村里上报:电器故障起火",
    sample="jingde_village.json",
    by="village-341825",
    township="341825105",
    fund_fen=1_000_000,
    accepted_at=datetime.fromisoformat("2020-09-03T08:10:00+08:00"),
    amount_fen=200_000,
    goods=({"item": "棉被", "quantity": 2, "cost_fen": 16_000},),
)
SHISHI = Tale(
    name="shishi",
    title="(d) 石狮 2023-08 医院上报:身份不明伤者",
    sample="shishi_hospital.json",
    by="hospital-350581",
    township="350581100",
    fund_fen=0,
    accepted_at=datetime.fromisoformat("2023-08-09T03:00:00+08:00"),
    amount_fen=0,
    goods=({"item": "生活用品包", "quantity": 1, "cost_fen": 30_000},),
)


@dataclass(frozen=True, slots=True)
class Purse:
    """A township's standby money for a budget year, in fen, that its county has to be given first."""

    name: str
    township: str
    year: int
    amount_fen: int

    @classmethod
    def of_today(cls, now: datetime) -> "Purse":
        """For whoever tries it out: JINGDE's township in the present year."""
        year = now.astimezone(SHANGHAI).year
        return cls(f"today-{year}", JINGDE.township, year, 5_000_000)

    @property
    def county(self) -> str:
        """The county that the money comes from."""
        return self.township[:6]


@dataclass(frozen=True, slots=True)
class Player:
    """Plays tales; each command has a fixed key, so that a second play repeats the answers and changes nothing."""

    api: Api
    progress: Progress
    receiver: CallbackReceiver

    async def play(self) -> list[str]:
        """Everything, in order; give the cases that came of it."""
        cases = [await self.tell(JIANGNING), await self.tell(JINGDE)]
        with self.progress.step("(c) 石狮 2023-08 台风:县里向各镇(街道)预拨备用金 360,000 元"):
            await self.allocate_shishi()
        cases.append(await self.tell(SHISHI))
        with self.progress.step("旌德俞村镇今年的备用金 50,000 元:供您自己试办"):
            await self.fund(Purse.of_today(SystemClock().now()))
        return cases

    async def fund(self, purse: Purse) -> None:
        """Give the county the money, and let it pass it on to the township; once, however often it is called."""
        await self._fund(purse.county, purse.year, purse.amount_fen)
        shares = [{"township": purse.township, "amount_fen": purse.amount_fen}]
        body: Answer = {"county": purse.county, "year": purse.year, "document": "样例分配1号"}
        body |= {"source": "province", "allocations": shares}
        await self.api.post("ledger", "/v1/allocations", "finance-01", f"allocate-{purse.name}", body)

    async def allocate_shishi(self) -> None:
        """The county receives the money and passes it on under one document."""
        document: Answer = json.loads((SAMPLES / "shishi_allocation.json").read_text(encoding="utf-8")) | {"year": 2023}
        total = sum(share["amount_fen"] for share in document["allocations"])
        await self._fund("350581", 2023, total)
        await self.api.post("ledger", "/v1/allocations", "finance-01", "shishi-allocation", document)

    async def tell(self, tale: Tale) -> str:
        """One case from its report to its closure."""
        if tale.fund_fen:
            with self.progress.step(f"{tale.title}:设立备用金"):
                await self.fund(tale.purse)
        with self.progress.step(f"{tale.title}:报告"):
            report_id = await self._report(tale)
            case_id = await self.api.case_of(report_id, _reader(tale))
        self.progress.note(f"个案 {case_id}")
        with self.progress.step(f"{tale.mark} 受理、联系、先行救助决定"):
            decision_id = await self._decide(tale, case_id)
        await self._help(tale, case_id, decision_id)
        with self.progress.step(f"{tale.mark} 补齐手续、办结"):
            await self._close(tale, case_id, decision_id)
        if tale.by == "hotline":
            await self._hear_closure(tale, report_id)
        return case_id

    async def _fund(self, county: str, year: int, amount_fen: int) -> None:
        fund = {"county": county, "year": year}
        await self.api.post("ledger", "/v1/funds", "finance-01", f"open-{county}-{year}", fund)
        money = {"amount_fen": amount_fen, "source": "province", "document": f"样例拨款{county}〔{year}〕1号"}
        path = f"/v1/funds/{county}-{year}/appropriations"
        await self.api.post("ledger", path, "finance-01", f"appropriate-{county}-{year}", money)

    async def _report(self, tale: Tale) -> str:
        raw = (SAMPLES / tale.sample).read_bytes()
        if tale.by == "hotline":
            told = await self.api.order(raw, f"msg-{tale.name}")
        else:
            told = await self.api.post("intake", "/v1/reports", tale.by, f"report-{tale.name}", raw)
        return told["report_id"]

    async def _decide(self, tale: Tale, case_id: str) -> str:
        await self._case_exists(case_id)
        await self._relief(case_id, "accept", "officer-01", {"occurred_at": tale.later()})
        await self._relief(case_id, "contacts", "officer-01", {"occurred_at": tale.later(minutes=20), "reached": True})
        decided = await self._relief(
            case_id,
            "advances",
            "leader-01",
            {"occurred_at": tale.later(hours=1), "amount_fen": tale.amount_fen, "goods": list(tale.goods)},
        )
        return decided["decision_id"]

    async def _case_exists(self, case_id: str) -> None:
        await self.api.case(case_id, lambda case: True)

    async def _relief(self, case_id: str, what: str, by: str, body: Answer, key: str = "once") -> Answer:
        return await self.api.post("relief", f"/v1/cases/{case_id}/{what}", by, f"{what}-{key}", body)

    async def _help(self, tale: Tale, case_id: str, decision_id: str) -> None:
        if tale.amount_fen:
            with self.progress.step(f"{tale.mark} 备用金占用、付款、到账、记账"):
                await self._pay(tale, case_id, decision_id)
        if tale.goods:
            with self.progress.step(f"{tale.mark} 物资送到"):
                body = {"occurred_at": tale.later(hours=4), "decision_id": decision_id}
                await self._relief(case_id, "goods-handovers", "officer-01", body)

    async def _pay(self, tale: Tale, case_id: str, decision_id: str) -> None:
        await self.api.hold(case_id, decision_id)
        payee: Answer = {"place": tale.township, "case_id": case_id, "relation": "self", "name": "样例领款人"}
        if tale.method == "bank_transfer":
            payee["account"] = "6200000000000000001"
        registered = await self.api.post("ledger", "/v1/payees", "officer-01", f"payee-{tale.name}", payee)
        instruction: Answer = {"method": tale.method, "payee_ref": registered["payee_ref"]}
        instruction["occurred_at"] = tale.later(hours=2)
        path = f"/v1/holds/{decision_id}/payments"
        payment = await self.api.post("ledger", path, "cashier-01", f"pay-{tale.name}", instruction)
        receipt = {"received_at": tale.later(hours=2, minutes=5), "evidence": f"样例回单-{tale.name}"}
        path = f"/v1/payments/{payment['payment_id']}/receipt"
        payment_at = f"{payment['division']}:{payment['position']}"
        await self.api.post("ledger", f"{path}?after={payment_at}", "cashier-01", f"receipt-{tale.name}", receipt)

    async def _close(self, tale: Tale, case_id: str, decision_id: str) -> None:
        case = await self.api.case(case_id, lambda answer: _is_relieved(answer, tale))
        debts = [debt for debt in case["debts"] if debt["debt_id"] == decision_id]
        for paper in debts[0]["papers"]:
            body = {
                "occurred_at": tale.later(days=_PAPERS_AFTER.days),
                "debt_id": decision_id,
                "paper": paper,
                "sha256": sha256(f"{tale.name}-{paper}".encode()).hexdigest(),
            }
            await self._relief(case_id, "papers", "officer-01", body, paper)
        await self._relief(case_id, "close", "leader-01", {"occurred_at": tale.later(days=3)})

    async def _hear_closure(self, tale: Tale, report_id: str) -> None:
        with self.progress.step(f"{tale.mark} 12345 收到办结回执(签名已核)"):
            await self.api.delivered(report_id, "case_closed", "civil-01")
        while not self.receiver.messages.empty():
            message = self.receiver.messages.get_nowait()
            self.progress.note(message["data"].get("public_reply_text") or message["data"]["text"])


def _reader(tale: Tale) -> str:
    """Who looks the report up: its sender, or the county for a hotline, which has no token."""
    return "civil-01" if tale.by == "hotline" else tale.by


def _is_relieved(case: Answer, tale: Tale) -> bool:
    """Whether relief knows of all that the household received."""
    wanted = {"has_money": tale.amount_fen > 0, "has_goods": len(tale.goods) > 0}
    return any(decision | wanted == decision for decision in case["decisions"]) and bool(case["debts"])
