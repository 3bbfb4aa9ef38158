-- A trigger that changes any column of an event makes insert_audit_event and insert_audit_events raise, each column by itself; a plain INSERT stores
-- what the trigger made of it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
-- Sets one column, after all triggers of ours.
CREATE FUNCTION alter_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], CASE WHEN TG_ARGV[1] LIKE '{"%' THEN TG_ARGV[1]::jsonb ELSE to_jsonb(nullif(TG_ARGV[1], 'NULL')) END));
END $$;
-- What is as it was is no change: the trigger may well assign it.
INSERT INTO test.interference (what, statements)
SELECT format('%s := %s', field, value), ARRAY[format('CREATE TRIGGER zzz BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION alter_it(%L, %L)', field, value)]
FROM (VALUES ('user_agent', 'agent'), ('new_values', '{"a": 2}'), ('ip_address', '10.0.0.1/32'), ('request_id', 'NULL'), ('changed_fields', '{a}'), ('deleted_at', 'NULL'),
  ('id', '00000000-0000-7000-8000-000000000001'), ('created_at', date_trunc('month', now() AT TIME ZONE 'UTC')::date || ' 00:00:00+00'),
  ('created_by_user_id', '00000000-0000-4000-8000-000000000002'), ('action_type', 'OTHER'), ('resource_type', 'other'),
  ('resource_id', '00000000-0000-4000-8000-000000000002'), ('workspace_id', '00000000-0000-4000-8000-000000000002'), ('old_values', '{"a": 3}'), ('new_values', '{"a": 3}'), ('old_values', 'NULL'),
  ('changed_fields', '{b}'), ('changed_fields', 'NULL'), ('ip_address', '10.0.0.2'), ('ip_address', '10.0.0.1/8'), ('user_agent', 'AGENT'), ('user_agent', 'NULL'), ('request_id', ''), ('tags', '{t,u}'), ('metadata', '{"by": "trigger"}'),
  ('deleted_at', '2020-01-01 00:00:00+00'), ('deleted_by_user_id', '00000000-0000-4000-8000-000000000002'), ('deletion_reason', 'mine')) AS change (field, value);
UPDATE test.interference SET what = 'created_at := another' WHERE what LIKE 'created_at%';
SELECT * FROM test.compare();
SELECT count(*) AS "as many as were tried in between" FROM audit_events WHERE action_type = 'AFTER';
