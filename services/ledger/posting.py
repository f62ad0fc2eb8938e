"""Entries of double-entry bookkeeping (复式记账) that are balanced, source by source, or cannot be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from events.ledger import Draw, Line, Method, Source


class Unbalanced(AssertionError):
    """An entry whose debits are not its credits: a bug of ours, never a user's mistake."""


@dataclass(frozen=True, slots=True)
class _Account:
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Asset(_Account):
    """What the fund has, or is owed (1xx)."""


@dataclass(frozen=True, slots=True)
class Origin(_Account):
    """Where the fund's money came from and what was passed on (2xx, 拨入与拨出): transfers, never expenditure."""


@dataclass(frozen=True, slots=True)
class Use(_Account):
    """What households received (3xx, 支出)."""


BANK = Asset("100", "银行存款—临时救助备用金专户")
CASH = Asset("101", "库存现金")
OWED = Asset("120", "应收—支付退回及待追回")
ADVANCED = Asset("130", "垫付")
STOCK = Asset("140", "库存物资")
IN_TRANSIT = Asset("150", "拨付在途资金")
SUSPENSE = Asset("160", "待查款项")
FROM_ABOVE = Origin("200", "备用金拨入—上级补助")
MATCHED = Origin("201", "备用金拨入—本级配套")
DONATED = Origin("202", "社会捐赠(定向)")
CARRIED = Origin("203", "上年结转")
INTEREST = Origin("205", "利息收入")
PASSED_ON = Origin("209", "备用金拨出—下级")
SPENT = Use("300", "临时救助支出—急难型现金")
GIVEN = Use("301", "临时救助支出—急难型实物")
UNPAPERED = Use("310", "待核销支出")
RECOVERED = Use("390", "上缴及收回")

CHART: tuple[Asset | Origin | Use, ...] = (
    BANK,
    CASH,
    Asset("110", "额度"),
    OWED,
    ADVANCED,
    STOCK,
    IN_TRANSIT,
    SUSPENSE,
    FROM_ABOVE,
    MATCHED,
    DONATED,
    CARRIED,
    INTEREST,
    PASSED_ON,
    SPENT,
    GIVEN,
    Use("302", "临时救助支出—支出型"),
    UNPAPERED,
    RECOVERED,
)
"""The chart of accounts (会计科目) of a township's management sub-ledger; it is not the statutory book."""

MONEY: frozenset[str] = frozenset({BANK.code, CASH.code})
"""The accounts whose balances add up to the fund's book balance (账面余额)."""

FUNCTIONAL, ECONOMIC = "2082001", "50901"
"""临时救助支出 among the functions, 社会福利和救助 among the economic classes of the budget."""

NOT_FISCAL: frozenset[Source] = frozenset({"relief_fund", "donation", "township_own"})
"""Sources outside the budget: what they pay bears no budget codes."""

_EXPENDITURE = frozenset({SPENT.code, GIVEN.code, UNPAPERED.code})

_PAID_FROM: Mapping[Method, Asset] = MappingProxyType({"bank_transfer": BANK, "card": BANK, "cash": CASH})

