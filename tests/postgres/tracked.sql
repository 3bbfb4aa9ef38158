-- Every table that PostgreSQL's regression tests leave behind, tracked and changed: the statements end as they do for a table that is not tracked, each
-- changed row is one event, and a deleted row reads back from its event. Each table's trial is rolled back, so that the next one meets what it met before.
-- psql's variable "slice" (0 to 7) says which eighth of the tables is tried: DDL on a tracked table takes longer the more are tracked. Of a large table
-- some hundred rows are left.
SET client_min_messages = warning;
CREATE SCHEMA trial;
CREATE TABLE trial.tables AS SELECT t FROM (
  SELECT oid::regclass AS t, row_number() OVER (ORDER BY oid::regclass::text COLLATE "C") AS place FROM pg_class
  WHERE relkind IN ('r', 'p') AND relpersistence <> 't' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$|audit$|trial$)') AS found
  WHERE place % 8 = :slice;
CREATE TABLE trial.refused (t text, sqlstate text, message text);
CREATE TABLE trial.outcome (is_tracked boolean, t text, step text, sqlstate text, message text, rows bigint, events bigint);
SELECT set_config('trial.rows', '0', false) \g /dev/null

-- Large tables would show nothing more.
SET session_replication_role = replica;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT oid::regclass FROM pg_class WHERE oid IN (SELECT t FROM trial.tables) AND relkind = 'r' AND pg_relation_size(oid) > 40000 LOOP
    EXECUTE format('DELETE FROM ONLY %s WHERE ctid >= ''(4,0)''', name);
  END LOOP;
END $$;
RESET session_replication_role;

-- Counts rows beside the extension, in whatever tables rules, triggers and foreign keys change. An UPDATE that leaves a row as it was is no event.
CREATE FUNCTION trial.count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT count(*) INTO n FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT count(*) INTO n FROM old_rows;
  ELSE
    SELECT count(*) INTO n FROM (SELECT row_number() OVER () AS i, trial_row::text AS was FROM old_rows AS trial_row) AS o
      JOIN (SELECT row_number() OVER () AS i, trial_row::text AS became FROM new_rows AS trial_row) AS n USING (i) WHERE was IS DISTINCT FROM became;
  END IF;
  PERFORM set_config('trial.rows', (current_setting('trial.rows')::bigint + n)::text, false);
  RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT t FROM trial.tables LOOP
    EXECUTE format('CREATE TRIGGER trial_i AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trial.count_rows()', name);
    EXECUTE format('CREATE TRIGGER trial_d AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION trial.count_rows()', name);
    EXECUTE format('CREATE TRIGGER trial_u AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION trial.count_rows()', name);
  END LOOP;
END $$;

-- How many events this transaction has stored so far.
CREATE FUNCTION trial.events() RETURNS bigint LANGUAGE sql AS
  $$ SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(inhrelid)), 0)::bigint FROM pg_inherits WHERE inhparent = 'audit.audit_events'::regclass $$;

-- A statement, and what came of it.
CREATE FUNCTION trial.step(name text, statement text, OUT outcome jsonb) LANGUAGE plpgsql AS $$
DECLARE
  before bigint := trial.events();
  state text := '00000';
  said text;
BEGIN
  PERFORM set_config('trial.rows', '0', false);
  BEGIN
    EXECUTE statement;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT;
  END;
  outcome := jsonb_build_object('step', name, 'sqlstate', state, 'message', said, 'rows',
    CASE state WHEN '00000' THEN current_setting('trial.rows')::bigint ELSE 0 END, 'events', CASE state WHEN '00000' THEN trial.events() - before ELSE 0 END);
END $$;

-- How many of the rows that were deleted do not read back from the events that were stored after an id. Rows without columns have no values.
CREATE FUNCTION trial.unread(t regclass, after uuid, OUT outcome jsonb) LANGUAGE plpgsql AS $$
DECLARE n bigint; state text := '00000'; said text;
BEGIN
  BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT row_text FROM trial_saved EXCEPT ALL SELECT jsonb_populate_record(NULL::%s, coalesce(old_values, ''{}''))::text
      FROM audit.audit_events WHERE id > %L AND action_type = ''DELETE'') AS lost', t, after) INTO n;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT;
  END;
  outcome := jsonb_build_object('step', 'read back', 'sqlstate', state, 'message', said, 'rows', 0, 'events', n);
END $$;

