-- =====================================================================================================================
-- The seals: what each one took, the checkpoint it made, and where the next one carries on.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_log_seals (
  seal           bigint        PRIMARY KEY,
  incarnation    integer       NOT NULL,
  sealed_at      timestamptz   NOT NULL DEFAULT clock_timestamp(),
  event_count    bigint        NOT NULL,
  head_count     bigint        NOT NULL,
  root_size      bigint        NOT NULL,
  root_hash      bytea         NOT NULL,
  next_xid       bigint        NOT NULL,
  boot_id        text          NOT NULL,
  snapshot       text          NOT NULL,
  seen_at        timestamptz   NOT NULL,
  uptime_us      bigint        NOT NULL,
  waiting        bigint[]      NOT NULL,
  waiting_since  timestamptz[] NOT NULL,
  CONSTRAINT check_root_hash_length CHECK (octet_length(root_hash) = 32),
  -- A transaction that is waited for has a time from when on.
  CONSTRAINT check_waiting_has_since CHECK (cardinality(waiting) = cardinality(waiting_since))
);
CREATE INDEX IF NOT EXISTS audit_log_seals_size_idx ON @extschema@.audit_log_seals (incarnation, root_size);
COMMENT ON TABLE @extschema@.audit_log_seals IS 'Each row is a seal: a checkpoint (root_size, root_hash) over all logs, and the state from which the next seal carries on. Written by audit_seal().';
COMMENT ON COLUMN @extschema@.audit_log_seals.seal IS 'Seals are numbered from 1, over all incarnations.';
COMMENT ON COLUMN @extschema@.audit_log_seals.incarnation IS 'Which root log it grew.';
COMMENT ON COLUMN @extschema@.audit_log_seals.sealed_at IS 'When it was done, by the server''s clock.';
COMMENT ON COLUMN @extschema@.audit_log_seals.event_count IS 'How many events it sealed.';
COMMENT ON COLUMN @extschema@.audit_log_seals.head_count IS 'How many workspaces they are of: that many heads went to the root log.';
COMMENT ON COLUMN @extschema@.audit_log_seals.root_size IS 'Size of the root log after it.';
COMMENT ON COLUMN @extschema@.audit_log_seals.root_hash IS 'Root of the root log after it.';
COMMENT ON COLUMN @extschema@.audit_log_seals.next_xid IS 'The next number that a transaction would have got, read after the snapshot was taken.';
COMMENT ON COLUMN @extschema@.audit_log_seals.boot_id IS 'The start of the machine, as its kernel names it: uptimes of different starts cannot be compared.';
COMMENT ON COLUMN @extschema@.audit_log_seals.snapshot IS 'Which transactions had ended, as a pg_snapshot; the next seal takes those that ended since.';
COMMENT ON COLUMN @extschema@.audit_log_seals.seen_at IS 'The server''s clock just before the snapshot was taken.';
COMMENT ON COLUMN @extschema@.audit_log_seals.uptime_us IS 'Microseconds since the machine was started, at the same moment: shows how far the clock was set back.';
COMMENT ON COLUMN @extschema@.audit_log_seals.waiting IS 'Transactions that were running: their events are for a later seal.';
COMMENT ON COLUMN @extschema@.audit_log_seals.waiting_since IS 'The time from which on each of them may have recorded events.';
