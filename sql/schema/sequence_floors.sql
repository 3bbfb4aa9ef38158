-- =====================================================================================================================
-- Floors of the event sequence: what times of events are checked against.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_sequence_floors (
  workspace_id     uuid        PRIMARY KEY,
  last_event_id    uuid        NOT NULL,
  last_created_at  timestamptz NOT NULL
);
COMMENT ON TABLE @extschema@.audit_sequence_floors IS 'Floors: times before which a workspace takes no event with a supplied time. They are set through audit_event_sequence.';
COMMENT ON COLUMN @extschema@.audit_sequence_floors.workspace_id IS 'The workspace.';
COMMENT ON COLUMN @extschema@.audit_sequence_floors.last_event_id IS 'The event the floor was set for.';
COMMENT ON COLUMN @extschema@.audit_sequence_floors.last_created_at IS 'The floor.';
