-- Four tables alike, each with :rows rows: one tracked, one with a PL/pgSQL trigger that records the same into a table of the events' shape
-- without their checks, two with nothing.
SET client_min_messages = warning;
DROP TABLE IF EXISTS bench.plain, bench.control, bench.captured, bench.logged, bench.log CASCADE;
CREATE TABLE bench.plain (id uuid PRIMARY KEY, workspace_id uuid NOT NULL, name text, amount numeric, created timestamptz DEFAULT now(), note text, n int, data jsonb);
CREATE TABLE bench.control (LIKE bench.plain INCLUDING ALL);
CREATE TABLE bench.captured (LIKE bench.plain INCLUDING ALL);
CREATE TABLE bench.logged (LIKE bench.plain INCLUDING ALL);
CREATE OR REPLACE FUNCTION bench.key(n int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid;
CREATE OR REPLACE FUNCTION bench.rows_of(p_first int, p_last int) RETURNS SETOF bench.plain LANGUAGE sql STABLE AS $$
  SELECT bench.key(g), '10000000-0000-4000-8000-000000000001'::uuid, 'name ' || g, g * 1.5, now(), 'some note of a row', g, '{"a": 1, "b": [1, 2, 3]}'::jsonb
  FROM generate_series(p_first, p_last) AS g $$;

CREATE TABLE bench.log (LIKE audit_events, PRIMARY KEY (workspace_id, created_at, id));
CREATE INDEX ON bench.log (id);
CREATE INDEX ON bench.log (workspace_id, resource_id, created_at, id) WHERE resource_id IS NOT NULL;
CREATE OR REPLACE FUNCTION bench.log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb; is_now jsonb; changed text[]; key uuid; workspace uuid;
BEGIN
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); key := OLD.id; workspace := OLD.workspace_id; END IF;
  IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); key := coalesce(key, NEW.id); workspace := NEW.workspace_id; END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(field.key ORDER BY field.key) INTO changed FROM jsonb_each(is_now) AS field WHERE field.value IS DISTINCT FROM was -> field.key;
    IF changed IS NULL THEN RETURN NULL; END IF;
    SELECT jsonb_object_agg(field.key, field.value) INTO was FROM jsonb_each(was) AS field WHERE field.key = ANY (changed) OR field.key = 'id';
    SELECT jsonb_object_agg(field.key, field.value) INTO is_now FROM jsonb_each(is_now) AS field WHERE field.key = ANY (changed) OR field.key = 'id';
  END IF;
  INSERT INTO bench.log (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, request_id, metadata)
  VALUES (gen_random_uuid(), clock_timestamp(), coalesce(nullif(current_setting('audit_ext.user_id', true), '')::uuid, '6bdfce32-849b-5f4a-805c-18d1bf112073'), TG_OP, TG_TABLE_NAME, key, workspace, was, is_now, changed,
    nullif(current_setting('audit_ext.request_id', true), ''), jsonb_build_object('session_user', session_user, 'role', current_user));
  RETURN NULL;
END $$;
SELECT format('INSERT INTO bench.%I SELECT * FROM bench.rows_of(1, %s)', name, :rows) FROM unnest(ARRAY['plain', 'control', 'captured', 'logged']) AS name \gexec
SELECT audit_track_table('bench.captured') \g /dev/null
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON bench.logged FOR EACH ROW EXECUTE FUNCTION bench.log_change();
VACUUM ANALYZE bench.plain, bench.control, bench.captured, bench.logged;
