-- The open and stored objects of workspace $1 are condemned by $2 in role $3, for reason $4; which.
UPDATE @extschema@.audit_cold_objects
SET state = 'condemned', condemned_at = clock_timestamp(), condemned_by_user_id = $2, condemned_by_role = $3, condemned_reason = $4
WHERE workspace_id = $1 AND state IN ('open', 'stored')
RETURNING object_id
