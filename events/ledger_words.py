"""The words that the chapters of ledger's story share."""

from typing import Annotated, Literal

from pydantic import Field

from events.fact import Value

Word = Literal["记", "收", "付", "转"]
"""The word of a voucher (凭证字): one for all, or by where money moves."""

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A month of the books (会计期间), as in ``2026-11``."""

Text = Annotated[str, Field(max_length=80)]
"""A document's number, a receipt's, or a summary."""


FileMark = Annotated[str, Field(pattern=r"^[0-9a-f]{12}(\.(csv|txt|xls|xlsx|xml))?$")]
"""A file by the beginning of its SHA-256 and the ending of its name: the name itself may be somebody's."""


class VoucherRef(Value):
    """A voucher's name in its fund (凭证字号)."""

    word: Word
    month: Month
    number: int = Field(ge=1)
