-- Claim: PENDING becomes GENERATING for one runner, with a fresh token and the problem.

create function private.contract_version() returns integer
language sql immutable
set search_path = ''
as $$ select 1 $$;
comment on function private.contract_version is 'Version of the contract this schema speaks.';

create function private.check_contract(p_contract integer) returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_contract is distinct from private.contract_version() then
    raise exception 'The runner speaks contract %, the database contract %.',
      coalesce(p_contract::text, 'unknown'), private.contract_version()
      using errcode = 'PLN01',
            hint = 'Use the planner and the migrations of one version.';
  end if;
end
$$;
comment on function private.check_contract is 'Raise PLN01 unless the runner speaks our contract.';

create function private.queue()
returns table (run uuid, org uuid, lane text, launched_at timestamptz, launches integer, place bigint)
language sql stable security definer
set search_path = ''
as $$
  select waiting.id, waiting.org, waiting.lane, waiting.launched_at, waiting.launches,
         row_number() over (partition by waiting.lane
                            order by waiting.turn, waiting.served_at nulls first,
                                     waiting.created_at, waiting.id)
    from (select run.id, run.org, run.created_at, run.launched_at, run.launches,
                 private.lane_of(run.org) as lane,
                 row_number() over (partition by run.org order by run.created_at, run.id) as turn,
                 (select max(earlier.claimed_at) from public.allocation_planner_runs as earlier
                   where earlier.org = run.org) as served_at
            from public.allocation_planner_runs as run
           where run.status = 'PENDING') as waiting;
$$;
comment on function private.queue is
  'The waiting runs of each lane in order: in turn between organisations, the one served longest '
  'ago first, each organisation''s oldest run first.';

create function private.end_lost_runs(p_only uuid default null) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_lease interval := make_interval(secs => (private.settings()).lease_seconds);
  v_ended jsonb;
begin
  with doomed as (
    select id from public.allocation_planner_runs
     where status = 'GENERATING' and (p_only is null or id = p_only)
       and (heartbeat_at < v_now - v_lease or deadline_at < v_now)
       for update skip locked
  ), ended as (
    update public.allocation_planner_runs as run
       set status = 'FAILED', finished_at = clock_timestamp(),
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
comment on function private.end_lost_runs is
  'End the runs whose runner was not heard of for a lease, or that are past their deadline. Skips '
  'runs somebody holds at this moment: they are alive.';

create function private.final_answer(p_run public.allocation_planner_runs) returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_build_object('outcome', 'FINAL', 'status', p_run.status, 'reason', p_run.reason,
                            'message', p_run.message);
$$;
comment on function private.final_answer is 'The answer to a claim that comes too late.';

create function private.claimed_answer(p_run public.allocation_planner_runs) returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'outcome', 'CLAIMED', 'run', p_run.id, 'token', p_run.token, 'attempt', p_run.attempt,
    'lease_seconds', (private.settings()).lease_seconds,
    'deadline_seconds', (private.settings()).deadline_seconds,
    'org', p_run.org, 'allocation_run', p_run.allocation_run,
    'input_version', p_run.input_version, 'problem', inputs.problem)
    from public.planner_run_inputs as inputs where inputs.run = p_run.id;
$$;
comment on function private.claimed_answer is 'The answer to a claim that won.';

