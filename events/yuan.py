"""Amounts in fen (分) as people write them in yuan (元)."""


def yuan(fen: int) -> str:
    """In a sentence: ``2000元``, ``0.05元``."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}元" if rest else f"{whole}元"


def yuan_of(fen: int) -> str:
    """In a table: ``33,866.39``."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02}"
