-- =====================================================================================================================
-- Keys by which second attempts of recording are known, one of two tables. Events come first, then the key that recorded them, in one
-- transaction; the unique index lets a key in once.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_idempotency_keys_1 (
  key_hash  uuid  PRIMARY KEY,
  event_id  uuid  NOT NULL
);
COMMENT ON TABLE @extschema@.audit_idempotency_keys_1 IS 'Idempotency keys of one to two days, with audit_idempotency_keys_2. New keys go into one of the two; audit_seal() and the daily jobs empty the other once a day, and then it takes the new ones. Nothing of an event is here but its id.';
COMMENT ON COLUMN @extschema@.audit_idempotency_keys_1.key_hash IS 'A UUIDv8 (RFC 9562) of the SHA-256 of workspace and key. Rows that begin with 00000000-0000-0000 are no keys but times (microseconds since 1970) at which the table became the one for new keys.';
COMMENT ON COLUMN @extschema@.audit_idempotency_keys_1.event_id IS 'The event that the key recorded.';
