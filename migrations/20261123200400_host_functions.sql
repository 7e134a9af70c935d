-- Two of the three functions that know the host's tables (the third is planner_private.may). A host whose
-- tables differ replaces their bodies, nothing else: docs/adapting.md shows how.

-- A connection that has seen the tables small remembers plans for small tables, those of the foreign
-- keys included: so both functions go along indexes, and reading is planned anew each time. Nothing
-- here runs long enough to be worth compiling, whatever the estimates say.

create function planner_private.planner_problem(p_run uuid, p_hold boolean default false) returns jsonb
language plpgsql volatile security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set jit = off
as $$
declare
  v_run public.allocation_planner_runs;
  v_round public.allocation_runs;
  v_options jsonb;
  v_terms jsonb;
  v_positions jsonb;
  v_lines jsonb;
  v_locked jsonb;
  v_numbers jsonb;
  v_codes jsonb;
begin
  if p_hold then
    lock table public.allocation_runs, public.terms, public.positions, public.posts,
      public.job_lines, public.rotations, public.leave_blocks in share row exclusive mode;
  end if;
  select * into strict v_run from public.allocation_planner_runs where id = p_run;
  select * into strict v_round from public.allocation_runs
   where id = v_run.allocation_run and org = v_run.org;
  if v_round.status <> 'draft' then
    raise exception 'The allocation run "%" is %: lines are generated only for drafts.',
      v_round.name, v_round.status
      using errcode = 'PLN03', hint = 'Set it back to draft first.';
  end if;
  v_options := v_round.options || v_run.options;

  select coalesce(jsonb_agg(jsonb_build_object('weeks', term.weeks, 'starts_on', term.starts_on)
                            order by term.number), '[]')
    into v_terms
    from public.terms as term where term.allocation_run = v_round.id;

  select coalesce(jsonb_agg(jsonb_build_object(
           'id', coalesce(position.code, position.id::text), 'name', position.name,
           'site', position.site, 'team', position.team, 'specialty', position.specialty,
           'subspecialty', position.subspecialty, 'categories', to_jsonb(position.categories),
           'service', position.service, 'rural', position.rural,
           'community', position.community, 'clinical_team', position.clinical_team,
           'non_clinical', position.non_clinical, 'excludable', position.excludable,
           'span_terms', position.span_terms,
           'posts_min', seats.posts_min, 'posts_max', seats.posts_max)
         order by coalesce(position.code, position.id::text) collate "C"), '[]')
    into v_positions
    from (select known.position,
                 jsonb_agg(coalesce(posts.posts_min, 0) order by term.number) as posts_min,
                 jsonb_agg(coalesce(posts.posts_max, 0) order by term.number) as posts_max
            from (select distinct p.position from public.posts as p
                   where p.allocation_run = v_round.id) as known
           cross join public.terms as term
            left join public.posts as posts
              on posts.term = term.id and posts.position = known.position
           where term.allocation_run = v_round.id
           group by known.position) as seats
    join public.positions as position on position.id = seats.position;

  select coalesce(jsonb_object_agg(term.id, term.number), '{}') into v_numbers
    from public.terms as term where term.allocation_run = v_round.id;
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
                       from public.rotations as r where r.job_line = job_lines.id), '[]'),
                   'leave', coalesce((
                     select json_agg(json_build_object('start_week', l.start_week,
                                                       'weeks', l.weeks)
                                     order by l.start_week)
                       from public.leave_blocks as l where l.job_line = job_lines.id), '[]')
                 ) as value
            from public.job_lines where allocation_run = v_round.id) as line;

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
$$;
comment on function planner_private.planner_problem is
  'The inputs of a run as planner.problem/1, and beside them `current_lines`: all lines there are '
  'now, each with `locked`. Raises PLN03 when lines may not be generated. With p_hold nothing it '
  'read changes before the transaction ends. One of the three functions a host replaces.';

create function planner_private.planner_write_lines(p_run uuid, p_lines jsonb) returns integer
language plpgsql security definer
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
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
    from public.terms where allocation_run = v_round;
  select coalesce(jsonb_object_agg(id::text, id), '{}')
         || coalesce(jsonb_object_agg(code, id) filter (where code is not null), '{}')
    into v_positions
    from public.positions where org = v_org;
  select coalesce(array_agg(name), '{}') into v_kept
    from public.job_lines where allocation_run = v_round and locked;

  -- Rotations and leave go with their lines.
  delete from public.job_lines where allocation_run = v_round and not locked;

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

  return (select count(*) from public.job_lines where allocation_run = v_round);
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
$$;
comment on function planner_private.planner_write_lines is
  'Replace the lines of a run''s allocation run that are not locked; returns how many lines there '
  'are then. Raises PLN02 for a position or term unknown here, and when lines are in use. One of '
  'the three functions a host replaces.';

create function planner_private.input_version(p_inputs jsonb) returns text
language sql immutable
set search_path = ''
as $$
  select encode(sha256(convert_to((p_inputs - array['name', 'provenance'])::text, 'UTF8')), 'hex');
$$;
comment on function planner_private.input_version is
  'Fingerprint of inputs and current lines: it differs when anything that counts was edited.';

create function planner_private.check_new_run() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if not planner_private.acts_as_service() then
    perform planner_private.planner_problem(new.id);
  end if;
  return null;
end
$$;
comment on function planner_private.check_new_run is
  'After a user asked for a run: refuse it at once (PLN03) where lines may not be generated.';
create trigger check_new_run after insert on public.allocation_planner_runs
  for each row execute function planner_private.check_new_run();

revoke all on all functions in schema planner_private from public, anon;