_CAME_AS: Mapping[Source, Origin] = MappingProxyType(
    {
        "central": FROM_ABOVE,
        "province": FROM_ABOVE,
        "city": FROM_ABOVE,
        "county": FROM_ABOVE,
        "local_match": MATCHED,
        "relief_fund": DONATED,
        "donation": DONATED,
        "carried_over": CARRIED,
        "township_own": MATCHED,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines that are posted together (分录). Raises ``Unbalanced`` unless each source's debits equal its credits."""

    summary: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        over_fen = dict.fromkeys([line.source for line in self.lines], 0)
        for line in self.lines:
            over_fen[line.source] += line.debit_fen - line.credit_fen
        debit_fen = sum([line.debit_fen for line in self.lines])
        if any(over_fen.values()) or not debit_fen:
            raise Unbalanced(f"debit {debit_fen} fen, credit {debit_fen - sum(over_fen.values())} fen")

    def reversed(self, summary: str) -> "Entry":
        """The entry taken back (红字冲销): its mirror, which is printed in red."""
        lines = (
            line.model_copy(update={"debit_fen": line.credit_fen, "credit_fen": line.debit_fen})
            for line in reversed(self.lines)
        )
        return Entry(summary, tuple(lines))

    def and_also(self, other: "Entry") -> "Entry":
        """Both entries in one voucher, under the summary of this one."""
        return Entry(self.summary, (*self.lines, *other.lines))


def paid_in(draws: Sequence[Draw]) -> Entry:
    """Money has come to a fund from outside (拨入), each source against its own account."""
    lines = (line for draw in draws for line in _transfer("", BANK, _CAME_AS[draw.source], (draw,)).lines)
    return Entry("备用金拨入", tuple(lines))


def sent(draws: Sequence[Draw]) -> Entry:
    """Money is on its way to another fund (拨付在途). By its types it cannot be expenditure (以拨代支)."""
    return _transfer("备用金拨付在途", IN_TRANSIT, BANK, draws)


def arrived(draws: Sequence[Draw]) -> Entry:
    """What was on its way has been taken in over there (拨出)."""
    return _transfer("备用金拨付到账", PASSED_ON, IN_TRANSIT, draws)


def received(draws: Sequence[Draw]) -> Entry:
    """Another fund's money has come in (拨入)."""
    return _transfer("备用金拨入", BANK, FROM_ABOVE, draws)


def own_money(draws: Sequence[Draw], *, repayable: bool) -> Entry:
    """The township's own money has come in (乡镇垫付): borne by it, or owed to it."""
    return _transfer("乡镇自筹垫付", BANK, ADVANCED if repayable else MATCHED, draws)


def interest(draws: Sequence[Draw]) -> Entry:
    """Interest of the account (利息)."""
    return _transfer("账户利息", BANK, INTEREST, draws)


def carried_in(draws: Sequence[Draw], owed_fen: int = 0) -> Entry:
    """What last year's fund had left (上年结转), and what it owed to the township."""
    return Entry("上年结转", (*_sides(BANK, CARRIED, draws), *_sides(CARRIED, ADVANCED, _own(owed_fen))))


def opened_with(draws: Sequence[Draw], cash_fen: int = 0) -> Entry:
    """What the fund had before its books began here (期初余额), each source against what it came as, cash apart."""
    cash = cash_moved(cash_fen, withdrawn=True).lines if cash_fen else ()
    return Entry("期初余额", (*paid_in(draws).lines, *cash))


def carried_out(draws: Sequence[Draw], owed_fen: int = 0) -> Entry:
    """What is left goes into next year's fund (年终结转), and with it what is owed to the township."""
    return Entry("年终结转下年", (*_sides(PASSED_ON, BANK, draws), *_sides(ADVANCED, PASSED_ON, _own(owed_fen))))


def cash_moved(amount_fen: int, *, withdrawn: bool) -> Entry:
    """Cash from the bank into the box, or back (提现, 交存); of no source, for it stays the fund's money."""
    debit, credit = (CASH, BANK) if withdrawn else (BANK, CASH)
    return Entry(
        "提取现金" if withdrawn else "交存现金",
        (Line(account=debit.code, debit_fen=amount_fen), Line(account=credit.code, credit_fen=amount_fen)),
    )


def handed_back(draws: Sequence[Draw], owed_fen: int = 0) -> Entry:
    """What is left goes back to the county (上缴); what is owed to the township, into next year's fund."""
    return Entry("年终上缴", (*_sides(RECOVERED, BANK, draws), *_sides(ADVANCED, PASSED_ON, _own(owed_fen))))


def payment(draws: Sequence[Draw], method: Method) -> Entry:
    """A household has received money whose papers are still to be filed (待核销)."""
    return _expenditure("先行救助支付", UNPAPERED, _PAID_FROM[method], draws)


def papers_moved(draws: Sequence[Draw], debit: Asset | Use, credit: Asset | Use) -> Entry:
    """Papers change where an advance stands (核销): filed, not admitted (不予列支), admitted after all, or borne."""
    return _expenditure("先行救助手续核销", debit, credit, draws)


def recovery_ordered(draws: Sequence[Draw]) -> Entry:
    """A household must give back (追回): owed, not yet in."""
    return _expenditure("应追回救助金", OWED, RECOVERED, draws)


def recovery_received(draws: Sequence[Draw]) -> Entry:
    """A household has given back (追回入账)."""
    return _expenditure("追回救助金入账", BANK, OWED, draws)


def suspended(draws: Sequence[Draw]) -> Entry:
    """The bank has paid what was not held (待查)."""
    return _expenditure("无占用支付待查", SUSPENSE, BANK, draws)


def suspense_cleared(draws: Sequence[Draw], debit: Asset | Use) -> Entry:
    """It is known what it was."""
    return _expenditure("待查款项处理", debit, SUSPENSE, draws)


def goods_bought(draws: Sequence[Draw]) -> Entry:
    """Goods for the stock (采购物资)."""
    return _expenditure("采购救助物资", STOCK, BANK, draws)


def goods_issued(draws: Sequence[Draw]) -> Entry:
    """Goods in a household's hands (实物发放), at cost."""
    return _expenditure("发放救助物资", GIVEN, STOCK, draws)


def own_money_repaid(draws: Sequence[Draw]) -> Entry:
    """The township is paid back; what its money had paid is now paid by the source that pays it back."""
    amount_fen = sum(draw.amount_fen for draw in draws)
    own = (Draw(source="township_own", amount_fen=amount_fen),)
    return _expenditure("归还乡镇垫付", UNPAPERED, BANK, draws).and_also(_expenditure("", ADVANCED, UNPAPERED, own))


def _transfer(summary: str, debit: Asset | Origin, credit: Asset | Origin, draws: Sequence[Draw]) -> Entry:
    return _pairs(summary, debit, credit, draws)


def _expenditure(summary: str, debit: Asset | Use, credit: Asset | Use, draws: Sequence[Draw]) -> Entry:
    return _pairs(summary, debit, credit, draws)


def _pairs(summary: str, debit: _Account, credit: _Account, draws: Sequence[Draw]) -> Entry:
    return Entry(summary, _sides(debit, credit, draws))


def _own(amount_fen: int) -> Sequence[Draw]:
    return (Draw(source="township_own", amount_fen=amount_fen),) if amount_fen else ()


def _sides(debit: _Account, credit: _Account, draws: Sequence[Draw]) -> tuple[Line, ...]:
    """Debit and credit of each source."""
    left = (_line(debit, draw.source, debit_fen=draw.amount_fen) for draw in draws)
    right = (_line(credit, draw.source, credit_fen=draw.amount_fen) for draw in draws)
    return (*left, *right)


def _line(account: _Account, source: Source, *, debit_fen: int = 0, credit_fen: int = 0) -> Line:
    coded = account.code in _EXPENDITURE and source not in NOT_FISCAL
    return Line(
        account=account.code,
        debit_fen=debit_fen,
        credit_fen=credit_fen,
        source=source,
        functional=FUNCTIONAL if coded else None,
        economic=ECONOMIC if coded else None,
    )
