-- Sweep: end what is lost, name what is to be launched again, forget what is old. It keeps no state
-- of its own and may run at any time, from anywhere, any number at once.

create function private.sweep(p_dry_run boolean, p_relaunch boolean) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_swept jsonb := '{}'::jsonb;
begin
  begin
    v_swept := jsonb_build_object('lost', private.end_lost_runs())
      || jsonb_build_object('expired', private.end_expired_runs(p_relaunch))
      || jsonb_build_object('relaunch',
           case when p_relaunch then private.relaunch_runs() else '[]' end)
      || jsonb_build_object('purged', private.purge(), 'swept_at', clock_timestamp(),
                            'dry_run', p_dry_run);
    if p_dry_run then
      raise exception using errcode = 'PLN00';
    end if;
  exception
    when sqlstate 'PLN00' then null;  -- a dry run undoes what it did, and tells it all the same
  end;
  if not p_dry_run then
    update public.planner_settings set last_swept_at = clock_timestamp()
     where only_row in (select only_row from public.planner_settings for update skip locked);
  end if;
  return v_swept;
end
$$;
comment on function private.sweep is
  'Behind public.planner_sweep. Without p_relaunch, as from pg_cron, it leaves launches to a '
  'sweeper that can launch.';

create function private.end_expired_runs(p_relaunch boolean) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_settings public.planner_settings := private.settings();
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
                                  and busy.lane = private.lane_of(run.org)))
       for update of run skip locked
  ), ended as (
    update public.allocation_planner_runs as run
       set status = 'FAILED', finished_at = clock_timestamp(),
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
comment on function private.end_expired_runs is
  'End waiting runs past their start deadline, and those launched often enough in vain.';

create function private.relaunch_runs() returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_settings public.planner_settings := private.settings();
  v_relaunched jsonb;
begin
  with waiting as (
    select run.id
      from private.queue() as queue
      join public.allocation_planner_runs as run on run.id = queue.run and run.status = 'PENDING'
     where queue.place = 1 and run.launches < v_settings.max_launches
       and run.launched_at
           < clock_timestamp() - make_interval(secs => v_settings.relaunch_after_seconds)
       and not exists (select from public.allocation_planner_runs as busy
                        where busy.status = 'GENERATING' and busy.lane = queue.lane)
       for update of run skip locked
  ), launched as (
    update public.allocation_planner_runs as run
       set launches = run.launches + 1, launched_at = clock_timestamp()
      from waiting where run.id = waiting.id and run.status = 'PENDING'
    returning run.id, run.org, run.allocation_run, run.launches
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'run', id, 'org', org, 'allocation_run', allocation_run, 'launches', launches)), '[]')
    into v_relaunched from launched;
  return v_relaunched;
end
$$;
comment on function private.relaunch_runs is
  'Name, per free lane, the next run nobody came for: whoever sweeps is to launch it now. Its '
  'runner then serves the others of the lane.';

create function private.purge() returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_settings public.planner_settings := private.settings();
  v_now timestamptz := clock_timestamp();
  v_logs integer;
  v_inputs integer;
  v_history integer;
begin
  delete from public.system_logs
   where created_at < v_now - make_interval(days => v_settings.logs_days);
  get diagnostics v_logs = row_count;
  delete from public.planner_run_inputs as inputs
   using public.allocation_planner_runs as run
   where run.id = inputs.run
     and run.finished_at < v_now - make_interval(days => v_settings.inputs_days);
  get diagnostics v_inputs = row_count;
  delete from public.job_lines_history as kept
   using (select id, kind, row_number() over (partition by allocation_run
                                        order by created_at desc, id) as age,
                 row_number() over (partition by allocation_run, kind
                                    order by created_at desc, id) as age_of_kind
            from public.job_lines_history) as ranked
   where ranked.id = kept.id and ranked.age > v_settings.history_keep
     and not (ranked.kind = 'snapshot' and ranked.age_of_kind = 1)
     and kept.created_at < v_now - make_interval(days => v_settings.history_days);
  get diagnostics v_history = row_count;
  return jsonb_build_object('logs', v_logs, 'inputs', v_inputs, 'history', v_history);
end
$$;
comment on function private.purge is
  'Forget logs, inputs and history beyond their days; never the newest sets of an allocation run, '
  'and never its newest snapshot.';

create function private.health() returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'contract', private.contract_version(), 'now', clock_timestamp(),
    'last_swept_at', settings.last_swept_at,
    'waiting', (select count(*) from public.allocation_planner_runs where status = 'PENDING'),
    'generating', (select count(*) from public.allocation_planner_runs
                    where status = 'GENERATING'),
    'settings', to_jsonb(settings) - 'only_row' - 'last_swept_at')
    from public.planner_settings as settings;
$$;
comment on function private.health is 'Behind public.planner_health.';

create function public.planner_sweep(p_dry_run boolean default false) returns jsonb
language sql
set search_path = ''
set statement_timeout = '60s'
as $$ select private.sweep(p_dry_run, p_relaunch => true) $$;
comment on function public.planner_sweep is
  'End runs whose runner is lost or that are past their deadline (lost), and waiting runs that are '
  'too late or could not be started (expired); name the runs to launch again now (relaunch, '
  'counted); forget what is old (purged). p_dry_run tells and changes nothing.';

create function public.planner_health() returns jsonb
language sql stable
set search_path = ''
as $$ select private.health() $$;
comment on function public.planner_health is
  'Contract, clock, last sweep, numbers of live runs, settings: what `planner doctor` asks.';

revoke all on all functions in schema private from public, anon;
grant execute on function private.sweep, private.health to service_role;
revoke all on function public.planner_sweep, public.planner_health
  from public, anon, authenticated, service_role;
grant execute on function public.planner_sweep, public.planner_health to service_role;
