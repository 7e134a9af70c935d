-- Caps that hold: requests are counted in a ledger that no deletion empties, restores are capped as
-- runs are, the history of an organisation is bounded in bytes, and a round that has runs stays.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table public.planner_settings
  add column max_hourly_restores_per_org integer not null default 60
    check (max_hourly_restores_per_org >= 1),
  add column history_megabytes_per_org integer not null default 200
    check (history_megabytes_per_org >= 1);
comment on column public.planner_settings.max_hourly_restores_per_org is
  'Restores one organisation may make in an hour.';
comment on column public.planner_settings.history_megabytes_per_org is
  'Size of the kept sets of one organisation, as stored. Beyond it the oldest sets go, never the '
  'newest snapshot of an allocation run.';

create table public.planner_request_ledger (
  id bigint generated always as identity primary key,
  org uuid not null references public.orgs (id) on delete cascade,
  kind text not null check (kind in ('run', 'restore')),
  requested_at timestamptz not null default clock_timestamp(),
  requested_by uuid default auth.uid()
);
create index planner_request_ledger_recent
  on public.planner_request_ledger (org, kind, requested_at);
comment on table public.planner_request_ledger is
  'What organisations asked for lately: what the hourly caps count. Deleting runs does not empty '
  'it; the sweep forgets entries after a day. Row security without a policy: nobody reads it but '
  'the functions.';
comment on column public.planner_request_ledger.id is 'Order of arrival.';
comment on column public.planner_request_ledger.org is 'Who asked.';
comment on column public.planner_request_ledger.kind is 'run or restore.';
comment on column public.planner_request_ledger.requested_at is 'When.';
comment on column public.planner_request_ledger.requested_by is 'The user, if one did.';
alter table public.planner_request_ledger enable row level security;
revoke all on public.planner_request_ledger from public, anon, authenticated, service_role;
insert into public.planner_request_ledger (org, kind, requested_at, requested_by)
select org, 'run', created_at, requested_by from public.allocation_planner_runs
 where created_at > clock_timestamp() - interval '1 hour';

create function planner_private.admit(p_org uuid, p_kind text, p_most_hourly integer) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if planner_private.acts_as_service() is not true then
    perform pg_advisory_xact_lock(hashtextextended(p_org::text, 0));
    if p_most_hourly <= (
      select count(*) from public.planner_request_ledger
       where org = p_org and kind = p_kind
         and requested_at > clock_timestamp() - interval '1 hour') then
      raise exception 'Your organisation asked for % %s within the hour.', p_most_hourly, p_kind
        using errcode = 'PT429', hint = 'Try again later.';
    end if;
  end if;
  insert into public.planner_request_ledger (org, kind) values (p_org, p_kind);
end
$$;
comment on function planner_private.admit is
  'Count a request, and raise PT429 for a user whose organisation has made its share within the hour.';

create or replace function planner_private.admit_run() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.planner_settings := planner_private.settings();
  v_live uuid;
begin
  if new.status <> 'PENDING' then
    raise exception 'A run begins as PENDING, not as %.', new.status using errcode = 'PLN04';
  end if;
  new.org := coalesce(
    new.org, (select org from public.allocation_runs where id = new.allocation_run));
  -- The rest bounds users; who is not allowed at all is refused by row security, and learns nothing.
  if planner_private.acts_as_service() is not true then
    if planner_private.may(new.org, 'plan') is not true then
      return new;
    end if;
    perform pg_advisory_xact_lock(hashtextextended(new.org::text, 0));
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
  end if;
  if new.org is not null then
    perform planner_private.admit(new.org, 'run', v_settings.max_hourly_per_org);
  end if;
  return new;
end
$$;

-- A round that has runs is kept, and with it their history and logs: close it instead. Deleting a
-- whole organisation still takes everything; the keys are looked at when that is done.
do $$
declare
  v_key text;
begin
  select conname into strict v_key from pg_constraint
   where conrelid = 'public.allocation_planner_runs'::regclass and contype = 'f'
     and confrelid = 'public.allocation_runs'::regclass;
  execute format('alter table public.allocation_planner_runs drop constraint %I', v_key);
end
$$;
alter table public.allocation_planner_runs
  add constraint a_round_with_runs_is_closed_not_deleted
    foreign key (org, allocation_run) references public.allocation_runs (org, id)
    deferrable initially deferred,
  add constraint allocation_planner_runs_org
    foreign key (org) references public.orgs (id) on delete cascade;
