-- Purge $2 took $3 events that only object $1 held, which is condemned; no erasure is to be searched for in it any more. The clock may have been set back since a file was
-- condemned.
WITH condemned AS (
  SELECT greatest(clock_timestamp(), condemned_at) AS now FROM @extschema@.audit_cold_objects WHERE object_id = $1
), pending AS (
  UPDATE @extschema@.audit_cold_erasures SET is_done = true, done_at = condemned.now, event_count = 0 FROM condemned WHERE object_id = $1 AND NOT is_done
)
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, is_done, pending_at, done_at, event_count, carried_out_log_id)
SELECT $1, $2, true, condemned.now, condemned.now, $3, CASE WHEN $3 > 0 THEN $2 END FROM condemned
