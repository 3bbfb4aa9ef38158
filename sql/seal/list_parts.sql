-- The next parts of list $1, from part $2 on.
SELECT part, entries FROM @extschema@.audit_deletion_events WHERE list_id = $1 AND part >= $2 ORDER BY part LIMIT 64
