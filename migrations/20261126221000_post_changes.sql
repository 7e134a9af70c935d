-- Changes of posts that need somebody's approval: funded posts are finance's to give, accredited ones
-- the accreditor's. A planner proposes; the change is made when somebody has noted who approved it;
-- and it can be undone.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

do $$
begin
  if planner_private.is_ours('allocation_runs') then
    alter table public.allocation_runs
      add column n_job_lines integer check (n_job_lines between 1 and 10000);
    comment on column public.allocation_runs.n_job_lines is
      'How many lines the year has doctors for; what the page offers first. Null: not known.';
    grant insert (n_job_lines), update (n_job_lines) on public.allocation_runs to authenticated;
  end if;
end
$$;

create table public.planner_post_changes (
  id uuid primary key default gen_random_uuid(),
  org uuid not null,
  allocation_run uuid not null,
  asked_at timestamptz not null default clock_timestamp(),
  asked_by uuid default auth.uid(),
  changes jsonb not null check (
    jsonb_typeof(changes) = 'array' and planner_private.objection_to(changes, 65536) is null),
  approvers text[] not null check (
    approvers <@ array['finance', 'accreditor'] and cardinality(approvers) >= 1),
  state text not null default 'WAITING' check (
    state in ('WAITING', 'APPLIED', 'UNDONE', 'WITHDRAWN')),
  approved_by text check (planner_private.is_plain_text(approved_by, 200)),
  reference text check (planner_private.is_plain_text(reference, 200)),
  decided_at timestamptz,
  decided_by uuid,
  foreign key (org, allocation_run) references public.allocation_runs (org, id) on delete cascade,
  constraint applied_means_approved check (
    state not in ('APPLIED', 'UNDONE') or char_length(btrim(approved_by)) >= 3)
);
create index planner_post_changes_of_round
  on public.planner_post_changes (org, allocation_run, asked_at desc);
comment on table public.planner_post_changes is
  'Changes of funded and accredited posts that wait for approval, and those made with whose '
  'approval. Written by functions only.';
comment on column public.planner_post_changes.id is 'Names the change.';
comment on column public.planner_post_changes.org is 'Whose posts.';
comment on column public.planner_post_changes.allocation_run is 'The year they belong to.';
comment on column public.planner_post_changes.asked_at is 'When it was proposed.';
comment on column public.planner_post_changes.asked_by is 'Who proposed it.';
comment on column public.planner_post_changes.changes is
  'What changes: [{position, term, of: posts_min | posts_max, from, to}], terms from 1.';
comment on column public.planner_post_changes.approvers is
  'Who must approve: finance for funded posts, the accreditor for accredited ones.';
comment on column public.planner_post_changes.state is 'WAITING, APPLIED, UNDONE or WITHDRAWN.';
comment on column public.planner_post_changes.approved_by is 'Who approved, as typed by who applied.';
comment on column public.planner_post_changes.reference is 'Letter, file number or e-mail, if any.';
comment on column public.planner_post_changes.decided_at is 'When it was applied, undone or withdrawn.';
comment on column public.planner_post_changes.decided_by is 'The user who did.';
alter table public.planner_post_changes enable row level security;
revoke all on public.planner_post_changes from public, anon, authenticated, service_role;
grant select on public.planner_post_changes to authenticated, service_role;
create policy members_read on public.planner_post_changes for select to authenticated
  using ((select planner_private.may(org, 'read')));

create function planner_private.planner_write_posts(p_allocation_run uuid, p_changes jsonb)
returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_change record;
begin
  for v_change in
    select * from jsonb_to_recordset(p_changes)
      as change(position text, term integer, of text, "from" integer, "to" integer)
  loop
    update public.posts as post
       set posts_min = case v_change.of when 'posts_min' then v_change."to" else post.posts_min end,
           posts_max = case v_change.of when 'posts_max' then v_change."to" else post.posts_max end
      from public.terms as term, public.positions as held
     where post.allocation_run = p_allocation_run and term.id = post.term
       and held.id = post.position and term.number = v_change.term
       and coalesce(held.code, held.id::text) = v_change.position
       and case v_change.of when 'posts_min' then post.posts_min else post.posts_max end
           = v_change."from";
    if not found then
      raise exception 'The posts of % in Term % are not % any more. Look again.',
        v_change.position, v_change.term, v_change."from" using errcode = 'PLN02';
    end if;
  end loop;
exception
  when check_violation then
    raise exception 'There would be more funded posts than accredited ones.' using errcode = 'PLN02';
end
$$;
comment on function planner_private.planner_write_posts is
  'Change the posts of an allocation run: [{position, term, of, from, to}]. Raises PLN02 where posts '
  'are not what the change says, and changes nothing. One of the functions a host replaces.';

create function planner_private.ask_post_change(p_allocation_run uuid, p_changes jsonb)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_org uuid := (select org from public.allocation_runs where id = p_allocation_run);
  v_change public.planner_post_changes;
