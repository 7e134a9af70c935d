-- The host's tables: what a hospital's own project already has. Each one is skipped where it exists;
-- then its columns, rights and policies stay as they are, and the three functions of
-- 20261123200400_host_functions.sql are replaced by the host's own (see docs/adapting.md).

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- What does not fit is said here, all at once, before anything is changed. `planner doctor --host`
-- asks the same question by running this block alone.
-- check: begin
do $check$
declare
  v_misfits jsonb;
begin
  with wanted_column(tab, col, kind, whom) as (values
    -- A column is wanted where something this migration makes points at it.
    ('orgs', 'id', 'uuid', null),
    ('org_members', 'org', 'uuid', 'positions allocation_runs terms posts job_lines rotations leave_blocks'),
    ('org_members', 'user_id', 'uuid', 'positions allocation_runs terms posts job_lines rotations leave_blocks'),
    ('allocation_runs', 'id', 'uuid', null),
    ('allocation_runs', 'org', 'uuid', null),
    ('positions', 'id', 'uuid', 'posts'),
    ('positions', 'org', 'uuid', 'posts'),
    ('terms', 'id', 'uuid', 'posts'),
    ('terms', 'org', 'uuid', 'posts'),
    ('terms', 'allocation_run', 'uuid', 'posts'),
    ('posts', 'allocation_run', 'uuid', 'rotations'),
    ('posts', 'term', 'uuid', 'rotations'),
    ('posts', 'position', 'uuid', 'rotations'),
    ('job_lines', 'id', 'uuid', 'rotations leave_blocks'),
    ('job_lines', 'org', 'uuid', 'rotations leave_blocks'),
    ('job_lines', 'allocation_run', 'uuid', 'rotations leave_blocks')
  ), wanted_key(tab, cols, whom) as (values
    ('allocation_runs', '{id,org}'::text[], null),
    ('positions', '{id,org}', 'posts'),
    ('terms', '{allocation_run,id,org}', 'posts'),
    ('posts', '{allocation_run,position,term}', 'rotations'),
    ('job_lines', '{allocation_run,id,org}', 'rotations leave_blocks')
  ), misfit(rank, what, remedy) as (
    select 1, 'Postgres is ' || current_setting('server_version') || ', older than 15.',
           'Use Postgres 15 or newer.'
     where current_setting('server_version_num')::integer < 150000
    union all
    select 2, format('The role %s is missing.', role),
           'This is no Supabase project: create the roles anon, authenticated and service_role.'
      from unnest(array['anon', 'authenticated', 'service_role']) as role
     where to_regrole(role) is null
    union all
    select 3, 'The function auth.uid() is missing.', 'Set up Supabase Auth first.'
     where to_regprocedure('auth.uid()') is null
    union all
    select 4, 'The table auth.users is missing.', 'Set up Supabase Auth first.'
     where to_regclass('auth.users') is null and to_regclass('public.org_members') is null
    union all
    select 5, format('%s %s is there already, and the planner needs the name.', kind, name),
           'Rename it, or move it to another schema.'
      from (select 'The table' as kind, 'public.' || tab as name
              from unnest(array['planner_settings', 'allocation_planner_runs', 'planner_run_inputs',
                                'planner_request_ledger', 'job_lines_history', 'system_logs']) as tab
             where to_regclass('public.' || tab) is not null
            union all
            select 'The function', p.oid::regprocedure::text from pg_catalog.pg_proc as p
             where p.pronamespace = 'public'::regnamespace and p.proname like 'planner\_%'
            union all
            select 'Something in the schema', n.nspname from pg_catalog.pg_namespace as n
             where n.nspname = 'planner_private'
               and (exists (select from pg_catalog.pg_class as c where c.relnamespace = n.oid)
                    or exists (select from pg_catalog.pg_proc as p where p.pronamespace = n.oid))
           ) as taken
    union all
    select 6, format('The table public.%s has no column %s of type %s.', tab, col, kind),
           format('Add it, or call your table something else and let the planner make its own.')
      from wanted_column as w
     where to_regclass('public.' || tab) is not null
       and (whom is null or exists (select from unnest(string_to_array(whom, ' ')) as made
                                     where to_regclass('public.' || made) is null))
       and not exists (select from pg_catalog.pg_attribute as a
                        where a.attrelid = to_regclass('public.' || w.tab) and a.attname = w.col
                          and a.attnum > 0 and not a.attisdropped
                          and pg_catalog.format_type(a.atttypid, null) = w.kind)
    union all
    select 7, format('The table public.%s has no unique key on (%s).', tab,
                     array_to_string(cols, ', ')),
           format('alter table public.%I add unique (%s);', tab, array_to_string(cols, ', '))
      from wanted_key as w
     where to_regclass('public.' || tab) is not null
       and (whom is null or exists (select from unnest(string_to_array(whom, ' ')) as made
                                     where to_regclass('public.' || made) is null))
       and not exists (select from pg_catalog.pg_index as i
                        where i.indrelid = to_regclass('public.' || w.tab) and i.indisunique
                          and i.indpred is null and i.indexprs is null
                          and (select array_agg(a.attname::text order by a.attname)
                                 from pg_catalog.pg_attribute as a
                                where a.attrelid = i.indrelid and a.attnum = any (i.indkey)) = w.cols)
  )
  select jsonb_agg(jsonb_build_object('what', what, 'remedy', remedy) order by rank, what)
    into v_misfits from misfit;
  if v_misfits is not null then
    raise exception 'The planner does not fit this database yet; nothing was changed. %',
      (select string_agg(item ->> 'what', ' ') from jsonb_array_elements(v_misfits) as item)
      using errcode = 'PLN06', detail = v_misfits::text,
            hint = 'planner doctor --host says what to do about each; see docs/adapting.md.';
  end if;
