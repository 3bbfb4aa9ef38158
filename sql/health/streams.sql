-- Each stream: since when something is unread, since when nobody acknowledged, and after how many days a purge takes events of its workspaces.
SELECT stream.name, stream.oldest_unread_at, greatest(cursor.acked_at, cursor.begun_at), (
  SELECT min(greatest(coalesce(policy.cold_retention_days, policy.warm_archive_days), protection.days))
  FROM @extschema@.audit_retention_policies AS policy
  LEFT JOIN LATERAL (SELECT policy.protected_days AS days WHERE policy.protected_until > clock_timestamp()) AS protection ON true
  WHERE NOT policy.is_compliance_mode AND (policy.protected_until IS NULL OR policy.protected_until <= clock_timestamp() OR policy.protected_days IS NOT NULL) AND (definition.workspace_id IS NULL OR policy.workspace_id = definition.workspace_id))
FROM @extschema@.audit_streams AS stream
JOIN @extschema@.audit_stream_definitions AS definition ON definition.name = stream.name AND definition.dropped_at IS NULL
JOIN @extschema@.audit_stream_cursors AS cursor ON cursor.stream_id = definition.stream_id
ORDER BY stream.name
