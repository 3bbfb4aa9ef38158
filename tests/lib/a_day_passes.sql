-- Makes marks of the tables of idempotency keys a day older, as only a superuser can: CALL a_day_passes(), with allow_system_table_mods on.
CREATE PROCEDURE a_day_passes() LANGUAGE plpgsql AS $$
DECLARE
  keys regclass;
BEGIN
  LOCK TABLE audit_idempotency_keys_1, audit_idempotency_keys_2 IN ACCESS EXCLUSIVE MODE;
  FOREACH keys IN ARRAY ARRAY['audit_idempotency_keys_1', 'audit_idempotency_keys_2']::regclass[] LOOP
    UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = keys AND tgname = 'audit_idempotency_keys_guard';
    EXECUTE format('UPDATE %s SET key_hash = lpad(to_hex((''x'' || right(replace(key_hash::text, ''-'', ''''), 16))::bit(64)::bigint - 86400000000), 32, ''0'')::uuid
      WHERE key_hash::text LIKE ''00000000-0000-0000-%%''', keys);
    UPDATE pg_trigger SET tgenabled = 'A' WHERE tgrelid = keys AND tgname = 'audit_idempotency_keys_guard';
  END LOOP;
END $$;
