-- What a batch imported and skipped.
UPDATE @extschema@.audit_imports SET imported_count = imported_count + $2, skipped_count = skipped_count + $3,
  oldest_event_at = least(oldest_event_at, $4), newest_event_at = greatest(newest_event_at, $5)
WHERE name = $1
