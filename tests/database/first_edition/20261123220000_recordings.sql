-- Recordings: what a run was given and what it answered, kept so that an engineer can repeat it.

alter table public.planner_run_inputs
  add column lines jsonb check (jsonb_typeof(lines) = 'array');
comment on column public.planner_run_inputs.lines is
  'The lines the run answered, as committed or proposed; null without lines. What job_lines holds '
  'may have been edited or replaced since.';

create function private.commit_and_record(
  p_run uuid, p_token uuid, p_lines jsonb, p_result jsonb
) returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_outcome text := private.commit_lines(p_run, p_token, p_lines, p_result);
begin
  if v_outcome in ('COMPLETED', 'PROPOSED') then
    update public.planner_run_inputs set lines = p_lines where run = p_run;
  end if;
  return v_outcome;
end
$$;
comment on function private.commit_and_record is
  'Commit the lines and keep them beside the inputs they answer, in the same transaction.';

create or replace function public.planner_commit_lines(
  p_run uuid, p_token uuid, p_lines jsonb, p_result jsonb
) returns text
language sql
set search_path = ''
set statement_timeout = '60s'
set lock_timeout = '15s'
as $$ select private.commit_and_record(p_run, p_token, p_lines, p_result) $$;

create function private.recording(p_run uuid) returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select coalesce(
    (select jsonb_build_object(
              'outcome', 'FOUND', 'run', run.id, 'status', run.status, 'reason', run.reason,
              'message', run.message, 'attempt', run.attempt, 'created_at', run.created_at,
              'finished_at', run.finished_at, 'problem', inputs.problem,
              'result', run.result_metadata, 'lines', inputs.lines)
       from public.allocation_planner_runs as run
       left join public.planner_run_inputs as inputs on inputs.run = run.id
      where run.id = p_run),
    '{"outcome": "MISSING"}');
$$;
comment on function private.recording is 'Behind public.planner_recording.';

create function public.planner_recording(p_run uuid) returns jsonb
language sql stable
set search_path = ''
as $$ select private.recording(p_run) $$;
comment on function public.planner_recording is
  'What a run was given and what it answered: outcome FOUND with status, problem, result and lines '
  '(problem is null before the first claim and after its retention), or MISSING.';

create function private.logs_of_run(p_run uuid, p_most integer) returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(newest) order by newest.id), '[]')
    from (select id, created_at, level, source, message, context
            from public.system_logs where run = p_run
           order by id desc limit p_most) as newest;
$$;
comment on function private.logs_of_run is 'Behind public.planner_logs.';

create function public.planner_logs(p_run uuid, p_most integer default 1000) returns jsonb
language sql stable
set search_path = ''
as $$ select private.logs_of_run(p_run, p_most) $$;
comment on function public.planner_logs is
  'The newest log rows of a run, oldest first, as one value.';

revoke all on function private.commit_and_record, private.recording, private.logs_of_run
  from public, anon;
grant execute on function private.commit_and_record, private.recording, private.logs_of_run
  to service_role;
revoke all on function public.planner_recording, public.planner_logs
  from public, anon, authenticated, service_role;
grant execute on function public.planner_recording, public.planner_logs to service_role;