create function private.fail_pending(p_run uuid, p_reason text, p_message text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
begin
  update public.allocation_planner_runs
     set status = 'FAILED', reason = p_reason, message = p_message, finished_at = clock_timestamp()
   where id = p_run and status = 'PENDING' returning * into v_run;
  return private.final_answer(v_run);
end
$$;
comment on function private.fail_pending is 'End a run that never began, and say so.';

create function private.take_run(p_run uuid, p_runner text, p_contract integer) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_inputs jsonb := private.planner_problem(p_run);
  v_now timestamptz := clock_timestamp();
  v_run public.allocation_planner_runs;
begin
  update public.allocation_planner_runs as run
     set status = 'GENERATING', lane = private.lane_of(run.org), attempt = run.attempt + 1,
         token = gen_random_uuid(), runner = p_runner, contract = p_contract,
         input_version = private.input_version(v_inputs), progress = null,
         claimed_at = v_now, heartbeat_at = v_now,
         deadline_at = v_now + make_interval(secs => (private.settings()).deadline_seconds)
   where run.id = p_run and run.status in ('PENDING', 'GENERATING')
  returning * into strict v_run;
  insert into public.planner_run_inputs (run, org, input_version, problem)
  values (v_run.id, v_run.org, v_run.input_version, v_inputs - 'current_lines')
  on conflict (run) do update
    set input_version = excluded.input_version, problem = excluded.problem,
        recorded_at = excluded.recorded_at;
  return private.claimed_answer(v_run);
end
$$;
comment on function private.take_run is
  'Record the inputs and make the run the runner''s. Raises 23505 (one_run_generating) when the '
  'lane was taken meanwhile, PLN03 when lines may not be generated.';

create function private.end_run(
  p_run public.allocation_planner_runs, p_status text, p_reason text, p_message text, p_result jsonb
) returns public.allocation_planner_runs
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
begin
  update public.allocation_planner_runs
     set status = p_status, reason = coalesce(nullif(left(p_reason, 200), ''), lower(p_status)),
         message = left(p_message, 4000), result_metadata = p_result,
         finished_at = clock_timestamp()
   where id = p_run.id and status = p_run.status and token is not distinct from p_run.token
  returning * into strict v_run;
  return v_run;
end
$$;
comment on function private.end_run is 'Give a run its final status; the caller holds its row.';

create function private.claim_run(p_run uuid, p_runner text, p_contract integer) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_settings public.planner_settings := private.settings();
  v_run public.allocation_planner_runs;
  v_behind uuid;
  v_lost boolean;
begin
  perform private.check_contract(p_contract);
  select * into v_run from public.allocation_planner_runs where id = p_run for update;
  if not found then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  v_lost := v_run.heartbeat_at < clock_timestamp() - make_interval(secs => v_settings.lease_seconds)
    or v_run.deadline_at < clock_timestamp();
  if v_run.status = 'GENERATING' and not v_lost then
    -- The same runner asks again: the first answer was lost on its way.
    return case when v_run.runner = p_runner then private.claimed_answer(v_run)
                else jsonb_build_object('outcome', 'BUSY', 'behind', p_run, 'position', 0) end;
  end if;
  -- A run whose runner was lost is taken over by the next one that is started for it.
  perform private.end_lost_runs(p_run) where v_run.attempt >= v_settings.max_attempts;
  select * into v_run from public.allocation_planner_runs where id = p_run;
  if v_run.status not in ('PENDING', 'GENERATING') then
    return private.final_answer(v_run);
  end if;
  if v_run.status = 'PENDING' then
    perform private.end_lost_runs();
    if v_run.created_at
       < clock_timestamp() - make_interval(secs => v_settings.start_deadline_seconds) then
      return private.fail_pending(p_run, 'start.too_late',
        'The run waited too long to be started. You can ask for a new one.');
    end if;
  end if;
  begin
    select id into v_behind from public.allocation_planner_runs
     where status = 'GENERATING' and lane = private.lane_of(v_run.org) and id <> p_run;
    if not found then
      return private.take_run(p_run, p_runner, p_contract);
    end if;
  exception
    when unique_violation then
      select id into v_behind from public.allocation_planner_runs
       where status = 'GENERATING' and lane = private.lane_of(v_run.org) and id <> p_run;
    when sqlstate 'PLN03' then
      if v_run.status = 'PENDING' then
        return private.fail_pending(p_run, 'target.not_draft', sqlerrm);
      end if;
      return private.final_answer(private.end_run(v_run, 'FAILED', 'target.not_draft', sqlerrm, '{}'));
  end;
  return jsonb_build_object(
    'outcome', 'BUSY', 'behind', v_behind,
    'position', (select place from private.queue() as queue where queue.run = p_run));
end
$$;
comment on function private.claim_run is 'Behind public.planner_claim_run.';

create function private.claim_next(p_runner text, p_contract integer) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_held public.allocation_planner_runs;
  v_next record;
  v_answer jsonb;
  v_busy jsonb;
begin
  perform private.check_contract(p_contract);
  perform private.end_lost_runs();
  select * into v_held from public.allocation_planner_runs
   where status = 'GENERATING' and runner = p_runner limit 1;
  if found then
    return private.claimed_answer(v_held);
  end if;
  for v_next in
    select queue.run, queue.place, busy.id as behind
      from private.queue() as queue
      left join public.allocation_planner_runs as busy
        on busy.status = 'GENERATING' and busy.lane = queue.lane
     order by busy.id is not null, queue.place, queue.lane
  loop
    if v_next.behind is not null then
      return coalesce(v_busy, jsonb_build_object('outcome', 'BUSY', 'behind', v_next.behind,
                                                 'position', v_next.place));
    end if;
    perform from public.allocation_planner_runs
      where id = v_next.run and status = 'PENDING' for update skip locked;
    continue when not found;
    v_answer := private.claim_run(v_next.run, p_runner, p_contract);
    if v_answer ->> 'outcome' = 'CLAIMED' then
      return v_answer;
    elsif v_answer ->> 'outcome' = 'BUSY' then
      v_busy := coalesce(v_busy, v_answer);
    end if;
  end loop;
  return coalesce(v_busy, jsonb_build_object('outcome', 'NONE'));
end
$$;
comment on function private.claim_next is 'Behind public.planner_claim_next.';

create function public.planner_contract_version() returns integer
language sql stable
set search_path = ''
as $$ select private.contract_version() $$;
comment on function public.planner_contract_version is
  'Version of the contract between runners and this schema.';

create function public.planner_claim_run(p_run uuid, p_runner text, p_contract integer)
returns jsonb
language sql
set search_path = ''
set statement_timeout = '30s'
as $$ select private.claim_run(p_run, p_runner, p_contract) $$;
comment on function public.planner_claim_run is
  'Take one run for a runner. CLAIMED with token, lease and problem; the same runner asking again '
  'gets the same claim. BUSY behind which run while its lane, or the run itself, is another '
  'runner''s: the run stays as it is. FINAL when it has ended, or ends now because it waited too '
  'long or its allocation run is no draft. MISSING for an unknown id. Raises PLN01 for another '
  'contract.';

create function public.planner_claim_next(p_runner text, p_contract integer) returns jsonb
language sql
set search_path = ''
set statement_timeout = '30s'
as $$ select private.claim_next(p_runner, p_contract) $$;
comment on function public.planner_claim_next is
  'Take the next waiting run, in turn between organisations. CLAIMED as planner_claim_run; BUSY '
  'when runs wait but no lane is free; NONE when nothing waits. Raises PLN01 for another contract.';

revoke all on all functions in schema private from public, anon;
grant execute on function private.contract_version to authenticated, service_role;
grant execute on function private.claim_run, private.claim_next to service_role;
revoke all on function public.planner_contract_version, public.planner_claim_run,
  public.planner_claim_next from public, anon, authenticated, service_role;
grant execute on function public.planner_contract_version to authenticated, service_role;
grant execute on function public.planner_claim_run, public.planner_claim_next to service_role;
