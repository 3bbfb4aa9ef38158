WITH objects AS (
  SELECT state, count(*) AS number, sum(event_count) AS events, sum(file_bytes) AS bytes FROM @extschema@.audit_cold_objects GROUP BY state
)
SELECT 'audit_cold_objects', jsonb_build_object('state', known.state), coalesce(objects.number, 0)::double precision, 'Objects of cold storage'
FROM unnest(ARRAY['open', 'stored', 'released', 'condemned']) AS known (state) LEFT JOIN objects ON objects.state = known.state
UNION ALL
SELECT 'audit_cold_events', '{}', coalesce(sum(events), 0), 'Events in released cold objects' FROM objects WHERE state = 'released'
UNION ALL
SELECT 'audit_cold_bytes', '{}', coalesce(sum(bytes), 0), 'Bytes of released cold objects in their stores' FROM objects WHERE state = 'released'
UNION ALL
SELECT 'audit_cold_loans', '{}', count(*), 'Events of cold objects that are in the database as well' FROM @extschema@.audit_cold_loans
UNION ALL
SELECT 'audit_cold_erasures_pending', '{}', count(*), 'Erasures that cold objects are still to be searched for' FROM @extschema@.audit_cold_erasures WHERE NOT is_done
