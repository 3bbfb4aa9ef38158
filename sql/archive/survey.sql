-- The workspaces that have events in one partition, found by skipping along its key, and what their policies say.
WITH RECURSIVE seen (workspace_id) AS (
  (SELECT event.workspace_id FROM ONLY @leaf@ AS event ORDER BY event.workspace_id LIMIT 1)
  UNION ALL
  SELECT (SELECT event.workspace_id FROM ONLY @leaf@ AS event WHERE event.workspace_id > seen.workspace_id
          ORDER BY event.workspace_id LIMIT 1)
  FROM seen WHERE seen.workspace_id IS NOT NULL
)
SELECT seen.workspace_id, policy.hot_retention_days, policy.archive_by
FROM seen LEFT JOIN @extschema@.audit_retention_policies AS policy ON policy.workspace_id = seen.workspace_id
WHERE seen.workspace_id IS NOT NULL
