-- =====================================================================================================================
-- The runs of the archive job that came to their end.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_archive_runs (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  started_at      timestamptz NOT NULL,
  finished_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  outcome         text        NOT NULL,
  archived_count  bigint      NOT NULL DEFAULT 0,
  detail          text,
  -- A run that failed was rolled back and left no row: audit_archive_attempts tells of it.
  CONSTRAINT check_outcome_known CHECK (outcome IN ('done', 'skipped')),
  CONSTRAINT check_archived_count_not_negative CHECK (archived_count >= 0)
);
CREATE INDEX IF NOT EXISTS audit_archive_runs_started_at_idx ON @extschema@.audit_archive_runs (started_at);
COMMENT ON TABLE @extschema@.audit_archive_runs IS 'Runs of the archive of the last 400 days that ended. A run that failed has no row; audit_health() shows it.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.id IS 'The run.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.started_at IS 'When it began.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.finished_at IS 'When it was done.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.outcome IS 'done, or skipped because another run or an erasure was at work.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.archived_count IS 'How many events it archived.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.detail IS 'What it left to the next run, and why.';
