-- A released object of cold storage that holds the events of an entry. One that was adopted may have lost its entry: then it is the release of as many events
-- of the same times.
SELECT FROM @extschema@.audit_cold_objects AS object
WHERE entry.kind = 'cold' AND object.workspace_id = entry.workspace_id AND object.state = 'released' AND (object.release_log_id = entry.id
  OR object.release_log_id IS NULL AND object.event_count = entry.event_count
    AND object.first_created_at = entry.oldest_event_at AND object.last_created_at = entry.newest_event_at)
