"""The project the tests talk to: the local stack, or the one that SUPABASE_URL names."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from supabase.lib.client_options import SyncClientOptions

from local_stack import Options, Stack
from supabase import Client, create_client
from tests.contract.hospital import Database, Hospital
from tests.contract.tiny import tiny_problem

FUNCTION = "planner-orchestration"
PASSWORD = "a-password-of-the-tests"  # noqa: S105 - opens nothing
LAUNCH_TIMEOUT_SECONDS = 3


@dataclass(frozen=True)
class Person:
    """A user of the project, signed in."""

    project: "Project"
    id: UUID
    email: str
    token: str

    def call(
        self, body: object, path: str = "", *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """POST to the function as this person; a string body is sent as it is."""
        sent = {"apikey": self.project.publishable, "content-type": "application/json"}
        if bearer := self.token if token is None else token:
            sent["authorization"] = f"Bearer {bearer}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        url = f"{self.project.url}/functions/v1/{FUNCTION}{path}"
        return httpx.post(url, content=content, headers=sent, timeout=30)

    def ask(self, hospital: Hospital, **more: Any) -> httpx.Response:
        """Ask for a run of a hospital."""
        key = more.pop("key", None)
        body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3, **more}
        return self.call(body, **({} if key is None else {"idempotency_key": key}))

    def cancel(self, run: str) -> httpx.Response:
        """Ask to cancel a run."""
        return self.call({"planner_run_id": run}, "/cancel")


@dataclass(frozen=True)
class Project:
    """Address, keys, and the owner's connection to the database behind."""

    url: str
    publishable: str
    anon: str
    secret: str
    service_role: str
    database: Database
    stack: Stack | None

    def person(self, role: str | None = None, hospital: Hospital | None = None) -> Person:
        """Add a user, with a role in the hospital's organisation if one is given; sign them in."""
        email = f"{role or 'outsider'}-{uuid4().hex[:12]}@tests.example"
        service = {"apikey": self.service_role, "authorization": f"Bearer {self.service_role}"}
        account = {"email": email, "password": PASSWORD, "email_confirm": True}
        made = httpx.post(
            f"{self.url}/auth/v1/admin/users", json=account, headers=service, timeout=30
        )
        person = UUID(made.raise_for_status().json()["id"])
        if role is not None and hospital is not None:
            self.join(person, hospital, role)
        session = httpx.post(
            f"{self.url}/auth/v1/token?grant_type=password",
            json={"email": email, "password": PASSWORD},
            headers={"apikey": self.publishable},
            timeout=30,
        )
        return Person(self, person, email, session.raise_for_status().json()["access_token"])

    def join(self, person: UUID, hospital: Hospital, role: str) -> None:
        """Make a user a member of the hospital's organisation."""
        self.database.rows(
            "insert into public.org_members (org, user_id, role) values (%s, %s, %s)",
            hospital.org,
            person,
            role,
        )

    def hospital(self, **changes: Any) -> Hospital:
        """Add a tiny hospital of its own organisation."""
        return self.database.hospital(tiny_problem(**changes))

    def local(self) -> Stack:
        """Return the local stack, or skip the test where it runs against another project."""
        if self.stack is None:
            pytest.skip("the project of the environment has no stand-ins to make fail")
        return self.stack

    def fault(self, kind: str, **more: Any) -> None:
        """Make the next launches fail in a way that `services/launcher.ts` describes."""
        url = f"{self.local().url}/cloud-run/stand-in/faults"
        httpx.post(url, json={"kind": kind, **more}, timeout=30).raise_for_status()

    def forget_waiting_executions(self) -> None:
        """Give up what was launched and held: nobody will ask for it any more."""
        url = f"{self.local().url}/cloud-run/stand-in/executions"
        httpx.delete(url, timeout=30).raise_for_status()

    def executions(self, run: str) -> list[dict[str, Any]]:
        """Return what the Cloud Run stand-in started for a run."""
        found = httpx.get(f"{self.local().url}/cloud-run/stand-in/executions", timeout=30).json()
        return [execution for execution in found if execution["run"] == run]

    def ended(self, run: str, timeout: float = 60) -> list[dict[str, Any]]:
        """Wait until every execution of a run has ended, and return them."""
        until = time.monotonic() + timeout
        while True:
            executions = self.executions(run)
            if executions and all(execution["state"] == "ended" for execution in executions):
                return executions
            assert time.monotonic() < until, f"still {executions}"
            time.sleep(0.05)


@contextmanager
def open_project() -> Iterator[Project]:
    """Yield the project of the environment if it names one, else a local stack."""
    if url := os.environ.get("SUPABASE_URL"):
        yield Project(
            url,
            os.environ["SUPABASE_PUBLISHABLE_KEY"],
            os.environ["SUPABASE_ANON_KEY"],
            os.environ["SUPABASE_SECRET_KEY"],
            os.environ["SUPABASE_SERVICE_ROLE_KEY"],
            Database(os.environ["DATABASE_URL"]),
            None,
        )
        return
    patience = (("PLANNER_LAUNCH_TIMEOUT_SECONDS", str(LAUNCH_TIMEOUT_SECONDS)),)
    with Stack(Options(function_environment=patience)) as stack:
        yield project_of(stack)


def project_of(stack: Stack) -> Project:
    """Describe a running stack as a project."""
    keys = stack.keys
    return Project(
        stack.url,
        keys.publishable,
        keys.anon,
        keys.secret,
        keys.service_role,
        Database(stack.dsn),
        stack,
    )


@contextmanager
def signed_in(project: Project, key: str, person: Person) -> Iterator[Client]:
    """Yield a supabase-py client that is signed in as a person."""
    with httpx.Client(timeout=30) as http:
        options = SyncClientOptions(
            httpx_client=http, auto_refresh_token=False, persist_session=False
        )
        client = create_client(project.url, key, options)
        client.auth.sign_in_with_password({"email": person.email, "password": PASSWORD})
        yield client