create or replace function planner_private.keep_lines(
  p_run public.allocation_planner_runs, p_kind text, p_lines jsonb, p_restored_from uuid
) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept uuid;
begin
  insert into public.job_lines_history (org, allocation_run, run, kind, lines, restored_from)
  values (p_run.org, p_run.allocation_run, p_run.id, p_kind, p_lines, p_restored_from)
  returning id into v_kept;
  perform planner_private.trim_history(p_run.org);
  return v_kept;
end
$$;
comment on function planner_private.keep_lines is
  'Keep a set of lines in the history, within the bytes an organisation may keep.';

create function planner_private.trim_history(p_org uuid) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most bigint := (planner_private.settings()).history_megabytes_per_org::bigint * 1048576;
  v_gone integer;
begin
  delete from public.job_lines_history as kept
   using (select id, kind, of_kind,
                 sum(bytes) over (order by created_at desc, id) as bytes_so_far
            from (select id, kind, created_at, pg_column_size(lines)::bigint as bytes,
                         row_number() over (partition by allocation_run, kind
                                            order by created_at desc, id) as of_kind
                    from public.job_lines_history where org = p_org) as sized) as ranked
   where ranked.id = kept.id and ranked.bytes_so_far > v_most
     and not (ranked.kind = 'snapshot' and ranked.of_kind = 1);
  get diagnostics v_gone = row_count;
  return v_gone;
end
$$;
comment on function planner_private.trim_history is
  'Forget the oldest sets of an organisation beyond its bytes, never the newest snapshot of an '
  'allocation run; returns how many went.';

create or replace function planner_private.restore_lines(p_history uuid) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kept public.job_lines_history;
  v_run public.allocation_planner_runs;
  v_live uuid;
  v_now jsonb;
  v_snapshot uuid;
begin
  select * into v_kept from public.job_lines_history where id = p_history;
  if not found or planner_private.is_allowed(v_kept.org, 'read') is not true then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if planner_private.is_allowed(v_kept.org, 'plan') is not true then
    raise exception 'You need the planner role to restore lines.' using errcode = '42501';
  end if;
  select * into strict v_run from public.allocation_planner_runs where id = v_kept.run;

  begin
    v_now := planner_private.planner_problem(v_kept.run, p_hold => true);
  exception
    when sqlstate 'PLN03' then
      return planner_private.refusal('target.not_draft', sqlerrm);
  end;
  select id into v_live from public.allocation_planner_runs
   where allocation_run = v_kept.allocation_run and status in ('PENDING', 'GENERATING');
  if found then
    return planner_private.refusal('run.live', 'A run is under way for these lines. Wait or cancel it.')
      || jsonb_build_object('run', v_live);
  end if;
  if planner_private.same_lines(v_now -> 'current_lines', v_kept.lines) then
    return jsonb_build_object('outcome', 'ALREADY', 'lines', v_kept.n_lines);
  end if;

  perform planner_private.admit(
    v_kept.org, 'restore', (planner_private.settings()).max_hourly_restores_per_org);
  begin
    if v_kept.kind = 'proposal' then
      perform planner_private.check_lines(v_now, v_kept.lines);
    end if;
    v_snapshot := planner_private.keep_lines(v_run, 'snapshot', v_now -> 'current_lines', p_history);
    return jsonb_build_object(
      'outcome', 'RESTORED', 'snapshot', v_snapshot,
      'lines', planner_private.planner_write_lines(v_kept.run, v_kept.lines));
  exception
    when sqlstate 'PLN02' then
      return planner_private.refusal('lines.rejected', sqlerrm);
  end;
end
$$;
comment on function public.planner_restore_lines is
  'Put a snapshot or proposal back in place, as a planner of its organisation; what was there is '
  'kept as a snapshot, locked lines stay untouched. {outcome: RESTORED, snapshot, lines}; ALREADY '
  'when these lines are there; REFUSED with reason and message (run.live with the run, '
  'target.not_draft, lines.rejected), nothing changed; MISSING. Raises 42501 for viewers, PT429 '
  'beyond the restores of an hour.';

create or replace function planner_private.purge() returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.planner_settings := planner_private.settings();
  v_now timestamptz := clock_timestamp();
  v_org uuid;
  v_logs integer;
  v_inputs integer;
  v_history integer;
begin
  delete from public.planner_request_ledger where requested_at < v_now - interval '1 day';
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
  for v_org in select distinct org from public.job_lines_history loop
    v_history := v_history + planner_private.trim_history(v_org);
  end loop;
  return jsonb_build_object('logs', v_logs, 'inputs', v_inputs, 'history', v_history);
end
$$;
comment on function planner_private.purge is
  'Forget logs, inputs and history beyond their days, history beyond its bytes and the ledger of '
  'requests after a day; never the newest sets of an allocation run, and never its newest snapshot.';

revoke all on all functions in schema planner_private from public, anon;
