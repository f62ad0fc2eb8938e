"""Relief's story, the fast track (急难型): who else must come first, small-fast relief, what a short fund led to."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Public
from events.relief_words import PolicyBasis, first_help
from events.rules import Remedy
from events.words import Cause, Code, County, Fen, Id, PositiveFen, Pseudonym, StaffId, Township

Emergency = Literal["ambulance_120", "police_110", "fire_119"]
"""急救, 公安, 消防: life first."""

Scheme = Literal["disaster_resettlement", "medical_emergency_fund", "vagrant_rescue"]
"""紧急转移安置, 疾病应急救助, 生活无着流浪乞讨人员救助: schemes with rules of their own."""


class EmergencyCalled(Fact, name="relief.emergency_called"):
    """Life is in danger: the case was handed to who saves lives (转110/119/120), and stays ours all the same."""

    case_id: Id
    service: Emergency
    reference: str = Field(max_length=40)
    called_by: StaffId


class CaseDiverted(Public, name="relief.case_diverted"):
    """Another scheme is responsible (转办); basic-living relief may still follow here."""

    case_id: Id
    report_ids: tuple[Id, ...]
    scheme: Scheme
    relief_follows: bool
    reference: str = Field(pattern=r"^[A-Za-z0-9〔〕号._-]{0,40}$")
    diverted_by: StaffId


class EmergencyLifted(Fact, name="relief.emergency_lifted"):
    """The emergency is over (紧急情况解除): from here some counties count the time for papers."""

    case_id: Id
    lifted_on: date
    noted_by: StaffId


class DirectReliefListed(Fact, name="relief.direct_relief_listed"):
    """The household stands on a list that the policy helps without the general procedure (名单直接救助)."""

    case_id: Id
    list_code: Code
    entry: Id
    clause: str = Field(max_length=200)
    noted_by: StaffId


class SmallFastDecided(Public, name="relief.small_fast_decided"):
    """Small-fast relief (小额快救): object, situation, amount and handler are registered, and it is complete.

    No check, no notice, no papers that follow. Ledger reserves ``amount_fen``.
    """

    case_id: Id
    decision_id: Id
    county: County
    township: Township
    fund_id: Id
    amount_fen: PositiveFen
    situation: Code
    persons: int
    person: Pseudonym | None
    cause: Cause
    pay_by: date
    """The outer line."""
    handled_by: StaffId
    basis: PolicyBasis
    hold_id: Id | None = None
    """Under which number ledger is to hold it; none is the decision's own."""
    although_helped: bool = False
    """Another case gave the person help first for this incident; the household says who allowed more, and why."""
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""

    def takes(self) -> tuple[str, ...]:
        """It is the person's first help for this incident, as an advance would be."""
        return first_help(self.person, self.cause, self.decision_id, although_helped=self.although_helped)


class RestReferred(Public, name="relief.rest_referred"):
    """The township advanced up to its limit; the county decides about the rest, on the same clock."""

    case_id: Id
    decision_id: Id
    county: County
    rest_fen: PositiveFen
    clause: str = Field(max_length=200)


class RemedyChosen(Public, name="relief.remedy_chosen"):
    """What a named officer does about a fund that is short (备用金不足的处理)."""

    case_id: Id
    decision_id: Id
    remedy: Remedy
    shortfall_fen: Fen
    chosen_by: StaffId
    fund_id: Id | None = None
    """The fund that was short."""


FastFact = (
    EmergencyCalled
    | CaseDiverted
    | EmergencyLifted
    | DirectReliefListed
    | SmallFastDecided
    | RestReferred
    | RemedyChosen
)
