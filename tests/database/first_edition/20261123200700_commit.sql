-- Commit: check everything again, keep what was there, write the lines, end the run; or nothing.

create function private.check_lines(p_problem jsonb, p_lines jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_n_lines integer;
  v_wanted integer := (p_problem ->> 'n_job_lines')::integer;
  v_partial boolean := coalesce((p_problem ->> 'allow_partial')::boolean, false);
  v_objection text;
begin
  if jsonb_typeof(p_lines) is distinct from 'array' then
    raise exception 'The lines are not an array.' using errcode = 'PLN02';
  end if;
  v_n_lines := jsonb_array_length(p_lines);
  if v_n_lines <> v_wanted and not (v_partial and v_n_lines between 1 and v_wanted) then
    raise exception 'There are % lines, but % were asked for.', v_n_lines, v_wanted
      using errcode = 'PLN02';
  end if;
  begin
    v_objection := private.objection(p_problem, p_lines);
  exception
    when data_exception then
      raise exception 'The lines cannot be read: %', sqlerrm using errcode = 'PLN02';
  end;
  if v_objection is not null then
    raise exception '%', v_objection using errcode = 'PLN02';
  end if;
end
$$;
comment on function private.check_lines is
  'Raise PLN02 with the first objection to a set of lines: count, names, one rotation per term, '
  'known positions, accredited posts, leave within the year, locked lines as they are.';

-- No joins but those with a line's own parts: nothing is known of the size of a jsonb value, so any
-- other join might compare every rotation with every post.
create function private.objection(p_problem jsonb, p_lines jsonb) returns text
language sql stable
set search_path = ''
as $$
  with line as materialized (
    select given.name, given.rotations, given.leave
      from jsonb_to_recordset(p_lines) as given(name text, rotations jsonb, leave jsonb)
  ), rotation as materialized (
    select line.name, item.term, coalesce(item.position, '') as position
      from line cross join jsonb_to_recordset(line.rotations) as item(term integer, position text)
  ), year as materialized (
    select count(*) as n_terms, sum((term ->> 'weeks')::integer) as n_weeks
      from jsonb_array_elements(p_problem -> 'terms') as term
  ), post as materialized (
    select position.value ->> 'id' as position, seats.number::integer as term,
           seats.value::integer as posts_max
      from jsonb_array_elements(p_problem -> 'positions') as position(value)
     cross join jsonb_array_elements_text(position.value -> 'posts_max') with ordinality
             as seats(value, number)
  ), leave as materialized (
    select line.name, block.start_week, block.weeks
      from line cross join jsonb_to_recordset(coalesce(line.leave, '[]'))
             as block(start_week integer, weeks integer)
  ), locked as materialized (
    select given.name, item.term, item.position
      from jsonb_to_recordset(coalesce(p_problem -> 'locked_lines', '[]'))
             as given(name text, rotations jsonb)
     cross join jsonb_to_recordset(given.rotations) as item(term integer, position text)
  )
  select found.objection from (
    (select 1, 'A line has no name.' from line where coalesce(name, '') = '' limit 1)
    union all
    (select 2, format('The line "%s" is there %s times.', name, count(*))
       from line group by name having count(*) > 1 limit 1)
    union all
    (select 3, format('The line "%s" has %s rotations in %s of %s terms.', name, count(term),
                      count(distinct term), (select n_terms from year))
       from (select name, null::integer as term from line
             union all select name, term from rotation) as part
      group by name
     having count(term) <> (select n_terms from year)
         or count(distinct term) <> (select n_terms from year) limit 1)
    union all
    (select 4, case when count(posts_max) = 0
                    then format('The inputs have no posts of "%s" in term %s.', position, term)
                    else format('"%s" has %s posts in term %s, but %s lines are there.', position,
                                sum(posts_max), term, sum(n_lines)) end
       from (select position, term, posts_max, 0 as n_lines from post
             union all select position, term, null, 1 from rotation) as seat
      group by position, term
     having sum(n_lines) > coalesce(sum(posts_max), 0) limit 1)
    union all
    (select 5, format('Leave of the line "%s" from week %s for %s weeks does not fit the year.',
                      name, start_week, weeks)
       from leave
      where not coalesce(start_week >= 1 and weeks >= 1
              and start_week + weeks - 1 <= (select n_weeks from year), false) limit 1)
    union all
    (select 6, format('Leave of the line "%s" overlaps in week %s.', name, start_week)
       from (select name, start_week,
                    lag(start_week + weeks) over (partition by name order by start_week) as free_from
               from leave) as block
      where start_week < free_from limit 1)
    union all
    (select 7, format('The locked line "%s" has changed in term %s.', name, term)
       from locked
      where (name, term, position) not in (select name, term, position from rotation
                                            where name is not null and term is not null) limit 1)
  ) as found(rank, objection)
  order by found.rank limit 1;
$$;
comment on function private.objection is
  'The first objection to a set of lines, or null; raises a data exception when they cannot be read.';

create function private.keep_lines(
  p_run public.allocation_planner_runs, p_kind text, p_lines jsonb, p_restored_from uuid
) returns uuid
language sql security definer
set search_path = ''
as $$
  insert into public.job_lines_history (org, allocation_run, run, kind, lines, restored_from)
  values (p_run.org, p_run.allocation_run, p_run.id, p_kind, p_lines, p_restored_from)
  returning id;
$$;
comment on function private.keep_lines is 'Keep a set of lines in the history.';

create function private.commit_lines(p_run uuid, p_token uuid, p_lines jsonb, p_result jsonb)
returns text
language plpgsql security definer
set search_path = ''
as $$
declare
  v_run public.allocation_planner_runs;
  v_problem jsonb;
  v_now jsonb;
  v_written integer;
begin
  perform private.check_result(p_result);
  select * into v_run from public.allocation_planner_runs
   where id = p_run and token = p_token for update;
  if not found then
    return 'LOST';
  elsif v_run.status <> 'GENERATING' then
    return case when v_run.status = 'COMPLETED' then 'ALREADY' else 'LOST' end;
  end if;
  select problem into strict v_problem from public.planner_run_inputs where run = p_run;
  perform private.check_lines(v_problem, p_lines);
  begin
    v_now := private.planner_problem(p_run, p_hold => true);
  exception
    when sqlstate 'PLN03' then
      raise exception '%', sqlerrm using errcode = 'PLN02';
  end;

  if private.input_version(v_now) <> v_run.input_version then
    perform private.keep_lines(v_run, 'proposal', p_lines, null);
    perform private.end_run(v_run, 'COMPLETED', 'stale',
      'The inputs or the lines were edited while the planner worked. Nothing was overwritten: '
      'its lines wait in the history as a proposal.', p_result);
    return 'PROPOSED';
  end if;

  perform private.keep_lines(v_run, 'snapshot', v_now -> 'current_lines', null);
  v_written := private.planner_write_lines(p_run, p_lines);
  if v_written <> jsonb_array_length(p_lines) then
    raise exception 'There would be % lines instead of %.', v_written, jsonb_array_length(p_lines)
      using errcode = 'PLN02';
  end if;
  perform private.end_run(v_run, 'COMPLETED', p_result ->> 'reason', p_result ->> 'message',
                          p_result);
  return 'COMPLETED';
end
$$;
comment on function private.commit_lines is 'Behind public.planner_commit_lines.';

create function public.planner_commit_lines(
  p_run uuid, p_token uuid, p_lines jsonb, p_result jsonb
) returns text
language sql
set search_path = ''
set statement_timeout = '60s'
set lock_timeout = '15s'
as $$ select private.commit_lines(p_run, p_token, p_lines, p_result) $$;
comment on function public.planner_commit_lines is
  'Replace the lines of the run''s allocation run and complete the run, in one transaction: what '
  'was there is kept as a snapshot, locked lines stay untouched. COMPLETED; PROPOSED when inputs or '
  'lines were edited since the claim (kept in the history, nothing overwritten); ALREADY when this '
  'token has committed; LOST when the token is not valid any more. Raises PLN02, and changes '
  'nothing, when the lines break the inputs or are in use.';

revoke all on all functions in schema private from public, anon;
grant execute on function private.commit_lines to service_role;
revoke all on function public.planner_commit_lines from public, anon, authenticated, service_role;
grant execute on function public.planner_commit_lines to service_role;
