"""A township's register of village informants (村级急难救助信息员): one at least for each village."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.fact import Recorded, Sealed
from events.intake_desk import InformantFact, InformantRegistered, InformantStruck
from services.chassis.decider import Circumstances, Decider, Refused
from services.intake.report_state import differs

# --- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInformant:
    """Enter somebody whom the township has approved."""

    informant_id: str
    township: str
    village: str
    name: Sealed
    phone: Sealed
    phone_key: str
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class StrikeInformant:
    """Take somebody off the register."""

    informant_id: str
    reason: str


InformantCommand = RegisterInformant | StrikeInformant


def stream_of(township: str) -> str:
    """The stream of a township's register."""
    return f"informants:{township}"


# --- state

Register = Mapping[str, InformantRegistered]
"""Who is an informant now, by staff id."""

# --- decide


def decide(register: Register, command: InformantCommand, now: Circumstances) -> Sequence[InformantFact]:
    """What happens to the register. Raises ``Refused`` for a village elsewhere and for a second entry."""
    match command:
        case RegisterInformant():
            return _register(register, command, now)
        case StrikeInformant(informant_id, reason):
            struck = InformantStruck(informant_id=informant_id, reason=reason, struck_by=now.actor.id)
            return (struck,) if informant_id in register else ()


def _register(register: Register, command: RegisterInformant, now: Circumstances) -> Sequence[InformantFact]:
    if not command.village.startswith(command.township):
        raise Refused("village_elsewhere", "该村(社区)不属于本乡镇(街道),请核对区划代码。")
    known = register.get(command.informant_id)
    if known is not None and _signs(known) == _signs(command) and not differs(command.said, known.said):
        return ()
    if known is not None:
        raise Refused("informant_known", "该信息员已经登记,如有变动请先注销再登记。")
    return (
        InformantRegistered(
            informant_id=command.informant_id,
            township=command.township,
            village=command.village,
            name=command.name,
            phone=command.phone,
            phone_key=command.phone_key,
            registered_by=now.actor.id,
            said=command.said,
        ),
    )


def _signs(entry: InformantRegistered | RegisterInformant) -> tuple[str, str]:
    return entry.village, entry.phone_key


# --- evolve


def evolve(register: Register, recorded: Recorded[InformantFact]) -> Register:
    """The register with one more entry, or one fewer."""
    match recorded.fact:
        case InformantRegistered() as entry:
            return {**register, entry.informant_id: entry}
        case InformantStruck(informant_id=gone):
            return {name: entry for name, entry in register.items() if name != gone}


_EMPTY: Register = {}
DECIDER: Decider[InformantCommand, Register, InformantFact] = Decider(_EMPTY, decide, evolve)
