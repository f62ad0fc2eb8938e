"""How funds, payees and bank accounts are named: a fund by its place and budget year, a stream by what it is of."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("b6a3f8d1-77c5-5e0e-8a52-0f4d1be6c7a9")


def fund_id_of(place: str, year: int) -> str:
    """The fund of a county or township (by its code) for a budget year."""
    return f"{place}-{year}"


def place_of(fund_id: str, division: str) -> str:
    """Whose fund an id names: a township, or else the county itself, also where the id names no fund of the county."""
    place = fund_id.partition("-")[0]
    return place if place.startswith(division) else division


def fund_stream(fund_id: str) -> str:
    """The stream of a fund, in its county's log."""
    return f"fund:{fund_id}"


def payee_stream(payee_ref: str) -> str:
    """The stream of a payee, and the data subject of what is sealed about them."""
    return f"payee:{payee_ref}"


def derived(*words: str) -> str:
    """An id that follows from what it names."""
    return str(uuid5(_NAMESPACE, "|".join(words)))


def account_id_of(place: str, number: str) -> str:
    """The bank account of a place, by the last four digits of its number."""
    return f"B{place}-{number[-4:]}"


def account_place(account_id: str) -> str:
    """Whose account an id names."""
    return account_id[1:].partition("-")[0]


def account_division(account_id: str) -> str:
    """The county in whose log an account is."""
    return account_id[1:7]


def account_stream(account_id: str) -> str:
    """The stream of a bank account, and the data subject of its number."""
    return f"account:{account_id}"


def line_subject(account_id: str, line_id: str) -> str:
    """The data subject of what one line of a statement says of people."""
    return f"line:{account_id}:{line_id}"


def layouts_stream(division: str) -> str:
    """The stream of the layouts that a county has mapped."""
    return f"layouts:{division}"


def batch_stream(batch_id: str) -> str:
    """The stream of a batch, and the data subject of the bank's words about it."""
    return f"batch:{batch_id}"
