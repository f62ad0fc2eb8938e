"""What officers make up for a county's funds: every command there is, sensible or not, from the books as they are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from events.ledger import (
    Act,
    CashMoved,
    Correction,
    Draw,
    FundTerms,
    GoodsBought,
    InterestPaid,
    OwnMoneyRepaid,
    PurchaseReversed,
    RecoveryWaived,
    Seal,
    Source,
    SuspenseCleared,
)
from services.chassis.unit import Directed
from services.ledger.fund_commands import (
    AddOwnMoney,
    Adjust,
    Approve,
    CarryIn,
    CheckVouchers,
    Close,
    CloseAllocation,
    Command,
    Decline,
    EndRecovery,
    EndYear,
    EnterOpening,
    IssueGoods,
    MarkPapers,
    OpenFund,
    OrderRecovery,
    Propose,
    ReceiveAllocation,
    ReceiveAppropriation,
    ReceiveRecovery,
    Reopen,
    Reserve,
    SendAllocation,
    SetQuota,
    SetTerms,
    TakeBackAllocation,
    Transfer,
    TryAgain,
)
from services.ledger.hold_commands import ConfirmReceived, Expire, Instruct, ReturnPayment, Slip, Void
from services.ledger.ids import fund_stream
from services.ledger.replenishment import (
    AskUrgently,
    DeclineReplenishment,
    DraftReplenishment,
    SignReplenishment,
    SubmitReplenishment,
)
from tests.simulation.asks import COUNTIES, YEAR, Ask, township_of
from tests.simulation.fund.account import Account
from tests.simulation.fund.laws import Laws
from tests.simulation.process import DAWN

COUNTY = COUNTIES[0]
COUNTY_FUND, TOWN_FUND = f"{COUNTY}-{YEAR}", f"{township_of(COUNTY)}-{YEAR}"
OLD_FUND = f"{township_of(COUNTY)}-{YEAR - 1}"
"""Last year's fund of the township, which is still to be closed."""
LAST_DECEMBER = datetime(YEAR - 1, 12, 20, 4, tzinfo=UTC)
"""While that year's fund could still promise and pay."""
NEW_FUND = f"{COUNTY}002-{YEAR}"
"""The fund of a township that has kept its books elsewhere until now."""
FUNDS = (COUNTY_FUND, TOWN_FUND, TOWN_FUND, OLD_FUND)
SOURCES: tuple[Source, ...] = ("central", "county", "donation")
OFFICERS = ("S-1", "S-2", "S-3")
MONTHS = ("2026-09", "2026-10")
TERMS = FundTerms(quota_fen=6_000, own_money_fen=2_000, own_money="repayable", hold_hours=2, voucher_words="three")
MODES: Mapping[str, FundTerms] = {
    COUNTY_FUND: TERMS.model_copy(update={"mode": "quota"}),
    NEW_FUND: TERMS.model_copy(update={"mode": "imprest"}),
}
"""The county pays for its townships within their quotas, the new township has an imprest; the others have what came."""
QUOTA_TOWNS = (township_of(COUNTY), f"{COUNTY}002")


