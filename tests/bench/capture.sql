-- What capture costs: four tables alike, one tracked, one with a PL/pgSQL trigger that records the same into a table of the events' shape without their checks, two
-- with nothing (one of them the control: how much two equal tables differ). Variables: rounds, rows.
SET client_min_messages = warning;
CREATE EXTENSION audit_ext;
CREATE TABLE plain (id uuid PRIMARY KEY, workspace_id uuid NOT NULL, name text, amount numeric, created timestamptz DEFAULT now(), note text, n int, data jsonb);
CREATE TABLE control (LIKE plain INCLUDING ALL);
CREATE TABLE captured (LIKE plain INCLUDING ALL);
CREATE TABLE logged (LIKE plain INCLUDING ALL);
SELECT audit_track_table('captured') \g /dev/null

CREATE TABLE log (LIKE audit_events, PRIMARY KEY (workspace_id, created_at, id));
CREATE INDEX ON log (id);
CREATE INDEX ON log (workspace_id, resource_id, created_at, id) WHERE resource_id IS NOT NULL;
CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
  INSERT INTO log (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, request_id, metadata)
  VALUES (gen_random_uuid(), clock_timestamp(), coalesce(nullif(current_setting('audit_ext.user_id', true), '')::uuid, '6bdfce32-849b-5f4a-805c-18d1bf112073'), TG_OP, TG_TABLE_NAME, key, workspace, was, is_now, changed,
    nullif(current_setting('audit_ext.request_id', true), ''), jsonb_build_object('session_user', session_user, 'role', current_user));
  RETURN NULL;
END $$;
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON logged FOR EACH ROW EXECUTE FUNCTION log_change();

CREATE TABLE timing (round int, work text, variant text, microseconds float8);
-- Runs a statement on one of the tables, once or once per row, and notes the time per row.
CREATE PROCEDURE take_time(p_round int, p_work text, p_variant text, p_rows int) LANGUAGE plpgsql AS $$
DECLARE
  row_of text := '(SELECT md5(g::text)::uuid, ''10000000-0000-4000-8000-000000000001''::uuid, ''name '' || g, g * 1.5, now(), ''some note of a row'', g, ''{"a": 1, "b": [1, 2, 3]}''::jsonb';
  begun timestamptz;
BEGIN
  IF p_work = 'UPDATE, bulk' OR p_work = 'DELETE, bulk' OR p_work = 'UPDATE, single' THEN NULL; ELSE EXECUTE format('TRUNCATE %I', p_variant); END IF;
  begun := clock_timestamp();
  CASE p_work
    WHEN 'INSERT, bulk' THEN EXECUTE format('INSERT INTO %I %s FROM generate_series(1, %s) AS g)', p_variant, row_of, p_rows);
    WHEN 'UPDATE, bulk' THEN EXECUTE format('UPDATE %I SET n = n + 1, name = name || ''.''', p_variant);
    WHEN 'DELETE, bulk' THEN EXECUTE format('DELETE FROM %I', p_variant);
    WHEN 'INSERT, single' THEN
      FOR g IN 1 .. p_rows LOOP
        EXECUTE format('INSERT INTO %I VALUES ($1, ''10000000-0000-4000-8000-000000000001'', $2, $3, now(), ''some note of a row'', $4, ''{"a": 1, "b": [1, 2, 3]}'')', p_variant)
          USING md5(g::text)::uuid, 'name ' || g, g * 1.5, g;
      END LOOP;
    WHEN 'UPDATE, single' THEN
      FOR g IN 1 .. p_rows LOOP EXECUTE format('UPDATE %I SET n = n + 1 WHERE id = $1', p_variant) USING md5(g::text)::uuid; END LOOP;
  END CASE;
  INSERT INTO timing VALUES (p_round, p_work, p_variant, extract(epoch FROM clock_timestamp() - begun) * 1e6 / p_rows);
  COMMIT;
END $$;
CREATE PROCEDURE all_rounds(p_rounds int, p_rows int) LANGUAGE plpgsql AS $$
DECLARE
  variant text; work text;
BEGIN
  FOR round IN 0 .. p_rounds LOOP
    FOREACH work IN ARRAY ARRAY['INSERT, bulk', 'UPDATE, bulk', 'DELETE, bulk', 'INSERT, single', 'UPDATE, single'] LOOP
      -- The order changes with the round; round 0 warms up.
      FOR variant IN SELECT v FROM unnest(ARRAY['plain', 'control', 'captured', 'logged']) WITH ORDINALITY AS t (v, n) ORDER BY (n + round) % 4 LOOP
        CALL take_time(round, work, variant, p_rows / CASE WHEN work LIKE '%single' THEN 5 ELSE 1 END);
      END LOOP;
    END LOOP;
  END LOOP;
END $$;
CALL all_rounds(:rounds, :rows);

\pset footer off
\echo 'Microseconds per row: the median of the rounds, and what it adds to a table without capture; the control shows how far equal tables differ.'
WITH per_round AS (
  SELECT t.work, t.variant, t.microseconds, t.microseconds - base.microseconds AS added
  FROM timing AS t JOIN timing AS base ON base.round = t.round AND base.work = t.work AND base.variant = 'plain' WHERE t.round > 0
)
SELECT work, variant, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY microseconds)::numeric, 1) AS median,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY added)::numeric, 1) AS added,
  round(percentile_cont(0.1) WITHIN GROUP (ORDER BY added)::numeric, 1) || ' to ' || round(percentile_cont(0.9) WITHIN GROUP (ORDER BY added)::numeric, 1) AS "added, 10 % to 90 %"
FROM per_round GROUP BY work, variant ORDER BY work, array_position(ARRAY['plain', 'control', 'captured', 'logged'], variant);
