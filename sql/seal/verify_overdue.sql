-- Whether something that was recorded after the last seal saw the trail ($1) has waited for the next one since before $2.
SELECT EXISTS (SELECT FROM @extschema@.audit_events WHERE created_at > $1 AND created_at < $2 AND seal_xid > 0)
