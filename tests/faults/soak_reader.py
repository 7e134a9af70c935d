"""The reader of the soak: asks a database all the time whether what must never be is there.

Every set of lines carries a name, `<writer>.<n>.<line>`, that only one process can have written;
the row of a run names the process that held it last. Each check is one REPEATABLE READ
transaction, so all it sees was true at one moment.
"""

# ruff: noqa: S608 - the statements are made of this file's own words

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
from psycopg.rows import dict_row

N_LINES, N_TERMS = 3, 2
#: A live run older than this is stuck: leases last 5 s, sweeps come every second.
STUCK_SECONDS = {"PENDING": 240.0, "GENERATING": 60.0}

#: Why a run may fail here: its runner was lost or stopped, its solver broke, its input is poison.
FAILURES = ("runner.", "input.", "solver.", "run.deadline", "launch.lost", "start.too_late")

_SET = "substring(name from '^[^.]+[.][^.]+')"
_SETS = (
    "(select array_agg(distinct substring(l ->> 'name' from '^[^.]+[.][^.]+'))"
    " from jsonb_array_elements"
)
IN_PLACE = f"""
  select allocation_run as round, array_agg(distinct {_SET}) as sets, count(*) as n_lines,
         bool_and((select count(*) from public.rotations as r where r.job_line = l.id) = {N_TERMS})
           as whole
    from public.job_lines as l group by allocation_run
"""
LIVE = """
  select id, allocation_run as round, lane, status,
         extract(epoch from clock_timestamp() - coalesce(heartbeat_at, created_at))::float as age
    from public.allocation_planner_runs where status in ('PENDING', 'GENERATING')
"""
ENDED = f"""
  select run.id, run.status, run.reason, split_part(run.runner, '/', 1) as writer,
         {_SETS}(inputs.lines) as l) as sets,
         (select count(*) from public.job_lines_history as h where h.run = run.id
             and h.kind = 'snapshot' and h.restored_from is null) as snapshots,
         (select count(*) from public.job_lines_history as h where h.run = run.id
             and h.kind = 'proposal') as proposals
    from public.allocation_planner_runs as run
    left join public.planner_run_inputs as inputs on inputs.run = run.id
   where run.finished_at > %s::timestamptz - interval '30 seconds'
"""
KEPT = f"""
  select id, kind, n_lines,
         {_SETS}(lines) as l) as sets
    from public.job_lines_history where created_at > %s::timestamptz - interval '30 seconds'
"""