end
$check$;
-- check: end

create schema if not exists planner_private;
comment on schema planner_private is 'Functions behind the public ones; not exposed by the API.';
revoke all on schema planner_private from public;
grant usage on schema planner_private to authenticated, service_role;

do $$
begin
  if to_regclass('public.orgs') is not null then return; end if;
  create table public.orgs (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    name text not null check (name <> '')
  );
  comment on table public.orgs is 'Organisations: each hospital or network plans for itself.';
  comment on column public.orgs.id is 'Names the organisation.';
  comment on column public.orgs.created_at is 'When it was added.';
  comment on column public.orgs.name is 'What people call it.';
  alter table public.orgs enable row level security;
  revoke all on public.orgs from public, anon, authenticated, service_role;
  grant select on public.orgs to authenticated;
  grant select, insert, update, delete on public.orgs to service_role;
end
$$;

do $$
begin
  if to_regclass('public.org_members') is not null then return; end if;
  create table public.org_members (
    org uuid not null references public.orgs (id) on delete cascade,
    user_id uuid not null references auth.users (id) on delete cascade,
    role text not null check (role in ('viewer', 'planner', 'admin')),
    primary key (org, user_id)
  );
  create index org_members_user_id on public.org_members (user_id);
  comment on table public.org_members is 'Who belongs to an organisation, and as what.';
  comment on column public.org_members.org is 'The organisation.';
  comment on column public.org_members.user_id is 'The person, a user of the project.';
  comment on column public.org_members.role is
    'viewer reads; planner also edits and asks for runs; admin as planner.';
  alter table public.org_members enable row level security;
  revoke all on public.org_members from public, anon, authenticated, service_role;
  grant select on public.org_members to authenticated;
  grant select, insert, update, delete on public.org_members to service_role;
  create policy members_read_their_own_memberships on public.org_members for select
    to authenticated using (user_id = (select auth.uid()));
end
$$;

create or replace function planner_private.may(p_org uuid, p_action text) returns boolean
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return exists (
    select from public.org_members as member
     where member.org = p_org
       and member.user_id = (select auth.uid())
       and case p_action
             when 'read' then true
             when 'plan' then member.role in ('planner', 'admin')
             else false
           end
  );
end
$$;
comment on function planner_private.may is
  'Whether the signed-in user may do something in an organisation: read, or plan (edit the inputs '
  'and lines, ask for runs, cancel, restore). One of the three functions a host replaces.';
