-- The workspace of an event, and the transaction that recorded it.
SELECT workspace_id, seal_xid FROM @extschema@.audit_events WHERE id = $1 AND created_at BETWEEN $2 AND $3
UNION ALL
SELECT workspace_id, seal_xid FROM @extschema@.audit_events_archive WHERE id = $1 AND created_at BETWEEN $2 AND $3
