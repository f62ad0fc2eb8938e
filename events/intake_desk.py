"""Intake's own books: who is on duty, who informs from a village, whose callbacks are off, who was left off a list."""

from pydantic import AwareDatetime, Field

from events.fact import Fact, Sealed
from events.policy import Rules, SetHead
from events.words import Code, Division, Id, Pseudonym, StaffId, Township


class ShiftAssigned(Fact, name="intake.shift_assigned"):
    """Somebody is on duty (值班) for a township or a county from one moment to another."""

    shift_id: Id
    division: Division
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    staff_id: StaffId
    phone: Sealed
    rank: int = Field(ge=1, le=9)
    """1 is called first."""
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class ShiftCancelled(Fact, name="intake.shift_cancelled"):
    """A shift does not stand."""

    shift_id: Id


class InformantRegistered(Fact, name="intake.informant_registered"):
    """A village has its informant (村级急难救助信息员), approved by the township and on file with the county."""

    informant_id: StaffId
    township: Township
    village: str = Field(pattern=r"^[0-9]{12}$")
    name: Sealed
    phone: Sealed
    phone_key: Pseudonym
    registered_by: StaffId
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class InformantStruck(Fact, name="intake.informant_struck"):
    """An informant is one no longer."""

    informant_id: StaffId
    reason: Code
    struck_by: StaffId


class CallbackDisabled(Fact, name="intake.callback_disabled"):
    """A receiver has said that it is gone (410): nothing more is sent to it until somebody enables it again."""

    vendor: Id
    reply_id: Id


class CallbackEnabled(Fact, name="intake.callback_enabled"):
    """A receiver is there again."""

    vendor: Id
    enabled_by: StaffId


class NotIncluded(Fact, name="intake.not_included"):
    """A household on a list was visited and not included (不纳入): each with its reason, in words and sealed."""

    list_id: Id
    line: int = Field(ge=1)
    kind: Code
    person: Pseudonym | None
    reason: Sealed
    noted_by: StaffId
    name: Sealed | None = None
    said: Pseudonym | None = None
    """A keyed digest of the whole line."""


class PolicyHeard(Rules, SetHead, Fact, name="intake.policy_heard"):
    """A jurisdiction's set has come into force, as it was published: operators answer callers with it."""


DutyFact = ShiftAssigned | ShiftCancelled
InformantFact = InformantRegistered | InformantStruck
CallbackFact = CallbackDisabled | CallbackEnabled
