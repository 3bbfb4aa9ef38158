-- What the seals of incarnation $1 say of its root log.
SELECT seal, sealed_at, head_count, root_size, root_hash FROM @extschema@.audit_log_seals WHERE incarnation = $1 ORDER BY seal
