-- The seals of an incarnation, from the newest one on after which every number from $2 on was drawn; all where there is none such.
WITH base AS (
  SELECT seal FROM @extschema@.audit_log_seals WHERE incarnation = $1 AND next_xid <= $2 ORDER BY seal DESC LIMIT 1
)
SELECT seen_at, uptime_us, boot_id, EXISTS (SELECT FROM base)
FROM @extschema@.audit_log_seals
WHERE incarnation = $1 AND seal >= coalesce((SELECT seal FROM base), 0)
ORDER BY seal
