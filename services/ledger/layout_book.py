"""The layouts that a county's staff have mapped (对照关系), beside those that are shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events.bank import LayoutFact, LayoutSaved
from events.fact import Recorded
from services.chassis.decider import Circumstances, Decider


@dataclass(frozen=True, slots=True)
class SaveLayout:
    """Save what the headings of a statement mean; ``document`` is a layout as JSON. The last one of an id counts."""

    layout_id: str
    document: str


Book = Mapping[str, str]
"""The layouts' documents, by id."""


def decide(book: Book, command: SaveLayout, now: Circumstances) -> Sequence[LayoutFact]:
    """Save it, unless it is saved just so already."""
    if book.get(command.layout_id) == command.document:
        return ()
    return (LayoutSaved(layout_id=command.layout_id, document=command.document, saved_by=now.actor.id),)


def evolve(book: Book, recorded: Recorded[LayoutFact]) -> Book:
    """The layouts with this one."""
    return {**book, recorded.fact.layout_id: recorded.fact.document}


def answer(facts: Sequence[LayoutFact]) -> Mapping[str, Any]:
    """The layout's id."""
    return facts[0].model_dump(include={"layout_id"}) if facts else {}


DECIDER: Decider[SaveLayout, Book, LayoutFact] = Decider({}, decide, evolve, answer)