revoke all on function planner_private.may from public, anon;
grant execute on function planner_private.may to authenticated, service_role;

do $$
begin
  -- A host's own table keeps the policies it has, even none.
  if obj_description('public.orgs'::regclass, 'pg_class') is distinct from
     'Organisations: each hospital or network plans for itself.'
     or exists (select from pg_catalog.pg_policies
                 where schemaname = 'public' and tablename = 'orgs') then
    return;
  end if;
  create policy members_read_their_organisation on public.orgs for select
    to authenticated using ((select planner_private.may(id, 'read')));
end
$$;

do $$
begin
  if to_regclass('public.positions') is not null then return; end if;
  create table public.positions (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    org uuid not null references public.orgs (id) on delete cascade,
    code text check (code <> ''),
    name text not null check (name <> ''),
    site text not null,
    team text,
    specialty text not null,
    subspecialty text,
    categories text[] not null default '{}'
      check (categories <@ array['A', 'B', 'C', 'D'] and cardinality(categories) <= 4),
    service text check (service in ('relief', 'nights')),
    rural boolean not null default false,
    community boolean not null default false,
    clinical_team boolean not null default true,
    non_clinical boolean not null default false,
    excludable boolean not null default false,
    span_terms smallint not null default 1 check (span_terms in (1, 2)),
    unique (org, code),
    unique (org, id)
  );
  comment on table public.positions is 'Positions: a role on a unit, as job lines rotate through.';
  comment on column public.positions.id is 'Names the position.';
  comment on column public.positions.created_at is 'When it was added.';
  comment on column public.positions.org is 'Whose position it is.';
  comment on column public.positions.code is
    'Short name for people, unique in the organisation; the id of the position in problems.';
  comment on column public.positions.name is 'What people call it.';
  comment on column public.positions.site is 'The hospital or campus.';
  comment on column public.positions.team is 'The team, where one site has several.';
  comment on column public.positions.specialty is 'Parent specialty.';
  comment on column public.positions.subspecialty is 'Subspecialty, if it has one.';
  comment on column public.positions.categories is
    'Clinical experience: A undifferentiated, B chronic, C acute, D peri-operative.';
  comment on column public.positions.service is 'A service term: relief or nights.';
  comment on column public.positions.rural is 'Counts as rural.';
  comment on column public.positions.community is 'In the community.';
  comment on column public.positions.clinical_team is 'The doctor is embedded in a clinical team.';
  comment on column public.positions.non_clinical is 'Without patients.';
  comment on column public.positions.excludable is 'May be dropped if only that saves the run.';
  comment on column public.positions.span_terms is 'Consecutive terms one stay here takes.';
end
$$;

do $$
begin
  if to_regclass('public.allocation_runs') is not null then return; end if;
  create table public.allocation_runs (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    org uuid not null references public.orgs (id) on delete cascade,
    name text not null check (name <> ''),
    status text not null default 'draft' check (status in ('draft', 'open', 'closed')),
    constraints jsonb not null default '[]' check (jsonb_typeof(constraints) = 'array'),
    annual_leave_weeks integer check (annual_leave_weeks between 0 and 26),
    affinity jsonb check (jsonb_typeof(affinity) = 'object'),
    pathways jsonb check (jsonb_typeof(pathways) = 'array'),
    options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
    provenance text,
    unique (org, id)
  );
  comment on table public.allocation_runs is 'Allocation runs: the yearly round job lines belong to.';
  comment on column public.allocation_runs.id is 'Names the allocation run.';
  comment on column public.allocation_runs.created_at is 'When it was added.';
  comment on column public.allocation_runs.org is 'Whose round it is.';
  comment on column public.allocation_runs.name is 'What people call it.';
  comment on column public.allocation_runs.status is
    'draft: lines may be generated; open: doctors rank them; closed: done.';
  comment on column public.allocation_runs.constraints is
    'Named constraints of the year; a planner run may bring its own instead.';
  comment on column public.allocation_runs.annual_leave_weeks is
    'Weeks of leave on each line; null leaves it to the pack of rules.';
  comment on column public.allocation_runs.affinity is
    'Worth of two specialties on one line, -100 to 100; null is the sourced prior, {} none.';
  comment on column public.allocation_runs.pathways is 'Lines that must hold given positions.';
  comment on column public.allocation_runs.options is
    'How to solve, and allow_partial; a planner run''s own options go before these.';
  comment on column public.allocation_runs.provenance is 'What is real here and what is assumed.';
