"""The runbook of docs/operations.md, followed to the letter against the local stack.

What only Google and Supabase can do is written down by stand-ins; everything else is real: the
image, its containers, the database, the manifests.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import kubernetes_validate
import psycopg
import pytest
import yaml

from planner_cli import errors
from tests.container.test_manifests import SCHEMA
from tests.contract.hospital import Hospital
from tests.functions.project import PASSWORD, Project

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
DIGEST = f"sha256:{'0' * 64}"
#: What the stand-ins of the operator's programs do besides writing their arguments down.
STAND_INS = {
    "gcloud": 'case "$*" in *"keys create"*) echo "{}" > "$5";; *print-access-token) echo t;; esac',
    "supabase": ":",
    "kubectl": "cat > /dev/null",
    "curl": ":",
    "docker": (
        'case "$1" in run) shift; exec "$REAL_DOCKER" run --network=host "$@";;'
        f' buildx) echo {DIGEST};; inspect) echo "${{4%:*}}@{DIGEST}";; esac'
    ),
    "envsubst": f"exec {shlex.quote(sys.executable)} -c 'import os, sys;"
    " print(os.path.expandvars(sys.stdin.read()))'",
    "sql": f"exec {shlex.quote(sys.executable)} -c 'import os, sys, psycopg;"
    ' c = psycopg.connect(os.environ["STACK_DSN"], autocommit=True); print(c.execute('
    "sys.stdin.read()).statusmessage)'",
}


def section(title: str) -> str:
    """Return the text under a heading of the page, up to the next one of its rank or above."""
    (level, text) = re.split(rf"^(#+) {re.escape(title)}\n", PAGE, flags=re.MULTILINE)[1:3]
    return re.split(rf"^#{{1,{len(level)}}} ", text, flags=re.MULTILINE)[0]


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def as_script(text: str, url: str) -> str:
    """Return all blocks of a section as one script; only the project's address is another."""
    lines = ["set -euo pipefail", "shopt -s expand_aliases"]
    for language, code in re.findall(r"^```(sh|sql)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language == "sql":
            lines.append(f"sql <<'END_OF_SQL'\n{code}\nEND_OF_SQL")
            continue
        lines.append(re.sub(r'SUPABASE_URL="[^"]*"', f"SUPABASE_URL={shlex.quote(url)}", code))
    return "\n".join(lines)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder of stand-ins that write down how they were called, one JSON list per line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    write = (
        f"{shlex.quote(sys.executable)} -c 'import json, sys; print(json.dumps(sys.argv[1:]))'"
        f' {{name}} "$@" >> {shlex.quote(str(tmp_path / "called"))}'
    )
    for name, does in STAND_INS.items():
        path = folder / name
        path.write_text("\n".join(["#!/bin/bash", write.format(name=name), does, ""]))
        path.chmod(0o755)
    return tmp_path


@pytest.fixture
def newcomer(project: Project) -> str:
    """The e-mail address of somebody who has signed up, as in the runbook's step 7."""
    service = {"apikey": project.service_role, "authorization": f"Bearer {project.service_role}"}
    email = "planner@riverside.example"
    account = {"email": email, "password": PASSWORD, "email_confirm": True}
    made = httpx.post(f"{project.url}/auth/v1/admin/users", json=account, headers=service)
    made.raise_for_status()
    return email


@pytest.fixture
def repository(client: Any, image: str) -> Iterator[str]:
    """The name under which the runbook builds the image; the tests' own has it too."""
    name = "australia-southeast2-docker.pkg.dev/health-planning/planner/planner"
    head = ["git", "rev-parse", "--short", "HEAD"]
    tag = subprocess.run(head, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    client.images.get(image).tag(name, tag)
    yield name
    client.images.remove(f"{name}:{tag}")


def test_the_first_deployment_works_step_by_step(
    project: Project, repository: str, desk: Path, newcomer: str
) -> None:
    stack = project.local()
    environment = {
        **os.environ,
        "PATH": f"{desk / 'bin'}:{os.environ['PATH']}",
        "REAL_DOCKER": shutil.which("docker") or "docker",
        "STACK_DSN": stack.dsn,
        "TMPDIR": str(desk),
    }

    script = desk / "runbook.sh"
    text = as_script(section("First deployment on hosted Supabase"), project.url)
    typed = f"<<< {shlex.quote(stack.keys.secret)} read -rs -p"
    script.write_text(text.replace("read -rs -p", typed))

    done = subprocess.run(
        ["bash", script],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    called = [json.loads(line) for line in (desk / "called").read_text().splitlines()]
    replaced = [Path(c[4]) for c in called if c[:4] == ["gcloud", "run", "jobs", "replace"]]
    assert [path.name for path in replaced] == ["planner.yaml", "planner-sweep.yaml"]
    for path in replaced:
        job = yaml.safe_load(path.read_text())
        jsonschema.validate(job, SCHEMA)
        (container,) = job["spec"]["template"]["spec"]["template"]["spec"]["containers"]
        assert container["image"] == f"{repository}@{DIGEST}"
    assert "$" not in next(desk.rglob("scheduler.json")).read_text()
    assert not list(desk.rglob("launcher.json"))
    said = "\n".join(" ".join(c) for c in called if c[0] != "sql")
    assert stack.keys.secret not in said
    member = "select role from public.org_members m join auth.users u on u.id = m.user_id"
    assert project.database.value(f"{member} where u.email = %s", newcomer) == "planner"


def test_the_kubernetes_way_makes_valid_objects(desk: Path) -> None:
    text = section("Kubernetes instead of Cloud Run").replace("<id>", "1")
    keep = "cat > /dev/null"
    kubectl = desk / "bin" / "kubectl"
    into = f'[ "${{@: -1}}" = - ] && {{ echo ---; cat; }} >> {desk}/objects || true'
    kubectl.write_text(kubectl.read_text().replace(keep, into))
    given = {"SUPABASE_URL": "https://a.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"}
    given |= {
        "IMAGE": f"planner@{DIGEST}",
        "WEBHOOK_URL": "https://hooks.example",
        "WORK": str(desk),
    }
    path = f"{desk / 'bin'}:{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", as_script(text, "")],
        env={"PATH": path, **given},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    objects = [o for o in yaml.safe_load_all((desk / "objects").read_text()) if o]
    assert [o["kind"] for o in objects] == ["ServiceAccount", "ConfigMap", "CronJob", "Job"]
    for one in objects:
        kubernetes_validate.validate(one, "1.34", strict=True)
    assert not (desk / "key").exists()


def test_every_query_of_the_runbook_runs(project: Project) -> None:
    queries = blocks(section("Rotating keys") + section("Alerts"), "sql")
    with psycopg.connect(project.local().dsn, autocommit=True) as connection:
        for query in "\n".join(queries).split(";\n"):
            if query.strip():
                connection.execute(query)


def test_the_alerts_see_a_silent_run_and_what_became_of_it(
    project: Project, hospital: Hospital
) -> None:
    run = hospital.ask()
    database = project.database
    claim = "select public.planner_claim_run(%s, 'gone', public.planner_contract_version())"
    database.value(claim, run)
    assert run not in {row["id"] for row in database.rows(alert("C"))}

    hospital.silence(run)
    assert run in {row["id"] for row in database.rows(alert("C"))}

    database.value("select public.planner_sweep()")
    assert run not in {row["id"] for row in database.rows(alert("C"))}
    assert "runner.lost" in {row["reason"] for row in database.rows(alert("A"))}
    assert database.rows(alert("D")) == []


def test_the_alerts_see_a_run_that_nobody_came_for(project: Project, hospital: Hospital) -> None:
    run = hospital.ask()
    assert run not in {row["id"] for row in project.database.rows(alert("B"))}
    project.database.rows(
        "update public.allocation_planner_runs set launched_at = launched_at - interval '1 hour'"
        " where id = %s",
        run,
    )
    assert run in {row["id"] for row in project.database.rows(alert("B"))}


def alert(letter: str) -> str:
    """Return the query of an alert."""
    (code,) = blocks(section("Alerts"), "sql")
    (found,) = re.findall(rf"^-- {letter}\. .*?;$", code, re.MULTILINE | re.DOTALL)
    return str(found)


def test_every_reason_with_which_a_run_can_fail_is_in_the_runbook() -> None:
    known = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.PlannerError)
        and kind.row_status == "FAILED"
    } - {errors.PlannerError.code}
    sql = "\n".join(path.read_text() for path in (ROOT / "migrations").glob("*.sql"))
    known |= set(re.findall(r"'((?:runner|run|start|target|launch|lines)\.[a-z_]+)'", sql))
    launchers = "\n".join(p.read_text() for p in (ROOT / "planner_cli" / "launch").glob("*.py"))
    known |= set(re.findall(r'"(launch\.[a-z_]+)"', launchers))
    told = set(re.findall(r"`([a-z]+\.[a-z_]+)`", section("Alerts")))
    assert known - {"run.live"} - told == set()


def test_every_file_the_runbook_names_exists() -> None:
    named = set(re.findall(r"deploy/[a-z/-]+\.(?:yaml|json)", section("Runbook")))
    assert len(named) >= 2
    assert [name for name in named if not (ROOT / name).is_file()] == []
