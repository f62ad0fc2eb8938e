"""Pseudonyms: keyed digests that stand for a person, a phone or an address, so that equals are found unread."""

import hmac
import re
import unicodedata
from hashlib import sha256

from services.chassis.framing import framed

_PEPPER_BYTES = 32
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10X98765432"


class Pseudonyms:
    """Stable pseudonyms (化名) under one secret, the pepper, of at least 32 bytes.

    Claim keys are made of them, so neither the pepper nor the normalising may ever change. Every method raises
    ``ValueError`` for a value that leaves nothing to tell apart, because all such values would be one person.
    """

    def __init__(self, pepper: bytes) -> None:
        if len(pepper) < _PEPPER_BYTES:
            raise ValueError(f"the pepper has fewer than {_PEPPER_BYTES} bytes")
        self._person, self._phone, self._address, self._term, self._digest = (
            hmac.new(hmac.digest(pepper, purpose, sha256), digestmod=sha256)
            for purpose in (b"person", b"phone", b"address", b"term", b"digest")
        )

    def person(self, id_number: str) -> str:
        """The pseudonym of the holder of an ID number (居民身份证号码). One of 15 digits stands for its successor."""
        return _pseudonym(self._person, normal_id_number(id_number))

    def phone(self, number: str) -> str:
        """The pseudonym of a phone number, with or without separators and the prefix of China."""
        return _pseudonym(self._phone, normal_phone(number))

    def address(self, division: str, text: str) -> str:
        """The pseudonym of an address as written, within a division."""
        return _pseudonym(self._address, division, normal_address(text))

    def term(self, kind: str, text: str) -> str:
        """The pseudonym of a word of another kind, a payee's name or an account, within that kind."""
        return _pseudonym(self._term, kind, _compact(text))

    def digest(self, *parts: bytes) -> bytes:
        """A keyed digest of what a caller said, 32 bytes, under a key of its own."""
        return _keyed(self._digest, framed(*parts)).digest()


def normal_id_number(id_number: str) -> str:
    """Half-width, without white space, upper-case, in 18 digits. Whatever is no ID number stays as it is written."""
    written = _compact(id_number).upper()
    if not re.fullmatch(r"[0-9]{15}", written):
        return written
    body = f"{written[:6]}19{written[6:]}"
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, body, strict=True))
    return body + _ID_CHECK_DIGITS[total % 11]


def normal_phone(number: str) -> str:
    """The digits alone, without ``+86`` or ``0086``."""
    dialled = re.sub(r"[^0-9+]", "", _compact(number))
    return re.sub(r"^(\+86|0086)", "", dialled).replace("+", "")


def normal_address(text: str) -> str:
    """Half-width and without white space."""
    return _compact(text)


def is_blank(text: str) -> bool:
    """Whether nothing can be seen of a text: it is empty, white space, or signs that have no shape."""
    return not text.strip() or not (text.isprintable() or _compact(text))


def _compact(text: str) -> str:
    """Half-width, without white space and the invisible characters that come along when text is pasted."""
    half_width = "".join(unicodedata.normalize("NFKC", text).split())
    if half_width.isprintable():  # nothing invisible is left, as nearly always
        return half_width
    return "".join(sign for sign in half_width if unicodedata.category(sign) != "Cf")


def _pseudonym(key: hmac.HMAC, *parts: str) -> str:
    if not parts[-1]:
        raise ValueError("nothing is left to make a pseudonym of")
    # a lone surrogate must not raise: the codec's error would hold the text
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    return _keyed(key, framed(*encoded)).hexdigest()


def _keyed(key: hmac.HMAC, content: bytes) -> hmac.HMAC:
    """The digest of content, begun where the key has been taken in already: a report has ten of them."""
    begun = key.copy()
    begun.update(content)
    return begun
