"""Relief's story: a case is opened and accepted, an advance decided, the household relieved; papers follow."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public, Sealed
from events.relief_after import AfterFact
from events.relief_approval import ApprovalFact
from events.relief_fast import FastFact
from events.relief_inquiry import InquiryFact
from events.relief_persons import PersonFact
from events.relief_referral import ReferralFact
from events.relief_words import Contacts, Goods, HandedOver, MakeUpTerm, PolicyBasis, advance_claim, first_help
from events.words import (
    Cause,
    Channel,
    Code,
    County,
    Fen,
    Id,
    Identity,
    PositiveFen,
    Pseudonym,
    Sha256,
    StaffId,
    Township,
    Urgency,
)


class CaseOpened(Public, name="relief.case_opened"):
    """The county where the need arose has opened a case (个案)."""

    case_id: Id
    report_id: Id
    county: County
    township: Township
    cause: Cause
    urgency: Urgency
    persons: int
    identity: Identity
    person: Pseudonym | None
    name: Sealed | None
    reported_at: AwareDatetime
    channel: Channel | None = None
    """Where the report came in: an order of the hotline has clocks of its own."""
    due_at: AwareDatetime | None = None
    """The hotline's own deadline for its order, kept as it was sent."""
    came_from: HandedOver | None = None
    """Another county had the need before, and handed it over."""


class ReportLinked(Public, name="relief.report_linked"):
    """Another report of the same need joins the case; an earlier one moves the clocks' start."""

    case_id: Id
    report_id: Id
    reported_at: AwareDatetime
    channel: Channel | None = None
    due_at: AwareDatetime | None = None
    accepted_at: AwareDatetime | None = None
    """The township had taken the case on before: this reporter is told now."""
    relieved_at: AwareDatetime | None = None
    """The household had help in hand before: this reporter is told now."""
    came_from: HandedOver | None = None
    """Another county had this report before, and handed it over."""


class CaseAccepted(Public, name="relief.case_accepted"):
    """The township has taken the case on (受理). A fact's ``occurred_at`` is when."""

    case_id: Id
    report_ids: tuple[Id, ...]
    """Who is to be told."""
    accepted_by: StaffId


class HouseholdContacted(Public, name="relief.household_contacted"):
    """Somebody tried to speak to the household (联系); the hotline's closure form asks for it."""

    case_id: Id
    contacted_by: StaffId
    reached: bool
    contacted_at: AwareDatetime
    report_ids: tuple[Id, ...] = ()


class AdvanceDecided(Public, name="relief.advance_decided"):
    """The township decides help before paperwork (先行救助), inside its own limit. Ledger reserves ``amount_fen``."""

    case_id: Id
    decision_id: Id
    county: County
    township: Township
    fund_id: Id
    amount_fen: Fen
    goods: tuple[Goods, ...] = ()
    person: Pseudonym | None
    cause: Cause
    decided_by: StaffId
    basis: PolicyBasis
    by_county: bool = False
    """The county decided by itself: there is nothing to put on its file."""
    ahead_of_expense: bool = False
    """It pays what the household is yet to spend (先期垫付), and not what the event has cost."""
    hold_id: Id | None = None
    """Under which number ledger is to hold it; none is the decision's own. Two funds never hold one number."""
    although_helped: bool = False
    """Another case gave the person help first for this incident; the household says who allowed more, and why."""
    report_ids: tuple[Id, ...] = ()

    def takes(self) -> tuple[str, ...]:
        """One advance per person and open incident in a county: a further one that was allowed takes nothing of it."""
        return first_help(self.person, self.cause, self.decision_id, although_helped=self.although_helped)


class AdvanceDeclined(Public, name="relief.advance_declined"):
    """No advance as asked: over the township's limit, or the person has one for this incident. The case goes on."""

    case_id: Id
    decision_id: Id
    reason: Code
    asked_fen: Fen
    basis: PolicyBasis
    decided_by: StaffId
    ahead_of_expense: bool = False


class AdvanceLetGo(Public, name="relief.advance_let_go"):
    """An advance that is not paid yet is not to be paid any more; ledger says whether it was in time."""

    case_id: Id
    decision_id: Id
    fund_id: Id
    reason: Code
    hold_id: Id | None = None
    """The number of the hold, where it is not the decision's own."""
    person: Pseudonym | None = None
    """Who may have an advance again: given where ledger held nothing for it, and nothing else of the case stands."""
    cause: Cause | None = None

    def releases(self) -> tuple[str, ...]:
        """Where no money is held, nobody else says that the person's incident is free again."""
        return () if self.person is None or self.cause is None else (advance_claim(self.person, self.cause),)


class FundsReserved(Fact, name="relief.funds_reserved"):
    """Ledger holds the money for this decision."""

    case_id: Id
    decision_id: Id
    amount_fen: PositiveFen


