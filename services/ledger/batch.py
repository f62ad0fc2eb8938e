"""A batch of payments (代发): drawn once, sent to the bank as one file, and answered once for every payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from events.bank import BatchAnswered, BatchDrawn, BatchExported, BatchFact, BatchItem, ItemResult
from events.fact import Recorded, Sealed
from services.chassis.decider import Circumstances, Decider, Refused
from services.ledger.payment_number import batch_number

ITEMS_AT_MOST = 250
"""A result is one unit of work, and each of its payments may give four facts."""


@dataclass(frozen=True, slots=True)
class DrawBatch:
    """Send these payments of a fund in one file of a bank's template."""

    batch_id: str
    fund_id: str
    template: str
    items: tuple[BatchItem, ...]


@dataclass(frozen=True, slots=True)
class ExportBatch:
    """Give out the batch as the bank's file, with these of its payments."""

    batch_id: str
    payments: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class AnswerBatch:
    """The bank's answer, which tells of every payment that was in its file."""

    batch_id: str
    sha256: str
    results: tuple[ItemResult, ...]
    reasons: Sealed
    by_exporter: bool = False
    """Whether the county lets it be brought by who has had the file (policy)."""


Command = DrawBatch | ExportBatch | AnswerBatch


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it was drawn, what its last file bore, and the SHA-256 of the file that answered it."""

    drawn: BatchDrawn
    exported: tuple[str, ...] = ()
    exported_by: frozenset[str] = frozenset()
    """Everybody who has had a file of it."""
    answered: str | None = None

    @property
    def amounts(self) -> Mapping[str, int]:
        """The amount of each payment in fen, by its number."""
        return {item.payment_number: item.amount_fen for item in self.drawn.items}

    @property
    def awaited(self) -> frozenset[str]:
        """The numbers of which the bank's answer must tell: those of the last file, or else all."""
        sent = self.exported or tuple(item.payment_id for item in self.drawn.items)
        return frozenset(item.payment_number for item in self.drawn.items if item.payment_id in sent)

    def payment_of(self, number: str) -> str:
        """The payment of a number of the batch."""
        return next(item.payment_id for item in self.drawn.items if item.payment_number == number)


def decide(batch: Batch | None, command: Command, now: Circumstances) -> Sequence[BatchFact]:
    """What happens to the batch; nothing for a repeated command. Raises ``Refused`` for a senseless one."""
    match command:
        case DrawBatch():
            return _draw(batch, command, now)
        case ExportBatch():
            return _export(batch, command, now)
        case AnswerBatch():
            return _answer(batch, command, now)


def _draw(batch: Batch | None, command: DrawBatch, now: Circumstances) -> Sequence[BatchDrawn]:
    if batch is not None:
        return ()
    if now.owners:
        raise Refused("already_batched", "其中的支付已经列入另一批次。")
    return (
        BatchDrawn(
            batch_id=command.batch_id,
            fund_id=command.fund_id,
            batch_number=batch_number(min(item.payment_number for item in command.items)),
            template=command.template,
            items=command.items,
            drawn_by=now.actor.id,
        ),
    )


def _export(batch: Batch | None, command: ExportBatch, now: Circumstances) -> Sequence[BatchExported]:
    """Each time anew: whoever asks for it again has it again."""
    if batch is None:
        raise _unknown()
    if batch.answered is not None:
        raise Refused("batch_settled", "该批次的回盘已经导入,不能再导出。")
    return (
        BatchExported(
            batch_id=command.batch_id,
            payments=command.payments,
            sha256=command.sha256,
            exported_by=now.actor.id,
        ),
    )


def _unknown() -> Refused:
    return Refused("no_such_batch", "没有这个代发批次,请核对编号。")


def _answer(batch: Batch | None, command: AnswerBatch, now: Circumstances) -> Sequence[BatchAnswered]:
    if batch is None:
        raise _unknown()
    if batch.answered == command.sha256:
        return ()
    if batch.answered is not None:
        raise Refused("batch_answered", "该批次的回盘已经导入,内容不同。")
    if now.actor.id in batch.exported_by and not command.by_exporter:
        raise Refused("same_person", "导出代发文件的人不能导入该批次的回盘,请换人办理。")
    return (
        BatchAnswered(
            batch_id=command.batch_id,
            sha256=command.sha256,
            results=command.results,
            reasons=command.reasons,
            imported_by=now.actor.id,
        ),
    )


def evolve(batch: Batch | None, recorded: Recorded[BatchFact]) -> Batch | None:
    """The batch after a fact."""
    match recorded.fact:
        case BatchDrawn() as fact:
            return Batch(fact)
        case BatchExported() as fact:
            return None if batch is None else _sent(batch, fact)
        case BatchAnswered() as fact:
            return None if batch is None else replace(batch, answered=fact.sha256)


def _sent(batch: Batch, fact: BatchExported) -> Batch:
    return replace(batch, exported=fact.payments, exported_by=batch.exported_by | {fact.exported_by})


def answer(facts: Sequence[BatchFact]) -> Mapping[str, Any]:
    """The batch's id and number, and how many payments succeeded and failed."""
    told = {name: value for fact in facts for name, value in fact.model_dump(include=_TOLD).items()}
    results = [result.succeeded for fact in facts if isinstance(fact, BatchAnswered) for result in fact.results]
    return told | ({"succeeded": results.count(True), "failed": results.count(False)} if results else {})


_TOLD = {"batch_id", "batch_number"}
DECIDER: Decider[Command, Batch | None, BatchFact] = Decider(None, decide, evolve, answer)
