"""The manifests of `deploy/`: valid by their schemas, and true to what the planner reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from planner_cli.cli import app
from planner_cli.launch import LaunchSettings, open_launcher
from planner_cli.launch.cloud_run import CloudRunLauncher
from planner_cli.launch.webhook import WebhookLauncher
from planner_cli.settings import Settings, SupabaseAddress

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCHEMA = json.loads(Path(__file__).with_name("cloud_run_job.schema.json").read_text())
CLOUD_RUN = ["cloud-run/planner.yaml", "cloud-run/planner-sweep.yaml"]
KUBERNETES = ["kubernetes/common.yaml", "kubernetes/run.yaml", "kubernetes/sweep.yaml"]
WORKLOADS = [*CLOUD_RUN, *KUBERNETES[1:]]
OPERATORS = {
    "PROJECT_ID": "health-planning",
    "REGION": "australia-southeast2",
    "IMAGE": f"registry.example/planner@sha256:{'0' * 64}",
    "SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
    "RUN_ID": "11111111-1111-4111-8111-111111111111",
    "WEBHOOK_URL": "https://hooks.example/planner",
}
SECRETS = {
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_of_the_tests",
    "PLANNER_WEBHOOK_SECRET": "of the tests",
}


def documents(name: str) -> list[dict[str, Any]]:
    """Return the documents of a manifest, with an operator's values in the place of variables."""
    text = Template((DEPLOY / name).read_text()).substitute(OPERATORS)
    return [document for document in yaml.safe_load_all(text) if document]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a document."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def container(name: str) -> dict[str, Any]:
    """Return the one container of a manifest."""
    (found,) = [node["containers"] for node in nodes(documents(name)) if "containers" in node]
    (only,) = found
    return dict(only)


def environment(name: str) -> dict[str, str]:
    """Return the variables a container gets, with values in the place of secrets."""
    found = {}
    for variable in container(name)["env"]:
        key = variable["name"]
        found[key] = SECRETS[key] if "valueFrom" in variable else variable["value"]
    if "envFrom" in container(name):
        (shared,) = [d for d in documents(KUBERNETES[0]) if d["kind"] == "ConfigMap"]
        found |= shared["data"]
    return found


@pytest.mark.parametrize("name", CLOUD_RUN)
def test_a_cloud_run_job_is_valid(name: str) -> None:
    for document in documents(name):
        jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize("version", ["1.29", "1.34"])
@pytest.mark.parametrize("name", KUBERNETES)
def test_a_kubernetes_manifest_is_valid(name: str, version: str) -> None:
    for document in documents(name):
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_container_gets_only_variables_that_the_planner_reads(name: str) -> None:
    read = {
        str(field.validation_alias or f"PLANNER_{key.upper()}")
        for settings in (Settings, LaunchSettings)
        for key, field in settings.model_fields.items()
    }
    assert environment(name).keys() - read == set()


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_planner_accepts_what_a_container_gets(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environment(name).items():
        monkeypatch.setenv(key, value)
    address = Settings.read().address()
    assert isinstance(address, SupabaseAddress)
    assert address.url == OPERATORS["SUPABASE_URL"]
    launcher = open_launcher(LaunchSettings.read())
    expected = {
        "cloud-run/planner-sweep.yaml": CloudRunLauncher,
        "kubernetes/sweep.yaml": WebhookLauncher,
    }
    assert type(launcher) is expected.get(name, type(None))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_arguments_are_a_command_of_the_planner(name: str) -> None:
    commands = {c.callback.__name__ for c in app.registered_commands if c.callback}
    command, *rest = container(name)["args"]
    assert command in commands
    assert rest in ([], ["--json"], [OPERATORS["RUN_ID"]])


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_secret_is_a_reference(name: str) -> None:
    for variable in container(name)["env"]:
        if re.search("KEY|SECRET", variable["name"]):
            assert variable.keys() == {"name", "valueFrom"}


@pytest.mark.parametrize("name", KUBERNETES[1:])
def test_a_pod_has_no_right_it_does_not_need(name: str) -> None:
    (pod,) = [node for node in nodes(documents(name)) if "containers" in node]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(name)["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [one["mountPath"] for one in container(name)["volumeMounts"]] == ["/tmp"]  # noqa: S108


def test_nothing_is_tried_again_by_the_platform() -> None:
    for name in WORKLOADS:
        found = [
            node for node in nodes(documents(name)) if {"maxRetries", "backoffLimit"} & {*node}
        ]
        (only,) = found
        assert only.get("maxRetries", only.get("backoffLimit")) == 0


def test_the_last_run_of_a_drain_has_its_whole_deadline_and_a_lost_launch_a_free_name() -> None:
    (job,) = documents("kubernetes/run.yaml")
    (cloud,) = [n for n in nodes(documents("cloud-run/planner.yaml")) if "timeoutSeconds" in n]
    deadline, relaunch = default_of("deadline_seconds"), default_of("relaunch_after_seconds")
    drain = int(Settings.model_fields["drain_seconds"].default)
    assert int(cloud["timeoutSeconds"]) == job["spec"]["activeDeadlineSeconds"] > drain + deadline
    assert job["spec"]["ttlSecondsAfterFinished"] < relaunch


def test_the_scheduler_starts_the_sweep_every_minute_as_the_launcher() -> None:
    text = (DEPLOY / "cloud-run" / "scheduler.json").read_text()
    job = json.loads(Template(text).substitute(OPERATORS))
    where = "projects/health-planning/locations/australia-southeast2/jobs"
    (sweep,) = documents("cloud-run/planner-sweep.yaml")
    assert job["schedule"] == "* * * * *"
    assert job["httpTarget"]["httpMethod"] == "POST"
    assert job["httpTarget"]["uri"] == (
        f"https://run.googleapis.com/v2/{where}/{sweep['metadata']['name']}:run"
    )
    (task,) = [node for node in nodes(sweep) if "serviceAccountName" in node]
    account = job["httpTarget"]["oauthToken"]["serviceAccountEmail"]
    assert account == task["serviceAccountName"]
    assert (
        environment("cloud-run/planner-sweep.yaml")["PLANNER_CLOUD_RUN_JOB"] == f"{where}/planner"
    )


def default_of(setting: str) -> int:
    """Return the default of a column of `planner_settings`."""
    text = "\n".join(path.read_text() for path in (ROOT / "migrations").glob("*.sql"))
    found = re.search(rf"^\s+{setting} integer not null default (\d+)", text, re.MULTILINE)
    assert found
    return int(found[1])
