"""A file in an envelope: its bytes are sealed as they are. As text they would be in memory nine times over."""

from dataclasses import dataclass

from pydantic import ValidationError

from events.fact import Sealed

_LINE_END = b"\n"


class NotSealed(Exception):
    """Bytes that are no file in an envelope."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that only a holder of the data subject's key can read."""

    head: Sealed
    """By which key, and of whom. The first files that were kept lie in it, as base64."""
    box: bytes
    """Nonce and ciphertext."""


def written(head: Sealed, *box: bytes) -> bytes:
    """A file as it is kept: the head on a line of its own, then the pieces of its box."""
    return b"".join((head.model_dump_json().encode(), _LINE_END, *box))


def read_file(kept: bytes) -> SealedFile:
    """What ``written`` gave. Raises ``NotSealed``."""
    head, _, box = kept.partition(_LINE_END)
    try:
        return SealedFile(Sealed.model_validate_json(head), box)
    except ValidationError:
        raise NotSealed from None  # what was tried to be read may be anybody's words
