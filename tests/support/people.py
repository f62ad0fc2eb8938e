"""The people of the story, each with the verbs of their office, over HTTP to the running services."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count, repeat
from typing import Any, TypeVar

from jiujinan.api import Answer, Api, Unexpected
from jiujinan.installation import HOTLINE

_PATIENCE_SECONDS = 90.0

_numbers = count(1)

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Post:
    """Who sits where: one person may sit at two desks."""

    staff_id: str
    role: str
    scope: str = ""


POSTS: Mapping[str, Post] = {
    "informant": Post("V-0001", "village_informant", "320115"),
    "officer": Post("S-1001", "township_officer"),
    "leader": Post("S-2001", "township_leader"),
    "cashier": Post("S-3001", "township_finance"),
    "leader at the till": Post("S-2001", "township_finance"),
    "county": Post("C-0001", "county_finance"),
    "auditor": Post("A-0001", "auditor"),
}
TOKENS = {f"token:{desk}": f"token of the {desk}" for desk in POSTS}


def access_document(callback: str, webhook_secret: str) -> Mapping[str, Any]:
    """Everybody of the story, and one hotline that hears back."""
    people = [
        {
            "token_sha256": sha256(TOKENS[f"token:{desk}"].encode()).hexdigest(),
            "staff_id": post.staff_id,
            "role": post.role,
            "scope": post.scope,
        }
        for desk, post in POSTS.items()
    ]
    hotline = {
        "id": HOTLINE,
        "role": "hotline_system",
        "scope": "3201",
        "secrets": [webhook_secret],
        "callback": {"url": callback, "secret": webhook_secret},
    }
    return {"people": people, "systems": [hotline]}


async def awaited(look: Callable[[], Awaitable[Seen]], ready: Callable[[Seen], bool]) -> Seen:
    """What is looked for, once it is as it should be. Fails with what was there last."""
    last: object = None
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for glance in chain(repeat(0.1, 20), repeat(0.5)):  # what takes longer is looked at less often
                try:
                    last = found = await look()
                    if ready(found):
                        return found
                except Unexpected as not_there:
                    last = not_there
                await asyncio.sleep(glance)
    raise AssertionError(f"in vain: {last}")


def shanghai(moment: str) -> str:
    """``2022-08-05 10:00`` as it is sent."""
    return f"{moment.replace(' ', 'T')}:00+08:00"


@dataclass(slots=True)
class Somebody:
    """Anybody with a desk. Each command has a key of its own."""

    api: Api
    desk: str

    async def commands(self, service: str, path: str, body: Answer) -> Answer:
        """Give a command."""
        return await self.api.post(service, path, self.desk, f"command-{next(_numbers)}", body)

    async def sees(self, service: str, path: str) -> Answer:
        """Look something up."""
        return await self.api.get(service, path, self.desk)

    async def sees_case(self, case: str, ready: Callable[[Answer], bool] = bool, *, as_of: str = "") -> Answer:
        """A case, once it looks as it should."""
        path = f"/v1/cases/{case}" + (f"?as_of={as_of}" if as_of else "")
        return await awaited(lambda: self.sees("relief", path), ready)

    async def reads_history(self, case: str) -> Sequence[Answer]:
        """The story of a case, fact by fact."""
        return (await self.sees("relief", f"/v1/cases/{case}/history"))["facts"]

    async def reads_sentences(self, case: str) -> Sequence[str]:
        """The story of a case as people read it."""
        return [told["sentence"] for told in await self.reads_history(case)]

    async def sees_funds(self) -> Sequence[Answer]:
        """All funds."""
        return (await self.sees("ledger", "/v1/funds"))["funds"]

    async def sees_balances(self, fund: str) -> Mapping[str, int]:
        """The balance of each account of a fund, debit positive, in yuan."""
        lines = (await self.sees("ledger", f"/v1/funds/{fund}/entries?limit=1000"))["entries"]
        return {line["account"]: line["balance_fen"] // 100 for line in lines}


@dataclass(slots=True)
class Hotline:
    """The 12345 hotline's system: it signs what it sends, and hears back."""

    api: Api
    messages: Callable[[], Sequence[Answer]]

    async def reports(self, order: Answer) -> str:
        """Push a work order; give the report's id."""
        raw = json.dumps(order, ensure_ascii=False).encode()
        return (await self.api.order(raw, f"msg-{order['orderNum']}-{order.get('pushSeq', 1)}"))["report_id"]

    async def hears(self, report: str, event: str) -> Answer:
        """What it is told about a report, once it is told."""

        async def told() -> Sequence[Answer]:
            kind = f"cn.jiujinan.{event}.v1"
            return [message for message in self.messages() if (message["subject"], message["type"]) == (report, kind)]

        return (await awaited(told, bool))[0]["data"]


