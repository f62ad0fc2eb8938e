"""Length-prefixed framing, for whatever is hashed or authenticated as several parts."""


def framed(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes, so that no two lists of parts give the same bytes."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])
