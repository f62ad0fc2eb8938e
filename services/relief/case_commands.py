"""What can be said to a case: what intake heard, what officers do, what ledger answered."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from events.intake import HelpAskedAgain, HelpNeeded
from events.ledger import PaymentInstructed, PaymentReceived, PaymentReturned, RefusedShort, Reserved, Voided
from events.relief import Goods, HandedOver
from events.relief_persons import LastingCauseFound
from services.relief.policy import Policy
from services.relief.steps.approval import ApprovalCommand
from services.relief.steps.county import CountyCommand
from services.relief.steps.ending import EndingCommand
from services.relief.steps.fast_track import FastCommand
from services.relief.steps.identity import PersonCommand
from services.relief.steps.inquiry import InquiryCommand
from services.relief.steps.moving import MoveTownship
from services.relief.steps.recovery import RecoveryCommand
from services.relief.steps.referral import ReferralCommand
from services.relief.working_days import Calendar


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case (立案) for a need that nobody has reported before."""

    case_id: str
    need: HelpNeeded
    came_from: HandedOver | None = None


@dataclass(frozen=True, slots=True)
class LinkReport:
    """Join another report of the same need to the case."""

    report: HelpAskedAgain
    came_from: HandedOver | None = None


@dataclass(frozen=True, slots=True)
class AcceptCase:
    """Take the case on (受理), for the township of the officer who acts."""


@dataclass(frozen=True, slots=True)
class RecordContact:
    """Put down that somebody tried to speak to the household (联系), and whether they were reached."""

    reached: bool


@dataclass(frozen=True, slots=True)
class DecideAdvance:
    """Decide help before paperwork (先行救助): money from a fund, goods, or both.

    The number of a decision that the fund was too short for may be given again, with the same goods and no more
    money: the fund is then asked once more. ``policy`` is the set in force when the decision was made.
    """

    decision_id: str
    fund_id: str
    amount_fen: int
    goods: tuple[Goods, ...]
    policy: Policy
    by_county: bool = False
    """The county decides, on the same clock, inside its own limit."""
    ahead_of_expense: bool = False
    """It pays what the household is yet to spend (先期垫付)."""
    elsewhere_fen: int = 0
    """What other cases gave the household in the year, where the township's limit counts by it."""
    barred_until: date | None = None
    """Until when no new application of the person is taken, for fraud that was found in an earlier case."""
    allowed: bool = False
    """It was allowed that the person has help first although another case gave it for this incident."""
    lasting: LastingCauseFound | None = None
    """What is put down where the household's help for this cause has lasted (同一事由持续较长)."""


@dataclass(frozen=True, slots=True)
class HandOverGoods:
    """The household has the goods of a decision in hand."""

    decision_id: str
    policy: Policy
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class LetAdvanceGo:
    """Do not carry out an advance any more; the reason as a code. What the household has of it, it keeps."""

    decision_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class FilePaper:
    """Put one of the owed papers on file (补交材料); ``sha256`` names the document."""

    debt_id: str
    paper: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Close the case (办结). ``not_relieved`` has to be said in so many words."""

    outcome: Literal["relieved", "not_relieved"] = "relieved"


@dataclass(frozen=True, slots=True)
class NoteReserved:
    """Ledger holds the money of a decision."""

    said: Reserved


@dataclass(frozen=True, slots=True)
class NoteShort:
    """The fund cannot hold the money of a decision."""

    said: RefusedShort


@dataclass(frozen=True, slots=True)
class NoteInstructed:
    """The cashier is paying the money of a decision."""

    said: PaymentInstructed


@dataclass(frozen=True, slots=True)
class NoteReceived:
    """The household has the money of a decision; ``policy`` and ``calendar`` tell what papers are due, and when."""

    said: PaymentReceived
    policy: Policy
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class NoteReturned:
    """A payment came back from the bank."""

    said: PaymentReturned
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class NoteVoided:
    """Ledger let the money of a decision go before it was paid."""

    said: Voided


@dataclass(frozen=True, slots=True)
class NoteLateEntry:
    """Say what proves a thing that was put down later than the policy's hours (补记): a person must look at it."""

    evidence_sha256: str


Handling = LinkReport | AcceptCase | RecordContact | CloseCase
Helping = DecideAdvance | HandOverGoods | LetAdvanceGo | FilePaper | NoteLateEntry
Note = NoteReserved | NoteShort | NoteInstructed | NoteReceived | NoteReturned | NoteVoided
StepCommand = (
    ApprovalCommand
    | InquiryCommand
    | FastCommand
    | CountyCommand
    | RecoveryCommand
    | EndingCommand
    | ReferralCommand
    | PersonCommand
    | MoveTownship
)
CaseCommand = OpenCase | Handling | Helping | Note | StepCommand
