"""Relief's story, who it is: an identity found out later, a second case of the same person, and what was not known."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Public
from events.relief_words import advance_claim
from events.words import Cause, Code, Id, Pseudonym, StaffId


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


PersonFact = (
    IdentityEstablished
    | IdentityWithdrawn
    | PoliceAsked
    | PoliceAnswered
    | RepeatFound
    | RepeatWithdrawn
    | DuplicateChecked
    | LastingCauseFound
)
