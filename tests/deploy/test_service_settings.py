"""What compose and Kubernetes hand to a service is all that it needs, and of a kind that it can use."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
SERVICES = ["intake", "relief", "ledger"]


def load(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / file).read_text(encoding="utf-8")))


def image_environment() -> dict[str, str]:
    (line,) = re.findall(r"^ENV (PATH=(?:.+\\\n)*.+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return dict(re.findall(r"([A-Z_]+)=(\S+)", line))


def in_compose(service: str) -> dict[str, str]:
    (compose,) = load("docker-compose.yml")
    return image_environment() | compose["services"][service]["environment"]


def in_kubernetes(service: str) -> dict[str, str]:
    (config,) = load("k8s/config.yaml")
    deployment = load(f"k8s/{service}.yaml")[0]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    own = {variable["name"]: variable["value"] for variable in container["env"]}
    return image_environment() | config["data"] | own


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secret files of a trial installation."""
    script = tmp_path / "secrets.sh"
    script.write_bytes((ROOT / "deploy" / "secrets.sh").read_bytes())
    directory = tmp_path / "secrets"
    directory.mkdir()
    subprocess.run(["sh", script], capture_output=True, check=True)
    (directory / "access.yaml").touch()
    (directory / "evidence_url").touch()
    return directory


def on_this_machine(environment: Mapping[str, str], service: str, secrets: Path) -> dict[str, str]:
    """The same environment with the files as they are here: those of the image, and the secrets."""
    files = {
        "DATABASE_URL_FILE": secrets / f"{service}_app_url",
        "KEYRING_URL_FILE": secrets / "keyring_app_url",
        "MASTER_KEY_FILE": secrets / "master_key",
        "PEPPER_FILE": secrets / "pepper",
        "ACCESS_FILE": secrets / "access.yaml",
        "EVIDENCE_URL_FILE": secrets / "evidence_url",
        "POLICIES_DIR": ROOT / Path(environment["POLICIES_DIR"]).relative_to("/app"),
    }
    given = {name for name in environment if name.endswith(("_FILE", "_DIR"))}
    assert given <= files.keys()
    return {**environment, **{name: str(files[name]) for name in given}}


@pytest.mark.parametrize("handed", [in_compose, in_kubernetes], ids=["compose", "kubernetes"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_set_up(service: str, handed: Callable[[str], dict[str, str]], secrets: Path) -> None:
    settings: Settings = read_settings(service, on_this_machine(handed(service), service, secrets))
    assert settings.database_url.startswith(f"postgresql://{service}_app:")
    assert settings.keyring_url.startswith("postgresql://keyring_app:")
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.kafka_idempotence


@pytest.mark.parametrize("handed", [in_compose, in_kubernetes], ids=["compose", "kubernetes"])
def test_intake_is_told_where_attachments_lie(handed: Callable[[str], dict[str, str]], secrets: Path) -> None:
    (secrets / "evidence_url").write_text("file:///var/lib/jiujinan/evidence", encoding="utf-8")
    settings: Settings = read_settings("intake", on_this_machine(handed("intake"), "intake", secrets))
    assert settings.evidence_url == "file:///var/lib/jiujinan/evidence"


def test_the_folder_of_attachments_is_in_the_image_and_belongs_to_its_user() -> None:
    (compose,) = load("docker-compose.yml")
    folder = compose["services"]["intake"]["environment"]["EVIDENCE_URL"].removeprefix("file://")
    assert f"evidence:{folder}" in compose["services"]["intake"]["volumes"]
    made = re.search(r"install --directory --owner=(\d+) .*?(/\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert made is not None
    assert made.groups() == ("10001", folder)
