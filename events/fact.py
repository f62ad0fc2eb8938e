"""What a fact is: a frozen model with a written-down type name and schema version, and the envelope it is stored in."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

_registry: dict[str, type["Fact"]] = {}


class Value(BaseModel):
    """A frozen part of a fact. Closed: an unknown field is an error; messages never repeat the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Sealed(Value):
    """Personal data that only a holder of the data subject's key can read (加密信封).

    Everything but ``box`` is authenticated, so an envelope cannot be moved to another person or field unnoticed.
    After the subject's key is destroyed the envelope stays as it is, and opening it says "erased".
    """

    suite: str = Field(max_length=16)
    key_id: str = Field(max_length=64)
    subject: str = Field(max_length=128)
    field: str = Field(max_length=64)
    box: str
    """Base64 of nonce and ciphertext."""


class Fact(Value):
    """Something that has happened. Never changed, never deleted; private to its service unless ``Public``.

    A concrete fact is declared with its stored name: ``class CaseOpened(Public, name="relief.case_opened")``.
    The name outlives every rename of the class; ``version`` rises when the schema breaks, with an upcaster.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    PUBLIC: ClassVar[bool] = False

    def __init_subclass__(cls, name: str = "", version: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not name:
            return
        if name in _registry:
            raise TypeError(f"two facts are named {name}")
        cls.NAME, cls.VERSION = name, version
        _registry[name] = cls

    def takes(self) -> tuple[str, ...]:
        """The claim keys that this fact takes for its stream (占用); at most one stream of a log holds a key."""
        return ()

    def releases(self) -> tuple[str, ...]:
        """The claim keys that this fact frees again."""
        return ()


class Public(Fact):
    """A fact that may travel to other services. It may carry ``Sealed`` fields, never plain personal data."""

    PUBLIC = True


class Actor(Value):
    """Who acts: a member of staff by staff id, a vendor's system, or a rule of ours (``rule`` names it)."""

    id: str = Field(max_length=64)
    role: str = Field(max_length=32)
    scope: str = Field(max_length=12)
    """The division code (county or township) inside which the role holds; empty means everywhere."""
    rule: str | None = Field(default=None, max_length=64)


class Meta(Value):
    """What is recorded beside every fact: who, because of what, in which story."""

    actor: Actor
    correlation: str = Field(max_length=64)
    causation: str = Field(max_length=64)
    traceparent: str | None = Field(default=None, max_length=64)


F_co = TypeVar("F_co", bound=Fact, covariant=True)


class Recorded(NamedTuple, Generic[F_co]):
    """A fact as its log holds it: which log and position, which stream and version, and both times.

    ``occurred_at`` is when it happened in the world, ``recorded_at`` when we learned of it.
    """

    division: str
    position: int
    stream: str
    version: int
    fact: F_co
    fact_id: UUID
    command_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    meta: Meta


def fact_types() -> Mapping[str, type[Fact]]:
    """Every concrete fact by its stored name, as far as its module has been imported."""
    return MappingProxyType(_registry)


class UnknownFact(LookupError):
    """A stored or received type name that this release does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown fact type {name[:80]!r}")
        self.name = name
