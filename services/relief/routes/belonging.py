"""Who belongs to a household (并户、撤销并户): what goes with a person is seen under the lock, never read before."""

from dataclasses import replace

from services.chassis.unit import Directed, TakenOver
from services.relief.household import household_of
from services.relief.household_commands import ComeOut, GoInto, JoinMember, PartMember
from services.relief.household_state import Household


def joining(joined: JoinMember) -> tuple[Directed, ...]:
    """A person's own household goes into another, with all that it has had until then."""
    own = household_of(joined.member)
    return (
        Directed(own, GoInto(joined.member, joined.household)),
        Directed(household_of(joined.household), joined, takes=TakenOver(own, _as_had)),
    )


def parting(parted: PartMember) -> tuple[Directed, ...]:
    """A person stands alone again, with all that they were helped with until then."""
    former = household_of(parted.household)
    return (
        Directed(former, parted),
        Directed(household_of(parted.member), ComeOut(parted.member), takes=TakenOver(former, _as_parted)),
    )


def _as_had(command: JoinMember, own: Household) -> JoinMember:
    return replace(command, helps=own.of_member(command.member))


def _as_parted(command: ComeOut, former: Household) -> ComeOut:
    return replace(command, helps=former.parted.get(command.household, ()))
