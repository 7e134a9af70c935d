-- Planner runs: one row per request, its settings, and the guards that keep its life in order.

create table public.planner_settings (
  only_row boolean primary key default true check (only_row),
  lane_scope text not null default 'database' check (lane_scope in ('database', 'organisation')),
  lease_seconds integer not null default 30 check (lease_seconds between 5 and 3600),
  deadline_seconds integer not null default 3600 check (deadline_seconds between 10 and 86400),
  start_deadline_seconds integer not null default 14400 check (start_deadline_seconds >= 60),
  relaunch_after_seconds integer not null default 120 check (relaunch_after_seconds >= 10),
  max_launches integer not null default 3 check (max_launches between 1 and 20),
  max_attempts integer not null default 2 check (max_attempts between 1 and 10),
  max_waiting_per_org integer not null default 5 check (max_waiting_per_org >= 1),
  max_hourly_per_org integer not null default 30 check (max_hourly_per_org >= 1),
  history_keep integer not null default 20 check (history_keep >= 1),
  history_days integer not null default 400 check (history_days >= 1),
  inputs_days integer not null default 400 check (inputs_days >= 1),
  logs_days integer not null default 90 check (logs_days >= 1),
  last_swept_at timestamptz
);
insert into public.planner_settings default values;
comment on table public.planner_settings is
  'The one row of settings of the planner; changed by the owner of the database.';
comment on column public.planner_settings.only_row is 'Makes a second row impossible.';
comment on column public.planner_settings.lane_scope is
  'One run generates at a time in the whole database, or in each organisation.';
comment on column public.planner_settings.lease_seconds is
  'A runner not heard of for so long is lost; with a sweep every minute that shows within 100 s.';
comment on column public.planner_settings.deadline_seconds is
  'A run generating for longer is ended, even if its heart beats.';
comment on column public.planner_settings.start_deadline_seconds is
  'A run that has waited longer is not started any more.';
comment on column public.planner_settings.relaunch_after_seconds is
  'A run that nobody claimed for so long, with its lane free, is launched again.';
comment on column public.planner_settings.max_launches is 'Launches before a run is given up.';
comment on column public.planner_settings.max_attempts is
  'Claims of one run: the first and those after a lost runner.';
comment on column public.planner_settings.max_waiting_per_org is
  'Runs of one organisation that may wait at the same time.';
comment on column public.planner_settings.max_hourly_per_org is
  'Runs one organisation may ask for in an hour.';
comment on column public.planner_settings.history_keep is
  'Newest snapshots and proposals of an allocation run that are always kept.';
comment on column public.planner_settings.history_days is 'Days the others are kept.';
comment on column public.planner_settings.inputs_days is
  'Days the inputs of a finished run are kept, for replay.';
comment on column public.planner_settings.logs_days is 'Days log lines are kept.';
comment on column public.planner_settings.last_swept_at is 'When the last sweep ended.';
alter table public.planner_settings enable row level security;
revoke all on public.planner_settings from public, anon, authenticated, service_role;
grant select on public.planner_settings to service_role;

create table public.allocation_planner_runs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp(),
  org uuid not null,
  allocation_run uuid not null,
  requested_by uuid default auth.uid(),
  status text not null default 'PENDING' check (
    status in ('PENDING', 'GENERATING', 'COMPLETED', 'INFEASIBLE', 'FAILED', 'CANCELLED')),
  n_job_lines integer not null check (n_job_lines between 1 and 10000),
  constraints jsonb check (
    jsonb_typeof(constraints) = 'array' and octet_length(constraints::text) <= 65536),
  options jsonb not null default '{}' check (
    jsonb_typeof(options) = 'object' and octet_length(options::text) <= 16384),
  lane text,
  launches integer not null default 1 check (launches >= 1),
  launched_at timestamptz not null default clock_timestamp(),
  attempt integer not null default 0 check (attempt >= 0),
  token uuid,
  runner text check (octet_length(runner) between 1 and 300),
  contract integer,
  input_version text,
  claimed_at timestamptz,
  heartbeat_at timestamptz,
  deadline_at timestamptz,
  finished_at timestamptz,
  progress jsonb check (octet_length(progress::text) <= 16384),
  reason text check (reason <> ''),
  message text,
  result_metadata jsonb check (octet_length(result_metadata::text) <= 65536),
  foreign key (org, allocation_run) references public.allocation_runs (org, id) on delete cascade,
  unique (org, id),
  unique (org, allocation_run, id),
  constraint pending_means_untouched check (
    status <> 'PENDING' or (attempt = 0 and token is null and claimed_at is null
                            and finished_at is null)),
  constraint generating_means_claimed check (
    status <> 'GENERATING' or (attempt >= 1 and token is not null and runner is not null
                               and lane is not null and finished_at is null)),
  constraint claimed_means_all_times check (
    (claimed_at is null) = (token is null) and (claimed_at is null) = (heartbeat_at is null)
    and (claimed_at is null) = (deadline_at is null) and (claimed_at is null) = (attempt = 0)),
  constraint final_means_finished check (
    (finished_at is not null)
    = (status in ('COMPLETED', 'INFEASIBLE', 'FAILED', 'CANCELLED'))),
  constraint answered_means_claimed check (
    status not in ('COMPLETED', 'INFEASIBLE') or claimed_at is not null),
  constraint failure_has_reason check (
    status not in ('INFEASIBLE', 'FAILED', 'CANCELLED') or reason is not null),
  constraint times_run_forward check (
    claimed_at >= created_at and heartbeat_at >= claimed_at and deadline_at > claimed_at
    and finished_at >= created_at)
);
create unique index one_run_generating on public.allocation_planner_runs (lane)
  where status = 'GENERATING';
