\set ECHO none
-- What the golden tests share; included with \i, not shown in their output.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA test;
GRANT USAGE ON SCHEMA test TO PUBLIC;

-- Runs a statement and tells how it was refused; "accepted" when it was not.
CREATE FUNCTION test.refusal(p_sql text, OUT code text, OUT constraint_name text, OUT message text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
  code := 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME,
    message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;

-- A name with its month as months from the current one: audit_events_<+1>.
CREATE FUNCTION test.masked(p_name text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN part IS NULL THEN p_name ELSE replace(p_name, part[1] || '_' || part[2], format('<%s>', to_char(
      12 * (part[1]::int - extract(year FROM now() AT TIME ZONE 'UTC')::int)
      + part[2]::int - extract(month FROM now() AT TIME ZONE 'UTC')::int, 'FMSG999990'))) END
  FROM (SELECT regexp_match(p_name, '([0-9]{4})_([0-9]{2})') AS part) AS found
$$;

-- The time that a UUIDv7 carries: milliseconds, then microseconds scaled to 12 bits (RFC 9562, method 3).
CREATE FUNCTION test.time_in(p_id uuid) RETURNS timestamptz LANGUAGE sql AS $$
  SELECT timestamptz 'epoch' + interval '1 microsecond' * (
    ('x' || replace(left(p_id::text, 13), '-', ''))::bit(48)::bigint * 1000
    + ceil(('x' || substr(p_id::text, 16, 3))::bit(12)::int * 1000 / 4096.0)::int)
$$;

-- A UUIDv7 of that time, for rows that a test plants as only maintenance can; n orders ids of one time.
CREATE FUNCTION test.id_at(p_time timestamptz, p_n int) RETURNS uuid LANGUAGE sql AS $$
  SELECT (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex(us % 1000 * 4096 / 1000), 3, '0') || '8000' || lpad(to_hex(p_n), 12, '0'))::uuid
  FROM (SELECT (extract(epoch FROM p_time) * 1000000)::bigint AS us) AS moment
$$;
-- Waits until nobody else in the database can see rows that are gone: autovacuum's ANALYZE of a catalog can for a moment, and VACUUM would keep them.
CREATE PROCEDURE test.alone() LANGUAGE plpgsql AS $$
BEGIN
  WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL) LOOP
    PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
  END LOOP;
END $$;
-- What a superuser can still do: DDL on the trail with the guard's event triggers switched off.
CREATE PROCEDURE test.past_the_guard(p_sql text) LANGUAGE plpgsql AS $$
BEGIN
  ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
  ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
  ALTER EVENT TRIGGER audit_sql_drop DISABLE;
  EXECUTE p_sql;
  ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
  ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
  ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
END $$;
-- What is emptied keeps its pages, and so its place among what is read: autovacuum would give them back at any time.
CREATE PROCEDURE test.without_autovacuum() LANGUAGE plpgsql AS $$
BEGIN
  CALL test.past_the_guard('DO ''DECLARE leaf regclass; BEGIN
    FOR leaf IN SELECT relid FROM unnest(ARRAY[''''audit_events'''', ''''audit_events_archive'''']::regclass[]) AS trail, pg_partition_tree(trail) WHERE isleaf LOOP
      EXECUTE format(''''ALTER TABLE %s SET (autovacuum_enabled = off)'''', leaf);
    END LOOP;
  END''');
END $$;
SET client_min_messages = notice;
\set ECHO all
