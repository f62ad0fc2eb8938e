"""What the documentation says is so: its commands, paths, links, routes, roles, codes, settings, metrics and alerts."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import get_args

import click
import pytest
import yaml
from fastapi import FastAPI
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import jiujinan.player as player
from events import golden
from events.fact import Public
from jiujinan.cli import main
from jiujinan.environment import Environment
from services.chassis.access import load_access
from services.chassis.problems import Problem, answer
from services.chassis.settings import BadSetting, read_settings
from services.intake.app import BLUEPRINT as INTAKE
from services.intake.receiving import report_id_of
from services.intake.subscriptions import Event
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from services.relief.subscribers import case_id_of
from tests.architecture.sources import Module, modules
from tests.docs.documents import DOCUMENTS, ROOT, Document, read, spans_in
from tests.docs.test_first_calls import COMMANDS as FIRST_CALLS

README, CHINESE = read("README.md"), read("README.zh.md")
API, OPERATIONS, DECISIONS = read("docs/api.md"), read("docs/operations.md"), read("docs/decisions.md")
ROLES: Mapping[str, list[str]] = yaml.safe_load((ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))
SERVICES = modules("services")
TOOLS = modules("jiujinan")

# --- commands ---

COMMANDS = sorted({command for document in DOCUMENTS for command in document.commands})
CALLS = [command for command in COMMANDS if command in FIRST_CALLS]
"""Made by ``tests/docs/test_first_calls.py``."""

RUN_HERE = [
    ".venv/bin/jiujinan schemas --check",
    "promtool test rules deploy/prometheus/rules_test.yml deploy/prometheus/rules_days_test.yml",
    "python3 -c 'import hashlib, secrets; t = secrets.token_urlsafe(24);"
    " print(t, hashlib.sha256(t.encode()).hexdigest())'",
]

_THIS_RUN = "this very run, or a part of it"
_RUNS = "tests/story/test_the_two_commands.py calls it while the demonstration runs"
_CHECK = "the continuous integration runs make check: .ci/run"
_FINANCE = "run by tests/integration/ledger/test_finance_commands.py; its words are checked below"
_TOOL = "tests/unit/test_cli.py and the tests of the tool in tests/integration; its words are checked below"
ELSEWHERE = {
    "OWNER_URL=postgresql://keyring_owner:secret@host/keyring MASTER_KEY_ID=m2 MASTER_KEY_FILE=new"
    " OTHER_MASTER_KEYS_FILE=old jiujinan keys rotate --json": _TOOL,
    "jiujinan erase --case 22201168-5707-5890-a554-94aa3a4e1312 --reason retention_ended --by S-0001": _TOOL,
    "jiujinan erase --person --reason retention_ended --by S-0001": _TOOL,
    "jiujinan keys erasures --json": _TOOL,
    "make run": "tests/story/test_the_two_commands.py runs what it runs",
    'make run ARGS="--data /var/tmp/jiujinan --port-base 9000"': "as make run; its words are checked below",
    "make test": _THIS_RUN,
    'make test ARGS="-k fund"': _THIS_RUN,
    'make test WORKERS=0 ARGS="tests/unit/relief"': _THIS_RUN,
    'JIUJINAN_SEEDS=1000 make test ARGS="tests/simulation"': "more of what this run does",
    ".venv/bin/pytest -q tests/unit/ledger": _THIS_RUN,
    ".venv/bin/pytest -q tests/unit/test_golden.py tests/unit/test_upcasts.py tests/architecture": _THIS_RUN,
    "make check": _CHECK,
    ".venv/bin/ruff check": _CHECK,
    ".venv/bin/ruff format --check": _CHECK,
    ".venv/bin/pyright": _CHECK,
    ".venv/bin/lint-imports": _CHECK,
    ".venv/bin/yamllint --strict .": _CHECK,
    "make bench": "takes minutes, and its figures are no test",
    "make lock": "needs the package index; tests/deploy/test_locks.py reads what it wrote",
    "sh deploy/secrets.sh": "tests/deploy/test_service_settings.py runs a copy, which writes nothing into the tree",
    "docker compose up --build": "needs an engine; tests/deploy/test_compose_file.py checks the file",
    "docker compose --profile watch up --build": "needs an engine; tests/deploy/test_watching.py checks its files",
    "kubectl apply -k k8s": "needs a cluster; tests/deploy/test_kubernetes_files.py builds and checks it",
    "docker compose run --rm --env RELIEF_URL_FILE=/run/secrets/relief_app_url relief dlq list --service relief": _TOOL,
    "OWNER_URL=postgresql://intake_owner:secret@host/intake DATABASE_URL=postgresql://intake_app:secret@host/intake"
    " jiujinan migrate intake": _TOOL,
    ".venv/bin/jiujinan history 22201168-5707-5890-a554-94aa3a4e1312 --data .data": _RUNS,
    ".venv/bin/jiujinan verify --data .data": _RUNS,
    "jiujinan republish --service intake --since 2026-11-01": _TOOL,
    "jiujinan republish --service intake --county 341825 --from 18": _TOOL,
    "jiujinan verify": _TOOL,
    "jiujinan conformance --vendor demo12345 --url http://127.0.0.1:8001 --secret whsec_c2VjcmV0"
    " --area-code 320115002": "tests/integration/intake/test_conformance.py plays the same cases",
    "jiujinan verify --service intake": _TOOL,
    "jiujinan finance open 350581 2026 --token-file token": _FINANCE,
    "jiujinan finance open 350581 2026 --township 350581001 --token-file token": _FINANCE,
    "jiujinan finance appropriate 350581-2026 --amount 900000 --source province --document 省拨1号"
    " --token-file token": _FINANCE,
    "jiujinan finance allocate 350581 --year 2026 --to 350581001:9000.00 --to 350581002:6000"
    " --source province --document 县拨1号 --token-file token": _FINANCE,
    "jiujinan finance account register --place 350581001 --bank rural_commercial --number"
    " 6200000000002222 --token-file token": _FINANCE,
    "jiujinan finance account list --token-file token": _FINANCE,
    "jiujinan finance payee register --place 350581001 --case C-1 --relation self --name 样甲"
    " --account 6200000000000000 --token-file token": _FINANCE,
    "jiujinan finance payee list C-1 --token-file token": _FINANCE,
    "jiujinan finance payment instruct D-1 --payee R-1 --token-file token": _FINANCE,
    "jiujinan finance payment list 350581001-2026 --standing instructed --token-file token": _FINANCE,
    "jiujinan finance payment receipt P-1 --at 2026-11-30T09:30 --evidence 回单88 --token-file token": _FINANCE,
    "jiujinan finance payment returned P-1 --reason account_closed --token-file token": _FINANCE,
    "jiujinan finance batch draw 350581001-2026 P-1 P-2 --template rural_commercial --token-file token": _FINANCE,
    "jiujinan finance batch export Y-1 --out batch.txt --token-file token": _FINANCE,
    "jiujinan finance batch import Y-1 result.csv --paid-at 2026-11-30T16:00 --token-file token": _FINANCE,
    "jiujinan finance roll-up 3505 --since 2026-01-01 --until 2026-11-30 --at 350581:4711 --form"
    " pdf --out city.pdf --token-file token": _FINANCE,
    "jiujinan finance report 350581001-2026 sla --since 2026-11-01"
    " --until 2026-11-30 --out sla.xlsx --token-file token": _FINANCE,
    "jiujinan finance usage 350581 --since 2026-01-01"
    " --until 2026-11-30 --population 350581001:45678 --per-head 7"
    " --form pdf --out usage.pdf --token-file token": _FINANCE,
    "jiujinan finance request draft 350581001-2026 --token-file token": _FINANCE,
    "jiujinan finance request form 350581001-2026-R001 --out request.pdf --token-file token": _FINANCE,
    "jiujinan finance request submit 350581001-2026-R001 --token-file token": _FINANCE,
    "jiujinan dlq list --service relief": _TOOL,
    "jiujinan dlq show intake:341825:17 --service relief": _TOOL,
    "jiujinan dlq replay intake:341825:17 --service relief --by O-0001": _TOOL,
    "jiujinan dlq discard intake:341825:17 --service relief --by O-0001 --reason test_record": _TOOL,
    "jiujinan rebuild caseload --service relief": _TOOL,
    "jiujinan history 22201168-5707-5890-a554-94aa3a4e1312 --as-of 2026-11-22T08:00": _TOOL,
    "jiujinan whatif --policy policies/320115-jiangning.yaml --from 2026-01-01 --to 2026-10-31 --xlsx whatif.xlsx": (
        "covered by tests/integration/relief/test_policies.py"
    ),
}
"""Commands that are not run here, each with the reason, or with the test that covers it."""

SPLIT = [shlex.split(command.replace("$(", " ").rstrip(")")) for command in COMMANDS]
WORDS = [
    *(words[place + 1 :] for words in SPLIT for place, word in enumerate(words) if Path(word).name == "jiujinan"),
    *(words[words.index("relief") + 1 :] for words in SPLIT if words[:3] == ["docker", "compose", "run"]),
    *(
        ["run", *shlex.split(words[2].removeprefix("ARGS="))]
        for words in SPLIT
        if words[:2] == ["make", "run"] and words[2:]
    ),
]
"""What the command ``jiujinan`` is called with, be it in a container or by make."""


def test_every_command_is_run_by_a_test_or_has_a_reason() -> None:
    assert sorted([*RUN_HERE, *CALLS, *ELSEWHERE]) == COMMANDS


def test_the_tests_that_the_reasons_name_exist() -> None:
    named = {path for reason in ELSEWHERE.values() for path in re.findall(r"(?:tests|\.ci)/[\w/.]*\w", reason)}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("command", RUN_HERE)
def test_a_command_of_the_documentation_works(command: str) -> None:
    program, *arguments = shlex.split(command)
    if program == "promtool" and shutil.which(program) is None:
        pytest.skip("promtool is missing: apt-get install prometheus")
    here = {".venv/bin/jiujinan": [sys.executable, "-m", "jiujinan.cli"], "python3": [sys.executable]}
    done = subprocess.run(
        [*here.get(program, [program]), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_the_tool_knows_every_word_it_is_called_with(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("t", encoding="utf-8")
    (tmp_path / "result.csv").touch()
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "environment.json").write_text("{}", encoding="utf-8")
    command, rest = found(words)
    command.make_context(command.name, rest)


def found(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words begin with, and the words behind it."""
    command, rest = main, list(words)
    while isinstance(command, click.Group) and rest:
        inner = command.get_command(click.Context(command), rest.pop(0))
        assert inner is not None, f"{command.name} has no such command: {words}"
        command = inner
    return command, rest


