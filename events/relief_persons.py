"""Relief's story, who it is: an identity found out later, a second case of the same person, and what was not known."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Public
from events.relief_words import advance_claim
from events.words import Cause, Code, County, Id, Pseudonym, Sha256, StaffId, Township

HomeAnswer = Literal["nothing_against", "helped_there", "not_of_here"]
"""无异议, 已在户籍地救助, 非本地户籍."""


class IdentityEstablished(Public, name="relief.identity_established"):
    """It is known now who the person is (身份核实). Where another case has the first help, nothing is claimed."""

    case_id: Id
    person: Pseudonym
    cause: Cause
    claims: bool
    established_by: StaffId

    def takes(self) -> tuple[str, ...]:
        """The person's first help for this incident, where this case gave it and nobody else did."""
        return (advance_claim(self.person, self.cause),) if self.claims else ()


class IdentityWithdrawn(Public, name="relief.identity_withdrawn"):
    """It is not this person after all (撤销身份核实): what was decided stays, what was found of it does not."""

    case_id: Id
    person: Pseudonym
    cause: Cause
    claims: bool
    reason: Code
    withdrawn_by: StaffId

    def releases(self) -> tuple[str, ...]:
        """What was claimed in that name is free."""
        return (advance_claim(self.person, self.cause),) if self.claims else ()


class PoliceAsked(Fact, name="relief.police_asked"):
    """The police are asked who an unknown person is (公安身份核查)."""

    case_id: Id
    check_id: Id
    reference: str = Field(max_length=40)
    asked_by: StaffId


class PoliceAnswered(Fact, name="relief.police_answered"):
    """The police have answered; who it is, is established on its own."""

    case_id: Id
    check_id: Id
    result: Literal["found", "not_found"]
    noted_by: StaffId


class RepeatFound(Fact, name="relief.repeat_found"):
    """Two cases have helped one person for one incident (重复救助): to be looked at, nothing is taken back."""

    case_id: Id
    person: Pseudonym
    other: Id
    """The stream of the case that has the first help."""


class RepeatWithdrawn(Fact, name="relief.repeat_withdrawn"):
    """There was no repetition after all."""

    case_id: Id
    person: Pseudonym


class DuplicateChecked(Fact, name="relief.duplicate_checked"):
    """Other counties were asked (跨县查重): no answer in time leaves it pending, and nobody waits for it."""

    case_id: Id
    result: Literal["pending", "none", "found"]
    checked_by: StaffId


class LastingCauseFound(Fact, name="relief.lasting_cause_found"):
    """Help is for a cause that lasts (同一事由持续较长): the person is to be referred to another scheme (转介).

    Nothing is refused for it.
    """

    case_id: Id
    decision_id: Id
    since: date
    """The day of the first help for it."""
    clause: str = Field(max_length=200)


class HomeCountyTold(Public, name="relief.home_county_told"):
    """The county of the person's hukou (户籍地) is told of the need elsewhere.

    It is to help with the audit (配合审核); the place of occurrence decides and pays, and waits for nothing of it.
    """

    case_id: Id
    home_county: County
    county: County
    township: Township
    cause: Cause
    person: Pseudonym | None
    told_by: StaffId


class HomeCountyAnswered(Fact, name="relief.home_county_answered"):
    """What the county of the hukou knows: nothing against it, help of its own for this need, or not one of its own."""

    case_id: Id
    home_county: County
    result: HomeAnswer
    record_sha256: Sha256
    noted_by: StaffId


PersonFact = (
    IdentityEstablished
    | IdentityWithdrawn
    | PoliceAsked
    | PoliceAnswered
    | RepeatFound
    | RepeatWithdrawn
    | DuplicateChecked
    | LastingCauseFound
    | HomeCountyTold
    | HomeCountyAnswered
)
