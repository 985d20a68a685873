"""Units, compose files and chart of docs/operations: their own tools take them, and so would the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner

from server.cli import app
from server.evidence.log_keeper import SignerSettings
from server.identity.key_store import KeySettings
from server.serving.settings import Settings
from tests import ROOT
from tests.machine import HELM

OPERATIONS = ROOT / "docs" / "operations"
UNITS = sorted((OPERATIONS / "systemd").iterdir())
CHART = OPERATIONS / "chart"
COMPOSE = OPERATIONS / "compose"
KNOWN = {
    f"YUNTIAO_{field.upper()}"
    for field in Settings.model_fields | SignerSettings.model_fields | KeySettings.model_fields
}
SECRET = "5f" * 32


@pytest.mark.parametrize("lock", ["phone", "speech", "build", "dev"])
def test_whatever_list_an_image_is_made_of_it_holds_all_that_the_program_runs_on(lock: str) -> None:
    """`--build-arg LOCK=phone` installs this list and no other beside it."""

    def locked(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.M))

    assert locked("run") - locked(lock) == set(), "run requirements/lock once more"


def test_no_example_names_a_setting_that_there_is_not() -> None:
    files = [
        file for folder in (COMPOSE, CHART, OPERATIONS / "systemd") for file in folder.rglob("*") if file.is_file()
    ]
    named = {name for file in files for name in re.findall(r"\bYUNTIAO_[A-Z][A-Z0-9_]*\b", file.read_text())}
    assert named - KNOWN - {"YUNTIAO_RETENTION_YEARS"} == set()


def fit(environment: Mapping[str, str], secrets: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What the program makes of it, with its files elsewhere."""
    secrets.mkdir(exist_ok=True)
    for name in ("turn-secret", "metrics-token", "files-secret", "archive-secret", "master.key"):
        (secrets / name).write_text(SECRET)
        (secrets / name).chmod(0o600)
    for name in [name for name in os.environ if name.startswith("YUNTIAO_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("/etc/yuntiao", str(secrets)))
    return Settings()


# ------------------------------------------------------------ systemd


def commands(unit: Path) -> Iterator[list[str]]:
    for line in re.findall(r"^Exec\w+=(.*/opt/yuntiao/bin/yuntiao.*)$", unit.read_text(), re.MULTILINE):
        yield re.findall(r"/opt/yuntiao/bin/yuntiao ([^;']*)", line)[0].split()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_ask_for_commands_that_there_are(unit: Path) -> None:
    for words in commands(unit):
        names = [word for word in words if word.isalpha()]
        said = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200"})
        assert said.exit_code == 0
        assert [word for word in words if word.startswith("--") and word not in said.stdout] == []


@pytest.mark.systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "yuntiao"
    program.symlink_to(sys.executable)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/yuntiao/bin/yuntiao", str(program)))
    named = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *named], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "yuntiao" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


# ------------------------------------------------------------ compose

FILLED_IN = {
    "YUNTIAO_PUBLIC_URL": "https://tiaojie.example.cn",
    "YUNTIAO_MEDIA_ADDRESSES": "203.0.113.10",
    "YUNTIAO_TURN_URLS": "turn:tiaojie.example.cn:3478,turn:tiaojie.example.cn:3478?transport=tcp",
    "DATABASE_PASSWORD": "aaaa",
    "STORE_PASSWORD": "bbbb",
}


def composed(name: str) -> dict[str, Any]:
    """As docker-compose has it, everything filled in."""
    environment = {"PATH": os.environ["PATH"], **FILLED_IN}
    command = ["docker-compose", "-f", str(COMPOSE / name), "config"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    services: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return services


def seconds(text: object) -> float:
    minutes, rest = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", str(text)).groups()  # type: ignore[union-attr]
    return 60 * int(minutes or 0) + int(rest or 0)


def drain(service: Mapping[str, Any], settings: Settings) -> float:
    given = re.search(
        r"--drain (\d+)", " ".join(service["command"]) if isinstance(service["command"], list) else service["command"]
    )
    return float(given[1]) if given else settings.drain


@pytest.mark.compose
@pytest.mark.parametrize("name", ["one-machine.yml", "three-nodes.yml"])
def test_compose_takes_it_and_the_program_takes_what_it_is_given(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = composed(name)
    ours = {name: service for name, service in services.items() if service["image"].startswith("yuntiao:")}
    assert len(ours) == (1 if name == "one-machine.yml" else 4)
    for service in services.values():
        assert re.search(r":[\w.-]+$", service["image"]), "an image without a version is another one tomorrow"
    for which in ("database", "store"):
        assert all("127.0.0.1" in str(port) for port in services[which].get("ports", [])), f"{which} is for us alone"
    for service in ours.values():
        settings = fit(service["environment"], tmp_path / "secrets", monkeypatch)
        assert settings.secure
        assert settings.log_format == "json"
        assert len(settings.shared_metrics_token()) >= 32
        assert seconds(service["stop_grace_period"]) >= drain(service, settings) + 30
        assert service["environment"].keys() <= KNOWN


@pytest.mark.compose
def test_three_nodes_share_what_they_must_and_nothing_else(tmp_path: Path) -> None:
    nodes = {name: service for name, service in composed("three-nodes.yml").items() if name.startswith("node-")}
    apart = ("YUNTIAO_NODE", "YUNTIAO_NODE_ADDRESS")
    assert {service["environment"]["YUNTIAO_NODE"] for service in nodes.values()} == {"a", "b", "c"}
    for name, service in nodes.items():
        assert service["environment"]["YUNTIAO_NODE_ADDRESS"] == f"http://{name}:8080"
    work = composed("three-nodes.yml")["work"]
    assert not work.get("ports"), "nobody asks it anything"
    nodes["work"] = work
    shared = [{k: v for k, v in service["environment"].items() if k not in apart} for service in nodes.values()]
    assert shared[0] == shared[1] == shared[2] == shared[3]
    for what in ("ports", "volumes"):
        every = [
            str(one) for service in nodes.values() for one in service.get(what, ()) if "/etc/yuntiao" not in str(one)
        ]
        assert len(every) == len(set(every))


# ------------------------------------------------------------ chart

LEAST = {"publicUrl": "https://tiaojie.example.cn", "trustedProxies": "10.0.0.0/8"}
CELL = LEAST | {
    "nodes": "3",
    "files.url": "s3://yuntiao/files",
    "files.accessKey": "yuntiao",
    "archive.url": "s3://yuntiao/archive",
    "archive.accessKey": "yuntiao",
    "turn.urls": "turn:turn.example.cn:3478",
    "settings.YUNTIAO_RETENTION_YEARS": "3",
    "monitoring.serviceMonitor": "true",
    "monitoring.rules": "true",
    "monitoring.dashboard": "true",
}


def helm(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    given = [
        word
        for key, value in values.items()
        for word in ("--set-string" if key.startswith("settings.") else "--set", f"{key}={value}")
    ]
    return subprocess.run([str(HELM), *arguments, str(CHART), *given], capture_output=True, text=True)


def templated(**values: str) -> list[dict[str, Any]]:
    done = helm("template", "tj", **values)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [document for document in documents if document["kind"] == kind]


def environment(documents: list[dict[str, Any]]) -> dict[str, str]:
    (nodes,) = of_kind(documents, "StatefulSet")
    (container,) = nodes["spec"]["template"]["spec"]["containers"]
    found = {
        "status.hostIP": "203.0.113.10",
        "metadata.name": "tj-0",
        "database-url": "postgresql+psycopg://yuntiao:x@database/yuntiao",
        "keys-url": "postgresql://yuntiao:x@keys/yuntiao",
    }
    given = {}
    for one in container["env"]:
        (source,) = one.get("valueFrom", {"": {}}).values()
        given[one["name"]] = found[source.get("fieldPath") or source["key"]] if source else one["value"]
    return given


@pytest.mark.helm
@pytest.mark.parametrize("values", [LEAST, CELL], ids=["one node", "a cell"])
def test_helm_takes_the_chart_and_the_program_what_it_sets(
    values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linted = helm("lint", "--strict", **values)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    given = environment(templated(**values))
    assert given.keys() <= KNOWN
    settings = fit(given, tmp_path / "secrets", monkeypatch)
    assert settings.announced() == ["203.0.113.10"]
    assert ("YUNTIAO_NODE" in given) == (values is CELL)


@pytest.mark.helm
def test_each_node_of_a_cell_is_reached_by_its_name_and_measured_once() -> None:
    documents = templated(**CELL)
    (ingress,) = of_kind(documents, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "tiaojie.example.cn"
    paths = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert paths == {f"/n/tj-{n}/": f"tj-{n}" for n in range(3)} | {"/": "tj"}
    services = {one["metadata"]["name"]: one for one in of_kind(documents, "Service")}
    assert set(paths.values()) <= services.keys()
    for n in range(3):
        assert services[f"tj-{n}"]["spec"]["selector"] == {"statefulset.kubernetes.io/pod-name": f"tj-{n}"}
    (monitor,) = of_kind(documents, "ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    assert [name for name, one in services.items() if wanted <= one["metadata"]["labels"].items()] == ["tj-nodes"]
    assert services["tj-nodes"]["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "yuntiao"
    (rules,) = of_kind(documents, "PrometheusRule")
    assert rules["spec"] == yaml.safe_load((OPERATIONS / "monitoring" / "alerts.yml").read_text())
    (dashboard,) = of_kind(documents, "ConfigMap")
    assert (
        dashboard["data"]["yuntiao.json"].strip() == (OPERATIONS / "monitoring" / "dashboard.json").read_text().strip()
    )
    (nodes,) = of_kind(documents, "StatefulSet")
    pod = nodes["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] >= int(environment(documents)["YUNTIAO_DRAIN"]) + 30
    assert len(of_kind(documents, "PodDisruptionBudget")) == 1


@pytest.mark.helm
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"trustedProxies": "10.0.0.0/8"}, "publicUrl says how people reach it"),
        ({"publicUrl": "https://tj.example.cn"}, "trustedProxies says where the ingress asks from"),
        (LEAST | {"nodes": "3"}, "several nodes need a store of files in common"),
        (LEAST | {"replicas": "3"}, "replicas"),
    ],
)
def test_what_would_not_work_is_refused_with_a_sentence(values: dict[str, str], sentence: str) -> None:
    done = helm("template", "tj", **values)
    assert done.returncode != 0
    assert sentence in done.stderr
