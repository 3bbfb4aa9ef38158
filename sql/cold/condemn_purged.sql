-- Released object $1 is condemned by $2 in role $3, because its events were purged.
UPDATE @extschema@.audit_cold_objects
SET state = 'condemned', condemned_at = clock_timestamp(), condemned_by_user_id = $2, condemned_by_role = $3,
    condemned_reason = 'its events were purged'
WHERE object_id = $1 AND state = 'released'