end
$$;

do $$
begin
  if to_regclass('public.terms') is not null then return; end if;
  create table public.terms (
    id uuid primary key default gen_random_uuid(),
    org uuid not null,
    allocation_run uuid not null,
    number smallint not null check (number between 1 and 12),
    weeks smallint not null check (weeks between 1 and 53),
    starts_on date,
    unique (allocation_run, number),
    unique (org, allocation_run, id),
    foreign key (org, allocation_run) references public.allocation_runs (org, id) on delete cascade
  );
  comment on table public.terms is 'Terms: the blocks of weeks of one allocation run.';
  comment on column public.terms.id is 'Names the term.';
  comment on column public.terms.org is 'Whose term it is.';
  comment on column public.terms.allocation_run is 'The year it belongs to.';
  comment on column public.terms.number is 'Place in the year, from 1.';
  comment on column public.terms.weeks is 'Length in weeks.';
  comment on column public.terms.starts_on is 'First day.';
end
$$;

do $$
begin
  if to_regclass('public.posts') is not null then return; end if;
  create table public.posts (
    org uuid not null,
    allocation_run uuid not null,
    term uuid not null,
    position uuid not null,
    posts_min integer not null default 0 check (posts_min >= 0),
    posts_max integer not null default 0 check (posts_max >= posts_min),
    primary key (term, position),
    unique (allocation_run, term, position),
    foreign key (org, allocation_run, term)
      references public.terms (org, allocation_run, id) on delete cascade,
    foreign key (org, position) references public.positions (org, id) on delete cascade
  );
  create index posts_position on public.posts (position);
  comment on table public.posts is 'Posts: the seats of one position in one term.';
  comment on column public.posts.org is 'Whose posts they are.';
  comment on column public.posts.allocation_run is 'The year they belong to.';
  comment on column public.posts.term is 'The term.';
  comment on column public.posts.position is 'The position.';
  comment on column public.posts.posts_min is 'Funded posts: to be filled.';
  comment on column public.posts.posts_max is 'Accredited posts: never exceeded.';
end
$$;

do $$
begin
  if to_regclass('public.job_lines') is not null then return; end if;
  create table public.job_lines (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    org uuid not null,
    allocation_run uuid not null,
    name text not null check (name <> ''),
    locked boolean not null default false,
    score double precision,
    unique (allocation_run, name),
    unique (org, allocation_run, id),
    foreign key (org, allocation_run) references public.allocation_runs (org, id) on delete cascade
  );
  comment on table public.job_lines is
    'Job lines: one clinical year each, one position in each term, anonymous.';
  comment on column public.job_lines.id is 'Names the line.';
  comment on column public.job_lines.created_at is 'When it was written.';
  comment on column public.job_lines.org is 'Whose line it is.';
  comment on column public.job_lines.allocation_run is 'The year it belongs to.';
  comment on column public.job_lines.name is 'What people call it, unique in the allocation run.';
  comment on column public.job_lines.locked is 'The planner leaves the line as it is.';
  comment on column public.job_lines.score is 'Score of the line alone.';
end
$$;

do $$
begin
  if to_regclass('public.rotations') is not null then return; end if;
  create table public.rotations (
    org uuid not null,
    allocation_run uuid not null,
    job_line uuid not null,
    term uuid not null,
    position uuid not null,
    primary key (job_line, term),
    foreign key (org, allocation_run, job_line)
      references public.job_lines (org, allocation_run, id) on delete cascade,
    -- A seat of a post of this year, and so of this organisation: one check instead of two.
    foreign key (allocation_run, term, position)
      references public.posts (allocation_run, term, position)
  );
  create index rotations_post on public.rotations (term, position);
  comment on table public.rotations is 'Rotations: a position in a term on a line.';
  comment on column public.rotations.org is 'Whose rotation it is.';
  comment on column public.rotations.allocation_run is 'The year it belongs to.';
  comment on column public.rotations.job_line is 'The line.';
  comment on column public.rotations.term is 'The term.';
  comment on column public.rotations.position is 'The position.';
