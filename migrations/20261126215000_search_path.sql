-- Every function of ours names its schemas and looks nowhere else: with an empty search path Postgres
-- still finds types in pg_temp first, where anybody may make one. Functions made or replaced later
-- set the same path themselves; a test holds that.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid from pg_catalog.pg_proc as p
     where (p.pronamespace = 'planner_private'::regnamespace
            or p.pronamespace = 'public'::regnamespace and p.proname like 'planner\_%')
       and coalesce('search_path=""' = any (p.proconfig), p.proconfig is null)
  loop
    execute format('alter function %s set search_path = pg_catalog, pg_temp', v_function);
  end loop;
end
$$;
