"""What is wrong with a field of a request, said without repeating it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that could not be read: where (a JSON pointer), why (a code, a Chinese sentence), never its value."""

    pointer: str
    code: str
    message: str
