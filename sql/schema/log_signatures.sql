-- =====================================================================================================================
-- What others said of a checkpoint: signatures, cosignatures of witnesses, timestamps. Kept, not trusted: keys are with the verifier.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_log_signatures (
  incarnation  integer      NOT NULL,
  size         bigint       NOT NULL,
  kind         text         NOT NULL,
  name         text         NOT NULL,
  evidence     bytea        NOT NULL,
  added_at     timestamptz  NOT NULL DEFAULT clock_timestamp(),
  added_by     text         NOT NULL,
  PRIMARY KEY (incarnation, size, kind, name, added_at),
  CONSTRAINT check_kind_known CHECK (kind IN ('note', 'rfc3161'))
);
COMMENT ON TABLE @extschema@.audit_log_signatures IS 'Signatures and timestamps over checkpoints, as they were handed in by audit_add_signatures() and audit_add_timestamp().';
COMMENT ON COLUMN @extschema@.audit_log_signatures.incarnation IS 'The incarnation whose checkpoint it is.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.size IS 'The size of the checkpoint.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.kind IS 'note: a signature line of a C2SP signed note. rfc3161: a timestamp.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.name IS 'The key''s name in the signature line; of a timestamp the SHA-256 of the token.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.evidence IS 'The signature line, or the token.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.added_at IS 'When it was handed in.';
COMMENT ON COLUMN @extschema@.audit_log_signatures.added_by IS 'The session user who handed it in.';
