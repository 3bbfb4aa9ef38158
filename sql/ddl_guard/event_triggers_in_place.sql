-- Event triggers of the guard that are there and in force.
SELECT e.evtname::text
FROM pg_catalog.pg_event_trigger AS e
JOIN pg_catalog.pg_proc AS p ON p.oid = e.evtfoid AND p.proname = e.evtname
WHERE p.pronamespace = @schema@::pg_catalog.regnamespace AND e.evtenabled = 'A' AND e.evttags IS NULL
  AND (e.evtname, e.evtevent) IN (
    ('audit_ddl_command_start', 'ddl_command_start'), ('audit_ddl_command_end', 'ddl_command_end'), ('audit_sql_drop', 'sql_drop'))
