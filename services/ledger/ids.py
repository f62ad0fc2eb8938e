"""How funds and payees are named: a fund by its place and budget year, a stream by what it is of."""

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
