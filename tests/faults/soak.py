"""A soak: thousands of random runs with everything that goes wrong, and a reader that looks on.

`python -m tests.faults.soak --runs 10000 --kills 1000` (or `just soak`) starts a database of its
own and makes, at random: runs, launches (a third of them doubled, some lost), SIGKILLs and SIGSTOPs
of runners, cut connections, ended backends, crashes of the database, seconds in which nothing can
be written, poison rows, cancels, hand edits, restores, deletions of rounds, sweeps. It prints its
figures as one JSON object and exits 1 if anything happened that must never happen.
"""

# ruff: noqa: S311 T201 - chance, not secrecy; the answer goes to stdout

import argparse
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
from planner_cli.settings import PostgresAddress, SupabaseAddress
from tests.contract.hospital import Database
from tests.contract.tiny import tiny_problem
from tests.faults.soak_processes import Process, command, forked
from tests.faults.soak_reader import Reader, read_all_the_time
from tests.faults.soak_runner import Ledger, Order, address_of, work
from tests.faults.soak_trouble import Planner, add_planner, delete_round, poison, set_read_only


@dataclass(frozen=True)
class Plan:
    """How long, how wild: counts, and shares of runs or runners unless said otherwise."""

    runs: int
    kills: int
    seed: int
    organisations: int = 24
    at_once: int = 8
    lost_launches: float = 0.02
    doubled: float = 0.30
    killed: float = 0.22
    paused: float = 0.01
    cut: float = 0.10
    cancelled: float = 0.05
    edited: float = 0.08
    restored: float = 0.03
    poisoned: float = 0.03
    deleted: float = 0.02
    read_only: float = 0.003
    commands: float = 0.0
    over_http: float = 0.0
    crashes: int = 0
    sweep_seconds: float = 1.0