@dataclass(slots=True)
class Informant(Somebody):
    """A village informant with an app: no callback, so it looks the answer up."""

    async def reports(self, telling: Answer) -> str:
        """Send a report; give its id."""
        return (await self.commands("intake", "/v1/reports", telling))["report_id"]

    async def looks_up(self, report: str, ready: Callable[[Answer], bool] = bool) -> Answer:
        """What became of a report, once it looks as it should."""
        return await awaited(lambda: self.sees("intake", f"/v1/reports/{report}"), ready)


@dataclass(slots=True)
class Officer(Somebody):
    """A township's officer (经办人)."""

    async def finds_case(self, report: str) -> str:
        """The case of a report, once both services know of it."""
        found = await awaited(lambda: self.sees("intake", f"/v1/reports/{report}"), _has_case)
        await self.sees_case(found["case_id"])
        return found["case_id"]

    async def accepts(self, report: str, at: str) -> str:
        """Take on the case of a report; give the case."""
        case = await self.finds_case(report)
        await self.commands("relief", f"/v1/cases/{case}/accept", {"occurred_at": shanghai(at)})
        return case

    async def reaches_household(self, case: str, at: str) -> None:
        """Speak to the household."""
        body = {"occurred_at": shanghai(at), "reached": True}
        await self.commands("relief", f"/v1/cases/{case}/contacts", body)

    async def appeals(self, report: str, clock: str) -> Answer:
        """Appeal against the hotline's mark; give the answer."""
        return await self.commands("intake", f"/v1/reports/{report}/appeals", {"clock": clock})

    async def hands_over_goods(self, case: str, decision: str, at: str) -> None:
        """The household has the goods."""
        body = {"occurred_at": shanghai(at), "decision_id": decision}
        await self.commands("relief", f"/v1/cases/{case}/goods-handovers", body)

    async def files_papers(self, case: str, at: str) -> None:
        """File every paper that is owed, once the debt is known."""
        seen = await self.sees_case(case, lambda found: bool(found["debts"]))
        for debt in seen["debts"]:
            for paper in debt["missing"]:
                digest = sha256(f"{case} {paper}".encode()).hexdigest()
                body = {"occurred_at": shanghai(at), "debt_id": debt["debt_id"], "paper": paper, "sha256": digest}
                await self.commands("relief", f"/v1/cases/{case}/papers", body)


@dataclass(slots=True)
class Leader(Somebody):
    """A township's leader (分管领导)."""

    async def decides(self, case: str, yuan: int, at: str) -> str:
        """Decide an advance; give the decision."""
        body = {"occurred_at": shanghai(at), "amount_fen": yuan * 100}
        told = await self.commands("relief", f"/v1/cases/{case}/advances", body)
        assert told["outcome"] == "advance_decided", told
        return told["decision_id"]

    async def closes(self, case: str, at: str) -> None:
        """Close a case."""
        await self.commands("relief", f"/v1/cases/{case}/close", {"occurred_at": shanghai(at)})


