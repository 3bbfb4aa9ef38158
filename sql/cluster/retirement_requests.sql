-- Who has asked that a node is retired, since it was registered and not longer ago than 30 days.
SELECT asked.requested_by, asked.requested_by_role
FROM @extschema@.audit_cluster_nodes AS asked
WHERE asked.system_identifier = $1 AND asked.requested_by IS NOT NULL AND asked.since > $2 - interval '30 days'
  AND NOT EXISTS (SELECT FROM @extschema@.audit_cluster_nodes AS later
    WHERE later.system_identifier = asked.system_identifier AND later.requested_by IS NULL AND later.since > asked.since)
