"""Files and goods in the books: no name of anybody's, no number."""

import pytest
from pydantic import TypeAdapter, ValidationError

from events.ledger_words import FileMark
from events.words import GoodsItem
from services.ledger.file_mark import file_mark

MARK: TypeAdapter[str] = TypeAdapter(FileMark)
ITEM: TypeAdapter[str] = TypeAdapter(GoodsItem)


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("王样五流水.XLSX", "abababababab.xlsx"),
        ("七月.csv", "abababababab.csv"),
        ("对账单.样小例", "abababababab"),
        ("无名", "abababababab"),
    ],
)
def test_a_file_is_told_by_its_content_and_a_usual_ending(name: str, mark: str) -> None:
    assert file_mark(name, "ab" * 32) == mark
    assert MARK.validate_python(mark) == mark


def test_a_name_is_no_mark() -> None:
    with pytest.raises(ValidationError):
        MARK.validate_python("王样五流水.xlsx")


@pytest.mark.parametrize("item", ["棉被", "大米25kg", "食用油5L×2", "帐篷(单人)", "500ml 水"])
def test_goods_are_words_and_short_numbers(item: str) -> None:
    assert ITEM.validate_python(item) == item


@pytest.mark.parametrize("item", ["", "棉被 19900001234", "00000019800101001X", "12345", "=1+1", "棉被\n", "给样某;"])
def test_a_number_of_somebodys_is_no_item(item: str) -> None:
    with pytest.raises(ValidationError):
        ITEM.validate_python(item)
