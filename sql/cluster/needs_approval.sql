-- A node's trail is of all workspaces, so the strictest of them counts.
SELECT EXISTS (SELECT FROM @extschema@.audit_retention_policies AS policy WHERE policy.requires_approval)
