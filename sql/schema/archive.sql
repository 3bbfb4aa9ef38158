-- =====================================================================================================================
-- What the archive job remembers: events that were brought back and stay hot for a while, its runs, and when it was begun.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_restored_events (
  event_id        uuid        PRIMARY KEY,
  workspace_id    uuid        NOT NULL,
  created_at      timestamptz NOT NULL,
  restored_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  keep_hot_until  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_restored_events_created_at_idx ON @extschema@.audit_restored_events (created_at);
COMMENT ON TABLE @extschema@.audit_restored_events IS 'Events brought back from the archive, which are not archived again before a time. Rows go when that time has passed.';
COMMENT ON COLUMN @extschema@.audit_restored_events.event_id IS 'The event.';
COMMENT ON COLUMN @extschema@.audit_restored_events.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN @extschema@.audit_restored_events.created_at IS 'Its time.';
COMMENT ON COLUMN @extschema@.audit_restored_events.restored_at IS 'When it was brought back.';
COMMENT ON COLUMN @extschema@.audit_restored_events.keep_hot_until IS 'When it may be archived again.';

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
COMMENT ON TABLE @extschema@.audit_archive_runs IS 'Runs of the archive job that came to their end, of the last 400 days.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.id IS 'The run.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.started_at IS 'When it began.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.finished_at IS 'When it was done.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.outcome IS 'done, or skipped because another run or an erasure was at work.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.archived_count IS 'How many events it archived.';
COMMENT ON COLUMN @extschema@.audit_archive_runs.detail IS 'What it left to the next run, and why.';

-- The time the last run began, in microseconds since 1970. A sequence, because what is set in one outlives a rollback: a run that
-- failed, was cancelled or died with its server is known by a beginning without an end.
CREATE SEQUENCE IF NOT EXISTS @extschema@.audit_archive_attempts;
COMMENT ON SEQUENCE @extschema@.audit_archive_attempts IS 'When the archive job was begun last (microseconds since 1970), also if that run failed.';
