-- =====================================================================================================================
-- The deletion log: what left the trail, when, why and by whom. Append-only like the events.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_deletion_log (
  id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  deleted_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  deleted_by_user_id  uuid,
  deleted_by_role     text        NOT NULL,
  acting_role         text        NOT NULL,
  workspace_id        uuid        NOT NULL,
  subject_user_id     uuid,
  deletion_authority  text        NOT NULL,
  deletion_reason     text,
  approval_ticket_id  text,
  event_count         bigint      NOT NULL,
  oldest_event_at     timestamptz,
  newest_event_at     timestamptz,
  is_irrevocable      boolean     NOT NULL,
  event_list_id       uuid,
  event_ids_sha256    bytea,
  kind                text,
  parent_id           uuid,
  include_events_about_user  boolean,
  cutoff              timestamptz,
  held_workspaces     uuid[],
  -- Nothing is deleted without an authority, and nothing is counted below zero.
  CONSTRAINT check_deletion_authority_not_empty CHECK (btrim(deletion_authority, E' \t\n\r\f\x0b') <> ''),
  CONSTRAINT check_event_count_not_negative CHECK (event_count >= 0),
  -- Events that go to cold storage are there still, whomever they are of. What is erased in all workspaces is one person's.
  CONSTRAINT check_kind_known CHECK (kind IS NULL OR kind = 'cold' AND subject_user_id IS NULL AND NOT is_irrevocable
    OR kind = 'person_erasure' AND subject_user_id IS NOT NULL AND is_irrevocable OR kind = 'offboarding' AND subject_user_id IS NULL AND is_irrevocable),
  -- The whole has no list of its own, and is part of nothing.
  CONSTRAINT check_parts_of_person CHECK (kind = 'person_erasure' OR parent_id IS NULL AND held_workspaces IS NULL),
  CONSTRAINT check_events_about_somebody CHECK (include_events_about_user IS NULL OR subject_user_id IS NOT NULL)
);
CREATE INDEX IF NOT EXISTS audit_deletion_log_workspace_idx
  ON @extschema@.audit_deletion_log (workspace_id, deleted_at);
CREATE INDEX IF NOT EXISTS audit_deletion_log_parent_idx
  ON @extschema@.audit_deletion_log (parent_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE @extschema@.audit_deletion_log IS 'What left the hot trail or was erased: by retention, erasure, purge, off-boarding, adoption or release to cold storage. Append-only; holds no payload.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.id IS 'The entry; certificates name it.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.deleted_at IS 'When it was done.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.deleted_by_user_id IS 'The user of the request, when there was one.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.deleted_by_role IS 'The session user: who logged in to the database.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.acting_role IS 'The role in force (SET ROLE).';
COMMENT ON COLUMN @extschema@.audit_deletion_log.workspace_id IS 'The workspace whose events it was; the nil UUID for the whole of an erasure in all workspaces.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.subject_user_id IS 'The person whose events were erased; NULL where the entry is of no erasure.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.deletion_authority IS 'GDPR, CCPA, ...; RETENTION_POLICY is reserved for the archive job, ADOPTION for audit_adopt_events().';
COMMENT ON COLUMN @extschema@.audit_deletion_log.deletion_reason IS 'Why, in words.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.approval_ticket_id IS 'The ticket of the approval, as text.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.event_count IS 'How many events; 0 for the whole of an erasure in all workspaces, whose parts count them.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.oldest_event_at IS 'created_at of the oldest of them.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.newest_event_at IS 'created_at of the newest of them.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.is_irrevocable IS 'True when payload was erased or rows were removed; false when events moved to the archive.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.event_list_id IS 'The list of the events in audit_deletion_events; NULL when there are none.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.event_ids_sha256 IS 'The SHA-256 of that list, over all its parts in their order; NULL when there are none.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.kind IS 'cold: the events went to cold storage, or back there after a loan. person_erasure: of delete_person_audit_events(), the whole and its parts. offboarding: all events of the workspace were removed. NULL for all others, which the other columns tell apart.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.parent_id IS 'Of one workspace''s part of an erasure in all workspaces: the entry of the whole.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.include_events_about_user IS 'Of an erasure: whether it was of events about the person, too.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.cutoff IS 'Of an erasure or purge: no event that was created later was taken.';
COMMENT ON COLUMN @extschema@.audit_deletion_log.held_workspaces IS 'Of an erasure in all workspaces: those that were left out, because they were held.';