def test_a_tool_that_is_mentioned_exists() -> None:
    mentioned = [span.split() for document in DOCUMENTS for span in document.spans if " " in span]
    tools = [words[1:] for words in mentioned if words[0] in ("jiujinan", ".venv/bin/jiujinan")]
    assert tools
    for words in tools:
        found([word for word in words if re.fullmatch(r"[a-z]+", word)])


def test_make_knows_the_targets_and_variables_it_is_called_with() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    called = [shlex.split(command) for command in COMMANDS if command.startswith("make ")]
    for _, target, *variables in called:
        assert re.search(rf"^\.PHONY: {target}$", makefile, re.MULTILINE), target
        assert [name for name in variables if f"\n{name.partition('=')[0]} " not in makefile] == []


# --- paths and links ---

NOT_IN_THE_TREE = {
    "deploy/secrets/access.yaml": "written by whoever deploys",
    "deploy/secrets/alert_webhook": "written by whoever deploys",
    "deploy/secrets/grafana_password": "made by deploy/secrets.sh",
    "access.yaml": "the key of a secret",
}
_FILE = re.compile(r"\.?[\w-][\w.*-]*\.(py|md|toml|ya?ml|sql|json|lock|sh|txt|sha256)")
_FOLDER = re.compile(r"\.?\w[\w.*/-]*/[\w.*/-]*")


