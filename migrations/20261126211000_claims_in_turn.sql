-- Claims: every run in its turn, whoever asks first; and inputs that cannot be read end their own
-- run alone, so that the queue behind it moves.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create or replace function planner_private.queue()
returns table (run uuid, org uuid, lane text, launched_at timestamptz, launches integer, place bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select waiting.id, waiting.org, waiting.lane, waiting.launched_at, waiting.launches,
         row_number() over (partition by waiting.lane
                            order by waiting.turn, waiting.served_at nulls first,
                                     waiting.created_at, waiting.id)
    from (select run.id, run.org, run.created_at, run.launched_at, run.launches,
                 planner_private.lane_of(run.org) as lane,
                 row_number() over (partition by run.org order by run.created_at, run.id) as turn,
                 -- A run that failed as it was claimed had its turn as well.
                 (select max(coalesce(earlier.claimed_at, earlier.finished_at))
                    from public.allocation_planner_runs as earlier
                   where earlier.org = run.org
                     and (earlier.claimed_at is not null
                          or earlier.status = 'FAILED' and earlier.reason like 'input.%'))
                   as served_at
            from public.allocation_planner_runs as run
           where run.status = 'PENDING') as waiting;
$$;

create function planner_private.is_passing(p_sqlstate text) returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select p_sqlstate ~ '^(08|25|40|53|55|57|58)' $$;
comment on function planner_private.is_passing is
  'Whether an error says something about this moment (locks, memory, a failover) and nothing about '
  'the content: the same call may succeed later.';

create or replace function planner_private.take_run(p_run uuid, p_runner text, p_contract integer)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_inputs jsonb := planner_private.planner_problem(p_run);
  v_objection text := planner_private.objection_to_inputs(v_inputs);
  v_now timestamptz := clock_timestamp();
  v_run public.allocation_planner_runs;
begin
  if v_objection is not null then
    raise exception '%', v_objection using errcode = 'PLN05';
  end if;
  update public.allocation_planner_runs as run
     set status = 'GENERATING', lane = planner_private.lane_of(run.org), attempt = run.attempt + 1,
         token = gen_random_uuid(), runner = p_runner, contract = p_contract,
         input_version = planner_private.input_version(v_inputs), progress = null,
         claimed_at = greatest(v_now, run.created_at), heartbeat_at = greatest(v_now, run.created_at),
         deadline_at = greatest(v_now, run.created_at)
                       + make_interval(secs => (planner_private.settings()).deadline_seconds)
   where run.id = p_run and run.status in ('PENDING', 'GENERATING')
  returning * into strict v_run;
  insert into public.planner_run_inputs (run, org, input_version, problem)
  values (v_run.id, v_run.org, v_run.input_version, v_inputs - 'current_lines')
  on conflict (run) do update
    set input_version = excluded.input_version, problem = excluded.problem,
        recorded_at = excluded.recorded_at;
  return planner_private.claimed_answer(v_run);
end
$$;
comment on function planner_private.take_run is
  'Record the inputs and make the run the runner''s. Raises 23505 (one_run_generating) when the '
  'lane was taken meanwhile, PLN03 when lines may not be generated, PLN05 for inputs that are too '
  'large, too deep or hold absurd numbers.';

create or replace function planner_private.fail_pending(p_run uuid, p_reason text, p_message text)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run public.allocation_planner_runs;
begin
  update public.allocation_planner_runs
     set status = 'FAILED', reason = p_reason, message = left(p_message, 4000),
         finished_at = greatest(clock_timestamp(), created_at)
   where id = p_run and status = 'PENDING' returning * into v_run;
  return planner_private.final_answer(v_run);
end
$$;

create function planner_private.fail_claim(
  p_run public.allocation_planner_runs, p_reason text, p_message text
) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_run.status = 'PENDING' then
    return planner_private.fail_pending(p_run.id, p_reason, p_message);
  end if;
  return planner_private.final_answer(
    planner_private.end_run(p_run, 'FAILED', p_reason, p_message, '{}'));
end
$$;
comment on function planner_private.fail_claim is
  'End a run that cannot be handed out, whether it waits or its runner was lost, and say so.';

create function planner_private.busy_answer(p_behind uuid, p_run uuid) returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
      'outcome', 'BUSY', 'behind', p_behind,
      'position', case when p_run = p_behind then 0
                       else (select place from planner_private.queue() as queue
                              where queue.run = p_run) end)
    || coalesce((select jsonb_build_object(
                   'status', run.status, 'runner', run.runner,
                   'heard_seconds_ago', round(extract(epoch from greatest(
                     clock_timestamp() - run.heartbeat_at, interval '0'))::numeric, 1))
                   from public.allocation_planner_runs as run where run.id = p_behind), '{}');
$$;
comment on function planner_private.busy_answer is
  'The answer to a claim that must wait: behind which run, its status, who answers it and how many '
  'seconds ago that runner was heard; and the place of the run asked for, from 1.';

create or replace function planner_private.claim_run(p_run uuid, p_runner text, p_contract integer)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.planner_settings := planner_private.settings();
  v_run public.allocation_planner_runs;
  v_behind uuid;
  v_lost boolean;
  v_state text;
  v_message text;
  v_constraint text;
