SELECT 'audit_trail_bytes', jsonb_build_object('table', parent.relname), sum(pg_total_relation_size(link.inhrelid))::double precision, 'Bytes of events and their indexes'
FROM pg_class AS parent JOIN pg_inherits AS link ON link.inhparent = parent.oid
WHERE parent.oid IN ('@extschema@.audit_events'::regclass, '@extschema@.audit_events_archive'::regclass)
GROUP BY parent.relname