@dataclass
class Soak:
    """The conductor: one process, no threads, everything at random from one seed.

    Parameters
    ----------
    plan
        How long and how wild.
    database
        The database, as its owner sees it.
    folder
        For the ledger and the report of the reader.
    http
        The address of a gateway before PostgREST, for the share that goes over HTTP.
    """

    plan: Plan
    database: Database
    folder: Path
    http: SupabaseAddress | None = None
    did: Counter[str] = field(default_factory=Counter)
    processes: dict[int, Process] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger = self.folder / "ledger"
        self.note = Ledger(self.ledger)
        self.chance = random.Random(self.plan.seed)
        self.rounds: list[UUID] = []
        self.life_seconds = 0.3
        self.swept_at = 0.0
        self.said = 0
        self.crash_every = self.plan.runs // (self.plan.crashes + 1)
        self.planners: list[Planner] = []
        self.writable_at: float | None = None
        self._connection: psycopg.Connection[Any] | None = None

    # What happens

    def conduct(self) -> None:
        """Make everything happen until enough of it has, then let what lives come to its end."""
        self._found_hospitals()
        while self.did["runs"] < self.plan.runs or self.did["kills"] < self.plan.kills:
            self._turn(asking=True)
            if self.did["runs"] % 500 == 0:
                self._say()
        until = time.monotonic() + 180
        while time.monotonic() < until and (self.processes or self._n_live()):
            self._turn(asking=False)
        self._let_write()

    def _say(self) -> None:
        """Tell whoever waits how far it is, on stderr."""
        if self.did["runs"] != self.said:
            self.said = self.did["runs"]
            print(f"{self.said} runs, {self.did['kills']} kills", file=sys.stderr, flush=True)

    def _turn(self, *, asking: bool) -> None:
        self._reap()
        self._strike()
        if self.writable_at is not None and time.monotonic() > self.writable_at:
            self._let_write()
        if time.monotonic() > self.swept_at + self.plan.sweep_seconds:
            self._sweep()
        if asking and len(self.processes) < self.plan.at_once:
            self._ask()
        else:
            time.sleep(0.003)
        self._meddle()

    def _ask(self) -> None:
        """Ask for a run of a round at random; where one lives, that is refused."""
        year = self.chance.choice(self.rounds)
        rows = self._do(
            "insert into public.allocation_planner_runs (allocation_run, n_job_lines)"
            " values (%s, 3) on conflict do nothing returning id",
            year,
        )
        if not rows:
            self.did["double clicks refused"] += 1
            return
        run: UUID = rows[0][0]
        self.did["runs"] += 1
        self.note("asked", str(run))
        if self.did["runs"] % self.crash_every == 0 and self.did["crashes"] < self.plan.crashes:
            self._crash()
        if self.chance.random() < self.plan.lost_launches:
            self.did["launches lost"] += 1
            return
        self._launch(run)
        if self.chance.random() < self.plan.doubled:
            self.did["launches doubled"] += 1
            self._launch(run)

    def _launch(self, run: UUID) -> None:
        """Start a runner, and plan its end."""
        self.did["runners"] += 1
        writer = f"w{self.did['runners']}"
        if self.chance.random() < self.plan.commands:
            self.did["`planner run` commands"] += 1
            pid, life = command(run, writer, self.database.dsn), 10 * self.life_seconds
        else:
            address: PostgresAddress | SupabaseAddress = address_of(self.database.dsn)
            if self.http is not None and self.chance.random() < self.plan.over_http:
                self.did["runners over PostgREST"] += 1
                address = self.http
            order = Order(run, writer, address, self.plan.cut, self.ledger)
            pid, life = forked(lambda: work(order)), self.life_seconds
        now = time.monotonic()
        process = Process(pid, now)
        if self.chance.random() < self.plan.killed:
            process.kill_at = now + self.chance.uniform(0.01, life)
        elif self.chance.random() < self.plan.paused:
            process.pause_at = now + self.chance.uniform(0.01, life)
        self.processes[pid] = process

    def _strike(self) -> None:
        """Kill, pause and wake the processes whose time has come."""
        now = time.monotonic()
        for process in self.processes.values():
            if process.kill_at is not None and now > process.kill_at:
                process.kill_at = None
                self._signal(process.pid, signal.SIGKILL, "kills")
            elif process.pause_at is not None and now > process.pause_at:
                process.pause_at, process.wake_at = None, now + self.chance.uniform(4, 9)
                self._signal(process.pid, signal.SIGSTOP, "pauses")
            elif process.wake_at is not None and now > process.wake_at:
                process.wake_at = None
                os.kill(process.pid, signal.SIGCONT)

    def _signal(self, pid: int, number: signal.Signals, word: str) -> None:
        """Send a signal to a process that lives; a dead one, not yet reaped, does not count."""
        with contextlib.suppress(OSError, IndexError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                os.kill(pid, number)
                self.did[word] += 1

    def _reap(self) -> None:
        """Bury the dead; kills are planned by how long the others lived of late."""
        for pid in list(self.processes):
            if os.waitpid(pid, os.WNOHANG)[0]:
                lived = time.monotonic() - self.processes.pop(pid).started_at
                self.life_seconds += 0.05 * (min(lived, 3.0) - self.life_seconds)

    def _sweep(self) -> None:
        """Sweep as the command does: launch again what the sweep names."""
        self.swept_at = time.monotonic()
        self.did["sweeps"] += 1
        for row in self._do("select public.planner_sweep()"):
            for again in row[0]["relaunch"]:
                self.did["launches repeated"] += 1
                self._launch(UUID(again["run"]))

    def _meddle(self) -> None:
        """Cancel, edit, restore and end backends, in the shares the plan gives per run."""
        for share, act in (
            (self.plan.cancelled, self._cancel),
            (self.plan.edited, self._edit),
            (self.plan.restored, self._restore),
            (0.05, self._end_backend),
            (self.plan.poisoned, self._poison),
            (self.plan.deleted, self._delete),
            (self.plan.read_only, self._refuse_to_write),
        ):
            if self.did[act.__name__] < share * self.did["runs"] and self.chance.random() < 0.1:
                self.did[act.__name__] += 1
                act()

    def _cancel(self) -> None:
        for row in self._do(
            "select public.planner_cancel_run(id) from (select id"
            " from public.allocation_planner_runs where status in ('PENDING', 'GENERATING')"
            " order by random() limit 1) as live"
        ):
            self.did[f"cancels: {row[0]}"] += 1

    def _edit(self) -> None:
        """Mark a line by hand: the mark must be found in place or in the history for ever."""
        mark = 1_000_000 + self.did[self._edit.__name__]
        edited = self._do(
            "update public.job_lines set score = %s where id = (select id from public.job_lines"
            " where allocation_run = %s and score < 1000000 limit 1) returning id",
            mark,
            self.chance.choice(self.rounds),
        )
        if edited:
            self.did["hand edits"] += 1
            self.note("edit", str(mark))

    def _restore(self) -> None:
        for row in self._do(
            "select public.planner_restore_lines(id) ->> 'outcome' from (select id"
            " from public.job_lines_history where allocation_run = %s"
            " order by created_at desc offset %s limit 1) as kept",
            self.chance.choice(self.rounds),
            self.chance.randrange(4),
        ):
            self.did[f"restores: {row[0]}"] += 1

    def _end_backend(self) -> None:
        """End a backend of a runner in whatever it does."""
        for row in self._do(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'planner' and state <> 'idle' order by random() limit 1"
        ):
            self.did["backends ended"] += int(row[0])

    def _crash(self) -> None:
        """Kill a backend with SIGKILL: the database ends every connection and recovers."""
        for row in self._do(
            "select pid from pg_stat_activity where backend_type = 'client backend'"
            " and pid <> pg_backend_pid() limit 1"
        ):
            os.kill(row[0], signal.SIGKILL)
            self.did["crashes"] += 1

    def _poison(self) -> None:
        """Ask for a run of a spoilt round: it ends alone, and never with lines."""
        planner = self.chance.choice(self.planners)
        with self._refusals("poison"):
            what = poison(self._connect(), planner, self.chance)
            self.did[f"poison: {what}"] += 1
            run: UUID = self.database.value(
                "insert into public.allocation_planner_runs (allocation_run, n_job_lines)"
                " values (%s, 3) returning id",
                planner.allocation_run,
            )
            self.did["runs"] += 1
            self.note("asked", str(run))
            self.note("poison", str(run), what)
            self._launch(run)

    def _delete(self) -> None:
        """Delete a round that has runs, as its planner: the database must refuse."""
        planner = self.chance.choice(self.planners)
        if not self._do(
            "select 1 from public.allocation_planner_runs where allocation_run = %s limit 1",
            planner.allocation_run,
        ):
            return
        with self._refusals("deletions of rounds"):
            self.did["rounds deleted"] += delete_round(self._connect(), planner)

    def _refuse_to_write(self) -> None:
        """Let the database be read-only for a while, as a failover does."""
        with self._refusals("read-only seconds"):
            set_read_only(self._connect(), on=True)
            self.writable_at = time.monotonic() + self.chance.uniform(0.3, 2.5)
            self.did["read-only spells"] += 1

    def _let_write(self) -> None:
        with self._refusals("writable again"):
            set_read_only(self._connect(), on=False)
            self.writable_at = None

    # Around it

    @contextlib.contextmanager
    def _refusals(self, what: str) -> Iterator[None]:
        """Count what the database refuses; a lost connection is nothing done."""
        try:
            yield
        except psycopg.Error as error:
            self.did[f"{what} refused: {error.sqlstate or type(error).__name__}"] += 1

    def _connect(self) -> "psycopg.Connection[Any]":
        """Return the conductor's connection, opened anew where it was lost."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self.database.dsn, autocommit=True, options="-c lock_timeout=5s"
            )
        return self._connection

    def _do(self, sql: str, *values: object) -> list[Any]:
        """Run one statement; a lost connection or a lock not had in time is nothing done."""
        try:
            cursor = self._connect().execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []
        except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
            self.did[f"conductor: {type(error).__name__}"] += 1
            time.sleep(0.1)
            return []

    def _n_live(self) -> int:
        rows = self._do(
            "select count(*) from public.allocation_planner_runs"
            " where status in ('PENDING', 'GENERATING')"
        )
        return int(rows[0][0]) if rows else 1

    def _found_hospitals(self) -> None:
        """Add organisations with two rounds each, and settings that make trouble pass quickly."""
        self.database.rows(
            "update public.planner_settings set lane_scope = 'organisation', lease_seconds = 5,"
            " relaunch_after_seconds = 10"
        )
        for _ in range(self.plan.organisations):
            hospital = self.database.hospital(tiny_problem())
            self.rounds.append(hospital.allocation_run)
        self.planners = [add_planner(self.database) for _ in range(self.plan.organisations // 6)]


def soak(plan: Plan) -> dict[str, Any]:
    """Carry out a plan on a database of its own, and return the figures."""
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedPostgres(settings={"max_connections": "200"}) as server,
    ):
        folder = Path(name)
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        with _gateway(plan, server.dsn) as http:
            return _soaked(Soak(plan, Database(server.dsn), folder, http))


def _soaked(found: Soak) -> dict[str, Any]:
    report, dsn = found.folder / "report", found.database.dsn
    reader = forked(lambda: read_all_the_time(dsn, report, 0.1))
    started_at = time.monotonic()
    try:
        found.conduct()
    finally:
        for process in found.processes.values():
            with contextlib.suppress(OSError):
                os.kill(process.pid, signal.SIGKILL)
        os.kill(reader, signal.SIGTERM)
        os.waitpid(reader, 0)
    seen = json.loads(report.read_text())
    told = [line.split("\t") for line in found.ledger.read_text().splitlines()]
    auditor = Reader()
    with psycopg.connect(dsn, autocommit=True) as connection:
        auditor.audit(connection, told)
        ends = connection.execute(
            "select status || ' ' || reason, count(*) from public.allocation_planner_runs"
            " group by 1 order by 2 desc"
        ).fetchall()
    return {
        "violations": seen["violations"] + auditor.violations,
        "checks": seen["checks"],
        "seconds": round(time.monotonic() - started_at),
        "connections cut": sum(words[0] == "cut" for words in told),
        "did": {key: n for key, n in sorted(found.did.items()) if not key.startswith("_")},
        "ends": dict(ends),
        "seed": found.plan.seed,
    }


@contextlib.contextmanager
def _gateway(plan: Plan, dsn: str) -> Iterator[SupabaseAddress | None]:
    """PostgREST, and in a process of its own the gateway that loses calls; or nothing."""
    if not plan.over_http:
        yield None
        return
    from pydantic import SecretStr  # noqa: PLC0415

    import planner_cli.store.supabase  # noqa: F401, PLC0415 - imported once, before the forks
    from tests.contract.gateway import SECRET_KEY, Gateway, Loss  # noqa: PLC0415
    from tests.contract.postgrest import postgrest  # noqa: PLC0415

    class Lossy(Gateway):
        def next_loss(self, function: str) -> Loss | None:  # noqa: ARG002
            ways: list[Loss] = ["before", "after", "502", "504 after"]
            return random.choice(ways) if random.random() < plan.cut else None

    with postgrest(dsn) as port:
        gateway = Lossy(port)
        pid = forked(gateway._server.serve_forever)
        gateway._server.socket.close()
        try:
            yield SupabaseAddress(gateway.url, SecretStr(SECRET_KEY))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main() -> int:
    """Read the plan from the command line, carry it out, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--crashes", type=int, default=5, help="crashes of the database")
    parser.add_argument("--commands", type=float, default=0.003, help="share of real commands")
    parser.add_argument("--over-http", type=float, default=0.02, help="share over PostgREST")
    plan = Plan(**vars(parser.parse_args()))
    figures = soak(plan)
    print(json.dumps(figures, indent=1))
    return 1 if figures["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
