-- =====================================================================================================================
-- Imports of the history of other trails. import_audit_events() alone writes it.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_imports (
  name             text        PRIMARY KEY,
  source           text        NOT NULL,
  mapping          jsonb       NOT NULL,
  state            text        NOT NULL DEFAULT 'running',
  started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_by       name        NOT NULL DEFAULT SESSION_USER,
  finished_at      timestamptz,
  imported_count   bigint      NOT NULL DEFAULT 0,
  skipped_count    bigint      NOT NULL DEFAULT 0,
  oldest_event_at  timestamptz,
  newest_event_at  timestamptz,
  failure          text,
  run_by_pid       integer     NOT NULL,
  run_by_backend_start timestamptz NOT NULL,
  CONSTRAINT check_import_state_known CHECK (state IN ('running', 'finished', 'failed')),
  CONSTRAINT check_import_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT check_import_counts_not_negative CHECK (imported_count >= 0 AND skipped_count >= 0)
);
COMMENT ON TABLE @extschema@.audit_imports IS 'Imports of the history of other trails, one row a name. CALL import_audit_events() writes it.';
COMMENT ON COLUMN @extschema@.audit_imports.name IS 'The import. The ids of its events are made of this name.';
COMMENT ON COLUMN @extschema@.audit_imports.source IS 'The table or view that its events came from.';
COMMENT ON COLUMN @extschema@.audit_imports.mapping IS 'Which columns and constants they were made of in the last run.';
COMMENT ON COLUMN @extschema@.audit_imports.state IS 'running, finished, or failed because an error ended the run. A run whose session was ended, or whose server was stopped, stays running although that session has gone; the next run says in its event that it was interrupted.';
COMMENT ON COLUMN @extschema@.audit_imports.started_at IS 'When its last run began.';
COMMENT ON COLUMN @extschema@.audit_imports.started_by IS 'Who began that run (session user).';
COMMENT ON COLUMN @extschema@.audit_imports.finished_at IS 'When that run ended; NULL before.';
COMMENT ON COLUMN @extschema@.audit_imports.imported_count IS 'Events that all its runs imported.';
COMMENT ON COLUMN @extschema@.audit_imports.skipped_count IS 'Rows that its last run found imported already, those whose events are gone included.';
COMMENT ON COLUMN @extschema@.audit_imports.oldest_event_at IS 'The time of the oldest event that it imported.';
COMMENT ON COLUMN @extschema@.audit_imports.newest_event_at IS 'The time of the newest one.';
COMMENT ON COLUMN @extschema@.audit_imports.failure IS 'Why its last run failed, with the source_id of the row where it is known, and the SQLSTATE of an error of PostgreSQL; never anything else of the row.';
COMMENT ON COLUMN @extschema@.audit_imports.run_by_pid IS 'The process of the session that began that run.';
COMMENT ON COLUMN @extschema@.audit_imports.run_by_backend_start IS 'When that session began.';
