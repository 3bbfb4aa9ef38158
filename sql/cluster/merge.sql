-- The newest of this node's page ($1) and of the pages that the others gave ($2), $3 at most.
SELECT event.* FROM (
  SELECT * FROM @extschema@.audit_cluster_page($1)
  UNION ALL
  SELECT other.* FROM pg_catalog.unnest($2) AS page (text)
  CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(CASE WHEN page.text::pg_catalog.jsonb -> 'events' = 'null' THEN '[]' ELSE page.text::pg_catalog.jsonb -> 'events' END) AS other (
    id uuid, created_at timestamptz, created_by_user_id uuid, action_type text, resource_type text, resource_id uuid, workspace_id uuid,
    old_values jsonb, new_values jsonb, changed_fields text[], ip_address inet, user_agent text, request_id text, tags text[], metadata jsonb, is_archived boolean)
) AS event
ORDER BY event.created_at DESC, event.id DESC
LIMIT $3
