"""Policy sets, standards and calendars as staff write them in YAML: refused whole with the line and the reason."""

from datetime import date
from typing import Protocol, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from events.policy import CalendarPublished, PolicyPublished, StandardPublished
from services.chassis.decider import Refused
from services.relief.contradictions import contradictions

Published = PolicyPublished | StandardPublished | CalendarPublished
"""What a file may hold."""

_KINDS: dict[str, type[Published]] = {
    "policy": PolicyPublished,
    "standard": StandardPublished,
    "calendar": CalendarPublished,
}

_REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字,数字代码请加引号",
    "int_type": "应为整数",
    "literal_error": "不在可选的值之内",
}


class _Mark(Protocol):
    """A place in the file; of the two kinds that the library has, neither knows of the other."""

    @property
    def line(self) -> int: ...


class BadPolicy(Refused):
    """A file that cannot be published. ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__("bad_policy", f"第{line}行:{reason}。")
        self.line = line
        self.reason = reason


def parse(text: str) -> list[Published]:
    """What a file publishes, each a YAML document under the key ``policy``, ``standard`` or ``calendar``.

    Raises ``BadPolicy`` at the first fault; then nothing of the file counts.
    """
    return [_published(node) for node in _compose(text)]


def _compose(text: str) -> list[yaml.Node]:
    try:
        _refuse_references(text)
        return list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        raise BadPolicy(text.count("\n", 0, error.position) + 1, "含有不允许的字符") from None
    except yaml.MarkedYAMLError as error:
        raise BadPolicy(_line(error.problem_mark or error.context_mark), "不是合格的 YAML") from None


def _refuse_references(text: str) -> None:
    """References may nest without end, and a policy needs none."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise BadPolicy(_line(event.start_mark), "不能使用引用(*)")


def _published(document: yaml.Node) -> Published:
    content = _plain_mapping(document) if isinstance(document, yaml.MappingNode) else {}
    if len(content) != 1 or not content.keys() <= _KINDS.keys():
        raise BadPolicy(_line(document.start_mark), "每份文件应只有 policy、standard 或 calendar 一项")
    ((kind, body),) = content.items()
    try:
        fact = _KINDS[kind].model_validate(body)
    except ValidationError as error:
        raise _fault(document, kind, error.errors(include_url=False, include_input=False)[0]) from None
    match fact:
        case CalendarPublished():
            _check_days(document, fact)
            _check_source(document, kind, fact.document)
        case PolicyPublished():
            _check_whole(document, fact)
        case StandardPublished():
            _check_source(document, kind, fact.document)
    return fact


def line_of(text: str, fact: Published, path: tuple[str, ...]) -> int:
    """The line of the file ``text`` on which a part of what it publishes stands."""
    for document in _compose(text):
        if _published(document) == fact:
            (kind,) = _inside(document)
            return _line(_at(document, (kind, *path)).start_mark)
    return 1


def _check_whole(document: yaml.Node, fact: PolicyPublished) -> None:
    """A set that contradicts itself cannot be published."""
    wrong = next(contradictions(fact), None)
    if wrong is not None:
        path = ("policy", *wrong.path)
        raise BadPolicy(_line(_at(document, path).start_mark), f"{'.'.join(path)} {wrong.reason}")


def _fault(document: yaml.Node, kind: str, error: ErrorDetails) -> BadPolicy:
    path = (kind, *error["loc"])
    reason = _REASONS.get(error["type"], "值不合要求")
    return BadPolicy(_line(_at(document, path).start_mark), f"{'.'.join(map(str, path))} {reason}")


def _check_source(document: yaml.Node, kind: str, source: str) -> None:
    if not source.strip():
        raise BadPolicy(_line(_at(document, (kind, "document")).start_mark), f"{kind}.document 应写明依据的文件")


def _check_days(document: yaml.Node, fact: CalendarPublished) -> None:
    """A day of another year, or both off and worked, would silently be no holiday."""
    seen: set[date] = set()
    for name, listed in (("days_off", fact.days_off), ("days_worked", fact.days_worked)):
        for number, day in enumerate(listed):
            if day.year != fact.year or day in seen:
                place = _at(document, ("calendar", name, number))
                raise BadPolicy(_line(place.start_mark), f"{name} 中的 {day} 不属于该年或重复")
            seen.add(day)


def _plain(node: yaml.Node) -> object:
    """The values of a node. Dates and truth values stay words, which the facts' own types read."""
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in _items(node)]
    if node.tag.endswith(":null"):
        return None
    word = str(node.value)
    return int(word) if node.tag.endswith(":int") and word.isdecimal() else word


def _plain_mapping(node: yaml.MappingNode) -> dict[str, object]:
    content: dict[str, object] = {}
    for key, value in _pairs(node):
        if key.value in content:
            raise BadPolicy(_line(key.start_mark), f"{key.value} 重复")
        content[str(key.value)] = _plain(value)
    return content


def _at(node: yaml.Node, path: tuple[str | int, ...]) -> yaml.Node:
    """The node at a path, or the last one on the way to it."""
    for step in path:
        inside = _inside(node)
        if step not in inside:
            return node
        node = inside[step]
    return node


def _inside(node: yaml.Node) -> dict[str | int, yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value for key, value in _pairs(node)}
    return dict(enumerate(_items(node))) if isinstance(node, yaml.SequenceNode) else {}


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast(list[tuple[yaml.Node, yaml.Node]], node.value)


def _items(node: yaml.SequenceNode) -> list[yaml.Node]:
    return cast(list[yaml.Node], node.value)


def _line(mark: _Mark | None) -> int:
    return 1 if mark is None else mark.line + 1
