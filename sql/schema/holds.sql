-- =====================================================================================================================
-- Legal holds: what is held is archived, never purged or erased. Written by place_audit_hold() and release_audit_hold() only.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_legal_holds (
  id                   uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id         uuid        NOT NULL,
  user_id              uuid,
  reason               text        NOT NULL,
  placed_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  placed_by_user_id    uuid        NOT NULL,
  placed_by_role       text        NOT NULL,
  released_at          timestamptz,
  released_by_user_id  uuid,
  released_by_role     text,
  release_reason       text,
  -- A hold says why it is there, and why it is there no more.
  CONSTRAINT check_hold_reason_not_empty CHECK (btrim(reason, E' \t\n\r\f\x0b') <> ''),
  CONSTRAINT check_release_complete CHECK (
    num_nonnulls(released_at, released_by_user_id, released_by_role, release_reason) IN (0, 4)),
  CONSTRAINT check_release_reason_not_empty CHECK (release_reason IS NULL OR btrim(release_reason, E' \t\n\r\f\x0b') <> '')
);
CREATE INDEX IF NOT EXISTS audit_legal_holds_in_force_idx
  ON @extschema@.audit_legal_holds (workspace_id);
COMMENT ON TABLE @extschema@.audit_legal_holds IS 'Legal holds on a workspace or on one user in it; place_audit_hold() and release_audit_hold() write it.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.id IS 'The hold.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.workspace_id IS 'The workspace whose events are held.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.user_id IS 'Only events by or about this user are held; NULL: all of the workspace.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.reason IS 'Why they are held, for example the case. It is kept for good; name no person.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.placed_at IS 'When it was placed.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.placed_by_user_id IS 'Who placed it: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.placed_by_role IS 'The session user who placed it.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.released_at IS 'When it was released; NULL while in force.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.released_by_user_id IS 'Who released it.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.released_by_role IS 'The session user who released it.';
COMMENT ON COLUMN @extschema@.audit_legal_holds.release_reason IS 'Why it was released. It is kept for good; name no person.';
