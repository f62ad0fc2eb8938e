"""One run of the rules over an account: matches in units, each wholly or not at all, the rest made somebody's task."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from events.bank import BankLine, Doubt
from events.fact import Actor
from events.shanghai import SHANGHAI
from services.chassis.database import Connection
from services.chassis.decider import Refused
from services.chassis.unit import Directed, Unit
from services.ledger.bank import SQL
from services.ledger.bank_desk import Desk
from services.ledger.hold_commands import ConfirmReceived, ReturnPayment
from services.ledger.ids import account_place, account_stream, fund_stream
from services.ledger.matchable import Leg, Line, Match, MatchRules
from services.ledger.matching import match
from services.ledger.routes.bank_reading import caught_up
from services.ledger.statement import Account, booked_on
from services.ledger.statement_commands import ApplyMatches, Matched, Noticed, OpenExceptions

_NAMESPACE = UUID("1f6d5a0e-7c1b-5b5e-9d0a-6f2f0b8f3a51")
_MATCHES_A_UNIT = 150
_NOTICES_A_UNIT = 500
_UNKNOWN: Mapping[str | None, Doubt] = {"returned": "returned"}


@dataclass(frozen=True, slots=True)
class BookLeg:
    """A leg, the fund that it is of, and how its payment stands."""

    leg: Leg
    fund_id: str
    standing: str

    def settled(self, evidence: str, moment: datetime) -> Sequence[Directed]:
        """What the bank's line makes of the payment: it has arrived, or has come back; nothing where that is known."""
        stream = fund_stream(self.fund_id)
        if self.leg.way == "paid" and self.standing == "instructed":
            return [Directed(stream, ConfirmReceived(self.leg.payment_id, moment, evidence))]
        if self.leg.way == "returned" and self.standing in ("instructed", "received"):
            return [Directed(stream, ReturnPayment(self.leg.payment_id, "bank_returned"))]
        return []


@dataclass(slots=True)
class Run:
    """A run for one account, in the name of who asked for it."""

    desk: Desk
    actor: Actor
    key: str
    """What makes this run another one than those before it."""
    matched: int = 0
    position: int = 0
    failed: list[Noticed] = field(default_factory=list[Noticed])
    shown: set[str] = field(default_factory=set[str])
    """The legs that have been matched with lines."""

    async def settle(self) -> Mapping[str, int]:
        """Match what is open, confirm the payments, and open an exception for all that is left."""
        account, _ = await self.desk.account()
        lines = [line_of(line) for line in account.open_lines()]
        moments = {line.line_id: moment_of(line, self.desk.service.clock.now()) for line in account.open_lines()}
        rules = self.desk.data.rules_of(self.desk.division)
        legs, unshown = await self._books(lines, rules)
        found = await asyncio.to_thread(match, lines, [leg.leg for leg in legs.values()], rules)
        fresh, again = sifted(found.matches, account)
        ordered = sorted(fresh, key=_first_paid)
        for start in range(0, len(ordered), _MATCHES_A_UNIT):
            await self._apply(ordered[start : start + _MATCHES_A_UNIT], legs, moments)
        noticed = [Noticed(odd.line.line_id, odd.kind, odd.line.amount_fen, odd.line.day) for odd in found.odd]
        left = [*found.left, *(line for one in again for line in one.lines)]
        noticed += [Noticed(line.line_id, _kind(line), line.amount_fen, line.day) for line in left]
        noticed += [*self.failed, *(one for one in unshown if one.exception_id not in self.shown)]
        for start in range(0, len(noticed), _NOTICES_A_UNIT):
            await self._submit([self._to_account(OpenExceptions(tuple(noticed[start : start + _NOTICES_A_UNIT])))])
        return {"matched": self.matched, "left": len(noticed)}

    async def _books(self, lines: Sequence[Line], rules: MatchRules) -> tuple[Mapping[str, BookLeg], Sequence[Noticed]]:
        """What lines can match, and what is booked and should have shown by the last day of the statements."""
        since = min((line.day for line in lines), default=date.max) - timedelta(days=rules.return_days)
        self.position = await caught_up(self.desk.service, self.desk.division)
        async with self.desk.service.projectors["bank"].reading() as books:
            legs = await books.fetch(SQL["legs"], account_place(self.desk.account_id), since)
            unshown = await self._unshown(books, rules)
        return {row["leg_id"]: leg_of(dict(row)) for row in legs}, unshown

    async def _unshown(self, books: Connection, rules: MatchRules) -> Sequence[Noticed]:
        account = await books.fetchrow(SQL["account"], self.desk.account_id)
        if account is None or account["through"] is None:
            return ()
        by = account["through"] - timedelta(days=rules.party_days)
        rows = await books.fetch(SQL["book_only"], account["place"], by)
        return [Noticed(row["leg_id"], "book_only", row["amount_fen"], row["since"]) for row in rows]

    async def _apply(
        self, matches: Sequence[Match], legs: Mapping[str, BookLeg], moments: Mapping[str, datetime]
    ) -> None:
        """Submit matches with the payments that they settle. One that is refused is found, and left to a person."""
        asks = tuple(f"leg:{leg.leg_id}" for one in matches for leg in one.legs)
        command = ApplyMatches(tuple(_matched(one) for one in matches))
        settled = [
            part
            for one in matches
            for leg in one.legs
            for part in legs[leg.leg_id].settled(f"对账单 {one.lines[0].line_id}", moments[one.lines[0].line_id])
        ]
        try:
            await self._submit([self._to_account(command, asks), *settled])
        except Refused:
            if len(matches) == 1:
                self.failed += [
                    Noticed(line.line_id, "late_payment", line.amount_fen, line.day) for line in matches[0].lines
                ]
                return
            middle = len(matches) // 2
            await self._apply(matches[:middle], legs, moments)
            await self._apply(matches[middle:], legs, moments)
        else:
            self.matched += len(matches)
            self.shown.update(leg.leg_id for one in matches for leg in one.legs)

    def _to_account(self, command: object, asks: tuple[str, ...] = ()) -> Directed:
        return Directed(account_stream(self.desk.account_id), command, asks)

    async def _submit(self, parts: Sequence[Directed]) -> None:
        """Decide and commit; without a digest, because the account itself knows what was done already."""
        service = self.desk.service
        unit = Unit(
            division=self.desk.division,
            parts=tuple(parts),
            command_id=uuid5(_NAMESPACE, f"{self.key}|{self.position}"),
            actor=self.actor,
            occurred_at=service.clock.now(),
        )
        self.position = (await service.writer.submit(unit)).position


