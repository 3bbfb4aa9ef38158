-- Whether there are events of these transactions that can be of any time; the partial indexes hold no others.
SELECT EXISTS (SELECT FROM @extschema@.audit_events WHERE seal_xid < 0 AND seal_xid > $1 AND seal_xid <= $2)
    OR EXISTS (SELECT FROM @extschema@.audit_events_archive WHERE seal_xid < 0 AND seal_xid > $1 AND seal_xid <= $2)
    OR EXISTS (SELECT FROM @extschema@.audit_events WHERE seal_xid < 0 AND seal_xid = ANY ($3))
    OR EXISTS (SELECT FROM @extschema@.audit_events_archive WHERE seal_xid < 0 AND seal_xid = ANY ($3))
