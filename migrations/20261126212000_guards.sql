-- Guards that no NULL passes, and times that never run backwards.
--
-- `planner_private.may` belongs to the host: it may answer NULL. `not NULL` is NULL, and an IF takes that for
-- false, so every guard asks whether the answer `is not true`. And a database clock that is set back
-- (after a failover, by NTP) must not make a run impossible to write: no time is before the one it
-- follows.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create function planner_private.is_allowed(p_org uuid, p_action text) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(planner_private.acts_as_service(), false)
      or coalesce(planner_private.may(p_org, p_action), false);
$$;
comment on function planner_private.is_allowed is
  'Whether the caller may do something in an organisation, as its member or as the service: true or '
  'false, never null, whatever planner_private.may answers.';

create or replace function planner_private.heartbeat(p_run uuid, p_token uuid, p_progress jsonb)
returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_status text;
begin
  update public.allocation_planner_runs
     set heartbeat_at = greatest(clock_timestamp(), heartbeat_at),
         progress = case when octet_length(p_progress::text) <= 16384 then p_progress
                         else progress end
   where id = p_run and token = p_token and status = 'GENERATING';
  if found then
    return 'OK';
  end if;
  select status into v_status from public.allocation_planner_runs
   where id = p_run and token = p_token;
  return case when v_status = 'CANCELLED' then 'CANCELLED' else 'LOST' end;
end
$$;

create or replace function planner_private.end_run(
  p_run public.allocation_planner_runs, p_status text, p_reason text, p_message text, p_result jsonb
) returns public.allocation_planner_runs
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run public.allocation_planner_runs;
begin
  update public.allocation_planner_runs
     set status = p_status, reason = coalesce(nullif(left(p_reason, 200), ''), lower(p_status)),
         message = left(p_message, 4000), result_metadata = p_result,
         finished_at = greatest(clock_timestamp(), created_at, claimed_at)
   where id = p_run.id and status = p_run.status and token is not distinct from p_run.token
  returning * into strict v_run;
  return v_run;
end
$$;

create or replace function planner_private.end_lost_runs(p_only uuid default null) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_lease interval := make_interval(secs => (planner_private.settings()).lease_seconds);
  v_ended jsonb;
begin
  with doomed as (
    select id from public.allocation_planner_runs
     where status = 'GENERATING' and (p_only is null or id = p_only)
       and (heartbeat_at < v_now - v_lease or deadline_at < v_now)
       for update skip locked
  ), ended as (
    update public.allocation_planner_runs as run
       set status = 'FAILED', finished_at = greatest(clock_timestamp(), run.created_at),
           reason = case when run.heartbeat_at < v_now - v_lease then 'runner.lost'
                         else 'run.deadline' end,
           message = case when run.heartbeat_at < v_now - v_lease
                          then 'The planner stopped without a word'
                          else 'The planner took longer than it may' end
             || coalesce(', last seen in the phase ' || (run.progress ->> 'phase'), '')
             || '. The lines there were are untouched; you can try again.',
           result_metadata = jsonb_build_object('attempt', run.attempt, 'runner', run.runner,
                                                'last_progress', run.progress)
      from doomed where run.id = doomed.id
    returning run.id, run.org, run.allocation_run, run.attempt, run.reason
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'run', id, 'org', org, 'allocation_run', allocation_run, 'attempt', attempt,
           'reason', reason)), '[]')
    into v_ended from ended;
  return v_ended;
end
$$;

create or replace function planner_private.end_expired_runs(p_relaunch boolean) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.planner_settings := planner_private.settings();
  v_now timestamptz := clock_timestamp();
  v_ended jsonb;
begin
  with doomed as (
    select run.id, run.created_at < v_now - make_interval(secs => v_settings.start_deadline_seconds)
             as too_late
      from public.allocation_planner_runs as run
     where run.status = 'PENDING'
       and (run.created_at < v_now - make_interval(secs => v_settings.start_deadline_seconds)
            or p_relaunch and run.launches >= v_settings.max_launches
               and run.launched_at
                   < v_now - make_interval(secs => v_settings.relaunch_after_seconds)
               and not exists (select from public.allocation_planner_runs as busy
                                where busy.status = 'GENERATING'
                                  and busy.lane = planner_private.lane_of(run.org)))
       for update of run skip locked
  ), ended as (
    update public.allocation_planner_runs as run
       set status = 'FAILED', finished_at = greatest(clock_timestamp(), run.created_at),
           reason = case when doomed.too_late then 'start.too_late' else 'launch.lost' end,
           message = case when doomed.too_late
             then 'The run waited too long to be started. You can ask for a new one.'
             else 'The planner could not be started. You can try again.' end
      from doomed where run.id = doomed.id
    returning run.id, run.org, run.allocation_run, run.reason
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'run', id, 'org', org, 'allocation_run', allocation_run, 'reason', reason)), '[]')
    into v_ended from ended;
  return v_ended;
end
$$;

create or replace function planner_private.cancel_run(p_run uuid) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run public.allocation_planner_runs;
begin
  select * into v_run from public.allocation_planner_runs where id = p_run;
  if not found or planner_private.is_allowed(v_run.org, 'read') is not true then
    return 'MISSING';
  end if;
  if planner_private.is_allowed(v_run.org, 'plan') is not true then
    raise exception 'You need the planner role to cancel a run.' using errcode = '42501';
  end if;
  select * into v_run from public.allocation_planner_runs where id = p_run for update;
  if v_run.status in ('PENDING', 'GENERATING') then
    perform planner_private.end_run(v_run, 'CANCELLED', 'cancelled',
                            'The run was cancelled. The lines there were are untouched.', null);
    return 'CANCELLED';
  end if;
  return case when v_run.status = 'CANCELLED' then 'ALREADY' else 'FINAL' end;
end
$$;

create or replace function planner_private.queue_position(p_run uuid) returns integer
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select queue.place::integer from planner_private.queue() as queue
   where queue.run = p_run and planner_private.is_allowed(queue.org, 'read');
$$;

create or replace function planner_private.diff_lines(p_from uuid, p_to uuid) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from public.job_lines_history;
  v_to public.job_lines_history;
  v_lines jsonb;
begin
  select * into v_from from public.job_lines_history where id = p_from;
  if not found or planner_private.is_allowed(v_from.org, 'read') is not true then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if p_to is not null then
    select * into v_to from public.job_lines_history
     where id = p_to and org = v_from.org and allocation_run = v_from.allocation_run;
    if not found then
      return jsonb_build_object('outcome', 'MISSING');
    end if;
    v_lines := v_to.lines;
  else
    begin
      v_lines := planner_private.planner_problem(v_from.run) -> 'current_lines';
    exception
      when sqlstate 'PLN03' then
        return planner_private.refusal('target.not_draft', sqlerrm);
    end;
  end if;
  return jsonb_build_object('outcome', 'FOUND', 'from', p_from, 'to', p_to)
    || planner_private.compare_lines(v_from.lines, v_lines);
end
$$;

revoke all on all functions in schema planner_private from public, anon;
