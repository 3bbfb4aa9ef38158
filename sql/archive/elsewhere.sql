-- Those of the ids that no hot event of this node has, now that what was archived came back.
SELECT coalesce(array_agg(wanted), '{}') FROM unnest($1) AS wanted
WHERE NOT EXISTS (SELECT FROM @extschema@.audit_events AS event WHERE event.id = wanted AND event.created_at >= $2 AND event.created_at <= $3)
