-- The months of entry $1 of the deletion log and of its parts: year and month. Those of the files that it was to reach into are among them: what was in these has been in the database once.
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4
FROM @extschema@.audit_deletion_months WHERE deletion_log_id IN (SELECT id FROM @extschema@.audit_deletion_log WHERE $1 IN (id, parent_id))
UNION
SELECT extract(year FROM object.month)::int4, extract(month FROM object.month)::int4
FROM @extschema@.audit_cold_erasures AS erasure JOIN @extschema@.audit_cold_objects AS object ON object.object_id = erasure.object_id
JOIN @extschema@.audit_deletion_log AS entry ON entry.id IN (erasure.deletion_log_id, erasure.carried_out_log_id)
WHERE $1 IN (entry.id, entry.parent_id)
