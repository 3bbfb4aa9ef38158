-- Permanent tables that a command dropped, and parts of tables: kind, schema, table, part, identity, and whether it was dropped for its own
-- sake or for what it was made of, not as the inner works of something else. Operators are named in full: the search_path is the caller's.
SELECT d.object_type, d.address_names[1], d.address_names[2], d.address_names[3], d.object_identity, d.original OR d.normal
FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
WHERE NOT d.is_temporary
  AND d.object_type OPERATOR(pg_catalog.=) ANY ('{table,table column,table constraint,default value,trigger}'::pg_catalog.text[])