class Reader:
    """Checks a database again and again, and remembers what it saw.

    Attributes
    ----------
    violations
        Sentences about what must never be.
    n_checks
        How many moments were looked at.
    """

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.n_checks = 0
        self._since = "-infinity"
        self._ends: dict[str, tuple[str, str]] = {}
        self._completed_sets: set[str] = set()

    def check(self, connection: "psycopg.Connection[Any]") -> None:
        """Look at one moment: all that lives, and all that ended since the last look."""
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("select clock_timestamp()::text as now")
            now = str((cursor.fetchone() or {})["now"])
            found = {
                "place": cursor.execute(IN_PLACE).fetchall(),
                "live": cursor.execute(LIVE).fetchall(),
                "ended": cursor.execute(ENDED.encode(), (self._since,)).fetchall(),
                "kept": cursor.execute(KEPT.encode(), (self._since,)).fetchall(),
            }
        for objection in self._objections(found):
            if objection not in self.violations:
                self.violations.append(objection)
        self._since = now
        self.n_checks += 1

    def _objections(self, found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
        for run in found["ended"]:
            yield from self._end(run)
        yield from self._lives(found["live"])
        for place in found["place"]:
            yield from self._place(place)
        for kept in found["kept"]:
            if kept["n_lines"] not in {0, N_LINES} or len(kept["sets"] or ()) > 1:
                yield f"the {kept['kind']} {kept['id']} is no whole set: {kept['sets']}"

    def _end(self, run: dict[str, Any]) -> Iterator[str]:
        """A final status stays, and says exactly what was written."""
        name, end = f"run {run['id']}", (run["status"], run["reason"])
        if self._ends.setdefault(str(run["id"]), end) != end:
            yield f"{name} ended as {self._ends[str(run['id'])]} and then as {end}"
        if end[0] == "FAILED" and not str(end[1]).startswith(FAILURES):
            yield f"{name} failed for no reason we know: {end[1]}"
        stale, completed = run["reason"] == "stale", run["status"] == "COMPLETED"
        due = (int(completed and not stale), int(completed and stale))
        if (run["snapshots"], run["proposals"]) != due:
            yield f"{name}, {end}, has {run['snapshots']} snapshots, {run['proposals']} proposals"
        sets = run["sets"] or []
        if completed != (len(sets) == 1):
            yield f"{name}, {end}, has written the sets {sets}"
        for written in sets:
            self._completed_sets.add(written)
            if written.partition(".")[0] != run["writer"]:
                yield f"{name} was held by {run['writer']}, but {written} is there"

    def _lives(self, live: list[dict[str, Any]]) -> Iterator[str]:
        """No two in a lane, no two in a round, none that had ended, none that is stuck."""
        lanes = Counter(run["lane"] for run in live if run["status"] == "GENERATING")
        rounds = Counter(run["round"] for run in live)
        for what, n in (*lanes.items(), *rounds.items()):
            if n > 1:
                yield f"{n} runs live in {what}"
        for run in live:
            if str(run["id"]) in self._ends:
                yield f"run {run['id']} ended as {self._ends[str(run['id'])]} and lives"
            if run["age"] > STUCK_SECONDS[run["status"]]:
                yield f"run {run['id']} is stuck as {run['status']}"

    def _place(self, place: dict[str, Any]) -> Iterator[str]:
        """The lines in place are all of one set, whole, and of a run that completed."""
        sets = place["sets"]
        if len(sets) != 1 or place["n_lines"] != N_LINES or not place["whole"]:
            yield f"half a set in {place['round']}: {sets}, {place['n_lines']} lines"
        for written in sets:
            if written not in self._completed_sets:
                yield f"lines of {written} are in place, and no run completed with them"

    def audit(self, connection: "psycopg.Connection[Any]", told: list[list[str]]) -> None:
        """Look at everything once more at the end, and at what the processes were told.

        Parameters
        ----------
        connection
            The owner's.
        told
            The ledger: what the processes noted, a list of words each.
        """
        self._since = "-infinity"
        self.check(connection)
        with connection.cursor(row_factory=dict_row) as cursor:
            live = cursor.execute(LIVE).fetchall()
            self.violations += [f"run {run['id']} is still {run['status']}" for run in live]
            kept = cursor.execute(KEPT.encode(), ("-infinity",)).fetchall()
            place = cursor.execute(IN_PLACE).fetchall()
            ended = cursor.execute(ENDED.encode(), ("-infinity",)).fetchall()
            marks = cursor.execute(_MARKS).fetchall()
        there = {name for row in (*kept, *place) for name in row["sets"] or ()}
        self.violations += [
            f"{name}, the lines of run {run['id']}, are lost"
            for run in ended
            for name in run["sets"] or ()
            if name not in there
        ]
        rows = {str(run["id"]): run for run in ended}
        self.violations += [
            f"{words[2]} was told that run {words[1]} is COMPLETED: {rows[words[1]]}"
            for words in told
            if words[0] == "told" and words[3] == "COMPLETED" and words[4] != ""
            if rows[words[1]]["status"] != "COMPLETED"
        ]
        self.violations += [
            f"run {words[1]} is gone"
            for words in told
            if words[0] == "asked" and words[1] not in rows
        ]
        self.violations += [
            f"the poisoned run {words[1]} ({words[2]}) ended as {rows[words[1]]['status']}"
            for words in told
            if words[0] == "poison"
            and rows.get(words[1], {}).get("status") in {"COMPLETED", "INFEASIBLE"}
        ]
        found = {int(row["mark"]) for row in marks}
        edits = {int(words[1]) for words in told if words[0] == "edit"}
        self.violations += [f"the hand edit {mark} is lost" for mark in edits - found]


_MARKS = """
  select score as mark from public.job_lines where score >= 1000000
  union select (l ->> 'score')::float
    from public.job_lines_history, jsonb_array_elements(lines) as l
   where (l ->> 'score')::float >= 1000000
"""


def read_all_the_time(dsn: str, report: Path, pause_seconds: float) -> None:
    """Be the reader's process: check until SIGTERM, then write what was found as JSON."""
    going_on = [True]

    def stop(_number: int, _frame: FrameType | None) -> None:
        going_on.clear()

    signal.signal(signal.SIGTERM, stop)
    reader, lost = Reader(), 0
    while going_on:
        try:
            with psycopg.connect(dsn, autocommit=True, application_name="reader") as connection:
                while going_on:
                    reader.check(connection)
                    time.sleep(pause_seconds)
        except psycopg.OperationalError:
            lost += 1
            time.sleep(0.2)
    found = {"checks": reader.n_checks, "violations": reader.violations, "reconnected": lost}
    report.write_text(json.dumps(found))