begin
  if v_org is null or planner_private.is_allowed(v_org, 'read') is not true then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if planner_private.is_allowed(v_org, 'plan') is not true then
    raise exception 'You need the planner role to propose a change of posts.' using errcode = '42501';
  end if;
  if planner_private.objection_to(p_changes, 65536) is not null
     or jsonb_typeof(p_changes) <> 'array' or jsonb_array_length(p_changes) = 0
     or exists (
       select from jsonb_to_recordset(p_changes)
         as change(position text, term integer, of text, "from" integer, "to" integer)
        where (position <> '' and term >= 1 and of in ('posts_min', 'posts_max')
               and "from" >= 0 and "to" between 0 and 10000) is not true) then
    return planner_private.refusal('changes.unreadable', 'This is no change of posts.');
  end if;
  insert into public.planner_post_changes (org, allocation_run, changes, approvers)
  values (v_org, p_allocation_run, p_changes, (
    select array_agg(distinct case of when 'posts_min' then 'finance' else 'accreditor' end)
      from jsonb_to_recordset(p_changes) as change(of text)))
  returning * into v_change;
  return jsonb_build_object('outcome', 'WAITING', 'id', v_change.id,
                            'approvers', to_jsonb(v_change.approvers));
exception
  when data_exception then
    return planner_private.refusal('changes.unreadable', 'This is no change of posts.');
end
$$;
comment on function planner_private.ask_post_change is 'Behind public.planner_ask_post_change.';

create function planner_private.decide_post_change(
  p_change uuid, p_state text, p_approved_by text, p_reference text
) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_change public.planner_post_changes;
  v_back jsonb;
begin
  select * into v_change from public.planner_post_changes where id = p_change for update;
  if not found or planner_private.is_allowed(v_change.org, 'read') is not true then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if planner_private.is_allowed(v_change.org, 'plan') is not true then
    raise exception 'You need the planner role to change posts.' using errcode = '42501';
  end if;
  if v_change.state = p_state then
    return jsonb_build_object('outcome', 'ALREADY');
  end if;
  if (v_change.state, p_state) not in
     (('WAITING', 'APPLIED'), ('WAITING', 'WITHDRAWN'), ('APPLIED', 'UNDONE')) then
    return planner_private.refusal('change.decided', format(
      'This change is %s already.', lower(v_change.state)));
  end if;
  if p_state = 'APPLIED' and (char_length(btrim(p_approved_by)) >= 3) is not true then
    return planner_private.refusal('approval.missing', format(
      'Say who approved it: %s must.', array_to_string(v_change.approvers, ' and the ')));
  end if;
  if p_state in ('APPLIED', 'UNDONE') then
    perform from public.allocation_runs
      where id = v_change.allocation_run and org = v_change.org for update;
    v_back := case when p_state = 'APPLIED' then v_change.changes else (
      select jsonb_agg(item || jsonb_build_object('from', item -> 'to', 'to', item -> 'from'))
        from jsonb_array_elements(v_change.changes) as item) end;
    begin
      perform planner_private.planner_write_posts(v_change.allocation_run, v_back);
    exception
      when sqlstate 'PLN02' then
        return planner_private.refusal('posts.changed', sqlerrm);
    end;
  end if;
  update public.planner_post_changes
     set state = p_state, decided_at = greatest(clock_timestamp(), asked_at),
         decided_by = auth.uid(),
         approved_by = coalesce(btrim(p_approved_by), approved_by),
         reference = coalesce(nullif(btrim(p_reference), ''), reference)
   where id = p_change;
  return jsonb_build_object('outcome', p_state);
end
$$;
comment on function planner_private.decide_post_change is 'Behind the three functions that decide.';

create function public.planner_ask_post_change(p_allocation_run uuid, p_changes jsonb)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set statement_timeout = '15s'
as $$ select planner_private.ask_post_change(p_allocation_run, p_changes) $$;
comment on function public.planner_ask_post_change is
  'Propose a change of funded or accredited posts, as a planner: [{position, term, of, from, to}]. '
  'Nothing changes yet. {outcome: WAITING, id, approvers}; REFUSED with reason and message; MISSING. '
  'Raises 42501 for viewers.';

create function public.planner_apply_post_change(
  p_change uuid, p_approved_by text, p_reference text default null
) returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set statement_timeout = '15s'
as $$
  select planner_private.decide_post_change(p_change, 'APPLIED', p_approved_by, p_reference)
$$;
comment on function public.planner_apply_post_change is
  'Make a proposed change of posts, noting who approved it. {outcome: APPLIED}; ALREADY; REFUSED '
  '(approval.missing, posts.changed, change.decided) and nothing changed; MISSING.';

create function public.planner_undo_post_change(p_change uuid) returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set statement_timeout = '15s'
as $$ select planner_private.decide_post_change(p_change, 'UNDONE', null, null) $$;
comment on function public.planner_undo_post_change is
  'Put the posts back as they were before a change that was made. {outcome: UNDONE}; ALREADY; '
  'REFUSED (posts.changed, change.decided) and nothing changed; MISSING.';

create function public.planner_withdraw_post_change(p_change uuid) returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set statement_timeout = '15s'
as $$ select planner_private.decide_post_change(p_change, 'WITHDRAWN', null, null) $$;
comment on function public.planner_withdraw_post_change is
  'Take a proposed change of posts back. {outcome: WITHDRAWN}; ALREADY; REFUSED; MISSING.';

revoke all on all functions in schema planner_private from public, anon;
grant execute on function planner_private.ask_post_change, planner_private.decide_post_change
  to authenticated, service_role;
revoke all on function public.planner_ask_post_change, public.planner_apply_post_change,
  public.planner_undo_post_change, public.planner_withdraw_post_change
  from public, anon, authenticated, service_role;
grant execute on function public.planner_ask_post_change, public.planner_apply_post_change,
  public.planner_undo_post_change, public.planner_withdraw_post_change
  to authenticated, service_role;
