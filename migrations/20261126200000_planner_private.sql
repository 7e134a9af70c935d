-- The planner's own functions move from the schema `private`, which many projects use for helpers
-- of their own, to `planner_private`. Only databases of the first edition have anything to move; a
-- new one is made with `planner_private` from the start.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

do $$
declare
  -- By exact signature: a host's function of the same name and other arguments stays where it is.
  v_ours text[] := array[
    'may(uuid, text)', 'acts_as_service()', 'settings()', 'lane_of(uuid)', 'admit_run()',
    'guard_run()', 'complete_log()', 'log(jsonb)', 'planner_problem(uuid, boolean)',
    'planner_write_lines(uuid, jsonb)', 'input_version(jsonb)', 'check_new_run()',
    'contract_version()', 'check_contract(integer)', 'queue()', 'end_lost_runs(uuid)',
    'final_answer(public.allocation_planner_runs)',
    'claimed_answer(public.allocation_planner_runs)', 'fail_pending(uuid, text, text)',
    'take_run(uuid, text, integer)',
    'end_run(public.allocation_planner_runs, text, text, text, jsonb)',
    'claim_run(uuid, text, integer)', 'claim_next(text, integer)', 'heartbeat(uuid, uuid, jsonb)',
    'finish_run(uuid, uuid, text, text, text, jsonb)', 'check_result(jsonb)', 'cancel_run(uuid)',
    'fail_launch(uuid, text)', 'queue_position(uuid)', 'check_lines(jsonb, jsonb)',
    'objection(jsonb, jsonb)', 'keep_lines(public.allocation_planner_runs, text, jsonb, uuid)',
    'commit_lines(uuid, uuid, jsonb, jsonb)', 'restore_lines(uuid)', 'refusal(text, text)',
    'same_lines(jsonb, jsonb)', 'sweep(boolean, boolean)', 'end_expired_runs(boolean)',
    'relaunch_runs()', 'purge()', 'health()', 'commit_and_record(uuid, uuid, jsonb, jsonb)',
    'recording(uuid)', 'logs_of_run(uuid, integer)', 'compare_lines(jsonb, jsonb)',
    'diff_lines(uuid, uuid)'];
  v_names text;
  v_function text;
  v_body text;
  v_moved oid[] := '{}';
  v_others text;
begin
  if to_regprocedure('private.claim_run(uuid, text, integer)') is null then
    return;
  end if;
  create schema if not exists planner_private;
  comment on schema planner_private is 'Functions behind the public ones; not exposed by the API.';
  revoke all on schema planner_private from public;
  grant usage on schema planner_private to authenticated, service_role;

  foreach v_function in array v_ours loop
    continue when to_regprocedure('private.' || v_function) is null;
    execute format('alter function private.%s set schema planner_private', v_function);
    v_moved := v_moved || to_regprocedure('planner_private.' || v_function)::oid;
  end loop;

  -- Bodies name functions by text, those an integrator has replaced as well: only our own names
  -- are rewritten, a host's helpers in `private` stay where they are.
  select string_agg(distinct split_part(name, '(', 1), '|') into v_names from unnest(v_ours) as name;
  for v_body in
    select regexp_replace(pg_catalog.pg_get_functiondef(p.oid),
                          '\mprivate\.(' || v_names || ')\M', 'planner_private.\1', 'g')
      from pg_catalog.pg_proc as p
     where (p.oid = any (v_moved)
            or p.pronamespace = 'public'::regnamespace and p.proname like 'planner\_%')
       and p.prosrc ~ ('\mprivate\.(' || v_names || ')\M')
  loop
    execute v_body;
  end loop;

  -- Somebody else's functions may ask `private.may`: for them it stays, as a way to the new place.
  select string_agg(p.oid::regprocedure::text, ', ') into v_others
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_language as l on l.oid = p.prolang and l.lanname in ('sql', 'plpgsql')
   where p.oid <> all (v_moved) and p.prosrc ~ '\mprivate\.may\M';
  if v_others is not null then
    create function private.may(p_org uuid, p_action text) returns boolean
    language sql stable
    set search_path = pg_catalog, pg_temp
    as 'select planner_private.may(p_org, p_action)';
    comment on function private.may is
      'Kept for functions that still ask it here; planner_private.may decides.';
    revoke all on function private.may from public, anon;
    grant execute on function private.may to authenticated, service_role;
    raise notice 'private.may stays for %: let them ask planner_private.may.', v_others;
  end if;

  if to_regnamespace('cron') is not null then
    perform cron.schedule('planner-sweep', job.schedule,
                          'select planner_private.sweep(p_dry_run => false, p_relaunch => false)')
       from cron.job as job
      where job.jobname = 'planner-sweep' and job.command like '%private.sweep%'
        and job.command not like '%planner_private.sweep%';
  end if;
end
$$;
