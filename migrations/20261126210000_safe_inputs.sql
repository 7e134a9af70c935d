-- Content that would harm a backend or a runner ends its own run, with the field and the reason
-- named: nothing here turns a value into text before its size, depth and numbers are known.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create function planner_private.objection_to(p_value jsonb, p_most_bytes integer) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_value is null then
    return null;
  elsif pg_column_size(p_value) > p_most_bytes then
    return format('holds more than %s kB', p_most_bytes / 1024);
  elsif jsonb_path_exists(p_value, '$.**{13 to last}') then
    return 'is nested more than 12 levels deep';
  elsif jsonb_path_exists(p_value, '$.** ? (@.type() == "number"
          && (@ > 1e15 || @ < -1e15 || @ > 0 && @ < 1e-9 || @ < 0 && @ > -1e-9))') then
    return 'holds a number nobody means (over 15 digits, or far too small)';
  end if;
  return null;
exception
  when program_limit_exceeded or data_exception then
    return 'cannot be read';
end
$$;
comment on function planner_private.objection_to is
  'What is wrong with a JSON value before anything is done with it, or null: its size, its depth, '
  'its numbers. A number such as 1e131071 takes 8 bytes here and 131,072 as text.';

create function planner_private.objection_to_inputs(p_inputs jsonb) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s %s.', field.key, found.objection)
    from jsonb_each(p_inputs) as field
   cross join lateral (
     select planner_private.objection_to(field.value, case field.key
              when 'constraints' then 65536
              when 'options' then 16384
              when 'pathways' then 262144
              when 'name' then 4096
              when 'provenance' then 131072
              when 'affinity' then 1048576
              else 16777216 end)) as found(objection)
   where field.key <> 'current_lines' and found.objection is not null
   order by field.key
   limit 1;
$$;
comment on function planner_private.objection_to_inputs is
  'The first field of a problem that is too large, too deep or holds absurd numbers, as a sentence; '
  'or null.';

-- A run that already holds such content could not be ended once the checks below are there.
update public.allocation_planner_runs
   set status = 'FAILED', finished_at = greatest(clock_timestamp(), created_at),
       reason = 'input.too_large',
       message = 'The constraints or options of this run are too large to be read. Ask again.'
 where status in ('PENDING', 'GENERATING')
   and (planner_private.objection_to(constraints, 65536) is not null
        or planner_private.objection_to(options, 16384) is not null);
alter table public.allocation_planner_runs
  drop constraint allocation_planner_runs_constraints_check,
  drop constraint allocation_planner_runs_options_check,
  add constraint constraints_are_readable check (
    jsonb_typeof(constraints) = 'array'
    and planner_private.objection_to(constraints, 65536) is null) not valid,
  add constraint options_are_readable check (
    jsonb_typeof(options) = 'object' and planner_private.objection_to(options, 16384) is null)
    not valid;

create function planner_private.is_ours(p_table text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(obj_description(to_regclass('public.' || p_table), 'pg_class') in (
    'Organisations: each hospital or network plans for itself.',
    'Who belongs to an organisation, and as what.',
    'Positions: a role on a unit, as job lines rotate through.',
    'Allocation runs: the yearly round job lines belong to.',
    'Terms: the blocks of weeks of one allocation run.',
    'Posts: the seats of one position in one term.',
    'Job lines: one clinical year each, one position in each term, anonymous.',
    'Rotations: a position in a term on a line.',
    'Blocks of annual leave on a line.'), false);
$$;
comment on function planner_private.is_ours is
  'Whether one of the host''s tables was made by these migrations (they comment what they make). A '
  'table that was there before is the host''s own: no migration changes it.';

create function planner_private.is_plain_text(p_text text, p_most integer) returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select p_text is null
      or char_length(p_text) <= p_most
         and p_text !~ '[\u0001-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]';
$$;
comment on function planner_private.is_plain_text is
  'Whether a text is short enough and holds no control characters and none that turn its direction: '
  'such a name can hide what it says on a screen or in a log.';
revoke all on all functions in schema planner_private from public, anon;
grant execute on function planner_private.objection_to, planner_private.is_plain_text
  to authenticated, service_role;

do $$
declare
  v_texts record;
begin
  if planner_private.is_ours('allocation_runs') then
    alter table public.allocation_runs
      add constraint constraints_are_readable
        check (planner_private.objection_to(constraints, 65536) is null) not valid,
      add constraint options_are_readable
        check (planner_private.objection_to(options, 16384) is null) not valid,
      add constraint affinity_is_readable
        check (planner_private.objection_to(affinity, 1048576) is null) not valid,
      add constraint pathways_are_readable
        check (planner_private.objection_to(pathways, 262144) is null) not valid,
      add constraint provenance_is_plain_text
        check (char_length(provenance) <= 20000) not valid;
  end if;
  for v_texts in
    select * from (values
      ('orgs', '{name}'::text[]), ('allocation_runs', '{name}'), ('job_lines', '{name}'),
      ('positions', '{code,name,site,team,specialty,subspecialty}')
    ) as t(name, columns)
  loop
    continue when not planner_private.is_ours(v_texts.name);
    execute format(
      'alter table public.%I %s', v_texts.name,
      (select string_agg(format(
                'add constraint %I check (planner_private.is_plain_text(%I, 200)) not valid',
                col || '_is_plain_text', col), ', ')
         from unnest(v_texts.columns) as col));
  end loop;
end
$$;
