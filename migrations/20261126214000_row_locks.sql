-- While lines are replaced, only the rounds of that hospital hold still: rows are locked, not tables,
-- so that nobody else in the project waits.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create function planner_private.hold_round(p_org uuid, p_allocation_run uuid) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- Whoever adds a term, post, line, rotation or block of leave refers to a row locked `for update`
  -- here, and waits; whoever changes or removes one meets its own lock.
  perform from public.allocation_runs where id = p_allocation_run and org = p_org for update;
  perform from public.terms
    where org = p_org and allocation_run = p_allocation_run order by id for update;
  perform from public.job_lines
    where org = p_org and allocation_run = p_allocation_run order by id for update;
  perform from public.posts
    where org = p_org and allocation_run = p_allocation_run order by term, position for share;
  perform from public.positions
    where org = p_org and id in (select posts.position from public.posts
                                  where org = p_org and allocation_run = p_allocation_run)
    order by id for share;
  perform from public.rotations
    where org = p_org and allocation_run = p_allocation_run order by job_line, term for share;
  perform from public.leave_blocks
    where org = p_org and allocation_run = p_allocation_run order by job_line, start_week for share;
end
$$;
comment on function planner_private.hold_round is
  'Hold one allocation run still until the transaction ends: its row, terms, posts, positions, lines, '
  'rotations and leave. Used by planner_private.planner_problem; a host that replaces that function '
  'locks its own tables.';
revoke all on function planner_private.hold_round from public, anon;

-- The two functions that read and write the host's tables are replaced only where they are still
-- ours; an integrator's own stay as they are.
do $migration$
begin
  if (select md5(prosrc) from pg_proc
       where oid = 'planner_private.planner_problem(uuid, boolean)'::regprocedure)
     = '5d134bb6a046b7254b4056942d506e24' then
    execute $function$
create or replace function planner_private.planner_problem(p_run uuid, p_hold boolean default false) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set jit = off
as $body$
declare
  v_run public.allocation_planner_runs;
  v_round public.allocation_runs;
  v_options jsonb;
  v_terms jsonb;
  v_term_numbers integer[];
  v_positions jsonb;
  v_lines jsonb;
  v_locked jsonb;
  v_numbers jsonb;
  v_codes jsonb;
begin
  select * into strict v_run from public.allocation_planner_runs where id = p_run;
  if p_hold then
    perform planner_private.hold_round(v_run.org, v_run.allocation_run);
  end if;
  select * into strict v_round from public.allocation_runs
   where id = v_run.allocation_run and org = v_run.org;
  if v_round.status <> 'draft' then
    raise exception 'The allocation run "%" is %: lines are generated only for drafts.',
      v_round.name, v_round.status
      using errcode = 'PLN03', hint = 'Set it back to draft first.';
  end if;
  v_options := v_round.options || v_run.options;

  select coalesce(jsonb_agg(jsonb_build_object('weeks', term.weeks, 'starts_on', term.starts_on)
                            order by term.number), '[]'),
         coalesce(array_agg(term.number order by term.number), '{}')
    into v_terms, v_term_numbers
    from public.terms as term
   where term.org = v_round.org and term.allocation_run = v_round.id;

  select coalesce(jsonb_agg(jsonb_build_object(
           'id', coalesce(position.code, position.id::text), 'name', position.name,
           'site', position.site, 'team', position.team, 'specialty', position.specialty,
           'subspecialty', position.subspecialty, 'categories', to_jsonb(position.categories),
           'service', position.service, 'rural', position.rural,
           'community', position.community, 'clinical_team', position.clinical_team,
           'non_clinical', position.non_clinical, 'excludable', position.excludable,
           'span_terms', position.span_terms,
           'posts_min', (select jsonb_agg(coalesce(seats.posts_min -> number::text, '0') order by number)
                           from unnest(v_term_numbers) as number),
           'posts_max', (select jsonb_agg(coalesce(seats.posts_max -> number::text, '0') order by number)
                           from unnest(v_term_numbers) as number))
         order by coalesce(position.code, position.id::text) collate "C"), '[]')
    into v_positions
    from (select posts.position,
                 jsonb_object_agg(term.number, posts.posts_min) as posts_min,
                 jsonb_object_agg(term.number, posts.posts_max) as posts_max
            from public.posts as posts
            join public.terms as term on term.id = posts.term
           where posts.org = v_round.org and posts.allocation_run = v_round.id
           group by posts.position) as seats
    join public.positions as position on position.id = seats.position;

  select coalesce(jsonb_object_agg(term.id, term.number), '{}') into v_numbers
    from public.terms as term
   where term.org = v_round.org and term.allocation_run = v_round.id;
  select coalesce(jsonb_object_agg(position.id, coalesce(position.code, position.id::text)), '{}')
    into v_codes
    from public.positions as position where position.org = v_round.org;
  select coalesce(json_agg(line.value order by line.name collate "C")::jsonb, '[]'),
         coalesce(json_agg(line.value order by line.name collate "C")
                    filter (where line.locked)::jsonb, '[]')
    into v_lines, v_locked
    from (select name, locked, json_build_object(
                   'name', name, 'score', score, 'locked', locked,
                   'rotations', coalesce((
                     select json_agg(json_build_object('term', v_numbers -> r.term::text,
                                                       'position', v_codes -> r.position::text)
                                     order by (v_numbers ->> r.term::text)::integer)
                       from public.rotations as r
                      where r.org = v_round.org and r.allocation_run = v_round.id
                        and r.job_line = job_lines.id), '[]'),
                   'leave', coalesce((
                     select json_agg(json_build_object('start_week', l.start_week,
                                                       'weeks', l.weeks)
                                     order by l.start_week)
                       from public.leave_blocks as l
                      where l.org = v_round.org and l.allocation_run = v_round.id
                        and l.job_line = job_lines.id), '[]')
                 ) as value
            from public.job_lines
           where org = v_round.org and allocation_run = v_round.id) as line;

  -- Each step that takes the lines in copies them, so they come last, and once.
  return (
    select jsonb_object_agg(field.key, field.value)
      from (
        select key, value from jsonb_each(jsonb_build_object(
          'schema', 'planner.problem/1', 'name', v_round.name, 'provenance', v_round.provenance,
          'n_job_lines', v_run.n_job_lines, 'terms', v_terms, 'positions', v_positions,
          'constraints', coalesce(v_run.constraints, v_round.constraints),
          'annual_leave_weeks', v_round.annual_leave_weeks, 'affinity', v_round.affinity,
          'pathways', v_round.pathways, 'allow_partial', v_options -> 'allow_partial',
          'options', v_options - 'allow_partial',
          'locked_lines', (select coalesce(jsonb_agg(line - 'locked'), '[]')
                             from jsonb_array_elements(v_locked) as line)))
         where value <> 'null'
        union all select 'current_lines', v_lines
      ) as field);
