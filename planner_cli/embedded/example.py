"""Put a problem document into the host's tables, as a hospital's own project would hold it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from planner_cli.embedded.migrate import connect


@dataclass(frozen=True, slots=True)
class Hospital:
    """Where a problem was put: its organisation, allocation run and number of lines."""

    org: UUID
    allocation_run: UUID
    n_job_lines: int


_ORG = """
with found as (select id from public.orgs where name = %(org_name)s limit 1),
made as (insert into public.orgs (name) select %(org_name)s where not exists (select from found)
         returning id)
select id from found union all select id from made
"""
_POSITIONS = """
insert into public.positions (org, code, name, site, team, specialty, subspecialty, categories,
  service, rural, community, clinical_team, non_clinical, excludable, span_terms)
select %(org)s, p.id, p.name, p.site, p.team, p.specialty, p.subspecialty, p.categories, p.service,
  coalesce(p.rural, false), coalesce(p.community, false), coalesce(p.clinical_team, true),
  coalesce(p.non_clinical, false), coalesce(p.excludable, false), coalesce(p.span_terms, 1)
from jsonb_to_recordset(%(problem)s -> 'positions') as p(id text, name text, site text, team text,
  specialty text, subspecialty text, categories text[], service text, rural boolean,
  community boolean, clinical_team boolean, non_clinical boolean, excludable boolean,
  span_terms smallint)
on conflict (org, code) do update set name = excluded.name, site = excluded.site,
  team = excluded.team, specialty = excluded.specialty, subspecialty = excluded.subspecialty,
  categories = excluded.categories, service = excluded.service, rural = excluded.rural,
  community = excluded.community, clinical_team = excluded.clinical_team,
  non_clinical = excluded.non_clinical, excludable = excluded.excludable,
  span_terms = excluded.span_terms
"""
_ALLOCATION_RUN = """
insert into public.allocation_runs (org, name, constraints, annual_leave_weeks, affinity, pathways,
  options, provenance)
select %(org)s, p.name, coalesce(p.constraints, '[]'), p.annual_leave_weeks, p.affinity, p.pathways,
  coalesce(p.options, '{}') || case when p.allow_partial then '{"allow_partial": true}'::jsonb
                                    else '{}' end,
  p.provenance
from jsonb_to_record(%(problem)s) as p(name text, constraints jsonb, annual_leave_weeks integer,
  affinity jsonb, pathways jsonb, options jsonb, allow_partial boolean, provenance text)
returning id
"""
#: A first edition's database has no such column yet.
_HAS_NUMBER = """
select from pg_catalog.pg_attribute
 where attrelid = 'public.allocation_runs'::regclass and attname = 'n_job_lines'
"""
_NUMBER = """
update public.allocation_runs
   set n_job_lines = (%(problem)s::jsonb ->> 'n_job_lines')::integer where id = %(round)s
"""
_TERMS = """
insert into public.terms (org, allocation_run, number, weeks, starts_on)
select %(org)s, %(round)s, t.number, (t.value ->> 'weeks')::smallint,
  (t.value ->> 'starts_on')::date
from jsonb_array_elements(%(problem)s -> 'terms') with ordinality as t(value, number)
"""
_POSTS = """
insert into public.posts (org, allocation_run, term, position, posts_min, posts_max)
select %(org)s, %(round)s, term.id, position.id,
  (p.value -> 'posts_min' ->> (term.number - 1))::integer,
  (p.value -> 'posts_max' ->> (term.number - 1))::integer
from jsonb_array_elements(%(problem)s -> 'positions') as p(value)
join public.positions as position on position.org = %(org)s and position.code = p.value ->> 'id'
cross join public.terms as term
where term.allocation_run = %(round)s
"""
_LOCKED_LINES = """
insert into public.job_lines (org, allocation_run, name, locked, score)
select %(org)s, %(round)s, line.name, true, line.score
from jsonb_to_recordset(coalesce(%(problem)s -> 'locked_lines', '[]'))
  as line(name text, score double precision)
"""
_LOCKED_ROTATIONS = """
insert into public.rotations (org, allocation_run, job_line, term, position)
select %(org)s, %(round)s, line.id, term.id, position.id
from jsonb_to_recordset(coalesce(%(problem)s -> 'locked_lines', '[]'))
  as g(name text, rotations jsonb)
