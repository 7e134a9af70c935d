-- Restore: put a snapshot or proposal in the place of the lines there are, which are kept first.

create function private.restore_lines(p_history uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kept public.job_lines_history;
  v_run public.allocation_planner_runs;
  v_live uuid;
  v_now jsonb;
  v_snapshot uuid;
begin
  select * into v_kept from public.job_lines_history where id = p_history;
  if not found or not (private.acts_as_service() or private.may(v_kept.org, 'read')) then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if not (private.acts_as_service() or private.may(v_kept.org, 'plan')) then
    raise exception 'You need the planner role to restore lines.' using errcode = '42501';
  end if;
  select * into strict v_run from public.allocation_planner_runs where id = v_kept.run;

  begin
    v_now := private.planner_problem(v_kept.run, p_hold => true);
  exception
    when sqlstate 'PLN03' then
      return private.refusal('target.not_draft', sqlerrm);
  end;
  select id into v_live from public.allocation_planner_runs
   where allocation_run = v_kept.allocation_run and status in ('PENDING', 'GENERATING');
  if found then
    return private.refusal('run.live', 'A run is under way for these lines. Wait or cancel it.')
      || jsonb_build_object('run', v_live);
  end if;
  if private.same_lines(v_now -> 'current_lines', v_kept.lines) then
    return jsonb_build_object('outcome', 'ALREADY', 'lines', v_kept.n_lines);
  end if;

  begin
    if v_kept.kind = 'proposal' then
      perform private.check_lines(v_now, v_kept.lines);
    end if;
    v_snapshot := private.keep_lines(v_run, 'snapshot', v_now -> 'current_lines', p_history);
    return jsonb_build_object(
      'outcome', 'RESTORED', 'snapshot', v_snapshot,
      'lines', private.planner_write_lines(v_kept.run, v_kept.lines));
  exception
    when sqlstate 'PLN02' then
      return private.refusal('lines.rejected', sqlerrm);
  end;
end
$$;
comment on function private.restore_lines is 'Behind public.planner_restore_lines.';

create function private.refusal(p_reason text, p_message text) returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_build_object('outcome', 'REFUSED', 'reason', p_reason, 'message', p_message);
$$;
comment on function private.refusal is 'The answer when nothing was done, and why.';

create function private.same_lines(p_one jsonb, p_other jsonb) returns boolean
language sql immutable
set search_path = ''
as $$
  select not exists (
    select name, rotations, coalesce(leave, '[]')
      from jsonb_to_recordset(p_one) as one(name text, rotations jsonb, leave jsonb)
    except
    select name, rotations, coalesce(leave, '[]')
      from jsonb_to_recordset(p_other) as other(name text, rotations jsonb, leave jsonb)
  ) and jsonb_array_length(p_one) = jsonb_array_length(p_other);
$$;
comment on function private.same_lines is
  'Whether two sets hold the same lines by name, rotations and leave, in whatever order.';

create function public.planner_restore_lines(p_history uuid) returns jsonb
language sql
set search_path = ''
set statement_timeout = '60s'
set lock_timeout = '15s'
as $$ select private.restore_lines(p_history) $$;
comment on function public.planner_restore_lines is
  'Put a snapshot or proposal back in place, as a planner of its organisation; what was there is '
  'kept as a snapshot, locked lines stay untouched. {outcome: RESTORED, snapshot, lines}; ALREADY '
  'when these lines are there; REFUSED with reason and message (run.live with the run, '
  'target.not_draft, lines.rejected), nothing changed; MISSING. Raises 42501 for viewers.';

revoke all on all functions in schema private from public, anon;
grant execute on function private.restore_lines to authenticated, service_role;
revoke all on function public.planner_restore_lines from public, anon, authenticated, service_role;
grant execute on function public.planner_restore_lines to authenticated, service_role;
