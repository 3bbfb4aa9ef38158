-- Where a stream stands from now on. $10: it was fetched from; $11: a batch was acknowledged; $12: it was set to another place.
UPDATE @extschema@.audit_stream_cursors SET incarnation = $2, root_place = $3, log_place = $4, batch_id = $5,
  end_incarnation = $6, end_root_place = $7, end_log_place = $8, batch_events = $9,
  fetched_at = CASE WHEN $10 THEN clock_timestamp() ELSE fetched_at END,
  acked_at = CASE WHEN $11 THEN clock_timestamp() ELSE acked_at END,
  begun_at = CASE WHEN $12 THEN clock_timestamp() ELSE begun_at END
WHERE stream_id = $1
