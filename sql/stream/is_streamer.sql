-- Whether a role has the level streamer.
SELECT EXISTS (SELECT FROM @extschema@.audit_access WHERE role_name = $1 AND access = 'streamer' AND revoked_at IS NULL)
