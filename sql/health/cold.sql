-- What is to be told of cold objects: what, how many, and the first of them. 'live' counts those whose file must exist.
SELECT what, count(*), min(object_id::text)
FROM @extschema@.audit_cold_objects AS object
CROSS JOIN LATERAL (VALUES
  ('live', state IN ('stored', 'released')),
  (check_result, state IN ('stored', 'released') AND check_result <> 'ok'),
  ('unchecked', state = 'released' AND coalesce(checked_at, stored_at) < clock_timestamp() - interval '35 days'),
  ('stored', state = 'stored' AND stored_at < clock_timestamp() - interval '30 days'),
  ('condemned', state = 'condemned' AND condemned_at < clock_timestamp() - interval '7 days'),
  ('pending', state = 'released' AND EXISTS (
    SELECT FROM @extschema@.audit_cold_erasures AS erasure
    WHERE erasure.object_id = object.object_id AND NOT erasure.is_done AND erasure.pending_at < clock_timestamp() - interval '7 days'))
) AS found (what, applies)
WHERE found.applies
GROUP BY what
