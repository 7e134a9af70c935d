-- Every set of lines carries the rules it was made under and what the referee said of it: a set is
-- judged by its own rules, whatever was asked for since.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table public.job_lines_history
  add column constraints jsonb check (jsonb_typeof(constraints) = 'array'),
  add column verdict jsonb check (jsonb_typeof(verdict) = 'object');
comment on column public.job_lines_history.constraints is
  'The constraints these lines were made under; null where that was not recorded yet.';
comment on column public.job_lines_history.verdict is
  'What the referee said of them when they were made: rules and objections, as in planner.result/1.';

create table public.job_line_sets (
  allocation_run uuid primary key,
  org uuid not null,
  run uuid,
  written_at timestamptz not null default clock_timestamp(),
  constraints jsonb check (jsonb_typeof(constraints) = 'array'),
  verdict jsonb check (jsonb_typeof(verdict) = 'object'),
  foreign key (org, allocation_run) references public.allocation_runs (org, id)
    on delete cascade,
  foreign key (org, run) references public.allocation_planner_runs (org, id)
    on delete set null (run)
);
create index job_line_sets_round on public.job_line_sets (org, allocation_run);
create index job_line_sets_run on public.job_line_sets (org, run);
comment on table public.job_line_sets is
  'One row for the lines there are in an allocation run: the rules they were made under and the '
  'referee''s verdict. Written with the lines, by commit and restore.';
comment on column public.job_line_sets.allocation_run is 'Whose lines.';
comment on column public.job_line_sets.org is 'Whose allocation run.';
comment on column public.job_line_sets.run is 'The run that made them, as far as known.';
comment on column public.job_line_sets.written_at is 'When they were put in place.';
comment on column public.job_line_sets.constraints is 'The constraints they were made under.';
comment on column public.job_line_sets.verdict is
  'What the referee said of them when they were made; they may have been edited since.';
alter table public.job_line_sets enable row level security;
revoke all on public.job_line_sets from public, anon, authenticated, service_role;
grant select on public.job_line_sets to authenticated, service_role;
create policy members_read on public.job_line_sets for select to authenticated
  using ((select planner_private.may(org, 'read')));

-- The lines there are come from the last run that completed, as far as a first edition tells.
insert into public.job_line_sets (allocation_run, org, run, written_at, constraints)
select distinct on (run.allocation_run)
       run.allocation_run, run.org, run.id, run.finished_at, inputs.problem -> 'constraints'
  from public.allocation_planner_runs as run
  join public.planner_run_inputs as inputs on inputs.run = run.id
 where run.status = 'COMPLETED' and run.reason <> 'stale'
 order by run.allocation_run, run.finished_at desc;

create function planner_private.put_set(
  p_run public.allocation_planner_runs, p_constraints jsonb, p_verdict jsonb
) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into public.job_line_sets (allocation_run, org, run, constraints, verdict)
  values (p_run.allocation_run, p_run.org, p_run.id, p_constraints, p_verdict)
  on conflict (allocation_run) do update
    set run = excluded.run, written_at = excluded.written_at,
        constraints = excluded.constraints, verdict = excluded.verdict;
$$;
comment on function planner_private.put_set is
  'Note by which rules the lines that were just put in place were made, and their verdict.';

drop function planner_private.keep_lines(public.allocation_planner_runs, text, jsonb, uuid);
create function planner_private.keep_lines(
  p_run public.allocation_planner_runs, p_kind text, p_lines jsonb, p_restored_from uuid,
  p_constraints jsonb, p_verdict jsonb
) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept uuid;
begin
  insert into public.job_lines_history
    (org, allocation_run, run, kind, lines, restored_from, constraints, verdict)
  values (p_run.org, p_run.allocation_run, p_run.id, p_kind, p_lines, p_restored_from,
          p_constraints, p_verdict)
  returning id into v_kept;
  perform planner_private.trim_history(p_run.org);
  return v_kept;
end
$$;
comment on function planner_private.keep_lines is
  'Keep a set of lines with its rules and verdict in the history, within the bytes an organisation '
  'may keep.';

create function planner_private.keep_current(
  p_run public.allocation_planner_runs, p_lines jsonb, p_restored_from uuid
) returns uuid
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  select planner_private.keep_lines(
    p_run, 'snapshot', p_lines, p_restored_from,
    (select constraints from public.job_line_sets where allocation_run = p_run.allocation_run),
    (select verdict from public.job_line_sets where allocation_run = p_run.allocation_run));
$$;
comment on function planner_private.keep_current is
  'Keep the lines there are as a snapshot, with the rules they were made under.';

create or replace function planner_private.commit_lines(
  p_run uuid, p_token uuid, p_lines jsonb, p_result jsonb
) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run public.allocation_planner_runs;
  v_problem jsonb;
  v_now jsonb;
  v_written integer;