create unique index one_live_run_per_allocation_run on public.allocation_planner_runs (allocation_run)
  where status in ('PENDING', 'GENERATING');
create index allocation_planner_runs_waiting on public.allocation_planner_runs (created_at)
  where status = 'PENDING';
create index allocation_planner_runs_of_round
  on public.allocation_planner_runs (allocation_run, created_at desc);
create index allocation_planner_runs_of_org on public.allocation_planner_runs (org, created_at desc);
create index allocation_planner_runs_served on public.allocation_planner_runs (org, claimed_at desc);

comment on table public.allocation_planner_runs is
  'Planner runs: one request to generate job lines each. Their life is written by functions only.';
comment on column public.allocation_planner_runs.id is 'Names the run.';
comment on column public.allocation_planner_runs.created_at is 'When it was asked for.';
comment on column public.allocation_planner_runs.org is
  'Whose run it is; taken from the allocation run when not given.';
comment on column public.allocation_planner_runs.allocation_run is
  'The yearly round the lines are for.';
comment on column public.allocation_planner_runs.requested_by is 'The user who asked.';
comment on column public.allocation_planner_runs.status is
  'PENDING, GENERATING, then COMPLETED, INFEASIBLE, FAILED or CANCELLED; see docs/states.md.';
comment on column public.allocation_planner_runs.n_job_lines is
  'How many lines are wanted, locked ones included.';
comment on column public.allocation_planner_runs.constraints is
  'Constraints of this run instead of the allocation run''s; null takes those.';
comment on column public.allocation_planner_runs.options is
  'time_limit_seconds, target_gap, seed, workers, allow_partial; go before the allocation run''s.';
comment on column public.allocation_planner_runs.lane is
  'The lane it generates in: one run at a time in each; null until claimed.';
comment on column public.allocation_planner_runs.launches is
  'How often a runner was launched for it; the one who asks makes the first launch.';
comment on column public.allocation_planner_runs.launched_at is 'When it was launched last.';
comment on column public.allocation_planner_runs.attempt is 'Which claim this is, from 1.';
comment on column public.allocation_planner_runs.token is
  'Secret of the current claim: only its holder may write.';
comment on column public.allocation_planner_runs.runner is 'The process that claimed it.';
comment on column public.allocation_planner_runs.contract is
  'Version of the contract the runner speaks.';
comment on column public.allocation_planner_runs.input_version is
  'Fingerprint of the inputs and current lines at the claim.';
comment on column public.allocation_planner_runs.claimed_at is 'When the current claim was made.';
comment on column public.allocation_planner_runs.heartbeat_at is
  'When the runner was last heard of, by the clock of the database.';
comment on column public.allocation_planner_runs.deadline_at is
  'When the run is ended even if its heart beats.';
comment on column public.allocation_planner_runs.finished_at is 'When it got its final status.';
comment on column public.allocation_planner_runs.progress is 'What the runner last said.';
comment on column public.allocation_planner_runs.reason is 'Why it ended so, as a machine code.';
comment on column public.allocation_planner_runs.message is 'Why it ended so, as a sentence.';
comment on column public.allocation_planner_runs.result_metadata is
  'planner.result/1 without the lines, at most 64 kB.';

alter table public.allocation_planner_runs enable row level security;
revoke all on public.allocation_planner_runs from public, anon, authenticated, service_role;
-- All but the token; whoever asks names only what is theirs to say.
grant select (id, created_at, org, allocation_run, requested_by, status, n_job_lines, constraints,
              options, lane, launches, launched_at, attempt, runner, contract, input_version,
              claimed_at, heartbeat_at, deadline_at, finished_at, progress, reason, message,
              result_metadata)
  on public.allocation_planner_runs to authenticated;
grant insert (org, allocation_run, n_job_lines, constraints, options)
  on public.allocation_planner_runs to authenticated;
grant select on public.allocation_planner_runs to service_role;
grant insert (org, allocation_run, n_job_lines, constraints, options, requested_by)
  on public.allocation_planner_runs to service_role;
