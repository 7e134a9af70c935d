"""Starting and stopping all parts of the stack in their order."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from local_stack import programs
from local_stack.folders import StackFolder
from local_stack.keys import Keys, load_keys
from local_stack.parts import Part, Program, Say
from local_stack.ports import HeldPort
from local_stack.relay import Relay
from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles

ROOT = Path(__file__).parents[1]
SERVICES = Path(__file__).parent / "services"
FUNCTIONS = ROOT / "edge-functions"
CLOUD_RUN_JOB = "projects/local/locations/here/jobs/planner"
SERVICE_ACCOUNT = "planner@local.iam.gserviceaccount.example"
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "DENO_DIR", "XDG_CACHE_HOME", "DOCKER_HOST")


@dataclass(frozen=True, slots=True)
class Options:
    """How a stack is to be.

    Parameters
    ----------
    port
        The first port to try for the gateway; 0 takes any.
    folder
        Where keys and database are kept; None is a temporary folder.
    runners
        How many runners the Cloud Run stand-in starts at once.
    image
        Run the runners as containers of this image, with the `docker` command; None: processes.
    session_seconds
        How long a sign-in lasts.
    database_port
        Offer the database at a port too, for the Supabase CLI: 0 takes any; None: only a socket.
    watch
        Start a function again when its source changes.
    function_environment
        More variables for the edge functions.
    """

    port: int = 0
    folder: Path | None = None
    runners: int = 2
    image: str | None = None
    session_seconds: int = 3_600
    database_port: int | None = None
    watch: bool = False
    function_environment: tuple[tuple[str, str], ...] = ()


class Stack:
    """All parts of a Supabase project that the planner needs, on the loopback.

    Use it in a `with` block. However the program ends, its parts end with it.

    Parameters
    ----------
    options
        How it is to be.
    say
        Takes each log line: name of the part, text.

    Raises
    ------
    ConfigurationError
        A program is missing and could not be fetched.
    PartFailed
        A part did not start.
    """

    def __init__(self, options: Options | None = None, say: Say = lambda _part, _text: None):
        self._options = options or Options()
        self._say = say
        self._exit = ExitStack()
        self.parts: dict[str, Part] = {}
        self.keys: Keys
        self.url = ""
        self.dsn = ""
        self.database_url: str | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:  # Ctrl-C too: nothing that was started stays behind
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop every part and free the ports; a second call does nothing."""
        self._exit.close()

    def restart(self, name: str) -> None:
        """Start a part that was killed again."""
        self.parts[name].stop()
        self.parts[name].start()
        self.parts[name].wait()

    def _start(self) -> None:
        self._say("stack", "programs and packages")
        postgrest = programs.postgrest()
        programs.prepare([SERVICES / "main.ts", *function_entrypoints().values()])
        folder = self._exit.enter_context(StackFolder(self._options.folder, self._say))
        self.keys = load_keys(folder.path)
        self._say("stack", "database")
        database = self._exit.enter_context(EmbeddedPostgres(folder.database))
        self.dsn = database.dsn
        prepare_supabase_roles(self.dsn)
        for version in apply_migrations(self.dsn):
            self._say("stack", f"migration {version} applied")
        if self._options.database_port is not None:
            self._start_relay(self._options.database_port)
        port = self._hold(self._options.port)
        self.url = f"http://127.0.0.1:{port}"
        started = list(self._plan(postgrest, port))
        for part in started:
            self.parts[part.name] = part
            self._exit.callback(part.stop)
            part.start()
        for part in started:
            part.wait()

    def _plan(self, postgrest: Path, port: int) -> Iterator[Part]:
        rest, admin = self._hold(), self._hold()
        yield self._part(
            "postgrest",
            [postgrest],
            postgrest_environment(self.dsn, self.keys, rest, admin),
            f"http://127.0.0.1:{admin}/ready",
        )
        functions = {}
        for name, entrypoint in function_entrypoints().items():
            own = self._hold()
            functions[name] = f"http://127.0.0.1:{own}"
            yield self._part(
                f"function {name}",
                function_command(entrypoint, watch=self._options.watch),
                self._function_environment(own),
                functions[name],
            )
        config = self._config(port, f"http://127.0.0.1:{rest}", functions)
        yield self._part(
            "stand-ins",
            [
                programs.deno(),
                *("run", "--cached-only", "-A", "--unstable-no-legacy-abort", "--config"),
                SERVICES / "deno.json",
                SERVICES / "main.ts",
            ],
            {**kept_variables(), "LOCAL_STACK_CONFIG": json.dumps(config)},
            self.url,
        )

    def _part(
        self, name: str, command: list[Path | str], environment: dict[str, str], ready_url: str
    ) -> Part:
        return Part(Program(name, command, environment, ROOT, ready_url), self._say)

    def _config(self, port: int, rest_url: str, functions: dict[str, str]) -> dict[str, Any]:
        """Return what `services/config.ts` describes."""
        command, environment = self._runner()
        account = {"email": SERVICE_ACCOUNT, "public_key": self.keys.service_account_public_pem}
        return {
            "port": port,
            "postgrest_url": rest_url,
            "functions": functions,
            "database": {
                "host": socket_folder(self.dsn),
                "user": "postgres",
                "database": "postgres",
            },
            "keys": {name: getattr(self.keys, name) for name in _KEYS_FOR_STAND_INS},
            "session_seconds": self._options.session_seconds,
            "runner": {
                "command": command,
                "environment": environment,
                "at_once": self._options.runners,
            },
            "service_account": account,
        }

    def runner_environment(self) -> dict[str, str]:
        """Return the variables with which `planner` works on this stack."""
        return {"SUPABASE_URL": self.url, "SUPABASE_SERVICE_ROLE_KEY": self.keys.secret}

    def launch_environment(self) -> dict[str, str]:
        """Return the variables with which runs are launched on this stack, as on Cloud Run."""
        launcher = f"{self.url}/cloud-run"
        key = {
            "type": "service_account",
            "client_email": SERVICE_ACCOUNT,
            "private_key": self.keys.service_account_pem,
            "token_uri": f"{launcher}/token",
        }
        return {
            "PLANNER_LAUNCHER": "cloud-run",
            "PLANNER_CLOUD_RUN_JOB": CLOUD_RUN_JOB,
            "PLANNER_CLOUD_RUN_URL": launcher,
            "PLANNER_GOOGLE_KEY": json.dumps(key),
        }

    def _runner(self) -> tuple[list[str], dict[str, str]]:
        own = self.runner_environment()
        environment = {**kept_variables(), **own}
        if self._options.image is None:
            return ["nice", "-n", "5", sys.executable, "-m", "planner_cli"], environment
        command = ["docker", "run", "--rm", "--network=host", "--read-only", "--tmpfs=/tmp"]
        command += ["--cap-drop=ALL", "--security-opt=no-new-privileges"]
        for name in own:
            command += ["-e", name]
        return [*command, self._options.image], environment

    def _function_environment(self, port: int) -> dict[str, str]:
        return {
            **kept_variables(),
            "DENO_SERVE_ADDRESS": f"tcp:127.0.0.1:{port}",
            "SUPABASE_URL": self.url,
            "SUPABASE_ANON_KEY": self.keys.anon,
            "SUPABASE_SERVICE_ROLE_KEY": self.keys.service_role,
            "SUPABASE_PUBLISHABLE_KEYS": json.dumps({"default": self.keys.publishable}),
            "SUPABASE_SECRET_KEYS": json.dumps({"default": self.keys.secret}),
            **self.launch_environment(),
            **dict(self._options.function_environment),
        }

    def _hold(self, wanted: int = 0) -> int:
        held = HeldPort(wanted)
        self._exit.callback(held.release)
        return held.number

    def _start_relay(self, wanted: int) -> None:
        relay = Relay(f"{socket_folder(self.dsn)}/.s.PGSQL.5432", wanted)
        relay.start()
        self._exit.callback(relay.stop)
        self.database_url = f"postgresql://postgres:any@127.0.0.1:{relay.port}/postgres"