begin
  perform planner_private.check_result(p_result);
  select * into v_run from public.allocation_planner_runs
   where id = p_run and token = p_token for update;
  if not found then
    return 'LOST';
  elsif v_run.status <> 'GENERATING' then
    return case when v_run.status = 'COMPLETED' then 'ALREADY' else 'LOST' end;
  end if;
  select problem into strict v_problem from public.planner_run_inputs where run = p_run;
  perform planner_private.check_lines(v_problem, p_lines);
  begin
    v_now := planner_private.planner_problem(p_run, p_hold => true);
  exception
    when sqlstate 'PLN03' then
      raise exception '%', sqlerrm using errcode = 'PLN02';
  end;

  if planner_private.input_version(v_now) <> v_run.input_version then
    perform planner_private.keep_lines(v_run, 'proposal', p_lines, null,
                                       v_problem -> 'constraints', p_result -> 'verdict');
    perform planner_private.end_run(v_run, 'COMPLETED', 'stale',
      'The inputs or the lines were edited while the planner worked. Nothing was overwritten: '
      'its lines wait in the history as a proposal.', p_result);
    return 'PROPOSED';
  end if;

  perform planner_private.keep_current(v_run, v_now -> 'current_lines', null);
  v_written := planner_private.planner_write_lines(p_run, p_lines);
  if v_written <> jsonb_array_length(p_lines) then
    raise exception 'There would be % lines instead of %.', v_written, jsonb_array_length(p_lines)
      using errcode = 'PLN02';
  end if;
  perform planner_private.put_set(v_run, v_problem -> 'constraints', p_result -> 'verdict');
  perform planner_private.end_run(v_run, 'COMPLETED', p_result ->> 'reason', p_result ->> 'message',
                          p_result);
  return 'COMPLETED';
end
$$;

create or replace function planner_private.restore_lines(p_history uuid) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept public.job_lines_history;
  v_run public.allocation_planner_runs;
  v_live uuid;
  v_now jsonb;
  v_snapshot uuid;
  v_written integer;
begin
  select * into v_kept from public.job_lines_history where id = p_history;
  if not found or planner_private.is_allowed(v_kept.org, 'read') is not true then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if planner_private.is_allowed(v_kept.org, 'plan') is not true then
    raise exception 'You need the planner role to restore lines.' using errcode = '42501';
  end if;
  select * into strict v_run from public.allocation_planner_runs where id = v_kept.run;

  begin
    v_now := planner_private.planner_problem(v_kept.run, p_hold => true);
  exception
    when sqlstate 'PLN03' then
      return planner_private.refusal('target.not_draft', sqlerrm);
  end;
  select id into v_live from public.allocation_planner_runs
   where allocation_run = v_kept.allocation_run and status in ('PENDING', 'GENERATING');
  if found then
    return planner_private.refusal('run.live', 'A run is under way for these lines. Wait or cancel it.')
      || jsonb_build_object('run', v_live);
  end if;
  if planner_private.same_lines(v_now -> 'current_lines', v_kept.lines) then
    return jsonb_build_object('outcome', 'ALREADY', 'lines', v_kept.n_lines);
  end if;

  perform planner_private.admit(
    v_kept.org, 'restore', (planner_private.settings()).max_hourly_restores_per_org);
  begin
    if v_kept.kind = 'proposal' then
      perform planner_private.check_lines(v_now, v_kept.lines);
    end if;
    v_snapshot := planner_private.keep_current(v_run, v_now -> 'current_lines', p_history);
    v_written := planner_private.planner_write_lines(v_kept.run, v_kept.lines);
    perform planner_private.put_set(v_run, v_kept.constraints, v_kept.verdict);
    return jsonb_build_object(
      'outcome', 'RESTORED', 'snapshot', v_snapshot, 'lines', v_written);
  exception
    when sqlstate 'PLN02' then
      return planner_private.refusal('lines.rejected', sqlerrm);
  end;
end
$$;

create or replace function public.planner_list_history(p_allocation_run uuid) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', kept.id, 'created_at', kept.created_at, 'kind', kept.kind, 'run', kept.run,
           'restored_from', kept.restored_from, 'made_by', kept.made_by, 'lines', kept.n_lines,
           'constraints', kept.constraints, 'verdict', kept.verdict)
         order by kept.created_at desc, kept.id), '[]')
    from public.job_lines_history as kept where kept.allocation_run = p_allocation_run;
$$;
comment on function public.planner_list_history is
  'The sets of lines kept for an allocation run, newest first, as one value: {id, created_at, kind, '
  'run, restored_from, made_by, lines, constraints, verdict} each, without the lines themselves. '
  'Under row security: who may not read them finds none.';

revoke all on all functions in schema planner_private from public, anon;
