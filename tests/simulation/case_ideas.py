"""What officers make up: commands for relief's cases, sensible or not, from the cases as they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from events.policy import PolicyPublished
from events.relief import Goods, advance_claim
from events.relief_words import decision_claim
from events.rules import AdvanceRule, MakeUpRule, TownshipLimit
from services.chassis.unit import Directed
from services.ledger.ids import fund_id_of
from services.relief.case_commands import (
    AcceptCase,
    CaseCommand,
    CloseCase,
    DecideAdvance,
    HandOverGoods,
    RecordContact,
)
from services.relief.case_state import Case
from services.relief.policy import resolve
from services.relief.steps.case_file import stream_of
from services.relief.working_days import Calendar
from tests.simulation.asks import COUNTIES, YEAR, Ask
from tests.simulation.books import Books

_MOST_FEN = 5_000
PUBLISHED = PolicyPublished(
    set_id="simulated",
    division="000000",
    title="模拟",
    effective_from=date(2020, 1, 1),
    advance=AdvanceRule(length=24, unit="hour", modal="must", start="reported", clause="模拟一"),
    township_limit=TownshipLimit(limit_fen=_MOST_FEN, inclusive=True, scope="case", clause="模拟二"),
    make_up=MakeUpRule(length=5, unit="working_day", papers=("cause", "amount"), clause="模拟三"),
)
_POLICY = resolve([PUBLISHED], COUNTIES[0], date(YEAR, 11, 2))
_CALENDAR = Calendar(years=frozenset({YEAR}))
_OFFICERS = ("S-1", "S-2", "S-3")
_AMOUNTS_FEN = (0, 700, 700, 1_900, 1_900, 5_200)
_QUILTS = (Goods(item="棉被", quantity=2, cost_fen=900),)


@dataclass(frozen=True, slots=True)
class CaseIdeas:
    """Knows the cases of each county, by id, and the books."""

    chance: Random
    cases: Mapping[str, Mapping[str, Case]]
    books: Books

    def next(self, key: str) -> Ask | None:
        """The next command."""
        cases = list(self.cases[self.chance.choice(COUNTIES)].values())
        if not cases:
            return None
        case = self.chance.choice(cases)
        if case.accepted_at is None:
            return self._to(case, key, AcceptCase())
        ideas: list[Callable[[Case, str], CaseCommand]] = [
            *[self._advance] * 4,
            lambda case, key: RecordContact(self.chance.random() < 0.7),
            lambda case, key: HandOverGoods(self.chance.choice([*case.decisions, "none"]), _POLICY, _CALENDAR),
            *[self._close] * 2,
        ]
        return self._to(case, key, self.chance.choice(ideas)(case, key))

    def _advance(self, case: Case, key: str) -> CaseCommand:
        """A new decision, or one that the fund was too short for, given again with no more money."""
        fund_id = fund_id_of(self.chance.choice([case.opened.township, case.opened.county]), YEAR)
        short = [(name, known) for name, known in case.decisions.items() if known.standing == "short"]
        if short and self.chance.random() < 0.5:
            name, known = self.chance.choice(short)
            return DecideAdvance(name, fund_id, self.chance.randint(1, known.amount_fen), known.goods, _POLICY)
        goods = _QUILTS if self.chance.random() < 0.2 else ()
        all_there_is = min(self.books.available(fund_id), _MOST_FEN)
        amount_fen = self.chance.choice([*_AMOUNTS_FEN, all_there_is, all_there_is])
        return DecideAdvance(f"decision-{key}", fund_id, amount_fen, goods, _POLICY)

    def _close(self, case: Case, key: str) -> CaseCommand:
        return CloseCase("relieved" if case.reliefs else "not_relieved")

    def _to(self, case: Case, key: str, command: CaseCommand) -> Ask:
        person = case.opened.person
        asks = () if person is None else (advance_claim(person, case.opened.cause), *_decided(command))
        return self._ask(case.opened.county, key, Directed(stream_of(case.case_id), command, asks))

    def _ask(self, county: str, key: str, directed: Directed) -> Ask:
        officer = self.chance.choice(_OFFICERS)
        return Ask(service="relief", division=county, parts=(directed,), actor=officer, key=key)


def _decided(command: CaseCommand) -> tuple[str, ...]:
    return (decision_claim(command.decision_id),) if isinstance(command, DecideAdvance) else ()