create policy members_read on public.allocation_planner_runs for select to authenticated
  using ((select private.may(org, 'read')));
create policy planners_ask on public.allocation_planner_runs for insert to authenticated
  with check ((select private.may(org, 'plan')) and requested_by = (select auth.uid()));

create function private.acts_as_service() returns boolean
language sql stable
set search_path = ''
as $$
  select role.rolsuper or role.rolbypassrls
    from pg_catalog.pg_roles as role
   where role.rolname = coalesce(nullif(current_setting('role', true), 'none'), session_user);
$$;
comment on function private.acts_as_service is
  'Whether the caller is not bound by row security: service_role, or the owner over a direct '
  'connection. Right inside security definer functions too.';

create function private.settings() returns public.planner_settings
language sql stable security definer
set search_path = ''
as $$ select settings from public.planner_settings as settings $$;
comment on function private.settings is 'The one row of settings.';

create function private.lane_of(p_org uuid) returns text
language sql stable
set search_path = ''
as $$
  select case (private.settings()).lane_scope when 'database' then 'all' else p_org::text end;
$$;
comment on function private.lane_of is 'The lane an organisation''s runs generate in.';

create function private.admit_run() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  v_settings public.planner_settings := private.settings();
  v_live uuid;
begin
  if new.status <> 'PENDING' then
    raise exception 'A run begins as PENDING, not as %.', new.status using errcode = 'PLN04';
  end if;
  new.org := coalesce(
    new.org, (select org from public.allocation_runs where id = new.allocation_run));
  -- The rest bounds users; who is not allowed at all is refused by row security, and learns nothing.
  if private.acts_as_service() or not coalesce(private.may(new.org, 'plan'), false) then
    return new;
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(new.org::text, 0));
  select id into v_live from public.allocation_planner_runs
   where org = new.org and allocation_run = new.allocation_run
     and status in ('PENDING', 'GENERATING');
  if found then
    raise exception 'A run is already under way for this allocation run.'
      using errcode = '23505', constraint = 'one_live_run_per_allocation_run',
            detail = jsonb_build_object('run', v_live)::text, hint = 'Wait for it, or cancel it.';
  end if;
  if v_settings.max_waiting_per_org <= (
    select count(*) from public.allocation_planner_runs
     where org = new.org and status = 'PENDING') then
    raise exception 'Your organisation has % runs waiting already.', v_settings.max_waiting_per_org
      using errcode = 'PT429', hint = 'Wait until one has started, or cancel one.';
  end if;
  if v_settings.max_hourly_per_org <= (
    select count(*) from public.allocation_planner_runs
     where org = new.org and created_at > clock_timestamp() - interval '1 hour') then
    raise exception 'Your organisation asked for % runs within the hour.',
      v_settings.max_hourly_per_org
      using errcode = 'PT429', hint = 'Try again later.';
  end if;
  return new;
end
$$;
comment on function private.admit_run is
  'Before a run is asked for: fill in its organisation, and keep users to one live run per '
  'allocation run and to the caps of their organisation.';
create trigger admit_run before insert on public.allocation_planner_runs
  for each row execute function private.admit_run();

create function private.guard_run() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new is not distinct from old then return new; end if;
  if old.status in ('COMPLETED', 'INFEASIBLE', 'FAILED', 'CANCELLED') then
    raise exception 'Run % has ended as % and does not change any more.', old.id, old.status
      using errcode = 'PLN04';
  end if;
  if (new.id, new.created_at, new.org, new.allocation_run, new.n_job_lines, new.constraints,
      new.options, new.requested_by)
     is distinct from
     (old.id, old.created_at, old.org, old.allocation_run, old.n_job_lines, old.constraints,
      old.options, old.requested_by) then
    raise exception 'What run % was asked for does not change.', old.id using errcode = 'PLN04';
  end if;
  if not (
    new.status = old.status
    or old.status = 'PENDING' and new.status in ('GENERATING', 'CANCELLED', 'FAILED')
    or old.status = 'GENERATING'
       and new.status in ('COMPLETED', 'INFEASIBLE', 'FAILED', 'CANCELLED')
  ) then
    raise exception 'Run % cannot move from % to %.', old.id, old.status, new.status
      using errcode = 'PLN04';
  end if;
  if new.attempt <> old.attempt and (new.attempt <> old.attempt + 1 or new.token = old.token)
     or new.attempt = old.attempt and new.token is distinct from old.token then
    raise exception 'Each attempt at run % needs a token of its own.', old.id
      using errcode = 'PLN04';
  end if;
  return new;
end
$$;
comment on function private.guard_run is
  'Before a run changes: only the moves of docs/states.md, and never what was asked for.';
create trigger guard_run before update on public.allocation_planner_runs
  for each row execute function private.guard_run();

revoke all on all functions in schema private from public, anon;