begin
  perform planner_private.check_contract(p_contract);
  select * into v_run from public.allocation_planner_runs where id = p_run for update;
  if not found then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  v_lost := v_run.heartbeat_at < clock_timestamp() - make_interval(secs => v_settings.lease_seconds)
    or v_run.deadline_at < clock_timestamp();
  if v_run.status = 'GENERATING' and not v_lost then
    -- The same runner asks again: the first answer was lost on its way.
    return case when v_run.runner = p_runner then planner_private.claimed_answer(v_run)
                else planner_private.busy_answer(p_run, p_run) end;
  end if;
  -- A run whose runner was lost is taken over by the next one that is started for it.
  perform planner_private.end_lost_runs(p_run) where v_run.attempt >= v_settings.max_attempts;
  select * into v_run from public.allocation_planner_runs where id = p_run;
  if v_run.status not in ('PENDING', 'GENERATING') then
    return planner_private.final_answer(v_run);
  end if;
  if v_run.status = 'PENDING' then
    perform planner_private.end_lost_runs();
    if v_run.created_at
       < clock_timestamp() - make_interval(secs => v_settings.start_deadline_seconds) then
      return planner_private.fail_pending(p_run, 'start.too_late',
        'The run waited too long to be started. You can ask for a new one.');
    end if;
  end if;
  select id into v_behind from public.allocation_planner_runs
   where status = 'GENERATING' and lane = planner_private.lane_of(v_run.org) and id <> p_run;
  if found then
    return planner_private.busy_answer(v_behind, p_run);
  end if;
  -- The lane is free, but the turn may be another run's: then that one is to be claimed first.
  if v_run.status = 'PENDING' then
    select queue.run into v_behind from planner_private.queue() as queue
     where queue.lane = planner_private.lane_of(v_run.org) and queue.place = 1;
    if v_behind <> p_run then
      return planner_private.busy_answer(v_behind, p_run);
    end if;
  end if;
  begin
    return planner_private.take_run(p_run, p_runner, p_contract);
  exception
    when others then
      get stacked diagnostics v_state = returned_sqlstate, v_message = message_text,
                              v_constraint = constraint_name;
  end;
  if v_state = '23505' and v_constraint = 'one_run_generating' then
    select id into v_behind from public.allocation_planner_runs
     where status = 'GENERATING' and lane = planner_private.lane_of(v_run.org) and id <> p_run;
    return planner_private.busy_answer(v_behind, p_run);
  elsif v_state = 'PLN03' then
    return planner_private.fail_claim(v_run, 'target.not_draft', v_message);
  elsif v_state = 'PLN05' then
    return planner_private.fail_claim(v_run, 'input.too_large',
      format('The inputs cannot be used: %s Correct it and ask again.', v_message));
  elsif planner_private.is_passing(v_state) then
    raise exception '%', v_message using errcode = v_state;
  end if;
  return planner_private.fail_claim(v_run, 'input.unreadable',
    format('The inputs of this run cannot be read: %s (%s). Correct them and ask again.',
           left(v_message, 500), v_state));
end
$$;

create or replace function planner_private.claim_next(p_runner text, p_contract integer)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_held public.allocation_planner_runs;
  v_next record;
  v_answer jsonb;
  v_busy jsonb;
  v_ended integer := 0;
begin
  perform planner_private.check_contract(p_contract);
  perform planner_private.end_lost_runs();
  select * into v_held from public.allocation_planner_runs
   where status = 'GENERATING' and runner = p_runner limit 1;
  if found then
    return planner_private.claimed_answer(v_held);
  end if;
  -- The order is read anew after each run that ends instead of being claimed: that was its turn.
  <<anew>>
  loop
    for v_next in
      select queue.run, queue.place, busy.id as behind
        from planner_private.queue() as queue
        left join public.allocation_planner_runs as busy
          on busy.status = 'GENERATING' and busy.lane = queue.lane
       order by busy.id is not null, queue.place, queue.lane
    loop
      if v_next.behind is not null then
        return coalesce(v_busy, planner_private.busy_answer(v_next.behind, v_next.run));
      end if;
      perform from public.allocation_planner_runs
        where id = v_next.run and status = 'PENDING' for update skip locked;
      continue when not found;
      v_answer := planner_private.claim_run(v_next.run, p_runner, p_contract);
      if v_answer ->> 'outcome' = 'CLAIMED' then
        return v_answer;
      elsif v_answer ->> 'outcome' = 'BUSY' then
        v_busy := coalesce(v_busy, v_answer);
      else
        v_ended := v_ended + 1;
        continue anew when v_ended < 100;
        return coalesce(v_busy, jsonb_build_object('outcome', 'NONE'));
      end if;
    end loop;
    return coalesce(v_busy, jsonb_build_object('outcome', 'NONE'));
  end loop;
end
$$;

create or replace function planner_private.check_new_run() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_objection text;
begin
  if planner_private.acts_as_service() is not true then
    if not exists (select from public.allocation_runs
                    where id = new.allocation_run and org = new.org) then
      raise exception 'There is no such allocation run in this organisation.'
        using errcode = '23503';
    end if;
    v_objection := planner_private.objection_to_inputs(planner_private.planner_problem(new.id));
    if v_objection is not null then
      raise exception 'The inputs cannot be used: %', v_objection
        using errcode = 'PLN05', hint = 'Correct it and ask again.';
    end if;
  end if;
  return null;
end
$$;
comment on function planner_private.check_new_run is
  'After a user asked for a run: refuse it at once where lines may not be generated (PLN03) or the '
  'inputs are too large, too deep or hold absurd numbers (PLN05).';

comment on function public.planner_claim_run is
  'Take one run for a runner. CLAIMED with token, lease and problem; the same runner asking again '
  'gets the same claim. BUSY while its lane, or the run itself, is another runner''s, or another '
  'waiting run comes first: `behind` that run, with its status, runner and heard_seconds_ago; the '
  'run stays as it is, and whoever finds the lane free takes runs in turn (planner_claim_next). '
  'FINAL when it has ended, or ends now because it waited too long, its allocation run is no draft '
  'or its inputs cannot be read. MISSING for an unknown id. Raises PLN01 for another contract.';

revoke all on all functions in schema planner_private from public, anon;
