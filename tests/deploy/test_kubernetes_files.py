"""The Kubernetes base is valid, whole and guarded: each file by itself, and the result as kustomize builds it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from events.topics import TOPICS

BASE = Path(__file__).parents[2] / "k8s"
README = (BASE / "README.md").read_text(encoding="utf-8")
DOCUMENTED = {
    found[1]: set(re.findall(r"`([^`]+)`", found[2]))
    for found in re.finditer(r"^\| `([a-z-]+)` \| ([^|]+) \|", README, re.MULTILINE)
}
"""Keys by the name of the secret that holds them."""

DRAIN_SECONDS = 30
"""The longest that a service takes to finish its requests, its batch and its consumers."""

Manifest = dict[str, Any]


def kustomization() -> Manifest:
    return yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))


def read_files() -> str:
    return "\n---\n".join((BASE / name).read_text(encoding="utf-8") for name in kustomization()["resources"])


def build() -> str:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is missing: https://kubernetes.io/docs/tasks/tools")
    built = subprocess.run([kubectl, "kustomize", BASE], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return built.stdout


@pytest.fixture(scope="module", params=[read_files, build], ids=["files", "built"])
def text(request: pytest.FixtureRequest) -> str:
    return request.param()


@pytest.fixture
def manifests(text: str) -> list[Manifest]:
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def names(manifests: list[Manifest], kind: str) -> set[str]:
    return {manifest["metadata"]["name"] for manifest in of_kind(manifests, kind)}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Pod templates by the name of the workload."""
    workloads = of_kind(manifests, "Deployment", "Job")
    return {workload["metadata"]["name"]: workload["spec"]["template"] for workload in workloads}


