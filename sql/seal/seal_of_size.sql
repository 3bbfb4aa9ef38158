-- The checkpoint of incarnation $1 at size $2.
SELECT root_size, root_hash FROM @extschema@.audit_log_seals WHERE incarnation = $1 AND root_size = $2 LIMIT 1
