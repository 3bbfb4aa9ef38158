-- Random tables under random statements, replayed from the captured events; for capture_replay.sh, which names each round's events.
SET client_min_messages = warning;
SET check_function_bodies = off; -- the tables come later
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE TYPE size AS (w int, h numeric, note text);
CREATE DOMAIN short AS varchar(40);

CREATE FUNCTION dice(p_sides int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT floor(random() * $1)::int';
CREATE FUNCTION pick(VARIADIC p_of text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT $1[1 + dice(cardinality($1))]';

-- A value of a type, as text that the type reads.
CREATE FUNCTION any_value(p_type text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF dice(8) = 0 THEN RETURN NULL; END IF;
  RETURN CASE p_type
    WHEN 'int' THEN (dice(1000) - 500)::text WHEN 'bigint' THEN ((random() - 0.5) * 1e18)::bigint::text
    WHEN 'numeric' THEN pick('0', '0.0', '1.50', '-7e20', 'NaN', 'Infinity', (random() * 1000)::numeric::text)
    WHEN 'float8' THEN pick('0', '-0', '1e-300', 'NaN', '-Infinity', random()::text) WHEN 'real' THEN pick('0.1', '3e38', 'Infinity', random()::real::text)
    WHEN 'text' THEN pick('', 'null', '{"a": 1}', E'line\nline', 'ä€😀', '\', '"', repeat('long ', dice(2000)), md5(random()::text))
    WHEN 'short' THEN left(md5(random()::text), dice(40)) WHEN 'char(7)' THEN pick('a', 'a ', '', 'abcdefg')
    WHEN 'bool' THEN pick('true', 'false') WHEN 'uuid' THEN md5(random()::text) WHEN 'colour' THEN pick('red', 'green', 'blue')
    WHEN 'bytea' THEN pick('', '\x', '\x00', '\x' || md5(random()::text))
    WHEN 'jsonb' THEN pick('{}', '[]', '"text"', '1.0', '{"k": [1, null, {"deep": true}]}', format('{"n": %s}', random()))
    WHEN 'timestamptz' THEN pick('infinity', '-infinity', '2026-03-29 01:30+00', (now() + random() * interval '900 days')::text)
    WHEN 'timestamp' THEN pick('infinity', '0099-01-01 BC', (localtimestamp - random() * interval '900 days')::text)
    WHEN 'date' THEN pick('-infinity', '2000-02-29', '12345-01-01') WHEN 'interval' THEN pick('1 mon -2 days', '-00:00:01.5', '0') WHEN 'time' THEN pick('24:00', '00:00:00.000001')
    WHEN 'int[]' THEN pick('{}', '{1,NULL}', '{{1,2},{3,4}}', '[2:3]={5,6}') WHEN 'text[]' THEN pick('{}', '{NULL,"NULL","a,b","\""}', '{""}')
    WHEN 'size' THEN pick('(,,)', '(1,2.50,"a b")', '(-1,NaN,)') WHEN 'size[]' THEN pick('{}', '{"(1,,)",NULL}')
    WHEN 'int4range' THEN pick('empty', '(,5]', '[1,7)') WHEN 'tstzrange' THEN pick('empty', '[2026-01-01,)', '[2026-01-01,2026-02-01 12:00+05)')
    WHEN 'inet' THEN pick('10.0.0.1', '2001:db8::/32') WHEN 'bit varying' THEN pick('', '10101') WHEN 'point' THEN pick('(0.1,-7)', '(NaN,1e300)')
    ELSE 'no value of ' || p_type END;
END $$;

CREATE FUNCTION any_literal(p_type text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT coalesce(quote_literal(any_value(p_type)), 'NULL') || '::' || p_type $$;

-- A table of one of the shapes, tracked, with a column dropped in its midst. Gives the types of its columns c1, c2, …
CREATE FUNCTION make_table(p_shape text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  types text[] := ARRAY(SELECT type FROM unnest(ARRAY['int', 'bigint', 'numeric', 'float8', 'real', 'text', 'short', 'char(7)', 'bool', 'uuid', 'colour', 'bytea', 'jsonb', 'timestamptz',
    'timestamp', 'date', 'interval', 'time', 'int[]', 'text[]', 'size', 'size[]', 'int4range', 'tstzrange', 'inet', 'bit varying', 'point']) AS type ORDER BY random() LIMIT 2 + dice(8));
  columns text := (SELECT string_agg(format('c%s %s', n, type), ', ' ORDER BY n) FROM unnest(types) WITH ORDINALITY AS t (type, n));
BEGIN
  DROP TABLE IF EXISTS t, replica CASCADE;
  EXECUTE format('CREATE TABLE t (id int %s, gone int, %s) %s', CASE WHEN p_shape IN ('no key', 'child') THEN 'NOT NULL' ELSE 'PRIMARY KEY' END, columns,
    CASE WHEN p_shape = 'partitions' THEN 'PARTITION BY RANGE (id)' END);
  ALTER TABLE t DROP COLUMN gone;
  IF p_shape = 'partitions' THEN
    CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (30);
    CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (30) TO (MAXVALUE);
  ELSIF p_shape = 'child' THEN
    CREATE TABLE t_child () INHERITS (t);
  ELSIF p_shape = 'triggers' THEN
    CREATE TRIGGER polish BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION polish();
    CREATE TRIGGER follow AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION follow();
  END IF;
  EXECUTE format('CREATE TABLE replica (id int, %s)', columns);
  PERFORM audit_track_table('t', NULL, current_setting('replay.round'));
  RETURN types;
END $$;

-- Triggers that change what is written, drop some of it, and change other rows afterwards.
CREATE FUNCTION polish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF dice(10) = 0 THEN RETURN NULL; END IF; IF dice(3) = 0 THEN NEW.c1 := NULL; END IF; RETURN NEW; END $$;
CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF pg_trigger_depth() < 3 AND dice(2) = 0 THEN UPDATE t SET c2 = NULL WHERE id IN (NEW.id, NEW.id + 1); END IF; RETURN NULL; END $$;

CREATE FUNCTION any_row(p_types text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT format('(%s, %s)', dice(60), string_agg(any_literal(type), ', ' ORDER BY n)) FROM unnest(p_types) WITH ORDINALITY AS t (type, n) $$;
CREATE FUNCTION any_change(p_types text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT string_agg(change, ', ') FROM (SELECT format('c%s = %s', n, any_literal(type)) AS change FROM unnest(p_types) WITH ORDINALITY AS t (type, n) ORDER BY random() LIMIT 1 + dice(3)) AS changes $$;
CREATE FUNCTION some_rows() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT format('id %% %s = %s', 2 + dice(5), dice(3)) $$;
CREATE FUNCTION any_rows(p_types text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT string_agg(any_row(p_types), ', ') FROM generate_series(0, dice(6)) $$;

CREATE FUNCTION any_statement(p_shape text, p_types text[]) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  keyed boolean := p_shape IN ('key', 'partitions', 'triggers');
  target text := CASE WHEN p_shape = 'child' THEN pick('t', 't_child', 't') WHEN p_shape = 'partitions' THEN pick('t', 't', 't_low') ELSE 't' END;
BEGIN
  RETURN CASE dice(14)
    WHEN 0 THEN format('DELETE FROM %s WHERE %s', target, some_rows())
    WHEN 1 THEN format('UPDATE %s SET %s', target, any_change(p_types))
    WHEN 2 THEN CASE WHEN dice(6) = 0 THEN format('TRUNCATE %s', replace(target, 't_child', 't')) ELSE format('UPDATE %s SET id = id WHERE %s', target, some_rows()) END
    WHEN 3 THEN format('UPDATE t SET id = 59 - id WHERE %s', some_rows())
    WHEN 4 THEN format('WITH d AS (DELETE FROM t WHERE %s RETURNING *) INSERT INTO t SELECT id + 1000, %s FROM d', some_rows(),
      (SELECT string_agg('c' || n, ', ' ORDER BY n) FROM generate_subscripts(p_types, 1) AS n))
    WHEN 5 THEN format('WITH d AS (DELETE FROM t WHERE %s RETURNING id) UPDATE t SET %s FROM d WHERE t.id = d.id + 1', some_rows(), any_change(p_types))
    WHEN 6 THEN CASE WHEN keyed THEN format('MERGE INTO t USING (SELECT s AS id FROM generate_series(0, 60, %s) AS s) AS s ON t.id = s.id WHEN MATCHED AND t.id %% 2 = 0 THEN DELETE
      WHEN MATCHED THEN UPDATE SET %s WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)', 7 + dice(5), any_change(p_types)) ELSE format('DELETE FROM ONLY %s WHERE %s', target, some_rows()) END
    WHEN 7 THEN format('UPDATE t SET %s WHERE %s', any_change(p_types), some_rows())
    WHEN 8 THEN format('UPDATE t SET %s WHERE %s', any_change(p_types), some_rows())
    WHEN 9 THEN CASE WHEN keyed THEN format('INSERT INTO t VALUES %s ON CONFLICT DO NOTHING', any_rows(p_types)) ELSE format('INSERT INTO %s VALUES %s', target, any_rows(p_types)) END
    ELSE CASE WHEN keyed THEN format('INSERT INTO t VALUES %s ON CONFLICT (id) DO UPDATE SET %s', any_row(p_types), any_change(p_types)) ELSE format('INSERT INTO %s VALUES %s', target, any_rows(p_types)) END END;
END $$;

-- Some statements fail by themselves, some are undone on purpose; what is undone must leave no event.
CREATE FUNCTION run_statements(p_shape text, p_types text[], p_count int, p_depth int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1 .. p_count LOOP
    BEGIN
      IF p_depth < 3 AND dice(4) = 0 THEN
        PERFORM run_statements(p_shape, p_types, dice(5), p_depth + 1);
      ELSE
        EXECUTE any_statement(p_shape, p_types);
      END IF;
      IF dice(5) = 0 THEN RAISE EXCEPTION 'undone'; END IF;
    EXCEPTION WHEN raise_exception OR unique_violation OR cardinality_violation OR feature_not_supported OR check_violation OR numeric_value_out_of_range THEN NULL;
    END;
  END LOOP;
END $$;

-- The events, one after the other, applied to an empty table of the same columns.
CREATE FUNCTION replay() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  event record; sets text; changed bigint; applied bigint := 0;
  keyed boolean := EXISTS (SELECT FROM pg_index WHERE indrelid = 't'::regclass AND indisprimary);
BEGIN
  FOR event IN SELECT * FROM audit_events WHERE resource_type = current_setting('replay.round') ORDER BY created_at, id LOOP
    SELECT string_agg(format('%I = (jsonb_populate_record(NULL::replica, $1)).%I', key, key), ', ') INTO sets FROM jsonb_object_keys(event.new_values) AS key;
    CASE event.action_type
      WHEN 'INSERT' THEN INSERT INTO replica SELECT (jsonb_populate_record(NULL::replica, event.new_values)).*;
      WHEN 'TRUNCATE' THEN
        IF event.metadata #>> '{audit_ext,table}' = 'public.t_low' THEN DELETE FROM replica WHERE id < 30;
        ELSIF event.metadata #>> '{audit_ext,table}' IS NULL THEN DELETE FROM replica; END IF; -- a child's follows its parent's
      WHEN 'DELETE' THEN
        DELETE FROM replica WHERE ctid = (SELECT r.ctid FROM replica AS r WHERE r.* *= jsonb_populate_record(NULL::replica, event.old_values) LIMIT 1);
      ELSE
        EXECUTE format('UPDATE replica SET %s WHERE ctid = (SELECT r.ctid FROM replica AS r WHERE %s LIMIT 1)', sets,
          CASE WHEN keyed THEN 'r.id = ($2 ->> ''id'')::int' ELSE 'r.* *= jsonb_populate_record(NULL::replica, $2)' END) USING event.new_values, event.old_values;
    END CASE;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> 1 AND event.action_type <> 'TRUNCATE' THEN
      RAISE EXCEPTION 'event % of % changed % rows: % -> %', event.action_type, event.created_at, changed, event.old_values, event.new_values;
    END IF;
    applied := applied + 1;
  END LOOP;
  RETURN applied;
END $$;

-- Tables that differ, by the rows' text; text tells every value here apart.
CREATE FUNCTION difference() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(side || ' ' || left(line, 300), E'\n') FROM (
    (SELECT 'table' AS side, t::text AS line FROM t EXCEPT ALL SELECT 'table', replica::text FROM replica)
    UNION ALL (SELECT 'replica', replica::text FROM replica EXCEPT ALL SELECT 'replica', t::text FROM t)) AS differences
$$;
