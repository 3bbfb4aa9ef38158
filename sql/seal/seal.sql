-- A seal; they are numbered without a gap.
INSERT INTO @extschema@.audit_log_seals (seal, incarnation, event_count, head_count, root_size, root_hash, next_xid, boot_id, snapshot, seen_at,
  uptime_us, waiting, waiting_since)
SELECT coalesce(max(seal), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM @extschema@.audit_log_seals
