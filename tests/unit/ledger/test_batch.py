"""A batch is drawn once and answered once; a payment is in one batch for ever."""

from dataclasses import replace

from events.bank import BatchAnswered, BatchDrawn, BatchExported, BatchItem, ItemResult
from events.fact import Actor, Sealed
from services.ledger.batch import DECIDER, AnswerBatch, Batch, DrawBatch, ExportBatch
from tests.support.given import CLERK, given

SEALED = Sealed(suite="A256GCM", key_id="k", subject="batch:Y1", field="reasons", box="AA==")
FIRST, SECOND = "LS990101001260000011", "LS990101001260000023"
ITEMS = tuple(
    BatchItem(payment_id=payment, payment_number=number, amount_fen=100)
    for payment, number in (("P2", SECOND), ("P1", FIRST))
)
DRAW = DrawBatch("Y1", "990101001-2026", "rural_commercial", ITEMS)
ANSWER = AnswerBatch("Y1", "a" * 64, (ItemResult(payment_id="P1", succeeded=True, serial="A1"),), SEALED)


OTHER = Actor(id="S-2", role="township_finance", scope="990101001")


def drawn() -> BatchDrawn:
    (fact,) = given(DECIDER).when(DRAW)
    assert isinstance(fact, BatchDrawn)
    return fact


def test_a_batch_takes_its_payments_and_bears_the_digits_of_the_first() -> None:
    assert drawn().takes() == ("batched:P2", "batched:P1")
    assert drawn().batch_number == f"LB{FIRST[2:]}"
    assert given(DECIDER, drawn()).when(DRAW) == []


def test_a_payment_of_another_batch_is_refused() -> None:
    assert given(DECIDER).refused(DRAW, owners={"batched:P1": "batch:Y0"}).code == "already_batched"


def test_an_answer_counts_once_and_no_other_replaces_it() -> None:
    (fact,) = given(DECIDER, drawn()).when(ANSWER)
    assert isinstance(fact, BatchAnswered)
    assert DECIDER.answer([fact]) == {"batch_id": "Y1", "succeeded": 1, "failed": 0}
    assert given(DECIDER, drawn(), fact).when(ANSWER) == []
    other = AnswerBatch("Y1", "b" * 64, ANSWER.results, SEALED)
    assert given(DECIDER, drawn(), fact).refused(other).code == "batch_answered"
    assert given(DECIDER).refused(ANSWER).code == "no_such_batch"


def test_every_export_is_written_down_with_who_had_it_and_its_last_file_is_what_must_be_answered() -> None:
    export = ExportBatch("Y1", ("P1",), "c" * 64)
    (fact,) = given(DECIDER, drawn()).when(export)
    assert fact == BatchExported(batch_id="Y1", payments=("P1",), sha256="c" * 64, exported_by=CLERK.id)
    assert given(DECIDER, drawn(), fact).when(export) == [fact]
    assert Batch(drawn()).awaited == {FIRST, SECOND}
    assert Batch(drawn(), exported=("P1",)).awaited == {FIRST}
    (answered,) = given(DECIDER, drawn(), fact).when(ANSWER, actor=OTHER)
    assert given(DECIDER, drawn(), fact, answered).refused(export).code == "batch_settled"
    assert given(DECIDER).refused(export).code == "no_such_batch"


def test_who_has_had_the_file_does_not_bring_its_answer_unless_the_county_lets_one_person_do_both() -> None:
    (first,) = given(DECIDER, drawn()).when(ExportBatch("Y1", ("P1",), "c" * 64))
    (last,) = given(DECIDER, drawn(), first).when(ExportBatch("Y1", ("P1",), "c" * 64), actor=OTHER)
    assert first.takes() == (f"exported:P1:{CLERK.id}",)
    batch = given(DECIDER, drawn(), first, last)
    assert batch.refused(ANSWER).code == batch.refused(ANSWER, actor=OTHER).code == "same_person"
    (fact,) = batch.when(replace(ANSWER, by_exporter=True))
    assert given(DECIDER, drawn(), first, fact).when(ANSWER) == []
