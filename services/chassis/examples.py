"""Examples of what is sent and answered, composed from a service's vocabulary (``examples.yaml``).

A word is an example of a property, by its name or as ``Model.property``; a model's example is made of its properties'.
So a new command has its example as soon as every word in it has one. A schema may bring its own; what words cannot
compose stands in the vocabulary whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

Json = dict[str, Any]


class NoExample(LookupError):
    """A property has no word, and its schema does not say what it may be."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A service's words, and what is sent and answered whole, by ``METHOD /path``."""

    words: Mapping[str, Any] = field(default_factory=dict[str, Any])
    requests: Mapping[str, Any] = field(default_factory=dict[str, Any])
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The names of the facts that a command gives, mostly."""
    keyless: tuple[str, ...] = ()
    """The operations that say something and bear no ``Idempotency-Key``."""

    @classmethod
    def of(cls, package: str) -> "Vocabulary":
        """What lies in a package's ``examples.yaml``."""
        return cls(**yaml.safe_load(files(package).joinpath("examples.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes examples for the schemas of one document."""

    words: Mapping[str, Any]
    schemas: Mapping[str, Json]

    def example(self, schema: Json, name: str = "", model: str = "") -> Any:
        """An example that fits a schema; ``name`` is the property's, ``model`` whose it is. Raises ``NoExample``."""
        for word in (f"{model}.{name}", name):
            if word in self.words:
                return self.words[word]
        if "examples" in schema:
            return schema["examples"][0]
        if "$ref" in schema:
            model = schema["$ref"].rpartition("/")[2]
            return self.example(self.schemas[model], model=model)
        return self._of_choice(schema, name, model) if _CHOICES & schema.keys() else self._of_type(schema, name, model)

    def _of_choice(self, schema: Json, name: str, model: str) -> Any:
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        choices = schema.get("anyOf") or schema["oneOf"]
        return None if _NULL in choices else self.example(choices[0], name, model)

    def _of_type(self, schema: Json, name: str, model: str) -> Any:
        match schema.get("type"):
            case "object":
                return self._of_object(schema, model)
            case "array":
                return [self.example(schema["items"], model=model)]
            case "boolean":
                return True
            case _:
                raise NoExample(f"{model}.{name}")

    def _of_object(self, schema: Json, model: str) -> Json:
        required = schema.get("required", ())
        return {
            name: self.example(each, name, model)
            for name, each in schema.get("properties", {}).items()
            if name in required or self._has_word(name, model)
        }

    def _has_word(self, name: str, model: str) -> bool:
        return f"{model}.{name}" in self.words or name in self.words


_NULL: Json = {"type": "null"}
_CHOICES = frozenset({"const", "enum", "anyOf", "oneOf"})
