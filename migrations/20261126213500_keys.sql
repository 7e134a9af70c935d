-- Keys that carry the organisation, so that a unique index tells nobody what another organisation
-- has; and under every foreign key an index that begins with its columns. Of the host's tables only
-- those that these migrations made are changed.

set local lock_timeout = '5s';
set local statement_timeout = '120s';

do $$
begin
  if planner_private.is_ours('terms') then
    alter table public.terms
      drop constraint terms_allocation_run_number_key,
      add constraint terms_org_allocation_run_number_key unique (org, allocation_run, number);
  end if;
  if planner_private.is_ours('job_lines') then
    alter table public.job_lines
      drop constraint job_lines_allocation_run_name_key,
      add constraint job_lines_org_allocation_run_name_key unique (org, allocation_run, name);
  end if;
  if planner_private.is_ours('posts') and planner_private.is_ours('rotations') then
    alter table public.rotations
      drop constraint rotations_allocation_run_term_position_fkey,
      drop constraint rotations_pkey,
      add primary key (org, allocation_run, job_line, term);
    alter table public.posts
      drop constraint posts_pkey,
      drop constraint posts_allocation_run_term_position_key,
      add primary key (org, allocation_run, term, position);
    -- Looked at when the transaction ends: an organisation with lines can be deleted whole.
    alter table public.rotations
      add constraint rotations_hold_posts
        foreign key (org, allocation_run, term, position) references public.posts
        deferrable initially deferred;
    drop index public.rotations_post, public.posts_position;
    create index rotations_post on public.rotations (org, allocation_run, term, position);
    create index posts_position on public.posts (org, position);
  end if;
  if planner_private.is_ours('leave_blocks') then
    alter table public.leave_blocks
      drop constraint leave_blocks_pkey,
      add primary key (org, allocation_run, job_line, start_week);
  end if;
end
$$;

drop index public.job_lines_history_run, public.job_lines_history_restored_from;
create index job_lines_history_run on public.job_lines_history (org, allocation_run, run);
create index job_lines_history_restored_from on public.job_lines_history (org, restored_from);
create index planner_run_inputs_run on public.planner_run_inputs (org, run);
create index system_logs_of_org on public.system_logs (org, run);
comment on table public.planner_settings is
  'The one row of settings of the planner; changed by the owner of the database. Row security '
  'without a policy: only the service reads it.';
