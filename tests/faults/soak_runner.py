"""One runner of the soak: the real `Runner` over the real store, in a process forked and killable.

What `planner run` puts together is put together here, with two differences: the solver is a quick
one in the same process, and a share of the connections is cut at a random moment. It is forked from
a process that has imported everything, since ten thousand interpreters would take hours to start.
"""

# ruff: noqa: S311 - chance, not secrecy

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from pydantic import SecretStr

from planner_cli.domain.outcomes import Infeasible, LineSet, Outcome, Progress, Stopped
from planner_cli.domain.problem import Options, Problem
from planner_cli.errors import PlannerError, SolverDied
from planner_cli.runs.answer import Runner
from planner_cli.runs.signals import listening
from planner_cli.settings import PostgresAddress, Settings, SupabaseAddress
from planner_cli.store import runner_name
from planner_cli.store.calls import Patience, SqlRunStore, Transport
from planner_cli.store.postgres import PostgresTransport
from tests.faults.solvers import quick

#: A cut comes within this time after the connection was opened, seconds: a commit takes as long.
CUT_WITHIN_SECONDS = 0.03
PATIENCE = Patience(timeout_seconds=20, brief_seconds=3, attempts=5)


@dataclass(frozen=True)
class Order:
    """What one runner is to do.

    Parameters
    ----------
    run
        The run it is launched for.
    writer
        Its name: no other process has it, its lines carry it, and the row of its run does.
    address
        Where the runs live.
    cut_share
        Share of its connections that are cut.
    ledger
        File it appends what it was told to.
    """

    run: UUID
    writer: str
    address: PostgresAddress | SupabaseAddress
    cut_share: float
    ledger: Path


class CutTransport(PostgresTransport):
    """Direct connections, a share of which is cut at a random moment, as a network does."""

    def __init__(self, address: PostgresAddress, share: float, on_cut: Callable[[], None]) -> None:
        super().__init__(address)
        self._share = share
        self._on_cut = on_cut

    def _connect(self, timeout_seconds: float) -> "psycopg.Connection":
        connection = super()._connect(timeout_seconds)
        if random.random() < self._share:
            line = socket.socket(fileno=os.dup(connection.fileno()))
            after = random.uniform(0, CUT_WITHIN_SECONDS)
            timer = threading.Timer(after, self._cut, (line, connection))
            timer.daemon = True
            timer.start()
        return connection

    def _cut(self, line: socket.socket, connection: "psycopg.Connection") -> None:
        if not connection.closed:
            line.shutdown(socket.SHUT_RDWR)
            self._on_cut()
        line.close()


class Solver:
    """Answers after a moment: lines that carry the writer's name, now and then no lines or a crash.

    Parameters
    ----------
    writer
        Whose lines these are; the set of the n-th answer is called `<writer>.<n>`.
    """

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._n_sets = 0

    def __call__(
        self,
        problem: Problem,
        options: Options | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Outcome:
        self._n_sets += 1
        until = time.monotonic() + random.expovariate(1 / 0.03)
        while time.monotonic() < until:
            if stop():
                return Stopped({})
            time.sleep(0.005)
        chance = random.random()
        if chance < 0.04:
            return Infeasible(2, ("FILL_POSTS",), ("Only 2 lines fit.",))
        if chance < 0.06:
            raise SolverDied("The solver broke, as if.")
        found = quick(problem, options or problem.options, on_progress, stop)
        assert isinstance(found, LineSet)
        return renamed(found, f"{self._writer}.{self._n_sets}")


def renamed(found: LineSet, name: str) -> LineSet:
    """Return the same lines under names of one set."""
    lines = tuple(
        type(line)(f"{name}.{n}", line.positions, line.terms) for n, line in enumerate(found.lines)
    )
    return LineSet(lines, found.score, found.bound)


def work(order: Order) -> None:
    """Be the runner: answer the run, drain the lane half of the time, note what was said."""
    random.seed(order.writer)
    note = Ledger(order.ledger)
    os.environ.update(
        PLANNER_RUNNER=order.writer,
        PLANNER_HEARTBEAT_SECONDS="1",
        PLANNER_LEASE_MARGIN_SECONDS="1",
    )
    settings = Settings.read()
    with listening() as interruption:
        store = SqlRunStore(
            _transport(order, lambda: note("cut", order.writer)),
            runner=runner_name(settings),
            patience=PATIENCE,
            pause=interruption.sleep,
        )
        runner = Runner(
            store=store, solve=Solver(order.writer), settings=settings, interruption=interruption
        )
        try:
            answered = runner.answer(order.run)
            note("told", str(order.run), order.writer, answered.status, answered.reason)
            if answered.frees_the_lane and random.random() < 0.5:
                runner.drain()
        except PlannerError as error:
            note("error", str(order.run), error.code)
        finally:
            store.close()


def _transport(order: Order, on_cut: Callable[[], None]) -> Transport:
    if isinstance(order.address, SupabaseAddress):
        from planner_cli.store.supabase import SupabaseTransport  # noqa: PLC0415  (heavy)

        return SupabaseTransport(order.address)
    return CutTransport(order.address, order.cut_share, on_cut)


class Ledger:
    """A file many processes append short lines to: each arrives whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __call__(self, *words: str) -> None:
        os.write(self._file, ("\t".join(words) + "\n").encode())


def address_of(dsn: str) -> PostgresAddress:
    """Return a direct address."""
    return PostgresAddress(SecretStr(dsn))


def solve_for_command(
    problem: Problem,
    options: Options,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Outcome:
    """Be the solver of a real `planner run`: it answers one run, as the writer of its name."""
    found = quick(problem, options, on_progress, stop)
    assert isinstance(found, LineSet)
    return renamed(found, f"{os.environ['PLANNER_RUNNER']}.1")
