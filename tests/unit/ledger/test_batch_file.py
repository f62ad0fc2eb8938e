"""A batch goes out in the bank's own form, and its answer says exactly once what became of each payment."""

from pathlib import Path

import pytest
import yaml

from services.ledger.files.batch import Outcome, Payable, Unwritable, batch_file, read_result, templates_of
from services.ledger.files.sheet import Faulty
from services.ledger.payment_number import batch_number, payment_number

ROOT = Path(__file__).parents[3]
TEMPLATES = templates_of(yaml.safe_load((ROOT / "policies/banks/batches.yaml").read_text(encoding="utf-8")))
FIRST, SECOND = (payment_number("990101001", 2026, ordinal) for ordinal in (1, 2))
BATCH = batch_number(FIRST)
PAYABLES = [Payable(FIRST, 200_000, "样甲", "6200000000000017"), Payable(SECOND, 3_386_639, "样乙", "6200000000000025")]
AMOUNTS = {payable.number: payable.amount_fen for payable in PAYABLES}
BOTH = frozenset(AMOUNTS)
RURAL = TEMPLATES["rural_commercial"]
ANSWER = (
    "批量代发回盘\n序号,户名,金额(元),附言,处理结果,失败原因,核心流水号\n"
    f'1,样甲,"2,000.00",{FIRST},成功,,A1\n2,样乙,33866.39,{SECOND},失败,户名与账号不符,\n合计,,35866.39,,,,\n'
)


def test_a_batch_is_written_as_the_bank_wants_it() -> None:
    assert batch_file(RURAL, BATCH, PAYABLES).decode("gb18030").splitlines() == [
        "序号,批次号,户名,账号,金额,用途,附言",
        f"1,{BATCH},样甲,6200000000000017,2000.00,临时救助,{FIRST}",
        f"2,{BATCH},样乙,6200000000000025,33866.39,临时救助,{SECOND}",
    ]
    assert batch_file(TEMPLATES["psbc"], BATCH, PAYABLES).decode("gb18030").splitlines() == [
        f"1|6200000000000017|样甲|200000|{FIRST}",
        f"2|6200000000000025|样乙|3386639|{SECOND}",
        "2|3586639",
    ]
    assert batch_file(TEMPLATES["abc"], BATCH, PAYABLES).decode("gb18030").splitlines()[0] == "2,35866.39"


@pytest.mark.parametrize("name", ["=1+1", "+86", "-样甲", "@样甲", "样\t甲", "样\r\n甲"])
def test_a_name_that_would_be_a_formula_is_not_written(name: str) -> None:
    with pytest.raises(Unwritable):
        batch_file(RURAL, BATCH, [Payable(FIRST, 1, name, "6200000000000017")])


def test_an_answer_tells_success_and_failure() -> None:
    assert read_result(RURAL, ANSWER.encode("gb18030"), AMOUNTS, BOTH) == [
        Outcome(FIRST, True, "", "A1"),
        Outcome(SECOND, False, "户名与账号不符", ""),
    ]


def test_amounts_in_fen_are_read_as_fen() -> None:
    answer = f"附言|金额|处理状态\n{FIRST}|200000|00\n{SECOND}|3386639|99\n"
    assert [one.succeeded for one in read_result(TEMPLATES["psbc"], answer.encode(), AMOUNTS, BOTH)] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ("33866.39,LS", "33866.40,LS", 4, "金额"),
        ("失败,户", "处理中,户", 4, "处理结果"),
        (SECOND, FIRST, 4, "重复"),
        (SECOND, payment_number("990101001", 2026, 3), 4, "不属于"),
        (SECOND, "临时救助", 4, "支付编号"),
        (f"2,样乙,33866.39,{SECOND},失败,户名与账号不符,\n", "", None, "缺少 1 笔"),
        ("处理结果", "说明", None, "回盘格式"),
    ],
)
def test_an_answer_that_does_not_fit_the_batch_is_refused(old: str, new: str, row: int | None, reason: str) -> None:
    with pytest.raises(Faulty) as refused:
        read_result(RURAL, ANSWER.replace(old, new, 1).encode(), AMOUNTS, BOTH)
    assert refused.value.row == row
    assert reason in refused.value.reason


def test_what_was_not_in_the_file_need_not_be_answered() -> None:
    answer = f"附言|金额|处理状态\n{FIRST}|200000|00\n"
    (told,) = read_result(TEMPLATES["psbc"], answer.encode(), AMOUNTS, frozenset({FIRST}))
    assert told.number == FIRST
