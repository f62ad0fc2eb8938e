"""Payment numbers (支付编号): what we print into a transfer's 用途 or 附言, and know again in the bank's statement."""

import re
from collections.abc import Sequence

PAYMENT = "LS"
BATCH = "LB"
"""The prefix of a batch (代发), which bears the digits of its first payment."""

_WRITTEN = re.compile(r"(LS|LB)([0-9]{18})(?![0-9])")
_COUNTY_DIGITS, _PLACE_DIGITS = 6, 9

# Damm's quasigroup of order 10: totally anti-symmetric, so that one wrong digit and two swapped ones always show.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def payment_number(place: str, year: int, ordinal: int) -> str:
    """The number of a fund's payment: 20 characters, the last a check digit.

    ``place`` is the fund's county or township, ``year`` its budget year, ``ordinal`` counts its payments from 1.
    Raises ``ValueError`` beyond the 999,999th.
    """
    if not 0 < ordinal <= 999_999:
        raise ValueError("a fund has 999,999 payment numbers a year")
    digits = f"{place:0<{_PLACE_DIGITS}}{year % 100:02d}{ordinal:06d}"
    return f"{PAYMENT}{digits}{check_digit(digits)}"


def batch_number(first_payment: str) -> str:
    """The number of the batch that begins with this payment. A payment is in one batch for ever, so it is unique."""
    return BATCH + first_payment.removeprefix(PAYMENT)


def check_digit(digits: str) -> int:
    """Damm's check digit of some digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def numbers_in(text: str) -> Sequence[str]:
    """The payment and batch numbers in a bank's words, each once, in order. Banks break lines and change the case.

    A number whose check digit is wrong is none: it may be another household's.
    """
    written = text.upper()
    found = (*_WRITTEN.findall(written), *_WRITTEN.findall("".join(written.split())))
    return tuple(dict.fromkeys(prefix + digits for prefix, digits in found if check_digit(digits) == 0))
