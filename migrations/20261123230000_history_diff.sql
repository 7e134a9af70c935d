-- History: which sets of lines were kept, and how one differs from another or from the lines there
-- are, by line and by unit. Nothing here writes.

create function public.planner_list_history(p_allocation_run uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', kept.id, 'created_at', kept.created_at, 'kind', kept.kind, 'run', kept.run,
           'restored_from', kept.restored_from, 'made_by', kept.made_by, 'lines', kept.n_lines)
         order by kept.created_at desc, kept.id), '[]')
    from public.job_lines_history as kept where kept.allocation_run = p_allocation_run;
$$;
comment on function public.planner_list_history is
  'The sets of lines kept for an allocation run, newest first, as one value: {id, created_at, kind, '
  'run, restored_from, made_by, lines} each, without the lines themselves. Under row security: who '
  'may not read them finds none.';

-- Grouped, never joined: nothing is known of the size of a jsonb value, so a join might compare
-- every rotation with every other.
create function planner_private.compare_lines(p_from jsonb, p_to jsonb) returns jsonb
language sql immutable
set search_path = ''
as $$
  with line as materialized (
    select name, rotations, coalesce(leave, '[]') as leave, true as earlier
      from jsonb_to_recordset(p_from) as given(name text, rotations jsonb, leave jsonb)
    union all
    select name, rotations, coalesce(leave, '[]'), false
      from jsonb_to_recordset(p_to) as given(name text, rotations jsonb, leave jsonb)
  ), seat as materialized (
    select line.name, line.earlier, item.term, item.position
      from line cross join jsonb_to_recordset(line.rotations) as item(term integer, position text)
  ), term as materialized (
    select name, term, min(position) filter (where earlier) as was,
           min(position) filter (where not earlier) as becomes
      from seat group by name, term
  ), leave as materialized (
    select line.name, line.earlier,
           jsonb_agg(block order by (block ->> 'start_week')::integer) as blocks
      from line cross join jsonb_array_elements(line.leave) as block group by line.name, line.earlier
  ), part as materialized (
    select name, bool_or(earlier) as was, bool_or(not earlier) as becomes, null::integer as term,
           null::jsonb as change, null::jsonb as leave_was, null::jsonb as leave_becomes
      from line group by name
    union all
    select name, null, null, term, jsonb_build_object('term', term, 'from', was, 'to', becomes),
           null, null
      from term where was is distinct from becomes
    union all
    select name, null, null, null, null,
           case when earlier then blocks end, case when not earlier then blocks end
      from leave
  ), difference as materialized (
    select name, bool_or(was) as was, bool_or(becomes) as becomes,
           coalesce(jsonb_agg(change order by term) filter (where change is not null), '[]')
             as changes,
           coalesce(jsonb_path_query_first(
             jsonb_agg(leave_was) filter (where leave_was is not null), '$[0]'), '[]') as leave_was,
           coalesce(jsonb_path_query_first(
             jsonb_agg(leave_becomes) filter (where leave_becomes is not null), '$[0]'), '[]')
             as leave_becomes
      from part group by name
  ), unit as materialized (
    select position, term, count(*) filter (where earlier) as was,
           count(*) filter (where not earlier) as becomes
      from seat group by position, term
  )
  select jsonb_build_object(
    'same', (select count(*) from difference
              where was and becomes and changes = '[]' and leave_was = leave_becomes),
    'lines', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'name', name,
               'change', case when not becomes then 'removed' when not was then 'added'
                              else 'changed' end,
               'terms', changes)
             || case when leave_was = leave_becomes then '{}'
                     else jsonb_build_object(
                       'leave', jsonb_build_object('from', leave_was, 'to', leave_becomes)) end
             order by name collate "C"), '[]')
        from difference
       where not (was and becomes and changes = '[]' and leave_was = leave_becomes)),
    'units', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'position', position, 'term', term, 'from', was, 'to', becomes)
             order by position collate "C", term), '[]')
        from unit where was <> becomes));
$$;
comment on function planner_private.compare_lines is
  'How two sets of lines differ: the number of lines that are the same, the others by name, and the '
  'units whose number of lines in a term differs.';

create function planner_private.diff_lines(p_from uuid, p_to uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_from public.job_lines_history;
  v_to public.job_lines_history;
  v_lines jsonb;
begin
  select * into v_from from public.job_lines_history where id = p_from;
  if not found or not (planner_private.acts_as_service() or planner_private.may(v_from.org, 'read')) then
    return jsonb_build_object('outcome', 'MISSING');
  end if;
  if p_to is not null then
    select * into v_to from public.job_lines_history
     where id = p_to and org = v_from.org and allocation_run = v_from.allocation_run;
    if not found then
      return jsonb_build_object('outcome', 'MISSING');
    end if;
    v_lines := v_to.lines;
  else
    begin
      v_lines := planner_private.planner_problem(v_from.run) -> 'current_lines';
    exception
      when sqlstate 'PLN03' then
        return planner_private.refusal('target.not_draft', sqlerrm);
    end;
  end if;
  return jsonb_build_object('outcome', 'FOUND', 'from', p_from, 'to', p_to)
    || planner_private.compare_lines(v_from.lines, v_lines);
end
$$;
comment on function planner_private.diff_lines is 'Behind public.planner_diff_lines.';

create function public.planner_diff_lines(p_from uuid, p_to uuid default null) returns jsonb
language sql stable
set search_path = ''
set statement_timeout = '30s'
as $$ select planner_private.diff_lines(p_from, p_to) $$;
comment on function public.planner_diff_lines is
  'What changes when one kept set of lines gives way to another of the same allocation run, or '
  'without p_to to the lines there are: {outcome: FOUND, from, to, same, lines, units}. `same` '
  'counts equal lines; `lines` has {name, change: added | removed | changed, terms: [{term, from, '
  'to}], leave: {from, to} where it differs}; `units` has {position, term, from, to}: numbers of '
  'lines, where they differ. REFUSED (target.not_draft) where the lines there are cannot be '
  'changed any more; MISSING for what is not there or not yours to read.';

revoke all on all functions in schema planner_private from public, anon;
grant execute on function planner_private.diff_lines to authenticated, service_role;
revoke all on function public.planner_list_history, public.planner_diff_lines
  from public, anon, authenticated, service_role;
grant execute on function public.planner_list_history, public.planner_diff_lines
  to authenticated, service_role;
