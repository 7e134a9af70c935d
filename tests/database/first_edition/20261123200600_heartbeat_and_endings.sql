-- Heartbeat, and every way a run ends without lines. Each write is fenced by the token and may be
-- repeated: the second time it answers ALREADY.

create function private.heartbeat(p_run uuid, p_token uuid, p_progress jsonb) returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_status text;
begin
  update public.allocation_planner_runs
     set heartbeat_at = clock_timestamp(),
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
comment on function private.heartbeat is 'Behind public.planner_heartbeat.';

create function private.finish_run(
  p_run uuid, p_token uuid, p_status text, p_reason text, p_message text, p_result jsonb
) returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
begin
  if p_status is null or p_status not in ('INFEASIBLE', 'FAILED', 'CANCELLED') then
    raise exception 'A run does not finish as %.', coalesce(p_status, 'nothing')
      using errcode = 'PLN02', hint = 'Use INFEASIBLE, FAILED or CANCELLED.';
  end if;
  perform private.check_result(p_result);
  select * into v_run from public.allocation_planner_runs
   where id = p_run and token = p_token for update;
  if not found then
    return 'LOST';
  end if;
  if v_run.status = 'GENERATING' then
    perform private.end_run(v_run, p_status, p_reason, p_message, p_result);
    return p_status;
  end if;
  -- The sweep may have ended it the same way, for a reason of its own: that is not this write.
  return case when v_run.status = p_status
                   and (p_status = 'CANCELLED'
                        or v_run.reason = coalesce(nullif(left(p_reason, 200), ''), lower(p_status)))
              then 'ALREADY' else 'LOST' end;
end
$$;
comment on function private.finish_run is 'Behind public.planner_finish_run.';

create function private.check_result(p_result jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  if octet_length(p_result::text) > 65536 then
    raise exception 'The result beside the lines is % bytes, more than 65536.',
      octet_length(p_result::text) using errcode = 'PLN02';
  end if;
end
$$;
comment on function private.check_result is 'Raise PLN02 for a result too large for its row.';

create function private.cancel_run(p_run uuid) returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
begin
  select * into v_run from public.allocation_planner_runs where id = p_run;
  if not found or not (private.acts_as_service() or private.may(v_run.org, 'read')) then
    return 'MISSING';
  end if;
  if not (private.acts_as_service() or private.may(v_run.org, 'plan')) then
    raise exception 'You need the planner role to cancel a run.' using errcode = '42501';
  end if;
  select * into v_run from public.allocation_planner_runs where id = p_run for update;
  if v_run.status in ('PENDING', 'GENERATING') then
    perform private.end_run(v_run, 'CANCELLED', 'cancelled',
                            'The run was cancelled. The lines there were are untouched.', null);
    return 'CANCELLED';
  end if;
  return case when v_run.status = 'CANCELLED' then 'ALREADY' else 'FINAL' end;
end
$$;
comment on function private.cancel_run is 'Behind public.planner_cancel_run.';

create function private.fail_launch(p_run uuid, p_reason text) returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
begin
  select * into v_run from public.allocation_planner_runs where id = p_run for update;
  if not found then
    return 'MISSING';
  end if;
  if v_run.status = 'PENDING' then
    perform private.end_run(v_run, 'FAILED', coalesce(nullif(p_reason, ''), 'launch.failed'),
      'The planner could not be started. You can try again.', null);
    return 'FAILED';
  end if;
  return case when v_run.status = 'FAILED' then 'ALREADY' else 'LOST' end;
end
$$;
comment on function private.fail_launch is 'Behind public.planner_fail_launch.';

create function private.queue_position(p_run uuid) returns integer
language sql stable security definer
set search_path = ''
as $$
  select queue.place::integer from private.queue() as queue
   where queue.run = p_run and (private.acts_as_service() or private.may(queue.org, 'read'));
$$;
comment on function private.queue_position is 'Behind public.planner_queue_position.';

create function public.planner_heartbeat(p_run uuid, p_token uuid, p_progress jsonb)
returns text
language sql
set search_path = ''
set statement_timeout = '10s'
as $$ select private.heartbeat(p_run, p_token, p_progress) $$;
comment on function public.planner_heartbeat is
  'Renew the lease and keep the progress (an object of at most 16 kB; a larger one is not kept). '
  'OK; CANCELLED when somebody cancelled the run; LOST when the token is not valid any more: then '
  'stop and write nothing.';

create function public.planner_finish_run(
  p_run uuid, p_token uuid, p_status text, p_reason text, p_message text, p_result jsonb
) returns text
language sql
set search_path = ''
set statement_timeout = '15s'
as $$ select private.finish_run(p_run, p_token, p_status, p_reason, p_message, p_result) $$;
comment on function public.planner_finish_run is
  'End a run without lines: INFEASIBLE, FAILED or CANCELLED with a machine code, a sentence and '
  'planner.result/1 without lines. Answers the status set; ALREADY when it was set before with this '
  'token; LOST when the token is not valid any more. Raises PLN02 for another status or a result '
  'over 64 kB.';

create function public.planner_cancel_run(p_run uuid) returns text
language sql
set search_path = ''
set statement_timeout = '15s'
as $$ select private.cancel_run(p_run) $$;
comment on function public.planner_cancel_run is
  'Cancel a run that waits or generates, as a planner of its organisation. CANCELLED; ALREADY; '
  'FINAL when it ended before; MISSING when there is no such run to see. Raises 42501 for viewers.';

create function public.planner_fail_launch(p_run uuid, p_reason text) returns text
language sql
set search_path = ''
set statement_timeout = '15s'
as $$ select private.fail_launch(p_run, p_reason) $$;
comment on function public.planner_fail_launch is
  'Say that no runner could be started for a waiting run. FAILED; ALREADY when it failed before; '
  'LOST when a runner has it or it ended otherwise; MISSING.';

create function public.planner_queue_position(p_run uuid) returns integer
language sql stable
set search_path = ''
as $$ select private.queue_position(p_run) $$;
comment on function public.planner_queue_position is
  'The place of a waiting run in its lane, from 1; null when it does not wait or is not yours.';

revoke all on all functions in schema private from public, anon;
grant execute on function private.heartbeat, private.finish_run, private.fail_launch
  to service_role;
grant execute on function private.cancel_run, private.queue_position to authenticated, service_role;
revoke all on function public.planner_heartbeat, public.planner_finish_run,
  public.planner_cancel_run, public.planner_fail_launch, public.planner_queue_position
  from public, anon, authenticated, service_role;
grant execute on function public.planner_heartbeat, public.planner_finish_run,
  public.planner_fail_launch to service_role;
grant execute on function public.planner_cancel_run, public.planner_queue_position
  to authenticated, service_role;
