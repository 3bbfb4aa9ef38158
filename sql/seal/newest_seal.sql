-- The newest checkpoint of incarnation $1.
SELECT root_size, root_hash FROM @extschema@.audit_log_seals WHERE incarnation = $1 ORDER BY root_size DESC LIMIT 1
