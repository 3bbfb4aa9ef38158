-- Erasure $2 of workspace $1 is pending in each released object; in those that it condemned ($4) there is nothing to be searched. $3: also events about the person.
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, includes_about, is_done, done_at, event_count)
SELECT object_id, $2, $3, false, NULL, NULL FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state = 'released'
UNION ALL
SELECT object_id, $2, $3, true, clock_timestamp(), 0 FROM unnest($4) AS object_id
