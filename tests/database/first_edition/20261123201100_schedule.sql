-- Sweep every minute from inside the database, where pg_cron can be had; elsewhere the command
-- `planner sweep` does it from outside. Launches are left to the command: SQL cannot launch.

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
     and current_setting('shared_preload_libraries') ~ '\mpg_cron\M'
     and current_setting('cron.database_name', true) = current_database() then
    create extension if not exists pg_cron;
    perform cron.schedule('planner-sweep', '* * * * *',
                          'select private.sweep(p_dry_run => false, p_relaunch => false)');
  end if;
end
$$;
