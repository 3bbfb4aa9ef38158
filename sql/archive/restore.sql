-- Archived events come back; which months are visited follows from the times in the ids.
WITH restored AS (
  DELETE FROM @extschema@.audit_events_archive
  WHERE id = ANY ($1) AND created_at >= $2 AND created_at <= $3
  RETURNING *
)
INSERT INTO @extschema@.audit_events (@named@) SELECT @named@ FROM restored
