-- A runner that was handed inputs it cannot take in has no token to end the run with: it gives the
-- claim up by its own name, which no other process has.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create function planner_private.give_up_claim(p_runner text, p_reason text, p_message text)
returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run public.allocation_planner_runs;
begin
  select * into v_run from public.allocation_planner_runs
   where status = 'GENERATING' and runner = p_runner limit 1 for update;
  if not found then
    return null;
  end if;
  perform planner_private.end_run(v_run, 'FAILED', p_reason, p_message, '{}');
  return v_run.id;
end
$$;
comment on function planner_private.give_up_claim is 'Behind public.planner_give_up_claim.';

create function public.planner_give_up_claim(p_runner text, p_reason text, p_message text)
returns uuid
language sql
set search_path = pg_catalog, pg_temp
set statement_timeout = '15s'
as $$ select planner_private.give_up_claim(p_runner, p_reason, p_message) $$;
comment on function public.planner_give_up_claim is
  'End as FAILED the run that this runner holds and cannot read; answers its id, or null when it '
  'holds none.';

revoke all on function planner_private.give_up_claim from public, anon;
grant execute on function planner_private.give_up_claim to service_role;
revoke all on function public.planner_give_up_claim from public, anon, authenticated, service_role;
grant execute on function public.planner_give_up_claim to service_role;
