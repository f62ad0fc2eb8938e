"""The alert rules load, behave as their tests say, and the tests notice when an alert is broken."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yml"
RULE_TESTS = sorted(RULES.parent.glob("*_test.yml"))
THRESHOLD = re.compile(r"(?<=[<>=] )\d+(?=\D|$)")

Rule = dict[str, Any]


def load(file: Path) -> dict[str, Any]:
    """Every scalar as text: promtool's series such as 0x180 are no hexadecimal numbers."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def rules_of_kind(kind: str) -> list[Rule]:
    return [rule for group in load(RULES)["groups"] for rule in group["rules"] if kind in rule]


ALERTS = rules_of_kind("alert")


def mutants(alert: Rule) -> dict[str, str]:
    """Broken expressions by what is wrong with them; a threshold of zero has no double and no half."""
    expression: str = alert["expr"]
    broken = {"never": "vector(1) == 2", "always": "vector(1)"}
    for found in THRESHOLD.finditer(expression):
        if int(found[0]) == 0:
            continue
        before, after = expression[: found.start()], expression[found.end() :]
        broken[f"twice {found[0]}"] = f"{before}{int(found[0]) * 2}{after}"
        broken[f"half {found[0]}"] = f"{before}{int(found[0]) / 2}{after}"
    return broken


MUTANTS = [
    pytest.param(alert, broken, id=f"{alert['alert']}-{what}")
    for alert in ALERTS
    for what, broken in mutants(alert).items()
]


@pytest.fixture(scope="session")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is missing: apt-get install prometheus")
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def only_about(alert: str, suite: dict[str, Any]) -> dict[str, Any]:
    """A suite of rule tests without what it says about other alerts."""
    tests: list[dict[str, Any]] = []
    for test in suite["tests"]:
        cases = [case for case in test.get("alert_rule_test", []) if case["alertname"] == alert]
        if cases:
            tests.append({**test, "alert_rule_test": cases, "promql_expr_test": []})
    return {**suite, "tests": tests}


def write_yaml(file: Path, content: dict[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def notices(promtool: str, directory: Path, alert: Rule) -> bool:
    """Whether the tests about this alert fail when it stands alone, with the recordings that it reads."""
    recordings = [rule for rule in rules_of_kind("record") if rule["record"] in alert["expr"]]
    write_yaml(directory / "rules.yml", {"groups": [{"name": "one", "rules": [*recordings, alert]}]})
    suites = [
        write_yaml(directory / file.name, suite)
        for file in RULE_TESTS
        if (suite := only_about(alert["alert"], load(file)))["tests"]
    ]
    return run(promtool, "test", "rules", *suites).returncode != 0


def test_the_rules_load(promtool: str) -> None:
    checked = run(promtool, "check", "rules", RULES)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
def test_the_alerts_fire_when_they_should_and_only_then(promtool: str, file: Path) -> None:
    tested = run(promtool, "test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_the_tests_of_one_alert_hold_by_themselves(promtool: str, tmp_path: Path, alert: Rule) -> None:
    assert not notices(promtool, tmp_path, alert)


@pytest.mark.parametrize(("alert", "broken"), MUTANTS)
def test_a_broken_alert_is_noticed(promtool: str, tmp_path: Path, alert: Rule, broken: str) -> None:
    assert notices(promtool, tmp_path, {**alert, "expr": broken}), f"nothing fails with {broken}"


def test_every_alert_says_in_chinese_what_is_wrong_and_what_to_do() -> None:
    for alert in ALERTS:
        texts = alert["annotations"]
        assert texts.keys() == {"summary", "description"}, alert["alert"]
        assert all(re.search("[\u4e00-\u9fff]", text) for text in texts.values()), alert["alert"]
        assert alert["labels"]["severity"] in {"page", "ticket"}, alert["alert"]
