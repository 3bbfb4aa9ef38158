-- Erasure $2 of workspace $1 is pending in each released object. A condemned one is searched no more, but its file may be there still: the erasure is complete when it is
-- gone. $3: also events about the person. The clock may have been set back since a file was condemned.
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, includes_about, pending_at, is_done, done_at, event_count)
SELECT object_id, $2, $3, greatest(clock_timestamp(), condemned_at), condemned_at IS NOT NULL,
  CASE WHEN condemned_at IS NOT NULL THEN greatest(clock_timestamp(), condemned_at) END, CASE WHEN condemned_at IS NOT NULL THEN 0 END
FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state IN ('released', 'condemned')
