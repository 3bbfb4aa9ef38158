-- The capture triggers of the tables that Citus distributes, as the coordinator has them; for pg_catalog.jsonb_to_recordset. Whatever the search_path is there: each function
-- is qualified, and each operator has an exact match in pg_catalog, which comes first.
SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('table', pg_catalog.format('%I.%I', schema.nspname, class.relname), 'trigger', t.tgname,
         -- Citus has no trigger for TRUNCATE (32) on shards.
         'on_shards', t.tgtype::integer & 32 = 0)), '[]')::text
FROM pg_catalog.pg_dist_partition AS part
JOIN pg_catalog.pg_class AS class ON class.oid = part.logicalrelid::pg_catalog.oid
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = class.oid
JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid AND f.proname = 'audit_capture_changes'
JOIN pg_catalog.pg_depend AS d
  ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid AND d.objid = f.oid AND d.deptype = 'e'
  AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'audit_ext'