def sifted(matches: Sequence[Match], account: Account) -> tuple[Sequence[Match], Sequence[Match]]:
    """The matches to make, and those that somebody has taken back before, which are left to a person."""
    undone = account.undone()
    parts = [
        (frozenset(line.line_id for line in one.lines), frozenset(leg.leg_id for leg in one.legs)) for one in matches
    ]
    fresh = [one for one, part in zip(matches, parts, strict=True) if part not in undone]
    return fresh, [one for one, part in zip(matches, parts, strict=True) if part in undone]


async def legs_named(desk: Desk, named: Sequence[str]) -> Sequence[BookLeg]:
    """Legs of the account's place by their ids, as they stand."""
    await caught_up(desk.service, desk.division)
    async with desk.service.projectors["bank"].reading() as books:
        rows = await books.fetch(SQL["legs_named"], list(named), account_place(desk.account_id))
    return [leg_of(dict(row)) for row in rows]


def line_of(line: BankLine) -> Line:
    """A line as the rules see it."""
    told = (line.numbers, line.serial, line.name, line.account, line.kind)
    return Line(line.line_id, booked_on(line), line.amount_fen, *told)


def leg_of(row: Mapping[str, Any]) -> BookLeg:
    """A leg from its row."""
    leg = Leg(
        payment_id=row["payment_id"],
        way=row["way"],
        amount_fen=abs(row["amount_fen"]),
        day=row["day"],
        number=row["number"],
        name=row["name"],
        account=row["account"],
        batch=row["batch"],
        serial=row["serial"],
        failed=row["failed"],
        matched_on=row["matched_on"],
    )
    return BookLeg(leg, row["fund_id"], row["standing"])


def _matched(one: Match) -> Matched:
    lines = tuple(line.line_id for line in one.lines)
    return Matched(lines, tuple(leg.leg_id for leg in one.legs), one.rule, one.evidence)


def _first_paid(one: Match) -> tuple[date, bool, str]:
    """Money goes before it comes back."""
    return max(line.day for line in one.lines), one.lines[0].amount_fen > 0, one.lines[0].line_id


def moment_of(line: BankLine, now: datetime) -> datetime:
    """When the bank booked it; where only a day is told, its end, or now."""
    return line.booked_at or min(datetime.combine(booked_on(line), time(23, 59, 59), SHANGHAI), now)


def _kind(line: Line) -> Doubt:
    return _UNKNOWN.get(line.kind) or ("unknown_credit" if line.amount_fen > 0 else "bank_only")
