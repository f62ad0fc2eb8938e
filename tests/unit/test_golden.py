"""The committed schemas equal the facts of today, and what was released stays as it was."""

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from events import golden
from events.fact import Fact, Public, Value, fact_types
from events.ledger import Reserved
from tests.support import counter

RESERVED = "ledger.reserved.1.json"
FIRST_REPORT = "intake.report_received.1.json"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the committed schemas, brought up to date."""
    folder = shutil.copytree(golden.SCHEMAS, tmp_path / "schemas")
    golden.write(folder)
    return folder


def release(folder: Path, name: str) -> None:
    with (folder / "released.sha256").open("a") as released:
        released.write(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n")


def change(file: Path) -> None:
    file.write_text(file.read_text().replace('"hold_id"', '"held_id"').replace('"order_number"', '"order_no"'))


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object inside a schema."""
    if isinstance(node, dict):
        schema = cast(dict[str, Any], node)
        if schema.get("type") == "object":
            yield schema
        node = list(schema.values())
    if isinstance(node, list):
        for part in cast(list[Any], node):
            yield from objects(part)


# --- what is committed ---


def test_the_committed_schemas_equal_the_facts() -> None:
    assert golden.check() == []


@pytest.mark.parametrize("file", sorted(golden.SCHEMAS.glob("*.json")), ids=lambda file: file.name)
def test_a_committed_schema_is_valid_names_itself_and_is_closed_all_through(file: Path) -> None:
    schema = json.loads(file.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    name, version = file.stem.rsplit(".", 1)
    assert schema["$id"] == f"urn:jiujinan:{name}:{version}"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert [part for part in objects(schema) if part.get("additionalProperties") is not False] == []


def test_the_facts_that_tests_register_have_no_schema() -> None:
    assert counter.Counted.NAME in fact_types()
    assert counter.Counted.NAME not in golden.facts()


def test_a_schema_holds_the_shape_and_no_words() -> None:
    class Told(Value):
        """What people may reword at any time."""

        title: str
        """A field may be called like that."""

    class Reworded(Public):
        """What people may reword at any time."""

        description: Told

    Reworded.NAME, Reworded.VERSION = "test.reworded", 1
    schema = golden.schema(Reworded)
    assert "people" not in json.dumps(schema)
    assert list(schema["properties"]) == ["description"]
    assert "title" in schema["$defs"]["Told"]["properties"]


# --- what the check finds ---


def test_a_schema_that_is_missing_is_found_and_written(schemas: Path) -> None:
    (schemas / RESERVED).unlink()
    assert golden.check(schemas) == [f"{RESERVED} is missing: run python -m events.golden --write"]
    golden.write(schemas)
    assert golden.check(schemas) == []


def test_a_schema_that_differs_is_found_and_written(schemas: Path) -> None:
    change(schemas / RESERVED)
    assert golden.check(schemas) == [f"{RESERVED} differs from the code: run python -m events.golden --write"]
    golden.write(schemas)
    assert golden.check(schemas) == []


@pytest.mark.parametrize("name", ["ledger.reserved.2.json", "ledger.reserved.json", "relief.case_dreamt.1.json"])
def test_a_schema_of_no_fact_is_found(schemas: Path, name: str) -> None:
    shutil.copy(schemas / RESERVED, schemas / name)
    assert [complaint.split(" is no fact's of today")[0] for complaint in golden.check(schemas)] == [name]


def test_a_released_schema_that_was_edited_is_found_and_not_written_over(schemas: Path) -> None:
    release(schemas, RESERVED)
    change(schemas / RESERVED)
    edited = (schemas / RESERVED).read_bytes()
    golden.write(schemas)
    assert (schemas / RESERVED).read_bytes() == edited
    assert golden.check(schemas) == [f"{RESERVED} is released and must stay as it was"]


def test_a_released_schema_whose_fact_has_changed_asks_for_a_new_version(schemas: Path) -> None:
    change(schemas / RESERVED)
    release(schemas, RESERVED)
    golden.write(schemas)
    assert golden.check(schemas) == [f"{RESERVED} is released: the changed fact needs a new version and an upcast"]


@pytest.mark.parametrize("damage", [Path.unlink, change])
def test_the_schema_of_an_old_version_is_kept_as_it_was(schemas: Path, damage: Any) -> None:
    damage(schemas / FIRST_REPORT)
    assert golden.check(schemas) == [f"{FIRST_REPORT} is released and must stay as it was"]


def test_the_schema_of_an_old_version_cannot_be_dropped_from_the_list(schemas: Path) -> None:
    (schemas / "released.sha256").write_text("")
    (schemas / FIRST_REPORT).unlink()
    assert [complaint.split(" is no fact's of today")[0] for complaint in golden.check(schemas)] == [FIRST_REPORT]


# --- the command ---


def test_the_command_says_nothing_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert golden.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_the_command_names_what_is_wrong_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_one() -> dict[str, type[Fact]]:
        return {name: fact for name, fact in facts.items() if fact is not Reserved}

    facts = golden.facts()
    monkeypatch.setattr(golden, "facts", without_one)
    assert golden.main(["--check"]) == 1
    assert f"{RESERVED} is no fact's of today" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--write", "--check"]])
def test_the_command_wants_one_task(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        golden.main(arguments)
    assert "usage" in capsys.readouterr().err
