-- Purge $2 took $3 events that only object $1 held, which is condemned; no erasure is to be searched for in it any more.
WITH pending AS (
  UPDATE @extschema@.audit_cold_erasures SET is_done = true, done_at = clock_timestamp(), event_count = 0 WHERE object_id = $1 AND NOT is_done
)
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, is_done, done_at, event_count, carried_out_log_id)
VALUES ($1, $2, true, clock_timestamp(), $3, CASE WHEN $3 > 0 THEN $2 END)
