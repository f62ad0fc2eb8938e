"""Relief's story, afterwards: the county looks again, money is owed back, a refusal is delivered, a case ends early."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public
from events.relief_words import advance_claim
from events.words import Cause, Code, County, Fen, Id, PositiveFen, Pseudonym, Sha256, StaffId, Township

Finding = Literal["eligible", "ineligible_in_good_faith", "fraud"]
"""符合条件; 不符合条件但无过错; 骗取."""


class FilingReceived(Fact, name="relief.filing_received"):
    """The county has a delegated decision on file (备案)."""

    case_id: Id
    decision_id: Id
    received_by: StaffId


class CountyOverrode(Public, name="relief.county_overrode"):
    """The county decides otherwise than the township did (县级变更), whose decision is not erased."""

    case_id: Id
    override_id: Id
    decision_id: Id
    decided_fen: Fen
    to_fen: Fen
    reason: Code
    decided_by: StaffId


class SampleDrawn(Fact, name="relief.sample_drawn"):
    """The case is among those that the county looks at again (抽查)."""

    case_id: Id
    sample_id: Id
    drawn_by: StaffId


class PostReviewConcluded(Fact, name="relief.post_review_concluded"):
    """What a look afterwards has found (事后审核). Fraud is what its authority decided, never decided here."""

    case_id: Id
    review_id: Id
    finding: Finding
    document: str = Field(max_length=80)
    barred_until: date | None
    """Until when a new application is not accepted, after fraud."""
    concluded_by: StaffId


class DebtJudged(Fact, name="relief.debt_judged"):
    """The county has decided about papers that never came: admitted without them, or refused (待核销处理)."""

    case_id: Id
    debt_id: Id
    outcome: Literal["admitted", "refused"]
    reason: Code
    judged_by: StaffId


class RecoveryOrdered(Public, name="relief.recovery_ordered"):
    """The household is to give money back (追回), in fen, under a decision of the county.

    It is owed of one payment, to the fund that paid it, whose books keep the claim; or of goods, which no fund claims.
    """

    case_id: Id
    recovery_id: Id
    decision_id: Id
    amount_fen: PositiveFen
    reason: Code
    ordered_by: StaffId
    basis: str = Field(default="", max_length=120)
    """The document or clause that it stands on (依据)."""
    fund_id: Id | None = None
    payment_id: Id | None = None


class RecoverySettled(Public, name="relief.recovery_settled"):
    """Some of what is to come back is received, waived, or offset against later relief (收回、免除、抵扣).

    ``returned``: the bank has sent the payment itself back (退汇), and that much is owed no more. ``declined``: ledger
    cannot claim it. What is waived or offset, one officer has proposed and another confirmed.
    """

    case_id: Id
    recovery_id: Id
    settlement_id: Id
    how: Literal["received", "waived", "offset", "returned", "declined"]
    amount_fen: PositiveFen
    settled_by: StaffId
    proposed_by: StaffId | None = None
    fund_id: Id | None = None
    """The fund whose claim it is."""
    left_fen: Fen | None = None
    """What is still owed after it."""


class WaiverProposed(Fact, name="relief.waiver_proposed"):
    """An officer proposes to waive or to offset some of what is owed back (拟免予追回): nothing has changed yet."""

    case_id: Id
    recovery_id: Id
    settlement_id: Id
    how: Literal["waived", "offset"]
    amount_fen: PositiveFen
    reason: Code
    proposed_by: StaffId


class WaiverDeclined(Fact, name="relief.waiver_declined"):
    """Another officer does not confirm it: what is owed stays owed."""

    case_id: Id
    recovery_id: Id
    settlement_id: Id
    declined_by: StaffId


class ReliefRefused(Public, name="relief.relief_refused"):
    """No relief (不予救助), with its reason in writing. The claim of the person becomes free."""

    case_id: Id
    report_ids: tuple[Id, ...]
    reason: Code
    letter_sha256: Sha256
    refused_by: StaffId
    person: Pseudonym | None
    cause: Cause

    def releases(self) -> tuple[str, ...]:
        """Nothing is held for a refused person."""
        return () if self.person is None else (advance_claim(self.person, self.cause),)


class ReportLeft(Fact, name="relief.report_left"):
    """A report has left the county: another has it now (转出), its hotline got it back (退单), or it was void (作废).

    With the last of them the need is no longer this county's: what is not paid is let go, the person's claim is free.
    """

    case_id: Id
    report_id: Id
    how: Literal["transferred", "returned", "voided"]
    to_county: County | None
    to_case: Id | None
    """The case in which the other county goes on."""
    is_last: bool
    person: Pseudonym | None
    """Whose claim becomes free; nobody's where the household has help from here."""
    cause: Cause

    def releases(self) -> tuple[str, ...]:
        """The other county decides who is helped first."""
        return () if self.person is None else (advance_claim(self.person, self.cause),)


class LetterDelivered(Fact, name="relief.letter_delivered"):
    """A written decision reached the household (送达), and how."""

    case_id: Id
    letter_sha256: Sha256
    how: Literal["in_person", "post", "left_at_home", "public_notice"]
    delivered_at: AwareDatetime


class ReconsiderationNoted(Fact, name="relief.reconsideration_noted"):
    """The household has asked for reconsideration or gone to court (行政复议、行政诉讼)."""

    case_id: Id
    kind: Literal["reconsideration", "litigation"]
    reference: str = Field(max_length=40)
    noted_by: StaffId


class CaseEndedEarly(Public, name="relief.case_ended_early"):
    """The need ends before all is paid (终止): death, lost without trace, withdrawn. What is paid is kept."""

    case_id: Id
    report_ids: tuple[Id, ...]
    why: Literal["death", "lost", "withdrawn"]
    ended_by: StaffId


class EntryCorrected(Fact, name="relief.entry_corrected"):
    """Something was put down wrongly (更正): the fact it is about stays, and this says what is right."""

    case_id: Id
    about: Id
    what: Code
    correct_sha256: Sha256
    corrected_by: StaffId


class TownshipMoved(Fact, name="relief.township_moved"):
    """Another township of the county has the case now (变更乡镇): the wrong one was named, or it was merged.

    Its clocks run on. What is paid stays where it was; what is not is let go, and decided anew.
    """

    case_id: Id
    from_township: Township
    to_township: Township
    reason: Code
    moved_by: StaffId


CountyFact = FilingReceived | CountyOverrode | SampleDrawn | PostReviewConcluded | DebtJudged
RecoveryFact = RecoveryOrdered | RecoverySettled | WaiverProposed | WaiverDeclined
EndingFact = ReliefRefused | ReportLeft | LetterDelivered | ReconsiderationNoted | CaseEndedEarly | EntryCorrected
AfterFact = CountyFact | RecoveryFact | EndingFact | TownshipMoved
