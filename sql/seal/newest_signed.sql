-- The newest checkpoint of incarnation $1 that somebody signed, of size $2 or more.
SELECT root_size, root_hash FROM @extschema@.audit_log_seals
WHERE incarnation = $1 AND root_size = (
  SELECT size FROM @extschema@.audit_log_signatures WHERE incarnation = $1 AND size >= $2 AND kind = 'note' ORDER BY size DESC LIMIT 1
)
LIMIT 1
