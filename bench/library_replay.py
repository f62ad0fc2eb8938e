"""The same facts as events of the `eventsourcing` library: its mapper, and its projector."""

from collections.abc import Sequence
from time import perf_counter
from uuid import UUID

from eventsourcing.application import project_aggregate
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    UUIDAsHex,
)

from bench.contest import Run, Stage
from bench.grant import granted

FILES = 1_000


class LibraryFile(Aggregate):
    """The file as the library's aggregate."""

    @event("Opened")
    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.grants = 0
        self.total_fen = 0

    @event("Granted")
    def grant(self, grant_id: str, township: str, household: str, amount_fen: int, cause: str, decided_by: str) -> None:
        """One grant more."""
        self.grants += 1
        self.total_fen += amount_fen


def replay(stage: Stage) -> Run:
    """Decode and fold every event."""
    mapper = Mapper[UUID](_transcoder())
    stored = _stored(mapper, stage.facts)
    files: dict[UUID | str, LibraryFile | None] = {}
    began = perf_counter()
    for each in stored:
        happened = mapper.to_domain_event(each)
        files[each.originator_id] = project_aggregate(files.get(each.originator_id), [happened])
    seconds = perf_counter() - began
    assert sum(file.grants + 1 for file in files.values() if file is not None) == len(stored)
    return Run(len(stored), seconds)


def _stored(mapper: Mapper[UUID], facts: int) -> Sequence[StoredEvent]:
    """Spread over files, one after the other, as in a log."""
    files = [LibraryFile(f"case-{n}") for n in range(min(FILES, facts // 10))]
    for number in range(facts - len(files)):
        told = granted("", number).model_dump(exclude={"case_id", "voucher"})
        files[number % len(files)].grant(**told)
    pending = [list(file.collect_events()) for file in files]
    in_order = [events[n] for n in range(max(map(len, pending))) for events in pending if n < len(events)]
    return [mapper.to_stored_event(each) for each in in_order]


def _transcoder() -> JSONTranscoder:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return transcoder
