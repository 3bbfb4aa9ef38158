-- What the last seal saw, and when its incarnation began if it is not the first one.
SELECT s.snapshot, array_to_string(s.waiting, ' '), s.seen_at, (SELECT i.began_at FROM @extschema@.audit_log_incarnations i WHERE i.incarnation = s.incarnation
    AND EXISTS (SELECT FROM @extschema@.audit_log_incarnations former WHERE former.incarnation < i.incarnation))
FROM @extschema@.audit_log_seals s ORDER BY s.seal DESC LIMIT 1
