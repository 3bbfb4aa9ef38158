-- The oldest event since a time; only such as the server gave the time.
SELECT created_at FROM @extschema@.audit_events WHERE id >= $1 AND created_at >= $2 AND seal_xid > 0 ORDER BY id LIMIT 1
