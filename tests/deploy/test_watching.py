"""The dashboard's questions can be asked, its panels lie side by side, and alerts reach whom they are meant for."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
DASHBOARD: dict[str, Any] = json.loads(
    (DEPLOY / "grafana" / "dashboards" / "jiujinan.json").read_text(encoding="utf-8")
)
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
    if "alert" in rule
]


def tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {package}")
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def questions() -> Iterator[tuple[str, str]]:
    """Each panel's title and what it asks, with the dashboard's variables filled in."""
    for panel in PANELS:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m").replace("$county", ".*")


def squares(panel: dict[str, Any]) -> set[tuple[int, int]]:
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def test_no_two_panels_lie_on_one_another_or_beyond_the_edge() -> None:
    taken = [square for panel in PANELS for square in squares(panel)]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) == 23
    assert [panel["id"] for panel in PANELS] == list(range(1, len(PANELS) + 1))


def test_prometheus_understands_every_question_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": asked} for number, (_, asked) in enumerate(questions())]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    checked = run(tool("promtool", "prometheus"), "check", "rules", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_recorded_series_that_is_asked_for_is_recorded() -> None:
    recorded = set(re.findall(r"record: (\S+)", (DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8")))
    asked = {name for _, expr in questions() for name in re.findall(r"\b[a-z]+:jiujinan_\w+:\w+", expr)}
    assert asked
    assert asked <= recorded


def test_what_prometheus_is_told_to_do_it_accepts(tmp_path: Path) -> None:
    checked = run(tool("promtool", "prometheus"), "check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    """The routes as an older amtool reads them: it does not know yet that an address can lie in a file."""
    text = ALERTMANAGER.read_text(encoding="utf-8").replace(
        "url_file: /run/secrets/alert_webhook", "url: http://127.0.0.1:9"
    )
    file = tmp_path / "alertmanager.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_each_alert_goes_where_its_severity_says(alert: dict[str, Any], routes: Path) -> None:
    amtool = tool("amtool", "prometheus-alertmanager")
    labels = [f"{name}={value}" for name, value in {**alert["labels"], "alertname": alert["alert"]}.items()]
    routed = run(amtool, "config", "routes", "test", f"--config.file={routes}", *labels)
    assert (routed.returncode, routed.stdout.strip()) == (0, alert["labels"]["severity"])


def test_the_routes_are_valid_and_silence_no_alert_that_does_not_exist(routes: Path) -> None:
    named = set(re.findall(r"Jiujinan\w+", ALERTMANAGER.read_text(encoding="utf-8")))
    assert named <= {alert["alert"] for alert in ALERTS}
    checked = run(tool("amtool", "prometheus-alertmanager"), "check-config", routes)
    assert checked.returncode == 0, checked.stdout + checked.stderr
