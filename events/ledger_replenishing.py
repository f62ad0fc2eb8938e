"""A fund asks for more (补充备用金): drafted from the books, signed desk by desk, answered by money."""

from typing import Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Value
from events.ledger_words import Text, VoucherRef
from events.words import Code, Fen, Id, PositiveFen, StaffId, Township

Cause = Literal["below_line", "expected_need", "emergency"]
"""Why it is asked for (触发原因): 低于阈值, 预计需求 or 突发事件."""

Desk = Literal["township_leader", "county_civil_affairs", "county_finance"]
"""Who signs: 分管领导, 县民政局, 县财政局. Each a different person, and none of them who has asked."""


class FundFigures(Value):
    """What the books say of a fund at one moment: the figures of its request. Amounts in fen."""

    quota_fen: Fen
    """核定额度; a township's own where the county pays for it (mode C)."""
    allocated_fen: Fen
    """已拨累计: what has come in this year, carried over included."""
    used_fen: Fen
    """已用累计: what households have received, goods at cost."""
    unpapered_fen: Fen
    """待核销: of that, what nobody has filed papers for."""
    unsettled_fen: Fen
    """Of that, what has papers that the county has not admitted."""
    book_fen: Fen
    """账面余额."""
    reserved_fen: Fen
    """占用: of that, what is promised."""
    available_fen: Fen
    """当前可用余额."""
    pending_fen: Fen
    """What was asked for before and has not come in."""
    expected_fen: Fen
    """预计需求: what was received in the days looked back on, by the day, for the days ahead, rounded up."""
    payments: int = Field(ge=0)
    """支出笔数: how many payments have been received."""
    overdue: int = Field(ge=0)
    """逾期笔数: how many of them are without papers for longer than the terms allow."""


class ReplenishmentDrafted(Fact, name="ledger.replenishment_drafted"):
    """A request for more money (申请单) is drafted: when the balance fell below its line, by hand, or for a case."""

    fund_id: Id
    request_id: Id
    """申请单号: the fund's id and the request's number in it."""
    cause: Cause
    figures: FundFigures
    amount_fen: PositiveFen
    """What the figures come to; for an emergency what is missing."""
    hold_id: Id | None = None
    case_id: Id | None = None
    """The case that found the fund short."""
    township: Township | None = None
    """Whose quota is to be raised: mode C."""
    due_at: AwareDatetime | None = None
    """By when an emergency is to be answered."""


class ReplenishmentSubmitted(Fact, name="ledger.replenishment_submitted"):
    """Township finance has handed a request in (申请); for an emergency the officer who chose that remedy."""

    fund_id: Id
    request_id: Id
    figures: FundFigures
    amount_fen: PositiveFen
    submitted_by: StaffId


class ReplenishmentSigned(Fact, name="ledger.replenishment_signed"):
    """A desk agrees, to the whole or to less. With the county's finance desk it is granted (批复)."""

    fund_id: Id
    request_id: Id
    desk: Desk
    amount_fen: PositiveFen
    opinion: Text = ""
    document: Text = ""
    """批复文号; of the last desk only. The money comes under it."""
    signed_by: StaffId


class ReplenishmentDeclined(Fact, name="ledger.replenishment_declined"):
    """A request is refused, set aside by the township itself, or closed by the county though granted (办结).

    ``hold_let_go``: nobody needs any more what was asked for urgently.
    """

    fund_id: Id
    request_id: Id
    reason: Code
    declined_by: StaffId


class ReplenishmentArrived(Fact, name="ledger.replenishment_arrived"):
    """Money, or quota, has come under the document that granted a request (到账)."""

    fund_id: Id
    request_id: Id
    amount_fen: PositiveFen
    move_id: Id | None = None
    """The allocation or appropriation; none for quota."""
    voucher: VoucherRef | None = None
    """到账凭证号."""


ReplenishmentFact = (
    ReplenishmentDrafted | ReplenishmentSubmitted | ReplenishmentSigned | ReplenishmentDeclined | ReplenishmentArrived
)