CREATE FUNCTION trial.columns(t regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = t AND attnum > 0 AND NOT attisdropped AND attgenerated = '' $$;

-- All that a table goes through.
CREATE FUNCTION trial.attempt(t regclass, is_tracked boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  columns text := trial.columns(t);
  -- The events of children have their own columns, virtual columns are not recorded, and json is kept as the text it was, which the function reads otherwise.
  reads_back boolean := NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = t)
    AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = t AND (attgenerated = 'v' OR atttypid = 'json'::regtype));
  outcomes jsonb := '[]';
  last uuid;
  added bigint;
BEGIN
  BEGIN
    EXECUTE format('CREATE TEMP TABLE trial_rows ON COMMIT DROP AS SELECT %s FROM %s', columns, t);
    EXECUTE format('CREATE TEMP TABLE trial_saved ON COMMIT DROP AS SELECT trial_row::text AS row_text FROM ONLY %s AS trial_row', t);
    outcomes := outcomes || trial.step('same', format('UPDATE %s SET (%s) = ROW (%s)', t, columns, columns));
    outcomes := outcomes || trial.step('truncate', format('TRUNCATE %s CASCADE', t));
    RAISE EXCEPTION USING ERRCODE = 'TRIAL';
  EXCEPTION WHEN SQLSTATE 'TRIAL' THEN NULL;
  END;
  BEGIN
    EXECUTE format('CREATE TEMP TABLE trial_rows ON COMMIT DROP AS SELECT %s FROM %s', columns, t);
    EXECUTE format('CREATE TEMP TABLE trial_saved ON COMMIT DROP AS SELECT trial_row::text AS row_text FROM ONLY %s AS trial_row', t);
    last := (SELECT id FROM audit.audit_events ORDER BY id DESC LIMIT 1);
    outcomes := outcomes || trial.step('delete', 'DELETE FROM ' || t);
    IF is_tracked AND reads_back AND outcomes -> -1 ->> 'sqlstate' = '00000' AND (outcomes -> -1 ->> 'rows')::bigint > 0 THEN
      outcomes := outcomes || trial.unread(t, last);
    END IF;
    outcomes := outcomes || trial.step('insert', format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT * FROM trial_rows', t, columns));
    outcomes := outcomes || trial.step('add column', format('ALTER TABLE %s ADD COLUMN trial_column int DEFAULT 1', t));
    outcomes := outcomes || trial.step('change', format('UPDATE %s SET trial_column = 2', t));
    outcomes := outcomes || trial.step('drop column', format('ALTER TABLE %s DROP COLUMN trial_column CASCADE', t));
    outcomes := outcomes || trial.step('drop', format('DROP TABLE %s CASCADE', t));
    RAISE EXCEPTION USING ERRCODE = 'TRIAL';
  EXCEPTION WHEN SQLSTATE 'TRIAL' THEN NULL;
  END;
  INSERT INTO trial.outcome SELECT is_tracked, t::text, o.* FROM jsonb_to_recordset(outcomes) AS o(step text, sqlstate text, message text, rows bigint, events bigint);
END $$;
CREATE PROCEDURE trial.attempts(is_tracked boolean) LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  FOR name IN SELECT t FROM trial.tables ORDER BY t::text COLLATE "C" LOOP
    BEGIN
      PERFORM trial.attempt(name::regclass, is_tracked);
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO trial.outcome VALUES (is_tracked, name, 'trial', SQLSTATE, SQLERRM, 0, 0);
    END;
    COMMIT;
  END LOOP;
END $$;
CREATE PROCEDURE trial.track() LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  FOR name IN SELECT t FROM trial.tables ORDER BY t::text COLLATE "C" LOOP
    BEGIN
      PERFORM audit.audit_track_table(name::regclass, NULL, name);
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO trial.refused VALUES (name, SQLSTATE, SQLERRM);
    END;
    COMMIT;
  END LOOP;
END $$;
CALL trial.attempts(false);
CALL trial.track();
CALL trial.attempts(true);
CREATE TABLE trial.difference AS SELECT t, step, b.sqlstate, b.message, a.sqlstate AS untracked, a.rows, b.rows AS rows_tracked FROM
  (SELECT * FROM trial.outcome WHERE NOT is_tracked) AS a FULL JOIN (SELECT * FROM trial.outcome WHERE is_tracked AND step <> 'read back') AS b USING (t, step)
  WHERE (a.sqlstate, a.rows) IS DISTINCT FROM (b.sqlstate, b.rows);
