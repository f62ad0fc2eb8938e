"""A batch is drawn once and answered once; a payment is in one batch for ever."""

from events.bank import BatchAnswered, BatchDrawn, BatchItem, ItemResult
from events.fact import Sealed
from services.ledger.batch import DECIDER, AnswerBatch, DrawBatch
from tests.support.given import given

SEALED = Sealed(suite="A256GCM", key_id="k", subject="batch:Y1", field="reasons", box="AA==")
FIRST, SECOND = "LS990101001260000011", "LS990101001260000023"
ITEMS = tuple(
    BatchItem(payment_id=payment, payment_number=number, amount_fen=100)
    for payment, number in (("P2", SECOND), ("P1", FIRST))
)
DRAW = DrawBatch("Y1", "990101001-2026", "rural_commercial", ITEMS)
ANSWER = AnswerBatch("Y1", "a" * 64, (ItemResult(payment_id="P1", succeeded=True, serial="A1"),), SEALED)


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
