-- The dashboard hears when a run changes; it then reads the row itself, under its own rights.

do $$
begin
  if exists (select from pg_catalog.pg_publication
              where pubname = 'supabase_realtime' and not puballtables)
     and not exists (select from pg_catalog.pg_publication_tables
                      where pubname = 'supabase_realtime' and schemaname = 'public'
                        and tablename = 'allocation_planner_runs') then
    alter publication supabase_realtime add table public.allocation_planner_runs;
  end if;
end
$$;
