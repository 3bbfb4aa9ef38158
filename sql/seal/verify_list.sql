-- The list of a deletion, part by part.
SELECT entries FROM @extschema@.audit_deletion_events WHERE list_id = $1 ORDER BY part