@dataclass(frozen=True, slots=True)
class LifeIdeas:
    """Knows the accounts."""

    chance: Random
    laws: Laws
    source: Source
    """Where the county's first money comes from."""

    def first(self) -> Sequence[Ask]:
        """How the funds begin: fed, with a payment received, one come back, one under way, and a closed month."""
        begun = [self._begun(COUNTY_FUND, None, YEAR), self._begun(TOWN_FUND, township_of(COUNTY), YEAR)]
        begun.append(self._begun(OLD_FUND, township_of(COUNTY), YEAR - 1))
        month = MONTHS[0]
        closing = [
            Approve("x-cash"),
            Approve("x-goods"),
            Adjust(month),
            CheckVouchers(month),
            Close(month, _seal(1), 0, 0),
        ]
        closed = [self._all(fund, f"acts-{fund}", closing, "S-2") for fund in (COUNTY_FUND, TOWN_FUND)]
        given_back = ReceiveRecovery(f"o-{TOWN_FUND}", "r-first", 1)
        in_cash = [Instruct(f"two-{TOWN_FUND}", "p-cash", "cash", "payee-1"), _handed_over("p-cash", DAWN)]
        over: list[Command] = [ConfirmReceived(f"p-three-{OLD_FUND}", DAWN, "R-2")]
        over += [EndYear()] if self.chance.random() < 0.5 else []
        too_late = Instruct(f"two-{OLD_FUND}", "p-too-late", "card", "payee-1")
        ended = [
            self._all(TOWN_FUND, "given-back", [given_back, *in_cash], "S-1"),
            replace(self._all(OLD_FUND, "too-late", [too_late], "S-1"), at=None),
            self._all(OLD_FUND, "year-end", over, "S-1"),
        ]
        return [*begun, *closed, self._passed_on(), *ended, self._taken_over(), *self._asked_for()]

    def _begun(self, fund_id: str, township: str | None, year: int) -> Ask:
        names = [f"{part}-{fund_id}" for part in ("one", "two", "three")]
        parts: list[Command] = [OpenFund(fund_id, COUNTY, township, year, MODES.get(fund_id, TERMS))]
        fed_fen = self.chance.randint(3_000, 9_000)
        parts += [ReceiveAppropriation(f"a-first-{fund_id}", fed_fen, self.source, "1号")]
        parts += self._within_a_quota() if fund_id == COUNTY_FUND else []
        parts += [Reserve(name, f"c-{name}", self._amount(400) + 2, "S-9", fund_id) for name in names]
        parts += [Instruct(name, f"p-{name}", "bank_transfer", "payee-1") for name in names]
        parts += [ConfirmReceived(f"p-{names[0]}", DAWN - timedelta(days=40), "R-1")]
        parts += [ReturnPayment(f"p-{names[1]}", "account_closed")]
        parts += [MarkPapers(f"p-{names[0]}", "filed"), OrderRecovery(f"o-{fund_id}", f"p-{names[0]}", 2)]
        parts += [Reserve(f"short-{fund_id}", "c-short", fed_fen + 100, "S-9", fund_id)]
        parts += [Propose("x-cash", CashMoved(direction="withdrawn", amount_fen=self._amount(400) + 400), "单据1号")]
        parts += [
            Propose(
                "x-goods",
                GoodsBought(item="棉被", quantity=5, cost_fen=self._amount(500) + 4, contract="C-1"),
                "单据1号",
            )
        ]
        parts += [Propose("x-open", InterestPaid(amount_fen=7, source=self.source), "单据1号")]
        return self._all(fund_id, f"begin-{fund_id}", parts, "S-1")

    def _within_a_quota(self) -> Sequence[Command]:
        """A township uses its quota of the county's fund, lets go of it, uses it up, and asks for one fen more."""
        quota_fen, town = self._amount(400) + 400, QUOTA_TOWNS[0]
        amounts = {"let-go": self._amount(quota_fen), "used": self._amount(quota_fen), "over": quota_fen + 1}
        asked = [Reserve(name, f"c-{name}", fen, "S-9", COUNTY_FUND, township=town) for name, fen in amounts.items()]
        first, *others = asked
        paid = [Instruct("used", "p-used", "bank_transfer", "payee-1"), ConfirmReceived("p-used", DAWN, "R-3")]
        more: list[Command] = [
            SetQuota(town, quota_fen, "额度1号"),
            first,
            Void("let-go", "not_needed"),
            *others,
            *paid,
        ]
        return more

    def _taken_over(self) -> Ask:
        """Books that begin with what another program has left, part of it in the cash box."""
        draws = tuple(Draw(source=source, amount_fen=self._amount(3_000) + 500) for source in ("central", "donation"))
        opening = EnterOpening(draws, "0" * 64, "期初.xlsx", self._amount(900))
        parts: list[Command] = [OpenFund(NEW_FUND, COUNTY, f"{COUNTY}002", YEAR, MODES[NEW_FUND]), opening]
        parts += [Reserve("one-new", "c-new", self._amount(300), "S-9", NEW_FUND)]
        parts += [Instruct("one-new", "p-new", "cash", "payee-1"), _handed_over("p-new", DAWN)]
        return self._all(NEW_FUND, "take-over", parts, "S-1")

    def _asked_for(self) -> Sequence[Ask]:
        """The township asks, and the desks sign, the last of them not always; what comes of it is seen later."""
        name = f"{NEW_FUND}-R001"
        signed = SignReplenishment(name)
        granted = SignReplenishment(name, document="批复1号")
        last = [self._ask("request-granted", [(NEW_FUND, granted)], "S-4", "county_finance")]
        return [
            self._ask("request", [(NEW_FUND, DraftReplenishment(700))], "S-1"),
            self._ask("request-in", [(NEW_FUND, SubmitReplenishment(name))], "S-1"),
            self._ask("request-in-again", [(NEW_FUND, SubmitReplenishment(name, 500))], "S-2"),
            self._ask("request-own-hand", [(NEW_FUND, signed)], "S-1", "township_leader"),
            self._ask("request-leader", [(NEW_FUND, signed)], "S-2", "township_leader"),
            self._ask("request-county", [(NEW_FUND, signed)], "S-3", "county_civil_affairs"),
            *(last if self.chance.random() < 0.6 else []),
        ]

    def _passed_on(self) -> Ask:
        transfer = Transfer("t-first", COUNTY_FUND, TOWN_FUND, self._amount(200), self.source, "2号")
        both = [(TOWN_FUND, ReceiveAllocation(transfer)), (COUNTY_FUND, CloseAllocation(transfer))]
        return self._ask("pass-on", [(COUNTY_FUND, SendAllocation(transfer)), *both], "S-1")

    def next(self, key: str) -> Ask | None:
        """The next command."""
        fund_id = self.chance.choice(FUNDS)
        ideas: list[Callable[[str, str], Ask | None]] = [
            *[self._reserve] * 3,
            *[self._pay] * 3,
            *[self._settle] * 5,
            *[self._after] * 3,
            *[self._propose] * 2,
            *[self._decide_act] * 3,
            *[self._month] * 2,
            *[self._transfer] * 4,
            *[self._year] * 2,
            *[self._short] * 2,
            *[self._let_go] * 2,
            *[self._request] * 2,
            self._feed,
            self._terms,
            self._quota,
        ]
        return self.chance.choice(ideas)(fund_id, key)

    # --- money

    def _feed(self, fund_id: str, key: str) -> Ask:
        if self.chance.random() < 0.2:
            return self._opening(fund_id, key)
        source = self.chance.choice(SOURCES)
        return self._to(fund_id, key, ReceiveAppropriation(f"a-{key}", self._amount(3_000), source, "1号"))

    def _terms(self, fund_id: str, key: str) -> Ask:
        changed: dict[str, Any] = {"quota_fen": self._amount(9_000), "retained_fen": self._amount(50)}
        changed["at_year_end"] = self.chance.choice(("carry_over", "hand_back"))
        terms = MODES.get(fund_id, TERMS).model_copy(update=changed)
        return self._to(fund_id, key, SetTerms(terms, "参数1号"))

    def _quota(self, fund_id: str, key: str) -> Ask:
        """More or less than it was; under a document of its own, or that of a request that was granted."""
        granted = [one for one in self._account(COUNTY_FUND).requests.known.values() if one.standing == "granted"]
        document = self.chance.choice([*(one.document for one in granted), f"额度{key}"])
        return self._to(
            COUNTY_FUND, key, SetQuota(self.chance.choice(QUOTA_TOWNS), self._amount(3_000), document), "S-1"
        )

    def _transfer(self, fund_id: str, key: str) -> Ask:
        on_its_way = list(self.laws.transit.items())
        if on_its_way and self.chance.random() < 0.6:
            transfer_id, (sender, receiver, fen) = self.chance.choice(on_its_way)
            transfer = Transfer(transfer_id, sender, receiver, fen, self.source, "2号")
            back = [(sender, TakeBackAllocation(transfer, "account_closed"))]
            parts = [(receiver, ReceiveAllocation(transfer)), (sender, CloseAllocation(transfer))]
            return self._ask(key, back if self.chance.random() < 0.5 else parts, "S-1")
        transfer = Transfer(f"t-{key}", COUNTY_FUND, TOWN_FUND, self._amount(900), self.source, "2号")
        return self._ask(key, [(COUNTY_FUND, SendAllocation(transfer))], "S-1")

    def _year(self, fund_id: str, key: str) -> Ask:
        left = self.laws.leavings.get(OLD_FUND, [])
        if left and self.chance.random() < 0.7:
            told = self.chance.choice(left)
            return self._to(TOWN_FUND, key, CarryIn(OLD_FUND, told.round, told.carried, told.owed_fen))
        return self._to(OLD_FUND, key, EndYear())

    def _opening(self, fund_id: str, key: str) -> Ask:
        """Books that have begun already."""
        draws = (Draw(source="central", amount_fen=self._amount(900)),)
        return self._to(fund_id, key, EnterOpening(draws, self.chance.choice("0ab") * 64, "期初.xlsx"))

    # --- asking for more

    def _request(self, fund_id: str, key: str) -> Ask:
        """Ask, hand in, sign at the desk whose turn it is or at another, refuse, and send what was granted."""
        fund_id = self.chance.choice([fund_id, NEW_FUND, NEW_FUND])
        requests = self._account(fund_id).requests.known
        granted = [name for name, request in requests.items() if request.standing == "granted"]
        name = self._some(granted or [name for name, request in requests.items() if request.is_open])
        if name is None or self.chance.random() < 0.2:
            return self._asked(fund_id, key)
        request = requests[name]
        if request.standing == "granted":
            amount_fen = self.chance.choice([request.amount_fen, self._amount(request.amount_fen)])
            money = ReceiveAppropriation(f"a-{key}", amount_fen, self.source, request.document)
            return self._to(fund_id, key, money)
        if self.chance.random() < 0.1:
            return self._to(fund_id, key, DeclineReplenishment(name, "enough_left"), self._officer())
        if request.standing == "drafted":
            return self._to(fund_id, key, SubmitReplenishment(name), self._officer())
        desk = request.next_desk if self.chance.random() < 0.9 else "county_finance"
        less_fen = self._amount(request.amount_fen) if self.chance.random() < 0.3 else None
        document = f"批复{key}" if self.chance.random() < 0.9 else "1号"
        parts = [(fund_id, SignReplenishment(name, less_fen, "", document))]
        return self._ask(key, parts, self.chance.choice([*OFFICERS, "S-4", "S-5"]), desk or "officer")

    def _asked(self, fund_id: str, key: str) -> Ask:
        hold_id = self._some(sorted(self._account(fund_id).shorts))
        if hold_id is not None and self.chance.random() < 0.5:
            return self._to(fund_id, key, AskUrgently(fund_id, hold_id, self._officer()))
        return self._to(fund_id, key, DraftReplenishment(self.chance.choice([None, self._amount(2_000)])))

    # --- promises

    def _reserve(self, fund_id: str, key: str) -> Ask:
        """Now and then all that is left, and one fen more."""
        township = self.chance.choice([*QUOTA_TOWNS, None]) if fund_id == COUNTY_FUND else None
        left_fen = self._account(fund_id).available_to(township)
        amount_fen = self.chance.choice([self._amount(700), self._amount(700), max(1, left_fen), left_fen + 1])
        asked = Reserve(f"d-{key}", f"c-{key}", amount_fen, self._officer(), fund_id, township=township)
        return self._to(fund_id, key, asked)

    def _let_go(self, fund_id: str, key: str) -> Ask | None:
        holds = self._account(fund_id).holds
        hold_id = self._some(name for name, hold in holds.items() if hold.standing != "received")
        if hold_id is None:
            return None
        return self._to(fund_id, key, self.chance.choice([Void(hold_id, "not_needed"), Expire(hold_id)]))

    def _short(self, fund_id: str, key: str) -> Ask | None:
        hold_id = self._some(sorted(self._account(fund_id).shorts))
        if hold_id is None:
            return None
        return self._to(fund_id, key, self.chance.choice([TryAgain(hold_id), AddOwnMoney(hold_id)]))

    # --- payments

    def _pay(self, fund_id: str, key: str) -> Ask | None:
        holds = self._account(fund_id).holds
        live = {name: hold for name, hold in holds.items() if hold.standing == "live"}
        hold_id = self._some(live or holds)
        if hold_id is None:
            return None
        method = self.chance.choice(("bank_transfer", "card", "cash"))
        actor = holds[hold_id].decided_by if self.chance.random() < 0.1 else self._officer()
        return self._to(fund_id, key, Instruct(hold_id, f"p-{key}", method, "payee-1"), actor)

    def _settle(self, fund_id: str, key: str) -> Ask | None:
        """Received wholly or in part, long ago or now, or sent back; also what was settled before."""
        payments = self._account(fund_id).payments
        under_way = {name: paid for name, paid in payments.items() if paid.standing == "instructed"}
        name = self._some(under_way if under_way and self.chance.random() < 0.6 else payments)
        if name is None:
            return None
        if self.chance.random() < 0.3:
            return self._to(fund_id, key, ReturnPayment(name, "account_closed"))
        at = DAWN - timedelta(days=self.chance.choice([0, 0, 5, 40]))
        part_fen = self._amount(payments[name].amount_fen) if self.chance.random() < 0.2 else None
        return self._to(fund_id, key, _handed_over(name, at, part_fen))

    def _after(self, fund_id: str, key: str) -> Ask | None:
        account = self._account(fund_id)
        recovery_id, payment_id = self._some(account.recoveries), self._some(account.payments)
        batch_id = self._some(account.stock)
        commands: list[Command] = []
        if recovery_id is not None:
            owed_fen = account.recoveries[recovery_id].owed_fen
            commands.append(ReceiveRecovery(recovery_id, f"r-{key}", self._amount(owed_fen + 1)))
            how = self.chance.choice(("waived", "offset"))
            commands.append(EndRecovery(recovery_id, f"w-{key}", how, self._amount(owed_fen + 1)))
        if payment_id is not None:
            paid_fen = account.payments[payment_id].amount_fen
            standing = self.chance.choice(("filed", "admitted", "rejected", "borne"))
            commands.append(MarkPapers(payment_id, standing))
            commands.append(OrderRecovery(f"o-{key}", payment_id, self._amount(paid_fen)))
        if batch_id is not None:
            commands.append(IssueGoods(f"h-{key}", batch_id, f"c-{key}", self.chance.randint(1, 4)))
        return self._to(fund_id, key, self.chance.choice(commands)) if commands else None

    # --- by hand

    def _propose(self, fund_id: str, key: str) -> Ask:
        return self._to(fund_id, key, Propose(f"x-{key}", self._act(fund_id), "单据1号"), self._officer())

    def _act(self, fund_id: str) -> Act:
        account = self._account(fund_id)
        acts: list[Act] = [
            CashMoved(direction="withdrawn", amount_fen=self._amount(600)),
            CashMoved(direction="withdrawn", amount_fen=self._amount(600)),
            CashMoved(direction="deposited", amount_fen=self._amount(300)),
            InterestPaid(amount_fen=self._amount(40), source="county"),
            GoodsBought(item="棉被", quantity=self.chance.randint(1, 9), cost_fen=self._amount(400), contract="C-2"),
            OwnMoneyRepaid(amount_fen=self._amount(300), source="county"),
            Correction(about=f"a-first-{fund_id}"),
        ]
        batch_id = self._some(account.stock)
        if batch_id is not None:
            acts.append(PurchaseReversed(about=batch_id))
        recovery_id = self._some(account.recoveries)
        if recovery_id is not None:
            acts.append(RecoveryWaived(recovery_id=recovery_id))
        suspended = self._some({name: paid for name, paid in account.payments.items() if paid.standing == "suspended"})
        if suspended is not None:
            outcome = self.chance.choice(("spent", "came_back", "to_recover"))
            acts.append(SuspenseCleared(payment_id=suspended, outcome=outcome))
        return self.chance.choice(acts)

    def _decide_act(self, fund_id: str, key: str) -> Ask | None:
        act_id = self._some(self._account(fund_id).acts)
        if act_id is None:
            return None
        decided = Approve(act_id) if self.chance.random() < 0.9 else Decline(act_id, "wrong")
        return self._to(fund_id, key, decided, self._officer())

    # --- months

    def _month(self, fund_id: str, key: str) -> Ask:
        month = self.chance.choice(MONTHS)
        command: Command
        match self._account(fund_id).months.get(month):
            case None:
                command = Adjust(month)
            case "closed":
                command = Reopen(month, "late_papers")
            case _:
                command = CheckVouchers(month) if self.chance.random() < 0.5 else self._close(fund_id, month)
        return self._to(fund_id, key, command, self.chance.choice([*OFFICERS, "S-9", "S-9"]))

    def _close(self, fund_id: str, month: str) -> Close:
        return Close(month, _seal(self._account(fund_id).vouchers_of(month)), 0, 0)

    # --- helps

    def _account(self, fund_id: str) -> Account:
        return self.laws.accounts.get(fund_id, Account())

    def _some(self, names: Iterable[str]) -> str | None:
        known = list(names)
        return self.chance.choice(known) if known else None

    def _amount(self, most: int) -> int:
        return self.chance.randint(1, max(1, most))

    def _officer(self) -> str:
        return self.chance.choice(OFFICERS)

    def _to(self, fund_id: str, key: str, command: Command, actor: str = "S-1") -> Ask:
        return self._ask(key, [(fund_id, command)], actor)

    def _all(self, fund_id: str, key: str, commands: Sequence[Command], actor: str) -> Ask:
        return self._ask(key, [(fund_id, command) for command in commands], actor)

    def _ask(self, key: str, parts: Sequence[tuple[str, Command]], actor: str, role: str = "officer") -> Ask:
        """What is told of last year's fund has mostly happened in its year, and else after it."""
        directed = tuple(Directed(fund_stream(fund_id), command) for fund_id, command in parts)
        is_old = parts[0][0] == OLD_FUND and (key.startswith("begin") or self.chance.random() < 0.7)
        at = LAST_DECEMBER if is_old else None
        return Ask(service="ledger", division=COUNTY, parts=directed, actor=actor, role=role, key=key, at=at)


def _handed_over(payment_id: str, at: datetime, amount_fen: int | None = None) -> ConfirmReceived:
    return ConfirmReceived(payment_id, at, "R-1", amount_fen, Slip("payee-1", "S-7"))


def _seal(vouchers: int) -> Seal:
    return Seal(
        position=1, head="0" * 64, vouchers=vouchers, balances=(), tables="0" * 64, key_id="k", signature="AA=="
    )
