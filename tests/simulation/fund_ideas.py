"""What cashiers make up: commands for ledger's funds, sensible or not, from the books as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from services.chassis.unit import Directed
from services.ledger.fund_commands import (
    CloseAllocation,
    Command,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    SendAllocation,
    Transfer,
)
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Void
from services.ledger.ids import fund_id_of, fund_stream
from tests.simulation.asks import COUNTIES, YEAR, Ask, township_of
from tests.simulation.books import Books, HoldBook, PaymentBook
from tests.simulation.faulty_store import POISON
from tests.simulation.process import DAWN

_CASHIERS = ("C-1", "C-2")

Named = tuple[str, HoldBook]
"""A hold, by its id."""


@dataclass(frozen=True, slots=True)
class FundIdeas:
    """Knows the books."""

    chance: Random
    books: Books

    def first(self) -> Sequence[Ask]:
        """How the counties' books begin."""
        opened = [self._open(county, f"{key}-{county}") for key in ("open", "reopen") for county in COUNTIES]
        return [*opened, *(self._feed(county, f"first-{county}") for county in COUNTIES)]

    def next(self, key: str) -> Ask | None:
        """The next command."""
        county = self.chance.choice(COUNTIES)
        ideas = [self._feed, self._allocate, *[self._pay] * 4, *[self._settle] * 4, self._void]
        return self.chance.choice(ideas if self._holds(county) else ideas[:2])(county, key)

    def nothing_new(self, key: str) -> Ask:
        """What has been done already: it comes to nothing but an answer."""
        return self._open(self.chance.choice(COUNTIES), key)

    def _open(self, county: str, key: str) -> Ask:
        fund_id = fund_id_of(county, YEAR)
        return self._to(county, key, fund_id, OpenFund(fund_id, county, None, YEAR))

    def _feed(self, county: str, key: str) -> Ask:
        document = POISON if self.chance.random() < 0.3 else "1号"
        command = ReceiveAppropriation(f"a-{key}", self.chance.randint(1_000, 9_000), "province", document)
        return self._to(county, key, fund_id_of(county, YEAR), command)

    def _allocate(self, county: str, key: str) -> Ask:
        sender, receiver = fund_id_of(county, YEAR), fund_id_of(township_of(county), YEAR)
        transfer = Transfer(f"t-{key}", sender, receiver, self.chance.randint(500, 5_000), "province", "2号")
        parts = (
            Directed(fund_stream(sender), SendAllocation(transfer)),
            Directed(fund_stream(receiver), OpenFund(receiver, county, township_of(county), YEAR)),
            Directed(fund_stream(receiver), ReceiveAllocation(transfer)),
            Directed(fund_stream(sender), CloseAllocation(transfer)),
        )
        return Ask(service="ledger", division=county, parts=parts, actor="F-1", key=key)

    def _pay(self, county: str, key: str) -> Ask:
        holds = self._holds(county)
        live = [known for known in holds if known[1].standing == "live"]
        name, hold = self.chance.choice(live or holds)
        command = Instruct(name, f"p-{key}", "card" if self.chance.random() < 0.5 else "bank_transfer", "payee-1")
        actor = hold.decided_by if self.chance.random() < 0.1 else self.chance.choice(_CASHIERS)
        return self._to(county, key, hold.fund_id, command, actor)

    def _settle(self, county: str, key: str) -> Ask | None:
        payments = [(name, paid) for name, paid in self.books.payments.items() if self._hold(paid).division == county]
        if not payments:
            return None
        name, paid = self.chance.choice(payments)
        comes_back = self.chance.random() < (0.9 if paid.standing == "received" else 0.2)
        command = ReturnPayment(name, "account_closed") if comes_back else ConfirmReceived(name, DAWN, "R-1")
        return self._to(county, key, self._hold(paid).fund_id, command)

    def _void(self, county: str, key: str) -> Ask:
        name, hold = self.chance.choice(self._holds(county))
        return self._to(county, key, hold.fund_id, Void(name, "not_needed"))

    def _hold(self, payment: PaymentBook) -> HoldBook:
        return self.books.holds[payment.hold_id]

    def _holds(self, county: str) -> list[Named]:
        return [(name, hold) for name, hold in self.books.holds.items() if hold.division == county]

    def _to(self, county: str, key: str, fund_id: str, command: Command, actor: str = "F-1") -> Ask:
        directed = Directed(fund_stream(fund_id), command)
        return Ask(service="ledger", division=county, parts=(directed,), actor=actor, key=key)
