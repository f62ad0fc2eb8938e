"""What can be said to a household: count, settle, allow, join, part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from events.relief_household import CountedHelp, HelpElsewhere
from services.relief.policy import Policy


@dataclass(frozen=True, slots=True)
class CountHelp:
    """Count a decision, if the case has made it."""

    household: str
    help: CountedHelp
    policy: Policy
    by_township: bool = False
    """The township decides it inside its own limit."""


@dataclass(frozen=True, slots=True)
class CountFoundLater:
    """Count what was given before anybody knew to whom: what is too much is reported, and nothing is refused."""

    household: str
    policy: Policy
    helps: tuple[CountedHelp, ...] = ()


@dataclass(frozen=True, slots=True)
class SettleHelp:
    """Of a case's decisions count only what still stands, by decision in fen; ``given`` counts whatever was before."""

    household: str
    case_id: str
    kept_fen: Mapping[str, int] = field(default_factory=dict[str, int])
    given: tuple[CountedHelp, ...] = ()


@dataclass(frozen=True, slots=True)
class AllowRepeat:
    """Let a case be helped although a rule is used up, or another case helped first; the reason as a code."""

    household: str
    case_id: str
    reason: str
    policy: Policy
    first_help: str | None = None
    """The claim key of the person's first help for the incident: another case may hold it."""


@dataclass(frozen=True, slots=True)
class JoinMember:
    """Take a person into this household, with what they were helped with."""

    household: str
    member: str
    reason: str
    policy: Policy
    helps: tuple[CountedHelp, ...] = ()


@dataclass(frozen=True, slots=True)
class PartMember:
    """Say that a person does not belong to this household after all."""

    household: str
    member: str
    reason: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class GoInto:
    """A person's own household is judged as part of another one."""

    household: str
    into: str


@dataclass(frozen=True, slots=True)
class ComeOut:
    """A person's own household stands by itself again, with these helps."""

    household: str
    helps: tuple[CountedHelp, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteElsewhere:
    """Put down what somebody else has given the person whose own household it is."""

    household: str
    help: HelpElsewhere


HouseholdCommand = (
    NoteElsewhere | CountHelp | CountFoundLater | SettleHelp | AllowRepeat | JoinMember | PartMember | GoInto | ComeOut
)
