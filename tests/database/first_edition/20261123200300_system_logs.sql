-- Log lines of the runners, kept where people who run the planner can read them.

create table public.system_logs (
  id bigint generated always as identity primary key,
  created_at timestamptz not null default clock_timestamp(),
  level text not null default 'INFO'
    check (level in ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')),
  source text not null default 'planner',
  run uuid,
  org uuid,
  message text not null,
  context jsonb not null default '{}' check (jsonb_typeof(context) = 'object'),
  constraint run_has_org check (run is null or org is not null),
  foreign key (org, run) references public.allocation_planner_runs (org, id) on delete cascade
);
create index system_logs_run on public.system_logs (run, created_at);
create index system_logs_created_at on public.system_logs (created_at);
comment on table public.system_logs is 'What the runners logged.';
comment on column public.system_logs.id is 'Order of arrival.';
comment on column public.system_logs.created_at is 'When it was said.';
comment on column public.system_logs.level is 'DEBUG, INFO, WARNING, ERROR or CRITICAL.';
comment on column public.system_logs.source is 'The program or module that said it.';
comment on column public.system_logs.run is 'The run it is about, if any.';
comment on column public.system_logs.org is 'Whose run it is; taken from the run.';
comment on column public.system_logs.message is 'What was said.';
comment on column public.system_logs.context is 'Fields beside it: phase, traceback, numbers.';
alter table public.system_logs enable row level security;
revoke all on public.system_logs from public, anon, authenticated, service_role;
grant select on public.system_logs to authenticated, service_role;
grant insert (created_at, level, source, run, org, message, context)
  on public.system_logs to service_role;
create policy planners_read on public.system_logs for select to authenticated
  using ((select private.may(org, 'plan')));

create function private.complete_log() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  new.level := upper(new.level);
  if new.run is not null then
    select org into new.org from public.allocation_planner_runs where id = new.run;
    if not found then
      -- A line about a run that is gone is still worth keeping.
      new.context := new.context || jsonb_build_object('unknown_run', new.run);
      new.run := null;
      new.org := null;
    end if;
  end if;
  return new;
end
$$;
comment on function private.complete_log is
  'Before a log line is kept: take its organisation from its run.';
create trigger complete_log before insert on public.system_logs
  for each row execute function private.complete_log();
revoke all on all functions in schema private from public, anon;

create function private.log(p_rows jsonb) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.system_logs (created_at, level, source, run, message, context)
  select coalesce(entry.created_at, clock_timestamp()),
         case when upper(entry.level) in ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')
              then upper(entry.level) else 'INFO' end,
         left(coalesce(entry.source, 'planner'), 200), entry.run,
         left(coalesce(entry.message, ''), 20000),
         case when jsonb_typeof(entry.context) = 'object' then entry.context else '{}' end
    from jsonb_to_recordset(p_rows) as entry(
      created_at timestamptz, level text, source text, run uuid, message text, context jsonb);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.log is 'Behind public.planner_log.';
revoke all on function private.log from public, anon;
grant execute on function private.log to service_role;

create function public.planner_log(p_rows jsonb) returns integer
language sql
set search_path = ''
as $$ select private.log(p_rows) $$;
comment on function public.planner_log is
  'Append log lines: an array of {created_at, level, source, run, message, context}, all but '
  'message optional. Returns how many were kept.';
revoke all on function public.planner_log from public, anon, authenticated, service_role;
grant execute on function public.planner_log to service_role;