cross join jsonb_to_recordset(g.rotations) as r(term integer, position text)
join public.job_lines as line on line.allocation_run = %(round)s and line.name = g.name
join public.terms as term on term.allocation_run = %(round)s and term.number = r.term
join public.positions as position on position.org = %(org)s and position.code = r.position
"""
_LOCKED_LEAVE = """
insert into public.leave_blocks (org, allocation_run, job_line, start_week, weeks)
select %(org)s, %(round)s, line.id, b.start_week, b.weeks
from jsonb_to_recordset(coalesce(%(problem)s -> 'locked_lines', '[]')) as g(name text, leave jsonb)
cross join jsonb_to_recordset(coalesce(g.leave, '[]')) as b(start_week smallint, weeks smallint)
join public.job_lines as line on line.allocation_run = %(round)s and line.name = g.name
"""


def load_problem(
    dsn: str, problem: Mapping[str, Any], *, org_name: str = "Example hospital"
) -> Hospital:
    """Put a planner.problem/1 document into the host's tables, in one transaction.

    Parameters
    ----------
    dsn
        Connection string of the owner of the schema.
    problem
        The document, already checked (`planner_cli.domain.reading.read_problem`).
    org_name
        The organisation it goes to; made when there is none of that name. Its positions of the
        same ids are brought up to date; the allocation run is always a new one.

    Returns
    -------
    Hospital
        Where it is now.

    Raises
    ------
    ConfigurationError
        The extra `local` is not installed.
    psycopg.Error
        The document contradicts the schema; nothing is written.
    """
    with connect(dsn) as connection, connection.transaction():
        values: dict[str, Any] = {"org_name": org_name, "problem": _Jsonb(problem)}
        values["org"] = _single(connection.execute(_ORG, values))
        connection.execute(_POSITIONS, values)
        values["round"] = _single(connection.execute(_ALLOCATION_RUN, values))
        if connection.execute(_HAS_NUMBER).fetchone() is not None:
            connection.execute(_NUMBER, values)
        for step in (_TERMS, _POSTS, _LOCKED_LINES, _LOCKED_ROTATIONS, _LOCKED_LEAVE):
            connection.execute(step, values)
        return Hospital(values["org"], values["round"], int(problem["n_job_lines"]))


def request_run(
    dsn: str,
    allocation_run: UUID,
    n_job_lines: int,
    *,
    constraints: list[Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> UUID:
    """Ask for one planner run as the service does; it waits as PENDING.

    Parameters
    ----------
    dsn
        Connection string of the owner of the schema.
    allocation_run
        The year the lines are for.
    n_job_lines
        How many lines, locked ones included.
    constraints, options
        What goes before the allocation run's own; None takes those.

    Returns
    -------
    UUID
        The run.

    Raises
    ------
    psycopg.Error
        A run is already under way for this allocation run, or there is no such allocation run.
    """
    values = {
        "round": allocation_run,
        "n": n_job_lines,
        "constraints": None if constraints is None else _Jsonb(constraints),
        "options": _Jsonb(options or {}),
    }
    with connect(dsn) as connection:
        return _single(connection.execute(_RUN, values))


_RUN = """
insert into public.allocation_planner_runs (allocation_run, n_job_lines, constraints, options)
values (%(round)s, %(n)s, %(constraints)s, %(options)s) returning id
"""


_STORED = """
select run.status, run.result_metadata, (
  select coalesce(jsonb_agg(jsonb_build_object(
    'name', line.name, 'score', line.score::integer, 'locked', line.locked,
    'rotations', (select jsonb_agg(jsonb_build_object('term', term.number, 'position', p.code)
                                   order by term.number)
                    from public.rotations as r join public.terms as term on term.id = r.term
                    join public.positions as p on p.id = r.position where r.job_line = line.id),
    'leave', (select coalesce(jsonb_agg(jsonb_build_object(
                 'start_week', b.start_week, 'weeks', b.weeks) order by b.start_week), '[]')
                from public.leave_blocks as b where b.job_line = line.id)
    ) order by line.name), '[]')
    from public.job_lines as line where line.allocation_run = run.allocation_run)
from public.allocation_planner_runs as run where run.id = %(run)s
"""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the database holds of a run: its status, its result without lines, and the lines."""

    status: str
    result: dict[str, Any]
    lines: list[dict[str, Any]]


def stored_answer(dsn: str, run: UUID) -> StoredAnswer:
    """Read back what a run left in the host's tables.

    Raises
    ------
    LookupError
        There is no such run.
    """
    with connect(dsn) as connection:
        row = connection.execute(_STORED, {"run": run}).fetchone()
    if row is None:
        raise LookupError(f"There is no run {run}.")
    return StoredAnswer(row[0], row[1] or {}, row[2])


def _Jsonb(value: object) -> object:  # noqa: N802 - stands for psycopg's own
    """Wrap a value as jsonb; only called once `connect` has found psycopg."""
    from psycopg.types.json import Jsonb  # noqa: PLC0415 - only the extra `local` has it

    return Jsonb(value, dumps=json.dumps)


def _single(cursor: Any) -> UUID:
    """Return the one value of a one-row answer."""
    row = cursor.fetchone()
    if row is None or not isinstance(row[0], UUID):
        raise LookupError("The statement returned no id.")
    return row[0]
