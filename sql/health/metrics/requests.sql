WITH requests AS (
  SELECT open.state, count(request.id) AS number, min(request.requested_at) AS oldest
  FROM unnest(ARRAY['pending', 'cooling_off']) AS open (state)
  LEFT JOIN @extschema@.audit_deletion_requests AS request ON request.state = open.state AND request.expires_at > clock_timestamp()
  GROUP BY open.state
)
SELECT 'audit_requests_open', jsonb_build_object('state', state), number::double precision, 'Requests for deletion that wait' FROM requests
UNION ALL
SELECT 'audit_requests_oldest_age_seconds', '{}', coalesce(extract(epoch FROM clock_timestamp() - min(oldest)), 0), 'How long the oldest open request waits' FROM requests
