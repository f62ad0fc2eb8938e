"""The project's Markdown documents, as the documentation tests read them."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Document:
    """A Markdown file: its path below the project's root, and its text."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """The fenced blocks: language and content."""
        return _FENCE.findall(self.text)

    @cached_property
    def prose(self) -> str:
        """What stands outside the blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def commands(self) -> list[str]:
        """The lines of the blocks in ``sh``, and of those in ``console`` what stands behind a prompt."""
        shell = [line for language, content in self.blocks if language == "sh" for line in content.splitlines()]
        console = [line for language, content in self.blocks if language == "console" for line in content.splitlines()]
        return [line for line in shell if line.strip()] + [line[2:] for line in console if line.startswith("$ ")]

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """The headings: level and text."""
        return [(len(signs), text) for signs, text in _HEADING.findall(self.prose)]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link into the document may name, as GitHub derives it from the headings."""
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in self.headings}

    @cached_property
    def spans(self) -> list[str]:
        """What stands in backticks outside the blocks."""
        return _SPAN.findall(self.prose)

    @cached_property
    def links(self) -> list[str]:
        """Where the links lead."""
        return _LINK.findall(self.prose)

    def section(self, heading: str) -> str:
        """The text under a heading, down to the next one of its level or above."""
        (level,) = [level for level, text in self.headings if text == heading]
        behind = self.prose.split(f"\n{'#' * level} {heading}\n", 1)[1]
        return re.split(rf"^#{{1,{level}}} ", behind, maxsplit=1, flags=re.MULTILINE)[0]

    def rows(self, heading: str) -> list[list[str]]:
        """The cells of all tables under a heading, without their heads."""
        rows = [line for line in self.section(heading).splitlines() if line.startswith("|")]
        rules = [number for number, row in enumerate(rows) if set(row) <= set("|-: ")]
        bodies = [row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules]
        return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in bodies]


def spans_in(text: str) -> list[str]:
    """What stands in backticks in a cell or a paragraph."""
    return _SPAN.findall(text)


def read(path: str) -> Document:
    """A document of the project."""
    return Document(path, (ROOT / path).read_text(encoding="utf-8"))


PATHS = ("README.md", "README.zh.md", "CONTRIBUTING.md", "k8s/README.md", "samples/README.md")
DOCUMENTS = [read(path) for path in (*PATHS, *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")))]