@dataclass(slots=True)
class Cashier(Somebody):
    """A township's cashier (财政所出纳)."""

    async def finds_hold(self, case: str, decision: str) -> Answer:
        """What ledger holds for a decision, or could not; once it has answered."""

        async def found() -> Answer:
            holds = (await self.sees("ledger", f"/v1/holds?case_id={case}"))["holds"]
            return next((hold for hold in holds if hold["hold_id"] == decision), Answer())

        return await awaited(found, bool)

    async def pays(self, case: str, decision: str, at: str, *, method: str = "bank_transfer") -> str:
        """Pay a decision, and see that it has arrived; give the payment."""
        told = await self.instructs(case, decision, at, method=method)
        await self.confirms(told, at, **self._signed(told, method))
        return told["payment_id"]

    async def instructs(self, case: str, decision: str, at: str, *, method: str = "bank_transfer") -> Answer:
        """Tell the bank, or count out cash that was fetched before."""
        hold = await self.finds_hold(case, decision)
        payee = {"place": hold["fund_id"].partition("-")[0], "case_id": case, "relation": "self", "name": "样例领款人"}
        if method == "bank_transfer":
            payee["account"] = "6200000000000000001"
        registered = await self.api.post("ledger", "/v1/payees", "officer", f"command-{next(_numbers)}", payee)
        instruction = {"method": method, "payee_ref": registered["payee_ref"], "occurred_at": shanghai(at)}
        told = await self.commands("ledger", f"/v1/holds/{decision}/payments", instruction)
        return told | {"payee_ref": registered["payee_ref"]}

    async def fetches_cash(self, fund_id: str, yuan: int, approver: Somebody) -> None:
        """Fetch cash from the bank: one proposes it, another approves."""
        act = {"kind": "cash_moved", "direction": "withdrawn", "amount_fen": yuan * 100}
        told = await self.commands("ledger", f"/v1/funds/{fund_id}/acts", {"act": act, "document": "样例现金支票1号"})
        await approver.commands("ledger", f"/v1/funds/{fund_id}/acts/{told['act_id']}/approval", {})

    def _signed(self, told: Answer, method: str) -> Answer:
        return {"signed_by": told["payee_ref"], "handed_by": "S-3002"} if method == "cash" else {}

    async def confirms(self, told: Answer, at: str, **signed: str) -> None:
        """The household has the money of a payment just instructed."""
        path = f"/v1/payments/{told['payment_id']}/receipt?after={told['division']}:{told['position']}"
        body = {"received_at": shanghai(at), "evidence": f"样例回单 {told['payment_id'][:8]}", **signed}
        await self.commands("ledger", path, body)

    async def hears_from_bank(self, payment: str, reason: str) -> None:
        """The bank has sent a payment back (退汇)."""
        await self.commands("ledger", f"/v1/payments/{payment}/return", {"reason": reason})


@dataclass(slots=True)
class County(Somebody):
    """A county's finance officer (县财政局)."""

    async def allocates(self, yuan: int, township: str, document: str, year: int = 2026) -> None:
        """Receive the money from the province under a document, and pass it on to a township."""
        county, fen = township[:6], yuan * 100
        await self.commands("ledger", "/v1/funds", {"county": county, "year": year})
        money = {"amount_fen": fen, "source": "province", "document": document}
        await self.commands("ledger", f"/v1/funds/{county}-{year}/appropriations", money)
        shares = [{"township": township, "amount_fen": fen}]
        document_of: Answer = {"county": county, "year": year, "document": document, "source": "province"}
        body = document_of | {"allocations": shares}
        await self.commands("ledger", "/v1/allocations", body)

    async def sees_fund(self, township: str, *, book: int, reserved: int, year: int = 2026) -> None:
        """See a township's fund come to these amounts in yuan: its book balance, and what is held of it."""
        wanted = {"book_fen": book * 100, "reserved_fen": reserved * 100, "available_fen": (book - reserved) * 100}
        path = f"/v1/funds/{township}-{year}"
        await awaited(lambda: self.sees("ledger", path), lambda fund: wanted.items() <= fund.items())


def _has_case(report: Answer) -> bool:
    return report["case_id"] is not None