def paths(document: Document) -> Iterator[str]:
    """What stands in backticks and looks like a file or a folder of the tree."""
    for span in document.spans:
        if (_FILE.fullmatch(span) or _FOLDER.fullmatch(span)) and not span.startswith((".venv", "application/")):
            yield span


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_every_path_in_backticks_exists(document: Document) -> None:
    named = {path for path in paths(document) if path not in NOT_IN_THE_TREE}
    assert [path for path in sorted(named) if not exists(path, document)] == []


def exists(path: str, document: Document) -> bool:
    """Whether something is there, seen from the root or from the document; a bare name may be that of any service's."""
    places = (ROOT, (ROOT / document.path).parent)
    found_there = any(any(place.glob(path)) for place in places)
    return found_there or ("/" not in path and any((ROOT / "services").rglob(path)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_every_link_leads_somewhere(document: Document) -> None:
    inside = [link for link in document.links if not link.startswith("https://")]
    assert [link for link in inside if not leads(document, link)] == []


def leads(document: Document, link: str) -> bool:
    """Whether a link inside the project names a file, and a heading of it where it says so."""
    path, _, anchor = link.partition("#")
    target = ((ROOT / document.path).parent / path).resolve() if path else ROOT / document.path
    return target.exists() and (not anchor or anchor in read(target.relative_to(ROOT).as_posix()).anchors)


# --- the two languages ---


def test_both_readmes_have_the_same_structure() -> None:
    assert [level for level, _ in README.headings] == [level for level, _ in CHINESE.headings]
    assert [line.count("|") for line in table_lines(README)] == [line.count("|") for line in table_lines(CHINESE)]


def table_lines(document: Document) -> list[str]:
    return [line for line in document.prose.splitlines() if line.startswith("|")]


def test_both_readmes_have_the_same_blocks() -> None:
    assert README.blocks == CHINESE.blocks


def test_both_readmes_have_the_same_links_and_one_to_each_other() -> None:
    assert README.links[0] == "README.zh.md"
    assert CHINESE.links[0] == "README.md"
    assert README.links[1:] == CHINESE.links[1:]


# --- what the demonstration shows ---

SHOWN = next(content for language, content in README.blocks if language == "text")
DEMONSTRATION = "".join(module.text for module in TOOLS if module.path.startswith("jiujinan/"))
TALES = [value for value in vars(player).values() if isinstance(value, player.Tale)]


@pytest.mark.parametrize("step", re.findall(r"^✓ +\d+ +(.+?)  [\d.]+ 秒$", SHOWN, re.MULTILINE))
def test_a_step_that_the_readme_shows_is_one_of_the_demonstration(step: str) -> None:
    rest = next((step.removeprefix(tale.title) for tale in TALES if step.startswith(tale.title)), step)
    assert rest.removeprefix("(a) ") in DEMONSTRATION


def test_the_cases_that_are_named_are_those_of_the_demonstration() -> None:
    named = set(re.findall(r"个案 ([0-9a-f-]{36})", SHOWN)) | {
        words[1] for words in WORDS if words and words[0] == "history"
    }
    assert named <= {case_id_of(report) for report in demonstrated_reports()}


def demonstrated_reports() -> Iterator[str]:
    """The ids of the reports that the demonstration makes."""
    for tale in TALES:
        sample = json.loads((ROOT / "samples" / tale.sample).read_text(encoding="utf-8"))
        number = sample.get("orderNum") if tale.by == "hotline" else f"report-{tale.name}"
        yield report_id_of("demo12345" if tale.by == "hotline" else tale.by, number)


# --- facts ---

FACTS = golden.facts()
_OURS = re.compile(r"(?<![\w./@-])(?:intake|relief|ledger|policy)\.[a-z_]+(?![\w/.])")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_every_fact_and_command_that_is_named_exists(document: Document) -> None:
    diagrams = [content for language, content in document.blocks if language == "mermaid"]
    named = {name for text in (*document.spans, *diagrams) for name in _OURS.findall(text)}
    assert sorted(named - FACTS.keys() - ROLES.keys()) == []


def test_only_public_facts_travel_in_the_diagram() -> None:
    (diagram,) = [content for language, content in README.blocks if language == "mermaid"]
    travelling = re.findall(r"-->>\w: (\S+)$", diagram, re.MULTILINE)
    assert travelling
    assert [name for name in travelling if not issubclass(FACTS[name], Public)] == []


# --- the API ---

ROUTES = [row for service in ("intake", "relief", "ledger") for row in API.rows(f"Routes of {service}")]


def test_the_routes_are_those_of_the_services() -> None:
    offered: set[str] = set()
    for blueprint in (INTAKE, RELIEF, LEDGER):
        app = FastAPI()
        app.include_router(blueprint.router)
        offered |= {
            f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods
        }
    assert {route for row in ROUTES for route in spans_in(row[0])} == offered


MECHANISMS = """
12345 政务服务热线|社会救助服务模块|社会救助知识库|热线工单处置机制|社会救助热线|低收入人口动态监测信息平台
一户(人)一条救助链|大数据比对+铁脚板摸排|核对平台|智能申办监管平台|低保手机APP|可统计、可分析、可回溯|一门受理、协同办理|国家数据共享交换平台
社会慈善资源数据库|转介|工作协调机制|社会救助联席会议|社会救助资源库|乡村振兴部门监测名单|媒体与网络监管
村级急难救助信息员|村级协管员
救助信息公开|双随机一公开|信用体系|失信惩戒|救急难基金|物价联动|服务类救助|绩效评价
"""
"""What the policies name: a row of the integrations each, with an exchange or the reason why it is outside."""


@pytest.mark.parametrize("mechanism", re.split(r"[|\n]", MECHANISMS.strip()))
def test_every_mechanism_that_the_policies_name_has_its_row(mechanism: str) -> None:
    sections = ("Where reports come from", "What goes back", "Platforms and registers", "Outside")
    integrations = read("docs/integrations.md")
    rows = [row for section in sections for row in integrations.rows(section)]
    assert [row for row in rows if mechanism in row[0] and row[1].strip()], mechanism


def test_an_exchange_goes_over_a_route_that_there_is() -> None:
    spans = [span for span in read("docs/integrations.md").spans if re.match(r"(GET|POST|PUT) /", span)]
    offered = {route for row in ROUTES for route in spans_in(row[0])}
    assert spans
    assert {span.partition("?")[0] for span in spans} <= offered


def test_a_route_names_the_roles_of_the_table() -> None:
    documented: dict[str, list[str]] = {}
    for _, command, roles in ROUTES:
        (name,) = spans_in(command)
        assert roles != "as above" or name in documented
        documented.setdefault(name, spans_in(roles))
    (reading_names,) = re.findall(r"`relief\.read_name` \(([^)]+)\)", API.text)
    assert documented | {"relief.read_name": spans_in(reading_names)} == ROLES


def test_the_roles_are_those_of_the_table() -> None:
    documented = [role for row in API.rows("Who is calling") for role in spans_in(row[0])]
    assert sorted(documented) == sorted({role for roles in ROLES.values() for role in roles})


_CODE = re.compile(r"[a-z][a-z0-9_]*")
_CHINESE_SIGN = re.compile(r"[\u4e00-\u9fff]")


def told(node: ast.expr) -> bool:
    """Whether an expression is a Chinese sentence."""
    return any(isinstance(part, ast.Constant) and _CHINESE_SIGN.search(str(part.value)) for part in ast.walk(node))


def coded(module: Module, *, of_fields: bool) -> Iterator[str]:
    """The codes of a module that stand before a Chinese sentence: those of fields, or those of problems."""
    for node in ast.walk(module.tree):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        if of_fields == (isinstance(node, ast.Call) and ast.unparse(node.func) == "FieldError"):
            before = [code for code, sentence in pairwise(parts) if told(sentence)]
            codes = [str(code.value) for code in before if isinstance(code, ast.Constant)]
            yield from filter(_CODE.fullmatch, codes)


def test_the_problem_codes_are_those_of_the_code() -> None:
    sections = ("Any route", "Intake", "Relief", "Ledger")
    rows = [row for section in sections for row in API.rows(section)]
    unseen = spans_in(API.section("Codes that no caller sees"))
    documented = [code for row in rows for code in spans_in(row[1])] + unseen
    assert set(documented) == {code for module in SERVICES for code in coded(module, of_fields=False)}


@pytest.mark.parametrize(
    ("service", "section"), [("chassis", "Any route"), ("intake", "Intake"), ("relief", "Relief"), ("ledger", "Ledger")]
)
def test_the_catalogue_has_the_codes_that_are_documented_with_their_statuses(service: str, section: str) -> None:
    documented = {
        (int(status), code)
        for row in API.rows(section)
        for status in re.findall(r"\d+", row[0].replace("4xx", "400"))
        for code in spans_in(row[1])
    }
    kinds = yaml.safe_load((ROOT / "services" / service / "problems.yaml").read_text(encoding="utf-8"))
    assert {(status, code) for status, told in kinds.items() for code in told} == documented


def test_every_problem_of_the_catalogue_can_be_read_aloud() -> None:
    for file in sorted((ROOT / "services").glob("*/problems.yaml")):
        for status, told in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            assert status in range(400, 600)
            for code, sentence in told.items():
                assert _CHINESE_SIGN.search(sentence), code
                assert sentence.endswith("。"), code


def test_the_codes_of_fields_are_those_of_the_code() -> None:
    payload = ast.parse((ROOT / "services/intake/channels/payload.py").read_text(encoding="utf-8"))
    (sentences,) = [
        node.value
        for node in payload.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_SENTENCES"
    ]
    assert sentences is not None
    own = {code for module in SERVICES for code in coded(module, of_fields=True)} | custom_errors()
    documented = spans_in(API.section("Codes of fields"))
    assert set(documented) - {"errors"} == own | set(ast.literal_eval(sentences))


def custom_errors() -> set[str]:
    """The types of errors that validators of ours raise outside of the channels, which have codes of their own."""
    calls = [
        node
        for module in SERVICES
        if not module.path.startswith("services/intake/channels/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "PydanticCustomError"
    ]
    return {str(ast.literal_eval(call.args[0])) for call in calls}


def test_the_problem_that_is_shown_has_the_form_of_ours() -> None:
    (shown,) = [json.loads(content) for language, content in API.blocks if language == "json"]
    body = json.loads(bytes(answer(Problem(422, "invalid", shown["detail"]), shown["instance"]).body))
    assert shown | {"errors": []} == body
    (field,) = shown["errors"]
    source = (ROOT / "services/intake/channels/payload.py").read_text(encoding="utf-8")
    assert f'"{field["code"]}": "{field["message"]}"' in source


def test_the_answers_to_reporters_are_those_of_the_code() -> None:
    documented = [kind for row in API.rows("Answers to reporters") for kind in spans_in(row[0])]
    events = [kind.removeprefix("cn.jiujinan.").removesuffix(".v1") for kind in documented]
    assert sorted(events) == sorted(get_args(Event))


# --- settings ---


class Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # pyright: ignore[reportIncompatibleMethodOverride]  of its forms, the one in use
        self.names.add(name)
        return super().get(name, default)


NEEDED = {
    **dict.fromkeys(("DATABASE_URL", "KEYRING_URL", "KAFKA_BOOTSTRAP"), "x"),
    **dict.fromkeys(("MASTER_KEY", "PEPPER"), "A" * 43 + "="),
    "ACCESS_FILE": __file__,
}


@pytest.fixture
def in_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default of a setting may be a path below the project's root."""
    monkeypatch.chdir(ROOT)


def settings_read() -> set[str]:
    asked = Asked(NEEDED)
    read_settings("intake", asked)
    return {name for name in asked.names if f"{name}_FILE" in asked.names}


@pytest.mark.usefixtures("in_the_tree")
def test_the_settings_are_those_that_a_service_reads() -> None:
    documented = [name for row in OPERATIONS.rows("Of a service") for name in spans_in(row[0])]
    assert sorted(documented) == sorted(settings_read())


@pytest.mark.usefixtures("in_the_tree")
@pytest.mark.parametrize("row", OPERATIONS.rows("Of a service"), ids=lambda row: row[0])
def test_a_setting_has_the_default_that_is_told(row: list[str]) -> None:
    (name,), default = spans_in(row[0]), row[1]
    if default == "none":
        with pytest.raises(BadSetting, match=name):
            read_settings("intake", {key: value for key, value in NEEDED.items() if key != name})
    else:
        told_default = NEEDED | {name: "" if default == "empty" else default.strip("`")}
        assert asdict(read_settings("intake", told_default)) == asdict(read_settings("intake", NEEDED))


@pytest.mark.usefixtures("in_the_tree")
def test_the_variables_of_the_tools_are_those_that_they_read() -> None:
    documented = {name for row in OPERATIONS.rows("Of the tools") for name in spans_in(row[0])}
    asked = Asked({})
    with pytest.raises(BadSetting):
        Environment(asked).services()
    calls = [node for module in TOOLS for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    by_name = [call for call in calls if re.search(r"(?<!os\.environ)\.(need|get)$", ast.unparse(call.func))]
    names = [call.args[0].value for call in by_name if call.args and isinstance(call.args[0], ast.Constant)]
    read_by_name = {str(name) for name in names if re.fullmatch(r"[A-Z_]+", str(name))}
    as_a_service = settings_read() - {
        "HOST",
        "PORT",
        "LOG_LEVEL",
        "CALLBACK_MAY_REACH",
        "EVIDENCE_URL",
        "KAFKA_AWAY_SECONDS",
        "KAFKA_SESSION_SECONDS",
    }
    assert documented == read_by_name | {name for name in asked.names if name.endswith("_URL")} | as_a_service


@pytest.mark.parametrize("row", OPERATIONS.rows("Elsewhere"), ids=lambda row: row[1])
def test_a_variable_is_read_where_it_is_said_to_be(row: list[str]) -> None:
    (path,) = spans_in(row[1])
    text = (ROOT / path).read_text(encoding="utf-8")
    assert [name for name in spans_in(row[0]) if not re.search(rf"\b{name}\b", text)] == []


def test_no_variable_of_our_own_is_left_out() -> None:
    files = [file for folder in ("services", "jiujinan", "tests") for file in (ROOT / folder).rglob("*.py")]
    read_somewhere = {name for file in files for name in re.findall(r"\"(JIUJINAN_\w+)\"", file.read_text("utf-8"))}
    assert read_somewhere <= {name for row in OPERATIONS.rows("Elsewhere") for name in spans_in(row[0])}


def test_the_access_file_that_is_shown_can_be_used(tmp_path: Path) -> None:
    (shown,) = [content for language, content in OPERATIONS.blocks if language == "yaml"]
    file = tmp_path / "access.yaml"
    file.write_text(shown, encoding="utf-8")
    access = load_access(file, ROOT / "policies" / "roles.yaml")
    callers = [*access.people.values(), *access.systems.values()]
    assert len(callers) == 3
    assert {caller.role for caller in callers} <= {role for roles in ROLES.values() for role in roles}


# --- what operators see ---


def constants(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_metrics_are_those_of_the_code() -> None:
    documented = {name.removesuffix("_total") for row in OPERATIONS.rows("Metrics") for name in spans_in(row[0])}
    made = {text for module in SERVICES for text in constants(module) if re.fullmatch(r"jiujinan_[a-z_]+", text)}
    assert documented == {name.removesuffix("_total") for name in made}


def test_every_metric_that_is_named_in_the_text_is_in_the_table() -> None:
    listed = {name for row in OPERATIONS.rows("Metrics") for name in spans_in(row[0])}
    named = {name for document in DOCUMENTS for name in document.spans if re.fullmatch(r"jiujinan_[a-z_]+", name)}
    assert named <= listed


def test_the_alerts_are_those_of_the_rules() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    documented = {name: row[1] for row in OPERATIONS.rows("Alerts") for name in spans_in(row[0])}
    assert documented == {alert["alert"]: alert["labels"]["severity"] for alert in alerts}


def test_the_events_in_the_logs_are_those_of_the_code() -> None:
    levels = {"info": "INFO", "warning": "WARNING", "error": "ERROR", "exception": "ERROR", "critical": "CRITICAL"}
    written = {
        (str(ast.literal_eval(node.args[0])), levels[node.func.attr])
        for module in (*SERVICES, *TOOLS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in levels
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "log"
    }
    assert {(name, row[1]) for row in OPERATIONS.rows("Logs") for name in spans_in(row[0])} == written


# --- decisions ---


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(text.partition(".")[0]) for level, text in DECISIONS.headings if level == 3]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("number", [text for level, text in DECISIONS.headings if level == 3])
def test_a_decision_is_one_paragraph(number: str) -> None:
    paragraphs = [part for part in DECISIONS.section(number).strip().split("\n\n") if not part.startswith("|")]
    assert len(paragraphs) == 1 or (number.startswith(("1. ", "2. ", "3. ")) and len(paragraphs) < 2)


def test_every_dependency_has_its_reason_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [project["dependencies"], *project["optional-dependencies"].values()]
    sections = ("1. What the services run on", "2. What the embedded start needs besides")
    documented = [
        [canonicalize_name(name) for row in DECISIONS.rows(section) for name in spans_in(row[0])]
        for section in (*sections, "3. What tests and checks need besides")
    ]
    assert [sorted(names) for names in documented] == [
        sorted(canonicalize_name(Requirement(line).name) for line in lines) for lines in declared
    ]
