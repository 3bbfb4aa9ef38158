-- =====================================================================================================================
-- The trail: hot events, partitioned by UTC month of created_at.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_events (
  id                  uuid        NOT NULL,
  created_at          timestamptz NOT NULL,
  created_by_user_id  uuid,
  action_type         text,
  resource_type       text,
  resource_id         uuid,
  workspace_id        uuid,
  old_values          jsonb,
  new_values          jsonb,
  changed_fields      text[],
  ip_address          inet,
  user_agent          text,
  request_id          text,
  tags                text[],
  metadata            jsonb,
  deleted_at          timestamptz,
  deleted_by_user_id  uuid,
  deletion_reason     text,
  -- For sealing alone. They have no rule here: every row of a bulk INSERT would pay for one, and the trigger sets both.
  seal_key            bytea,
  seal_xid            bigint,
  -- An event says what was done and to what kind of thing; blanks say nothing.
  CONSTRAINT check_action_type_not_empty
    CHECK (action_type IS NOT NULL AND btrim(action_type, E' \t\n\r\f\x0b') <> ''),
  CONSTRAINT check_resource_type_not_empty
    CHECK (resource_type IS NOT NULL AND btrim(resource_type, E' \t\n\r\f\x0b') <> ''),
  -- Every event belongs to a tenant and to an actor.
  CONSTRAINT check_workspace_id_not_null CHECK (workspace_id IS NOT NULL),
  CONSTRAINT check_created_by_user_id_not_null CHECK (created_by_user_id IS NOT NULL),
  -- Nothing happened in the future. A time that equals the time in the id was made by a server: its clock may have been
  -- stepped back since, or the row is being restored elsewhere. The id is a UUIDv7 (RFC 9562): 48 bits of milliseconds, then
  -- the microseconds within the millisecond scaled to 12 bits.
  CONSTRAINT check_created_at_not_future CHECK (
    created_at <= clock_timestamp()
    OR created_at = timestamptz 'epoch' + interval '1 microsecond' * (
         ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint * 1000
         + (('x' || substr(id::text, 16, 3))::bit(12)::int * 1000 + 4095) / 4096)
  ),
  -- NULL is "not told"; {} would pretend to tell.
  CONSTRAINT check_old_values_not_empty CHECK (old_values IS NULL OR old_values <> '{}'::jsonb),
  CONSTRAINT check_new_values_not_empty CHECK (new_values IS NULL OR new_values <> '{}'::jsonb),
  -- The reading order is the key. It includes the workspace, so the table can be distributed by it. With the actor in it, a
  -- search for an actor need not visit the rows of others. No text is in it: a long one would not fit, and the event be refused.
  PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id)
) PARTITION BY RANGE (created_at);

-- An event looked up by its id alone.
CREATE INDEX IF NOT EXISTS audit_events_id_idx ON @extschema@.audit_events (id);
-- The trail of one resource; id settles the order of equal times.
CREATE INDEX IF NOT EXISTS audit_events_resource_idx
  ON @extschema@.audit_events (workspace_id, resource_id, created_at, id) WHERE resource_id IS NOT NULL;
-- Events that the sealer does not find by their time; empty where no history is imported.
CREATE INDEX IF NOT EXISTS audit_events_seal_idx ON @extschema@.audit_events (seal_xid) WHERE seal_xid < 0;

COMMENT ON TABLE @extschema@.audit_events IS 'Audit events, append-only, partitioned by UTC month of created_at. Record with insert_audit_event(); UPDATE, DELETE and TRUNCATE are refused to everybody.';
COMMENT ON COLUMN @extschema@.audit_events.id IS 'UUIDv7 (RFC 9562) made by the server; its time part is created_at to the microsecond. Version 8, otherwise laid out alike, marks an imported event.';
COMMENT ON COLUMN @extschema@.audit_events.created_at IS 'When the event was inserted (not when its transaction began), or the time a caller supplied, in order within the workspace.';
COMMENT ON COLUMN @extschema@.audit_events.created_by_user_id IS 'Who did it.';
COMMENT ON COLUMN @extschema@.audit_events.action_type IS 'What was done, for example CREATE_WORKSPACE; AUDIT_* are events of the audit trail itself.';
COMMENT ON COLUMN @extschema@.audit_events.resource_type IS 'The kind of thing it was done to, for example workspace.';
COMMENT ON COLUMN @extschema@.audit_events.resource_id IS 'The thing it was done to; NULL when there is none (a login).';
COMMENT ON COLUMN @extschema@.audit_events.workspace_id IS 'The tenant the event belongs to; the nil UUID for events of the audit trail itself that belong to none.';
COMMENT ON COLUMN @extschema@.audit_events.old_values IS 'What it was before. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.new_values IS 'What it was after. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.changed_fields IS 'Sorted names of the top-level keys that differ between old_values and new_values; computed by the server when both are objects, else NULL.';
COMMENT ON COLUMN @extschema@.audit_events.ip_address IS 'Where the request came from. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.user_agent IS 'The program that made the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.request_id IS 'The id of the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.tags IS 'Free labels; security puts an event into vw_security_audit. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.metadata IS 'Whatever else the caller wants kept. Under the key audit_ext only the extension writes: who it was by what the server knows (session_user, role, and authenticated_user where it is another), for its own and for captured events. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN @extschema@.audit_events.deleted_at IS 'When the event was erased by compliant deletion; NULL for a live event.';
COMMENT ON COLUMN @extschema@.audit_events.deleted_by_user_id IS 'Who had the event erased.';
COMMENT ON COLUMN @extschema@.audit_events.deletion_reason IS 'Why the event was erased.';
COMMENT ON COLUMN @extschema@.audit_events.seal_key IS 'Set by the server: 16 random bytes that salt the digests under which the event is sealed; once it is erased, the 48 bytes that its seal still needs and that lead back to no payload.';
COMMENT ON COLUMN @extschema@.audit_events.seal_xid IS 'Set by the server: the top-level transaction that recorded the event, negative if a caller supplied the time or the event was stored over a second after its time. It tells the sealer which events are new.';