_KEYS_FOR_STAND_INS = (
    "anon",
    "service_role",
    "publishable",
    "secret",
    "jwt_secret",
    "session_key",
)


def function_entrypoints() -> dict[str, Path]:
    """Return the edge functions: name and entry point."""
    return {path.parent.name: path for path in sorted(FUNCTIONS.glob("[!_]*/index.ts"))}


def function_command(entrypoint: Path, *, watch: bool) -> list[Path | str]:
    """Return the command that serves one edge function, with no more rights than it needs."""
    return [
        programs.deno(),
        "run",
        "--cached-only",
        "--allow-net",
        "--allow-env",
        "--allow-read",
        *(["--watch", "--no-clear-screen"] if watch else []),
        "--config",
        entrypoint.with_name("deno.json"),
        "--preload",
        SERVICES / "edge_runtime.ts",
        entrypoint,
    ]


def postgrest_environment(dsn: str, keys: Keys, port: int, admin_port: int) -> dict[str, str]:
    """Return the settings of PostgREST, as a Supabase project has them."""
    return {
        **kept_variables(),
        "PGRST_DB_URI": dsn.replace("postgres@", "authenticator@"),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_MAX_ROWS": "1000",
        "PGRST_DB_POOL": "10",
        "PGRST_JWT_SECRET": keys.jwks,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin_port),
        "PGRST_LOG_LEVEL": "error",
    }


def kept_variables() -> dict[str, str]:
    """Return what the parts may see of this program's own environment."""
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}


def socket_folder(dsn: str) -> str:
    """Return the folder of the socket that a connection string names."""
    return parse_qs(urlsplit(dsn).query)["host"][0]
