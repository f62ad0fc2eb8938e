"""docker-compose.yml is valid, names nothing that is missing, and opens nothing that it need not."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
WATCHERS = {name: service for name, service in SERVICES.items() if service.get("profiles") == ["watch"]}
STAYS_UP = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}


def secrets_of(service: dict[str, Any]) -> set[str]:
    return set(service.get("secrets", []))


def mounted(service: dict[str, Any]) -> list[list[str]]:
    return [volume.split(":") for volume in service.get("volumes", [])]


def test_the_compose_specification_accepts_it() -> None:
    PyCompose.from_yaml(yaml.safe_dump(COMPOSE)).to_spec()


def test_every_name_used_is_defined_and_every_name_defined_is_used() -> None:
    used = {"secrets": set[str](), "networks": set[str](), "volumes": set[str]()}
    for service in SERVICES.values():
        used["secrets"] |= secrets_of(service)
        used["networks"] |= set(service["networks"])
        used["volumes"] |= {source for source, *_ in mounted(service) if not source.startswith(".")}
    assert used == {kind: set(COMPOSE[kind]) for kind in used}


def test_a_job_is_waited_for_until_it_is_done_and_a_server_until_it_is_healthy() -> None:
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            expected = "service_healthy" if other in STAYS_UP else "service_completed_successfully"
            assert other in SERVICES, f"{name} waits for {other}, which is not defined"
            assert wait["condition"] == expected, f"{name} waits for {other}"


def test_every_server_has_a_health_check_and_time_to_stop() -> None:
    assert {"postgres", "kafka", "intake", "relief", "ledger", *WATCHERS} == STAYS_UP.keys()
    for name, service in STAYS_UP.items():
        assert service["healthcheck"]["test"], name
        assert int(service["stop_grace_period"].removesuffix("s")) >= 45, name


@pytest.mark.parametrize(("name", "port"), [("intake", 8001), ("relief", 8002), ("ledger", 8003)])
def test_a_service_answers_on_its_port_of_this_machine_only(name: str, port: int) -> None:
    assert SERVICES[name]["ports"] == [f"127.0.0.1:{port}:8000"]
    assert "/health/ready" in str(SERVICES[name]["healthcheck"]["test"])


def test_nothing_else_is_published_and_the_data_network_is_closed() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"intake", "relief", "ledger", "grafana"}
    assert all(port.startswith("127.0.0.1:") for name in published for port in SERVICES[name]["ports"])
    assert COMPOSE["networks"]["data"] == COMPOSE["networks"]["watch"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "edge" in service["networks"]} == published | {"alertmanager"}


def test_who_watches_is_asked_for_and_reaches_neither_database_nor_broker() -> None:
    assert WATCHERS.keys() == {"prometheus", "alertmanager", "grafana"}
    assert all("data" not in service["networks"] for service in WATCHERS.values())
    watched = {name for name, service in SERVICES.items() if "watch" in service["networks"]} - WATCHERS.keys()
    assert watched == {"intake", "relief", "ledger"}


def test_prometheus_scrapes_the_services_where_they_are_and_grafana_asks_prometheus() -> None:
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    scraped = {job["job_name"]: job["static_configs"][0]["targets"] for job in prometheus["scrape_configs"]}
    assert scraped == {name: [f"{name}:8000"] for name in ("intake", "relief", "ledger")}
    told = prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert told == ["alertmanager:9093"]
    sources = (ROOT / "deploy" / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text(
        encoding="utf-8"
    )
    assert yaml.safe_load(sources)["datasources"][0]["url"] == "http://prometheus:9090"


def test_images_are_pinned_to_a_version() -> None:
    for name, service in SERVICES.items():
        assert re.search(r":v?\d+[\w.-]*$", service["image"]), f"{name}: {service['image']}"


def test_no_container_can_gain_rights() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
    for name, service in (OURS | WATCHERS).items():
        assert service["read_only"], name


def test_data_is_kept_where_the_images_write_it() -> None:
    assert ["postgres-data", "/var/lib/postgresql"] in mounted(SERVICES["postgres"])
    assert ["kafka-data", SERVICES["kafka"]["environment"]["KAFKA_LOG_DIRS"]] in mounted(SERVICES["kafka"])


def test_files_mounted_from_here_exist() -> None:
    for service in SERVICES.values():
        for source, *_ in mounted(service):
            assert not source.startswith(".") or (ROOT / source).exists(), source


def test_a_secret_file_is_named_in_the_environment_only_where_it_is_mounted() -> None:
    for name, service in SERVICES.items():
        files = {value for key, value in service.get("environment", {}).items() if key.endswith("_FILE")}
        assert files <= {f"/run/secrets/{secret}" for secret in secrets_of(service)}, name


def test_the_owners_rights_are_given_to_the_migrations_only() -> None:
    with_owner = {name for name, service in OURS.items() if any("owner" in s for s in secrets_of(service))}
    assert with_owner == {f"migrate-{database}" for database in ("intake", "relief", "ledger", "keyring")}


def test_topics_are_made_by_the_program_that_knows_them() -> None:
    assert SERVICES["topics"]["command"] == ["topics"]
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert all("topics" in SERVICES[name]["depends_on"] for name in ("intake", "relief", "ledger"))


def make_secrets(directory: Path) -> dict[str, str]:
    subprocess.run(["sh", directory / "secrets.sh"], capture_output=True, check=True)
    return {file.name: file.read_text() for file in (directory / "secrets").iterdir()}


def test_the_secrets_script_makes_what_compose_reads_and_never_changes_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy" / "secrets.sh", tmp_path)
    (tmp_path / "secrets").mkdir()
    made = make_secrets(tmp_path)
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert made.keys() == named - {"access.yaml", "alert_webhook"}
    assert len(set(made.values())) == len(made)
    assert make_secrets(tmp_path) == made
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
