-- From the catalog alone: no partition is locked.
SELECT 'audit_events_estimate', jsonb_build_object('table', parent.relname), sum(greatest(leaf.reltuples, 0))::double precision, 'Events, as of the last ANALYZE or VACUUM'
FROM pg_class AS parent JOIN pg_inherits AS link ON link.inhparent = parent.oid JOIN pg_class AS leaf ON leaf.oid = link.inhrelid
WHERE parent.oid IN ('@extschema@.audit_events'::regclass, '@extschema@.audit_events_archive'::regclass)
GROUP BY parent.relname
