"""Entries of double-entry bookkeeping (复式记账) that are balanced, or cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from events.ledger import Line, Method


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
FROM_ABOVE = Origin("200", "备用金拨入—上级补助")
PASSED_ON = Origin("209", "备用金拨出—下级")
UNPAPERED = Use("310", "待核销支出")

CHART: tuple[Asset | Origin | Use, ...] = (
    BANK,
    CASH,
    Asset("110", "额度"),
    Asset("120", "应收—支付退回及待追回"),
    Asset("130", "垫付"),
    Asset("140", "库存物资"),
    FROM_ABOVE,
    Origin("201", "备用金拨入—本级配套"),
    Origin("202", "社会捐赠(定向)"),
    Origin("203", "上年结转"),
    PASSED_ON,
    Use("300", "临时救助支出—急难型现金"),
    Use("301", "临时救助支出—急难型实物"),
    Use("302", "临时救助支出—支出型"),
    UNPAPERED,
    Use("390", "上缴及收回"),
)
"""The chart of accounts (会计科目) of a township's management sub-ledger; it is not the statutory book."""

MONEY: frozenset[str] = frozenset({BANK.code, CASH.code})
"""The accounts whose balances add up to the fund's book balance (账面余额)."""

_PAID_FROM: Mapping[Method, Asset] = MappingProxyType({"bank_transfer": BANK, "cash": CASH})


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines that are posted together (分录). Raises ``Unbalanced`` unless debits equal credits and something moves."""

    summary: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        debit = sum(line.debit_fen for line in self.lines)
        credit = sum(line.credit_fen for line in self.lines)
        if debit != credit or not debit:
            raise Unbalanced(f"debit {debit} fen, credit {credit} fen")


def transfer_in(amount_fen: int) -> Entry:
    """Money has come from above (拨入), in fen."""
    return _transfer("备用金拨入", BANK, FROM_ABOVE, amount_fen)


def transfer_out(amount_fen: int) -> Entry:
    """Money is passed on to a lower level's fund (拨出), in fen. By its types it cannot be expenditure (以拨代支)."""
    return _transfer("备用金拨付乡镇", PASSED_ON, BANK, amount_fen)


def payment(amount_fen: int, method: Method) -> Entry:
    """A household has received money, in fen, whose papers are still to be filed (待核销)."""
    return _expenditure("先行救助支付", UNPAPERED, _PAID_FROM[method], amount_fen)


def payment_returned(amount_fen: int, method: Method) -> Entry:
    """Money that a household had received came back, in fen (退汇): the payment's mirror, printed in red (红字)."""
    return _expenditure("先行救助支付退回", _PAID_FROM[method], UNPAPERED, amount_fen)


def _transfer(summary: str, debit: Asset | Origin, credit: Asset | Origin, amount_fen: int) -> Entry:
    return _pair(summary, debit, credit, amount_fen)


def _expenditure(summary: str, debit: Asset | Use, credit: Asset | Use, amount_fen: int) -> Entry:
    return _pair(summary, debit, credit, amount_fen)


def _pair(summary: str, debit: _Account, credit: _Account, amount_fen: int) -> Entry:
    return Entry(
        summary,
        (Line(account=debit.code, debit_fen=amount_fen), Line(account=credit.code, credit_fen=amount_fen)),
    )