end
$$;

do $$
begin
  if to_regclass('public.leave_blocks') is not null then return; end if;
  create table public.leave_blocks (
    org uuid not null,
    allocation_run uuid not null,
    job_line uuid not null,
    start_week smallint not null check (start_week between 1 and 53),
    weeks smallint not null check (weeks between 1 and 53),
    primary key (job_line, start_week),
    foreign key (org, allocation_run, job_line)
      references public.job_lines (org, allocation_run, id) on delete cascade
  );
  comment on table public.leave_blocks is 'Blocks of annual leave on a line.';
  comment on column public.leave_blocks.org is 'Whose leave it is.';
  comment on column public.leave_blocks.allocation_run is 'The year it belongs to.';
  comment on column public.leave_blocks.job_line is 'The line.';
  comment on column public.leave_blocks.start_week is 'First week, counted from 1 over the year.';
  comment on column public.leave_blocks.weeks is 'Length in weeks.';
end
$$;

-- Rights of the tables made here, and of no other: what was there before is the host's own, with row
-- security or without.
do $$
declare
  v_table record;
begin
  for v_table in
    select * from (values
      ('positions',
       'org, code, name, site, team, specialty, subspecialty, categories, service, rural, '
       'community, clinical_team, non_clinical, excludable, span_terms',
       'code, name, site, team, specialty, subspecialty, categories, service, rural, '
       'community, clinical_team, non_clinical, excludable, span_terms'),
      ('allocation_runs',
       'org, name, status, constraints, annual_leave_weeks, affinity, pathways, options, provenance',
       'name, status, constraints, annual_leave_weeks, affinity, pathways, options, provenance'),
      ('terms', 'org, allocation_run, number, weeks, starts_on', 'number, weeks, starts_on'),
      ('posts', 'org, allocation_run, term, position, posts_min, posts_max', 'posts_min, posts_max'),
      ('job_lines', 'org, allocation_run, name, locked', 'name, locked'),
      ('rotations', 'org, allocation_run, job_line, term, position', 'position'),
      ('leave_blocks', 'org, allocation_run, job_line, start_week, weeks', 'start_week, weeks')
    ) as t(name, may_insert, may_update)
  loop
    continue when (select relrowsecurity from pg_catalog.pg_class
                    where oid = format('public.%I', v_table.name)::regclass)
      or obj_description(format('public.%I', v_table.name)::regclass, 'pg_class') not in (
        'Positions: a role on a unit, as job lines rotate through.',
        'Allocation runs: the yearly round job lines belong to.',
        'Terms: the blocks of weeks of one allocation run.',
        'Posts: the seats of one position in one term.',
        'Job lines: one clinical year each, one position in each term, anonymous.',
        'Rotations: a position in a term on a line.',
        'Blocks of annual leave on a line.')
      or obj_description(format('public.%I', v_table.name)::regclass, 'pg_class') is null;
    execute format(
      $sql$
        alter table public.%1$I enable row level security;
        revoke all on public.%1$I from public, anon, authenticated, service_role;
        grant select, delete, insert (%2$s), update (%3$s) on public.%1$I to authenticated;
        grant select, insert, update, delete on public.%1$I to service_role;
        create policy members_read on public.%1$I for select to authenticated
          using (org in (select m.org from public.org_members as m
                          where m.user_id = (select auth.uid())));
        create policy planners_add on public.%1$I for insert to authenticated
          with check ((select planner_private.may(org, 'plan')));
        create policy planners_change on public.%1$I for update to authenticated
          using ((select planner_private.may(org, 'plan'))) with check ((select planner_private.may(org, 'plan')));
        create policy planners_remove on public.%1$I for delete to authenticated
          using ((select planner_private.may(org, 'plan')));
      $sql$,
      v_table.name, v_table.may_insert, v_table.may_update);
  end loop;
end
$$;