def containers(manifests: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Each container with the specification of its pod."""
    for pod in pods(manifests).values():
        for container in pod["spec"]["containers"]:
            yield pod["spec"], container


def selects(selector: Manifest, pod: Manifest) -> bool:
    return selector.get("matchLabels", {}).items() <= pod["metadata"]["labels"].items()


def port_names(pod: Manifest) -> set[str]:
    return {port["name"] for container in pod["spec"]["containers"] for port in container.get("ports", [])}


def secret_mounts(pod: Manifest, container: Manifest) -> dict[str, str]:
    """Secret names by the directory in which the container sees them."""
    secrets = {v["name"]: v["secret"]["secretName"] for v in pod.get("volumes", []) if "secret" in v}
    mounts = container.get("volumeMounts", [])
    return {mount["mountPath"]: secrets[mount["name"]] for mount in mounts if mount["name"] in secrets}


def test_every_manifest_is_valid_for_kubernetes_1_37(text: str, tmp_path: Path) -> None:
    file = tmp_path / "manifests.yaml"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", "-k", "1.37", file]
    validated = subprocess.run(command, capture_output=True, text=True, check=False)
    told = validated.stdout + validated.stderr
    assert validated.returncode == 0, told
    assert "WARN" not in told, told


def test_every_file_is_part_of_the_base() -> None:
    assert {file.name for file in BASE.glob("*.yaml")} == {*kustomization()["resources"], "kustomization.yaml"}


def test_the_image_is_pinned(manifests: list[Manifest]) -> None:
    (image,) = kustomization()["images"]
    assert re.match(r"\d", image["newTag"])
    assert {container["image"].split(":")[0] for _, container in containers(manifests)} == {image["name"]}


def test_accounts_and_config_maps_that_are_named_exist(manifests: list[Manifest]) -> None:
    for pod, container in containers(manifests):
        assert pod["serviceAccountName"] in names(manifests, "ServiceAccount")
        sources = {source["configMapRef"]["name"] for source in container.get("envFrom", [])}
        assert sources <= names(manifests, "ConfigMap"), container["name"]


def test_secrets_are_those_that_the_readme_lists(manifests: list[Manifest]) -> None:
    used: dict[str, set[str]] = {}
    for pod, container in containers(manifests):
        mounts = secret_mounts(pod, container)
        for secret in mounts.values():
            used.setdefault(secret, set())
        files = [Path(v["value"]) for v in container.get("env", []) if v["name"].endswith("_FILE")]
        for file in files:
            used[mounts[str(file.parent)]].add(file.name)
    assert used == DOCUMENTED


def test_every_mount_has_its_volume_and_every_volume_its_mount(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        volumes = {volume["name"] for volume in pod["spec"].get("volumes", [])}
        mounts = {m["name"] for c in pod["spec"]["containers"] for m in c.get("volumeMounts", [])}
        assert volumes == mounts, name


def test_services_lead_to_ports_that_are_there(manifests: list[Manifest]) -> None:
    for service in of_kind(manifests, "Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        behind = [pod for pod in pods(manifests).values() if selects(selector, pod)]
        assert len(behind) == 1, service["metadata"]["name"]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= port_names(behind[0])


def test_probes_ask_at_a_port_that_is_there(manifests: list[Manifest]) -> None:
    for deployment in of_kind(manifests, "Deployment"):
        pod = deployment["spec"]["template"]
        for container in pod["spec"]["containers"]:
            for kind in ("startup", "liveness", "readiness"):
                get = container[f"{kind}Probe"]["httpGet"]
                path = {"startup": "/health/startup", "liveness": "/health/live", "readiness": "/health/ready"}
                assert get == {"path": path[kind], "port": "http"}
                assert get["port"] in port_names(pod)


def test_every_deployment_is_kept_up_and_reachable_only_on_purpose(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        if name not in names(manifests, "Deployment"):
            continue
        budgets = [b for b in of_kind(manifests, "PodDisruptionBudget") if selects(b["spec"]["selector"], pod)]
        assert len(budgets) == 1, name
        policies = [p["spec"] for p in of_kind(manifests, "NetworkPolicy") if selects(p["spec"]["podSelector"], pod)]
        (ingress,) = [rule for policy in policies for rule in policy.get("ingress", [])]
        assert {port["port"] for port in ingress["ports"]} <= port_names(pod)
        assert all(source["namespaceSelector"]["matchLabels"] for source in ingress["from"])


def test_what_is_not_named_is_denied(manifests: list[Manifest]) -> None:
    policies = [policy["spec"] for policy in of_kind(manifests, "NetworkPolicy")]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    for policy in policies:
        allowed = {kind for kind in ("Ingress", "Egress") if kind.lower() in policy}
        assert allowed <= set(policy["policyTypes"])


def test_labels_that_open_the_network_are_documented(manifests: list[Manifest]) -> None:
    for policy in of_kind(manifests, "NetworkPolicy"):
        for key, value in re.findall(r"'(jiujinan/[a-z]+)': '([a-z]+)'", str(policy)):
            assert f"`{key}={value}`" in README


def test_a_pod_is_killed_only_after_it_had_time_to_drain(manifests: list[Manifest]) -> None:
    for deployment in of_kind(manifests, "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        waits = [container["lifecycle"]["preStop"]["sleep"]["seconds"] for container in pod["containers"]]
        assert pod["terminationGracePeriodSeconds"] > max(waits) + DRAIN_SECONDS


def test_a_roll_out_never_adds_a_consumer_and_every_replica_has_a_partition(manifests: list[Manifest]) -> None:
    for deployment in of_kind(manifests, "Deployment"):
        spec = deployment["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
        assert 2 <= spec["replicas"] <= min(TOPICS.values())


def test_no_pod_has_rights(manifests: list[Manifest]) -> None:
    for pod, container in containers(manifests):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_owners_rights_are_given_to_the_migrations_only(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        assert ("-database-owner" in str(pod)) == (name == "migrate")


def test_the_same_commands_run_here_and_in_compose(manifests: list[Manifest]) -> None:
    compose = yaml.safe_load((BASE.parent / "docker-compose.yml").read_text(encoding="utf-8"))
    there = [service["command"] for service in compose["services"].values() if "build" in service]
    here = [container["args"] for _, container in containers(manifests)]
    assert sorted(here) == sorted(there)
