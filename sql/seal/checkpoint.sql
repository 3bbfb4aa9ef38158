-- The newest checkpoint of an incarnation.
SELECT root_size, root_hash FROM @extschema@.audit_log_seals WHERE incarnation = $1 ORDER BY seal DESC LIMIT 1
