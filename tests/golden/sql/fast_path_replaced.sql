-- A CHECK or an index of somebody whose function, domain or operator is replaced means the new one at once, in a backend that remembers the old
-- one, as it does for a plain INSERT; and one that cannot be compiled leaves nothing behind.
-- The trail is not sound afterwards: an index stays whose expression cannot be computed.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
-- A constraint that holds, events recorded under it, then another meaning.
CREATE FUNCTION first_then(p_first text[], p_then text[]) RETURNS text[] LANGUAGE sql RETURN p_first || ARRAY['SELECT test.goes_past_the_executor()'] || p_then;
INSERT INTO test.interference (what, statements) VALUES
  ('SQL function', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT true''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT $1 <> $q$TRY$q$'''])),
  ('SQL function that reads a table', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT count(*) >= 0 FROM test.fired''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT count(*) >= 0 AND $1 <> $q$TRY$q$ FROM test.fired'''])),
  ('PL/pgSQL function', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN true; END''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN $1 <> $q$TRY$q$; END'''])),
  ('constant of an immutable function', first_then(ARRAY['CREATE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RETURN $q$x$q$; END''', 'ALTER TABLE audit_events ADD CHECK (action_type <> forbidden())'],
    ARRAY['CREATE OR REPLACE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RETURN $q$TRY$q$; END'''])),
  ('from PL/pgSQL to SQL', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN true; END''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT $1 = $q$TRY$q$'''])),
  ('from SQL to PL/pgSQL', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT count(*) >= 0 FROM test.fired''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN $1 <> $q$TRY$q$; END'''])),
  ('function that got a setting', first_then(ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN $1 <> current_setting($q$test.forbidden$q$, true) IS NOT FALSE; END''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['ALTER FUNCTION fits SET test.forbidden = ''TRY'''])),
  ('function of a function', first_then(ARRAY['CREATE FUNCTION inner_fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT true''', 'CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT public.inner_fits($1)''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))'],
    ARRAY['CREATE OR REPLACE FUNCTION inner_fits(text) RETURNS boolean LANGUAGE sql AS ''SELECT $1 <> $q$TRY$q$'''])),
  ('operator', first_then(ARRAY['CREATE FUNCTION differs(text, text) RETURNS boolean LANGUAGE sql AS ''SELECT true''', 'CREATE OPERATOR !!== (LEFTARG = text, RIGHTARG = text, FUNCTION = differs)', 'ALTER TABLE audit_events ADD CHECK (action_type !!== ''TRY'')'],
    ARRAY['CREATE OR REPLACE FUNCTION differs(text, text) RETURNS boolean LANGUAGE sql AS ''SELECT $1 <> $2'''])),
  ('domain', first_then(ARRAY['CREATE DOMAIN action AS text', 'ALTER TABLE audit_events ADD CHECK (action_type::action IS NOT NULL)'], ARRAY['ALTER DOMAIN action ADD CHECK (VALUE <> ''TRY'')'])),
  ('enum', first_then(ARRAY['CREATE TYPE action AS ENUM (''x'', ''y'')', 'ALTER TABLE audit_events ADD CHECK (action_type IN (''WARM'', ''AFTER'') OR action_type::action > ''x'') NOT VALID'], ARRAY['ALTER TYPE action RENAME VALUE ''y'' TO ''TRY'''])),
  ('index on condition of a function', first_then(ARRAY['CREATE FUNCTION key_of(text) RETURNS int IMMUTABLE LANGUAGE sql AS ''SELECT 1''', 'CREATE INDEX ON @month (id) WHERE key_of(action_type) = 1'],
    ARRAY['CREATE OR REPLACE FUNCTION key_of(text) RETURNS int IMMUTABLE LANGUAGE sql AS ''SELECT 1 / (length($1) - 3)'''])),
  ('function that is gone', ARRAY['CREATE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RETURN $q$x$q$; END''', 'ALTER TABLE audit_events ADD CHECK (action_type <> forbidden())', 'DROP FUNCTION forbidden CASCADE']),
  ('constant that cannot be computed', ARRAY['CREATE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RETURN $q$x$q$; END''', 'ALTER TABLE audit_events ADD CHECK (action_type <> forbidden())',
    'CREATE OR REPLACE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RAISE data_exception; END''']);
SELECT * FROM test.compare();
SELECT count(*) AS "as many as were tried in between", bool_and(changed_fields = '{a}' AND tableoid = test.month()::regclass) AS whole FROM audit_events WHERE action_type = 'AFTER';

-- A thousand events that no expression could be compiled for: what was prepared for them is not kept. A few are: one for each partition.
CREATE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ''x''; END';
CALL test.past_the_guard('ALTER TABLE audit_events ADD CHECK (action_type <> forbidden())');
CREATE OR REPLACE FUNCTION forbidden() RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RAISE data_exception; END';
CALL test.past_the_guard('ALTER TABLE audit_events ALTER tags SET STATISTICS 0');
SELECT code, count(*) FROM generate_series(1, 1000), LATERAL test.refusal($$SELECT insert_audit_event('TRY', 'try', w(9), w(1), w(1))$$) GROUP BY code;
SELECT count(*) < 10 AS "few are kept" FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition';
