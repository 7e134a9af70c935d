-- A request may carry a key of its sender's choice: sent again with the same key, it is the same run.

alter table public.allocation_planner_runs
  add column idempotency_key text check (idempotency_key ~ '^[!-~]{1,200}$');
comment on column public.allocation_planner_runs.idempotency_key is
  'Chosen by whoever asked: the same person asking again with the same key gets this run.';
create unique index one_run_per_idempotency_key
  on public.allocation_planner_runs (requested_by, idempotency_key)
  where idempotency_key is not null;
grant select (idempotency_key), insert (idempotency_key)
  on public.allocation_planner_runs to authenticated;
grant insert (idempotency_key) on public.allocation_planner_runs to service_role;
