"""The aggregate of the bench: a file to which grants are added, each a fact of some 300 bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.fact import Actor, Public, Recorded
from services.chassis.decider import Circumstances, Decider

ACTOR = Actor(id="S-0001", role="township_officer", scope="990101001")


class Granted(Public, name="bench.granted"):
    """A grant was added to the file."""

    grant_id: str
    case_id: str
    township: str
    household: str
    amount_fen: int
    cause: str
    decided_by: str
    voucher: str | None = None

    def takes(self) -> tuple[str, ...]:
        """The voucher's number, which no other file may use."""
        return () if self.voucher is None else (self.voucher,)


@dataclass(frozen=True, slots=True)
class Grant:
    """Add so many grants; with a voucher, one."""

    case_id: str
    number: int
    times: int = 1
    voucher: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """How many grants, and how much in fen."""

    grants: int = 0
    total_fen: int = 0


def granted(case_id: str, number: int, voucher: str | None = None) -> Granted:
    """The grant of that number."""
    return Granted(
        grant_id=f"grant-{number:012}",
        case_id=case_id,
        township="990101001",
        household="6f1ed002ab5595859014ebf0951522d9" * 2,
        amount_fen=200_000 + number % 1_000,
        cause="房屋因电气故障起火,家中被褥衣物全部烧毁,暂住村委会",
        decided_by="S-0001",
        voucher=voucher,
    )


def decide(file: File, command: Grant, circumstances: Circumstances) -> Sequence[Granted]:
    """Every grant is made."""
    return [granted(command.case_id, command.number + n, command.voucher) for n in range(command.times)]


def evolve(file: File, recorded: Recorded[Granted]) -> File:
    """One grant more."""
    return File(file.grants + 1, file.total_fen + recorded.fact.amount_fen)


FILE: Decider[Grant, File, Granted] = Decider(File(), decide, evolve)
