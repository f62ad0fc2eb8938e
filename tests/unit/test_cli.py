"""The command line, as far as it can be seen without a database: what it offers, and how it says what is wrong."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from jiujinan.cli import main
from jiujinan.environment import SERVICES

SECRET = "not-to-be-shown"
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
UNREACHABLE = f"postgresql://app:{SECRET}@127.0.0.1:9/none"
SETTINGS = {
    "DATABASE_URL": UNREACHABLE,
    "KEYRING_URL": UNREACHABLE,
    "KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "MASTER_KEY": KEY,
    "PEPPER": KEY,
    "ACCESS_FILE": __file__,
}
OURS = dict.fromkeys((*SETTINGS, "OWNER_URL", *(f"{service.upper()}_URL" for service in SERVICES)))
"""Whatever the process that runs the tests was told, the command is not."""

NO_DATABASE = "Error: 没有给出数据库地址:请用 --data 指明数据目录,或者设置 INTAKE_URL、RELIEF_URL、LEDGER_URL\n"


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env={**OURS, **environment})


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command by the words that name it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


def test_everything_that_the_deployment_files_and_the_makefile_call_is_there() -> None:
    assert {("serve",), ("migrate",), ("topics",), ("schemas",), ("run",), ("demo",)} < set(commands(main))


@pytest.mark.parametrize("path", [*commands(main)], ids=" ".join)
def test_a_command_says_in_chinese_what_it_does(path: tuple[str, ...]) -> None:
    result = invoke(*path, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout.partition("Options:")[0])


def test_every_tool_speaks_json_where_a_program_asks() -> None:
    """What serves until it is stopped has no result; others never speak anything else, or a single word."""
    without = {path for path in commands(main) if "--json" not in invoke(*path, "--help").stdout}
    groups = {path[:size] for path in commands(main) for size in range(1, len(path))}
    alike = {("generate",), ("sample",), ("token",), ("statement", "import")}
    assert without - groups == {("run",), ("demo",), ("serve",)} | alike


@pytest.mark.parametrize("missing", SETTINGS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_lacks_a_setting_names_it_says_nothing_else_and_exits_with_2(service: str, missing: str) -> None:
    given = {name: value for name, value in SETTINGS.items() if name != missing}
    result = invoke("serve", service, **given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {missing} (or {missing}_FILE) is not set\n"


def test_a_setting_that_cannot_be_used_is_named_without_its_value() -> None:
    result = invoke("serve", "intake", **SETTINGS | {"MASTER_KEY": SECRET})
    assert (result.exit_code, result.stderr) == (2, "Error: MASTER_KEY cannot be used\n")


def test_a_migration_needs_both_roles() -> None:
    result = invoke("migrate", "intake", OWNER_URL=UNREACHABLE)
    assert (result.exit_code, result.stderr) == (2, "Error: DATABASE_URL (or DATABASE_URL_FILE) is not set\n")
    result = invoke("migrate", "intake", OWNER_URL=UNREACHABLE, DATABASE_URL="postgresql:///none")
    assert (result.exit_code, result.stderr) == (2, "Error: DATABASE_URL names no user\n")


def test_a_tool_that_knows_no_database_names_the_variables() -> None:
    result = invoke("verify")
    assert (result.exit_code, result.stderr) == (2, NO_DATABASE)


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("history", "C-1"),
        ("rebuild", "caseload", "--service", "relief"),
        ("republish", "--service", "relief", "--since", "2026-11-02"),
        ("dlq", "list", "--service", "relief"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_database_that_is_away_is_an_error_without_its_address(arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments, RELIEF_URL=UNREACHABLE, KAFKA_BOOTSTRAP="127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: 数据库不能用")
    assert SECRET not in result.output


def test_an_embedded_installation_is_found_by_its_directory(tmp_path: Path) -> None:
    known = {"RELIEF_URL": UNREACHABLE}
    (tmp_path / "environment.json").write_text(json.dumps(known), encoding="utf-8")
    assert invoke("verify", "--data", str(tmp_path)).exit_code == 1
    assert invoke("verify", "--data", str(tmp_path), "--service", "ledger").stderr.startswith("Error: LEDGER_URL")


@pytest.mark.parametrize("content", [None, "no json"], ids=["missing", "damaged"])
def test_a_directory_without_an_installation_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "environment.json").write_text(content, encoding="utf-8")
    result = invoke("verify", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


def test_an_address_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{UNREACHABLE}\n", encoding="utf-8")
    assert invoke("verify", RELIEF_URL_FILE=str(tmp_path / "url")).exit_code == 1
    assert invoke("verify", RELIEF_URL_FILE=str(tmp_path / "gone")).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"--county": "990101"},
        {"--from": "1"},
        {"--county": "990101", "--from": "1", "--since": "2026-11-02"},
        {"--county": "990101", "--from": "0"},
        {"--since": "yesterday"},
    ],
)
def test_what_to_publish_again_must_be_said_in_one_of_two_ways(arguments: Mapping[str, str]) -> None:
    words = [word for pair in arguments.items() for word in pair]
    assert invoke("republish", "--service", "relief", *words, RELIEF_URL=UNREACHABLE).exit_code == 2


@pytest.mark.parametrize("letter", ["17", "relief:17", "relief:990101:last"])
def test_a_dead_letter_is_named_by_source_log_and_position(letter: str) -> None:
    assert invoke("dlq", "show", letter, "--service", "intake", INTAKE_URL=UNREACHABLE).exit_code == 2
    assert invoke("dlq", "show", "relief:990101:17", "--service", "intake", INTAKE_URL=UNREACHABLE).exit_code == 1


@pytest.mark.parametrize(
    "said",
    [{"--reason": "请丢弃 13800000000", "--by": "S-1"}, {"--reason": "test_record", "--by": "张三"}, {"--by": "S-1"}],
)
def test_who_discards_gives_a_code_and_a_staff_id_and_no_free_text(said: Mapping[str, str]) -> None:
    words = [word for pair in said.items() for word in pair]
    result = invoke("dlq", "discard", "relief:990101:17", "--service", "intake", *words, INTAKE_URL=UNREACHABLE)
    assert result.exit_code == 2


def test_the_schemas_fit_the_code() -> None:
    result = invoke("schemas", "--check", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"complaints": []})


def test_a_history_is_of_the_installation_in_this_folder_where_nothing_else_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = invoke("history", "case-1")
    assert (nowhere.exit_code, nowhere.stderr) == (2, NO_DATABASE)
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "environment.json").write_text(json.dumps({"RELIEF_URL": UNREACHABLE}), encoding="utf-8")
    here = invoke("history", "case-1")
    assert here.exit_code == 1
    assert "数据库不能用" in here.stderr
