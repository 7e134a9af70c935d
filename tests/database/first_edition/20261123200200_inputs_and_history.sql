-- What each run was given, and the sets of lines that were replaced or wait to be taken.

create table public.planner_run_inputs (
  run uuid primary key,
  org uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  input_version text not null,
  problem jsonb not null check (jsonb_typeof(problem) = 'object'),
  foreign key (org, run) references public.allocation_planner_runs (org, id) on delete cascade
);
comment on table public.planner_run_inputs is 'The inputs of each run, as recorded at its claim.';
comment on column public.planner_run_inputs.run is 'The run.';
comment on column public.planner_run_inputs.org is 'Whose run it is.';
comment on column public.planner_run_inputs.recorded_at is 'When they were recorded.';
comment on column public.planner_run_inputs.input_version is
  'Fingerprint of the inputs and of the lines there were then.';
comment on column public.planner_run_inputs.problem is 'planner.problem/1, one value.';
alter table public.planner_run_inputs enable row level security;
revoke all on public.planner_run_inputs from public, anon, authenticated, service_role;
grant select on public.planner_run_inputs to authenticated, service_role;
create policy members_read on public.planner_run_inputs for select to authenticated
  using ((select private.may(org, 'read')));

create table public.job_lines_history (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp(),
  org uuid not null,
  allocation_run uuid not null,
  run uuid not null,
  kind text not null check (kind in ('snapshot', 'proposal')),
  restored_from uuid,
  made_by uuid default auth.uid(),
  n_lines integer generated always as (jsonb_array_length(lines)) stored,
  lines jsonb not null check (jsonb_typeof(lines) = 'array'),
  foreign key (org, allocation_run, run)
    references public.allocation_planner_runs (org, allocation_run, id) on delete cascade,
  unique (org, id),
  foreign key (org, restored_from) references public.job_lines_history (org, id)
    on delete set null (restored_from)
);
create index job_lines_history_run on public.job_lines_history (run);
create index job_lines_history_restored_from on public.job_lines_history (restored_from);
create index job_lines_history_of_round
  on public.job_lines_history (allocation_run, created_at desc);
comment on table public.job_lines_history is
  'Sets of lines: snapshots taken before lines were replaced, and proposals nobody took yet.';
comment on column public.job_lines_history.id is 'Names the set.';
comment on column public.job_lines_history.created_at is 'When it was kept.';
comment on column public.job_lines_history.org is 'Whose lines they are.';
comment on column public.job_lines_history.allocation_run is 'The year they belong to.';
comment on column public.job_lines_history.run is
  'The run that replaced the snapshot, or that made the proposal.';
comment on column public.job_lines_history.kind is
  'snapshot: what was there; proposal: an answer to inputs that had changed meanwhile.';
comment on column public.job_lines_history.restored_from is
  'Set when the snapshot made room for another set: which one was restored.';
comment on column public.job_lines_history.made_by is 'The user who restored, if one did.';
comment on column public.job_lines_history.n_lines is 'How many lines it holds.';
comment on column public.job_lines_history.lines is
  'The lines, in the shape of planner.result/1, each with `locked`.';
alter table public.job_lines_history enable row level security;
revoke all on public.job_lines_history from public, anon, authenticated, service_role;
grant select on public.job_lines_history to authenticated, service_role;
create policy members_read on public.job_lines_history for select to authenticated
  using ((select private.may(org, 'read')));
