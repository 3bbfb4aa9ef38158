-- =====================================================================================================================
-- Which optional indexes are wanted. The indexes themselves are told by their names.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_indexes (
  kind       text     PRIMARY KEY,
  is_wanted  boolean  NOT NULL,
  is_live    boolean  NOT NULL,
  CONSTRAINT check_index_kind_known CHECK (kind IN ('actor', 'action', 'request_id', 'contains')),
  -- What nobody wants is not built for the months ahead.
  CONSTRAINT check_live_index_wanted CHECK (is_wanted OR NOT is_live)
);
COMMENT ON TABLE @extschema@.audit_indexes IS 'Optional indexes that are or were wanted, set with audit_index() and audit_unindex(). Each change is an event AUDIT_INDEX_CHANGED, and a row is never deleted.';
COMMENT ON COLUMN @extschema@.audit_indexes.kind IS 'What the index is for: actor, action, request_id, contains.';
COMMENT ON COLUMN @extschema@.audit_indexes.is_wanted IS 'Whether maintenance builds it for months that are over.';
COMMENT ON COLUMN @extschema@.audit_indexes.is_live IS 'Whether the current month and those ahead get it too, so that recording pays for it.';
