-- The loans of object $1 end; which events were lent.
DELETE FROM @extschema@.audit_cold_loans WHERE object_id = $1 RETURNING event_id