end
$body$;
    $function$;
  else
    raise notice 'planner_private.planner_problem is your own and stays: see docs/adapting.md.';
  end if;
  if (select md5(prosrc) from pg_proc
       where oid = 'planner_private.planner_write_lines(uuid, jsonb)'::regprocedure)
     = 'd3fa3ef9398ec9fa65e81cd5a25a7377' then
    execute $function$
create or replace function planner_private.planner_write_lines(p_run uuid, p_lines jsonb) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $body$
declare
  v_org uuid;
  v_round uuid;
  v_terms jsonb;
  v_positions jsonb;
  v_kept text[];
  v_unknown text;
begin
  select org, allocation_run into strict v_org, v_round
    from public.allocation_planner_runs where id = p_run;
  select coalesce(jsonb_object_agg(number, id), '{}') into v_terms
    from public.terms where org = v_org and allocation_run = v_round;
  select coalesce(jsonb_object_agg(id::text, id), '{}')
         || coalesce(jsonb_object_agg(code, id) filter (where code is not null), '{}')
    into v_positions
    from public.positions where org = v_org;
  select coalesce(array_agg(name), '{}') into v_kept
    from public.job_lines where org = v_org and allocation_run = v_round and locked;

  -- Rotations and leave go with their lines.
  delete from public.job_lines where org = v_org and allocation_run = v_round and not locked;

  with given as materialized (
    select gen_random_uuid() as id, line.name, line.score, line.rotations, line.leave
      from jsonb_to_recordset(p_lines)
             as line(name text, score double precision, rotations jsonb, leave jsonb)
     where line.name <> all (v_kept)
  ), lines as (
    insert into public.job_lines (id, org, allocation_run, name, score)
    select given.id, v_org, v_round, given.name, given.score from given
  ), rotations as (
    insert into public.rotations (org, allocation_run, job_line, term, position)
    select v_org, v_round, given.id, (v_terms ->> rotation.term::text)::uuid,
           (v_positions ->> rotation.position)::uuid
      from given
     cross join jsonb_to_recordset(given.rotations) as rotation(term integer, position text)
  )
  insert into public.leave_blocks (org, allocation_run, job_line, start_week, weeks)
  select v_org, v_round, given.id, block.start_week, block.weeks
    from given
   cross join jsonb_to_recordset(coalesce(given.leave, '[]'))
           as block(start_week integer, weeks integer);

  -- Seats are checked when the transaction ends, unless asked for now: what is wrong is said here.
  set constraints all immediate;
  return (select count(*) from public.job_lines where org = v_org and allocation_run = v_round);
exception
  when not_null_violation then
    select format('"%s" in term %s', rotation.position, rotation.term) into v_unknown
      from jsonb_to_recordset(p_lines) as given(name text, rotations jsonb)
     cross join jsonb_to_recordset(given.rotations) as rotation(term integer, position text)
     where given.name <> all (v_kept)
       and not (coalesce(v_positions ? rotation.position, false)
                and coalesce(v_terms ? rotation.term::text, false))
     limit 1;
    if not found then
      raise;
    end if;
    raise exception 'There is no position %.', v_unknown using errcode = 'PLN02';
  when foreign_key_violation or restrict_violation then
    raise exception 'The job lines are in use and cannot be replaced: %', sqlerrm
      using errcode = 'PLN02', hint = 'Remove what refers to them first, or lock those lines.';
end
$body$;
    $function$;
  else
    raise notice 'planner_private.planner_write_lines is your own and stays: see docs/adapting.md.';
  end if;
end
$migration$;
