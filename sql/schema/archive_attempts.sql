-- The time the last run began, in microseconds since 1970. A sequence, because what is set in one outlives a rollback: a run that
-- failed, was cancelled or died with its server is known by a beginning without an end.
CREATE SEQUENCE IF NOT EXISTS @extschema@.audit_archive_attempts;
COMMENT ON SEQUENCE @extschema@.audit_archive_attempts IS 'When the archive job was begun last (microseconds since 1970), also if that run failed.';