class FundsShort(Fact, name="relief.funds_short"):
    """The fund could not hold the amount (备用金不足). The case and its clocks go on: never refused for this alone."""

    case_id: Id
    decision_id: Id
    available_fen: Fen
    shortfall_fen: PositiveFen


class AdvanceVoided(Fact, name="relief.advance_voided"):
    """Ledger let the hold go before it was paid (释放): the decision stands no longer."""

    case_id: Id
    decision_id: Id
    amount_fen: PositiveFen
    reason: Code
    person: Pseudonym | None
    """Who may have an advance again: given where nothing else of the case stands."""
    cause: Cause

    def releases(self) -> tuple[str, ...]:
        """Without any advance left, the person's incident is free again."""
        return () if self.person is None else (advance_claim(self.person, self.cause),)


class HouseholdRelieved(Public, name="relief.household_relieved"):
    """The household has the money or the goods in hand: this stops the advance clock."""

    case_id: Id
    report_ids: tuple[Id, ...]
    decision_id: Id
    amount_fen: Fen
    goods: tuple[Goods, ...] = ()
    relieved_at: AwareDatetime
    payment_id: Id | None = None
    """Ledger's payment; none for goods."""
    fund_id: Id | None = None
    """The fund that paid; none for goods."""


class ReliefCameBack(Public, name="relief.relief_came_back"):
    """A payment was returned (退汇): the clock runs on from its first start, and the money is paid anew."""

    case_id: Id
    report_ids: tuple[Id, ...]
    decision_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    reason: Code


class PaperworkDebtOpened(Public, name="relief.paperwork_debt_opened"):
    """Papers are owed for help that came first (待补手续), until the end of ``due_on`` in Asia/Shanghai."""

    case_id: Id
    debt_id: Id
    papers: tuple[Code, ...]
    due_on: date
    clause: str = Field(max_length=200)
    provisional: bool = False
    """The working-day calendar of that year was not published yet."""
    relieved_at: AwareDatetime | None = None
    """From when on it is counted."""
    term: MakeUpTerm | None = None
    """By what it is counted again, should it turn out to begin on another day."""
    report_ids: tuple[Id, ...] = ()


class PaperworkDebtMoved(Public, name="relief.paperwork_debt_moved"):
    """Papers are owed until another day: the emergency is over, or the help came on another day than was known."""

    case_id: Id
    debt_id: Id
    due_on: date
    provisional: bool
    relieved_at: AwareDatetime
    report_ids: tuple[Id, ...] = ()


class PaperworkDebtLifted(Fact, name="relief.paperwork_debt_lifted"):
    """The household has nothing of the help any more (退回): no papers are owed for it."""

    case_id: Id
    debt_id: Id


class PaperFiled(Fact, name="relief.paper_filed"):
    """One of the owed papers is on file; ``sha256`` names the document."""

    case_id: Id
    debt_id: Id
    paper: Code
    sha256: Sha256
    filed_by: StaffId


class PaperworkDebtClosed(Fact, name="relief.paperwork_debt_closed"):
    """All papers of a debt are on file (补齐)."""

    case_id: Id
    debt_id: Id


class ReviewRaised(Fact, name="relief.review_raised"):
    """Something that a person must look at (复核), by what it is about; no decision changes by itself."""

    case_id: Id
    about: Id
    reason: Code


class CaseClosed(Public, name="relief.case_closed"):
    """The case is done (办结). Each linked report gets its answer; a debt of paperwork lives on."""

    case_id: Id
    report_ids: tuple[Id, ...]
    outcome: Literal["relieved", "not_relieved"]
    handling: str = Field(max_length=500)
    """What was done, in Chinese, as the hotline may publish it: no name, no amount, no diagnosis."""
    contacted_at: AwareDatetime | None
    relieved_at: AwareDatetime | None
    closed_by: StaffId
    person: Pseudonym | None
    """Whose claim becomes free: given where this case holds it."""
    cause: Cause
    clauses: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """What its decisions stood on (政策依据), as published."""
    contacts: Contacts = ()

    def releases(self) -> tuple[str, ...]:
        """A later incident of the same person may have its own advance."""
        return () if self.person is None else (advance_claim(self.person, self.cause),)


OwnFact = (
    CaseOpened
    | ReportLinked
    | CaseAccepted
    | HouseholdContacted
    | AdvanceDecided
    | AdvanceDeclined
    | AdvanceLetGo
    | FundsReserved
    | FundsShort
    | AdvanceVoided
    | HouseholdRelieved
    | ReliefCameBack
    | PaperworkDebtOpened
    | PaperworkDebtMoved
    | PaperworkDebtLifted
    | PaperFiled
    | PaperworkDebtClosed
    | ReviewRaised
    | CaseClosed
)
StepFact = ApprovalFact | InquiryFact | FastFact | AfterFact | ReferralFact | PersonFact
CaseFact = OwnFact | StepFact
"""Everything that happens in a case; what is not told here stands in the other modules of relief's story."""
