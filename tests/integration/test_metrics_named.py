"""What alert rules, dashboards and the documentation name is what the three services really show on ``/metrics``."""

import re
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from tests.docs.documents import ROOT, read, spans_in
from tests.support.services import RunService

_NAME = re.compile(r"(?<![:\w])jiujinan_[a-z_]+\b(?!:)")
_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}


@pytest.fixture
async def shown(run_service: RunService) -> Mapping[str, set[str]]:
    """The names of the series of each service, whether or not they have a sample yet."""
    names: dict[str, set[str]] = {}
    for blueprint in (INTAKE, RELIEF, LEDGER):
        async with run_service(blueprint) as service:
            text = (await service.client.get("/metrics")).text
        families = [family for family in text_string_to_metric_families(text) if _NAME.fullmatch(family.name)]
        names[blueprint.name] = {family.name + end for family in families for end in _SUFFIXES[family.type]}
    return names


async def test_rules_and_dashboards_name_what_is_shown(shown: Mapping[str, set[str]]) -> None:
    files = [file for file in (ROOT / "deploy").rglob("*") if file.suffix in (".yml", ".yaml", ".json")]
    named = {name for file in files for name in _NAME.findall(file.read_text(encoding="utf-8"))}
    assert named
    assert named - set[str]().union(*shown.values()) == set()


async def test_each_service_shows_what_the_documentation_says_of_it(shown: Mapping[str, set[str]]) -> None:
    missing = [
        (service, name)
        for row in read("docs/operations.md").rows("Metrics")
        for name in spans_in(row[0])
        for service in services_of(row)
        if shown[service].isdisjoint({name, f"{name}_bucket"})
    ]
    assert missing == []


def services_of(row: list[str]) -> list[str]:
    of = row[-2].removeprefix("| ")
    return ["intake", "relief", "ledger"] if of == "all" else re.split(r", | and ", of)
