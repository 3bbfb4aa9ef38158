-- =====================================================================================================================
-- The files of cold storage: one object holds archived events of one workspace and one month (UTC), outside the database.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_cold_objects (
  object_id                uuid        PRIMARY KEY,
  workspace_id             uuid        NOT NULL,
  month                    date        NOT NULL,
  store                    text        NOT NULL,
  path                     text        NOT NULL,
  state                    text        NOT NULL DEFAULT 'open',
  replaces                 uuid,
  is_adopted               boolean     NOT NULL DEFAULT false,
  event_count              bigint,
  first_created_at         timestamptz,
  first_id                 uuid,
  last_created_at          timestamptz,
  last_id                  uuid,
  file_bytes               bigint,
  file_sha256              bytea,
  manifest                 jsonb,
  request_id               uuid,
  release_log_id           uuid,
  condemned_reason         text,
  opened_at                timestamptz NOT NULL DEFAULT clock_timestamp(),
  opened_by_user_id        uuid        NOT NULL,
  opened_by_role           text        NOT NULL,
  opened_by_pid            integer     NOT NULL,
  opened_by_backend_start  timestamptz NOT NULL,
  stored_at                timestamptz,
  stored_by_user_id        uuid,
  stored_by_role           text,
  released_at              timestamptz,
  released_by_user_id      uuid,
  released_by_role         text,
  condemned_at             timestamptz,
  condemned_by_user_id     uuid,
  condemned_by_role        text,
  gone_at                  timestamptz,
  gone_by_user_id          uuid,
  gone_by_role             text,
  checked_at               timestamptz,
  checked_by_user_id       uuid,
  checked_by_role          text,
  check_result             text,
  check_detail             text,
  CONSTRAINT check_month_begins CHECK (extract(day FROM month) = 1),
  -- A state has the steps that lead to it, and no other. A file that was never stored can be condemned, too.
  CONSTRAINT check_steps_of_state CHECK (
    CASE state
      WHEN 'open' THEN num_nonnulls(stored_at, released_at, condemned_at, gone_at) = 0
      WHEN 'stored' THEN stored_at IS NOT NULL AND num_nonnulls(released_at, condemned_at, gone_at) = 0
      WHEN 'released' THEN num_nonnulls(stored_at, released_at) = 2 AND num_nonnulls(condemned_at, gone_at) = 0
      WHEN 'condemned' THEN condemned_at IS NOT NULL AND gone_at IS NULL
      WHEN 'gone' THEN num_nonnulls(condemned_at, gone_at) = 2
      ELSE false
    END),
  CONSTRAINT check_released_was_stored CHECK (released_at IS NULL OR stored_at IS NOT NULL),
  -- Each step says who did it.
  CONSTRAINT check_steps_complete CHECK (
    num_nonnulls(stored_at, stored_by_user_id, stored_by_role) IN (0, 3)
    AND num_nonnulls(released_at, released_by_user_id, released_by_role) IN (0, 3)
    AND num_nonnulls(condemned_at, condemned_by_user_id, condemned_by_role) IN (0, 3)
    AND num_nonnulls(gone_at, gone_by_user_id, gone_by_role) IN (0, 3)
    AND num_nonnulls(checked_at, checked_by_user_id, checked_by_role, check_result) IN (0, 4)),
  -- What is in the file is known from the moment it was read back, and not before.
  CONSTRAINT check_content_of_stored CHECK (
    num_nonnulls(event_count, first_created_at, first_id, last_created_at, last_id, file_bytes, file_sha256, manifest)
      = CASE WHEN stored_at IS NULL THEN 0 ELSE 8 END),
  CONSTRAINT check_content_possible CHECK (
    event_count > 0 AND file_bytes > 0 AND octet_length(file_sha256) = 32
    AND (first_created_at, first_id) <= (last_created_at, last_id)),
  CONSTRAINT check_events_of_month CHECK (
    date_trunc('month', first_created_at AT TIME ZONE 'UTC') = month::timestamp
    AND date_trunc('month', last_created_at AT TIME ZONE 'UTC') = month::timestamp),
  -- Events leave the database with an entry of the log. A successor inherits it; what was adopted may have lost it.
  CONSTRAINT check_release_logged CHECK (
    release_log_id IS NULL AND request_id IS NULL OR released_at IS NOT NULL),
  CONSTRAINT check_release_has_entry CHECK (
    released_at IS NULL OR release_log_id IS NOT NULL OR replaces IS NOT NULL OR is_adopted),
  CONSTRAINT check_condemned_says_why CHECK (
    (condemned_at IS NULL) = (condemned_reason IS NULL) AND btrim(condemned_reason, E' \t\n\r\f\x0b') <> ''),
  CONSTRAINT check_result_known CHECK (check_result IN ('ok', 'missing', 'altered', 'unreadable')),
  CONSTRAINT check_detail_of_result CHECK (check_detail IS NULL OR check_result IS NOT NULL),
  CONSTRAINT check_does_not_replace_itself CHECK (replaces <> object_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_cold_objects_path_idx ON @extschema@.audit_cold_objects (store, path);
-- Two objects under way could hold the same events.
CREATE UNIQUE INDEX IF NOT EXISTS audit_cold_objects_live_idx
  ON @extschema@.audit_cold_objects (workspace_id, month) WHERE state IN ('open', 'stored');
CREATE UNIQUE INDEX IF NOT EXISTS audit_cold_objects_successor_idx
  ON @extschema@.audit_cold_objects (replaces) WHERE state IN ('open', 'stored', 'released');
-- What readers, erasures and purges ask for; gone objects stay in the catalog for ever.
CREATE INDEX IF NOT EXISTS audit_cold_objects_released_idx
  ON @extschema@.audit_cold_objects (workspace_id, first_created_at) WHERE state = 'released';
CREATE INDEX IF NOT EXISTS audit_cold_objects_month_idx ON @extschema@.audit_cold_objects (workspace_id, month);
COMMENT ON TABLE @extschema@.audit_cold_objects IS 'The files of cold storage, each with archived events of one workspace and one month (UTC), and every step of them. Rows are never deleted. Written by begin_audit_cold_object(), store_audit_cold_object(), release_audit_cold_object(), replace_audit_cold_object(), discard_audit_cold_object(), confirm_audit_cold_removed(), report_audit_cold_check() and adopt_audit_cold_object(), and by erasure and purge.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.object_id IS 'The object.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.workspace_id IS 'The workspace whose events it holds.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.month IS 'The first day of the month of its events (UTC).';
COMMENT ON COLUMN @extschema@.audit_cold_objects.store IS 'The URL of the directory or bucket; it has no credentials.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.path IS 'Where the file is in its store.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.state IS 'open: being written. stored: the file was read back, the events are in the database. released: the events are in the file only, apart from loans. condemned: the file is to be removed. gone: it was removed.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.replaces IS 'The object whose events it holds after an erasure; NULL: it was written from the archive.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.is_adopted IS 'The catalog had lost the object, and adopt_audit_cold_object() took it in again.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.event_count IS 'How many events are in the file; NULL until it was read back.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.first_created_at IS 'created_at of the first event of the file. An object holds what lies between its first and its last event in the order (created_at, id).';
COMMENT ON COLUMN @extschema@.audit_cold_objects.first_id IS 'The first event of the file.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.last_created_at IS 'created_at of the last event of the file.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.last_id IS 'The last event of the file.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.file_bytes IS 'The size of the file.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.file_sha256 IS 'The SHA-256 of the file, as it was read back from the store.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.manifest IS 'What the file says of itself; it holds no payload.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.request_id IS 'The request in audit_deletion_requests whose approval released it; NULL: no request was needed.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.release_log_id IS 'The entry in audit_deletion_log of the release; a successor has that of the object it replaces.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.condemned_reason IS 'Why the file is to be removed.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.opened_at IS 'When it was begun.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.opened_by_user_id IS 'Who began it: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.opened_by_role IS 'The session user who began it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.opened_by_pid IS 'The process of the session that began it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.opened_by_backend_start IS 'When that session began. An open object whose session has ended is worthless.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.stored_at IS 'When the file had been read back from the store.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.stored_by_user_id IS 'Who stored it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.stored_by_role IS 'The session user who stored it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.released_at IS 'When its events left the database.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.released_by_user_id IS 'Who released it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.released_by_role IS 'The session user who released it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.condemned_at IS 'When it was decided that the file is to be removed.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.condemned_by_user_id IS 'Who discarded, replaced, erased or purged it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.condemned_by_role IS 'The session user who did so.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.gone_at IS 'When it was confirmed that the store has the file no more.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.gone_by_user_id IS 'Who confirmed it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.gone_by_role IS 'The session user who confirmed it.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.checked_at IS 'When the file was last looked for and compared with its digest.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.checked_by_user_id IS 'Who did so.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.checked_by_role IS 'The session user who did so.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.check_result IS 'ok, missing, altered or unreadable.';
COMMENT ON COLUMN @extschema@.audit_cold_objects.check_detail IS 'What was found, in words.';
