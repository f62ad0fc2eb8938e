"""What a step may know of the case that it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from events.relief import CaseOpened
from events.relief_words import advance_claim
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused


@dataclass(frozen=True, slots=True)
class Given:
    """What a household got at a time, in fen: by a payment of a fund, or as goods; and what of it is claimed back."""

    amount_fen: int
    fund_id: str | None = None
    payment_id: str | None = None
    claimed_fen: int = 0


class CaseFile(Protocol):
    """The case around a step."""

    @property
    def opened(self) -> CaseOpened:
        """What opened it."""
        ...

    @property
    def case_id(self) -> str:
        """Its id."""
        ...

    @property
    def person(self) -> str | None:
        """Who it is, by the pseudonym, as far as is known by now."""
        ...

    @property
    def report_ids(self) -> tuple[str, ...]:
        """Its reports: who is to be told."""
        ...

    @property
    def has_been_sought(self) -> bool:
        """Whether somebody has tried to reach the household in vain."""
        ...

    @property
    def accepted_at(self) -> datetime | None:
        """When the township took it on."""
        ...

    @property
    def relieved_at(self) -> datetime | None:
        """When the household first had something that it kept."""
        ...

    @property
    def advanced_fen(self) -> int:
        """What its advances have used up, goods at cost."""
        ...

    @property
    def reported_at(self) -> datetime:
        """When the first of all reports was made."""
        ...

    @property
    def holds_claim(self) -> bool:
        """Whether the advance of the person for this incident is this case's."""
        ...

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was decided is still to be carried out."""
        ...

    @property
    def small_fast_fen(self) -> int:
        """What it was given as small-fast relief, or is still to be given."""
        ...

    def decided_fen(self, decision_id: str) -> int | None:
        """What a decision or an approval gives as the county left it, goods at cost; ``None`` if there is no such."""
        ...

    def received_fen(self, decision_id: str) -> int:
        """What the household has of it and kept."""
        ...

    def given(self, decision_id: str) -> Sequence[Given]:
        """The same, one after the other."""
        ...

    def ordered_back_fen(self, decision_id: str) -> int:
        """What of it was ordered back, whether it has come back or not."""
        ...

    def short_fen(self, decision_id: str) -> int | None:
        """By how much a fund was too short for a decision or an instalment, if it was."""
        ...

    def paying_fund(self, decision_id: str) -> str | None:
        """The fund that a decision or an instalment is paid from; ``None`` if there is none of this number."""
        ...

    def owes_papers(self, debt_id: str) -> bool:
        """Whether papers are owed under this number."""
        ...


def must_be_accepted(case: CaseFile) -> None:
    """Raise ``Refused`` unless a township has taken the case on."""
    if case.accepted_at is None:
        raise Refused("not_accepted", "该个案尚未受理,请先受理。")


def is_barred(case: CaseFile, barred_until: date | None, now: Circumstances) -> bool:
    """Whether no application is taken after fraud (骗取救助). In an emergency life comes first, whoever it is."""
    if barred_until is None or case.opened.urgency != "normal":
        return False
    return day_of(now.occurred_at) < barred_until


def must_have_been_given(on: date | None, now: Circumstances) -> None:
    """Raise ``Refused`` where somebody else is said to have given help on a day that is not there yet."""
    if on is not None and on > day_of(now.recorded_at):
        raise Refused("not_given_yet", "登记的救助日期尚未到来,请在实际给予救助后再登记。")


def stream_of(case_id: str) -> str:
    """The stream of a case."""
    return f"case:{case_id}"


def case_of(stream: str) -> str:
    """The case of a stream."""
    return stream.removeprefix("case:")


def advanced_elsewhere(case: CaseFile, now: Circumstances) -> bool:
    """Whether another case of the county has the person's first help for this incident."""
    if case.person is None:
        return False
    own = stream_of(case.case_id)
    return now.owners.get(advance_claim(case.person, case.opened.cause), own) != own
