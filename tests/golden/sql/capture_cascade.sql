-- What a tracked table loses because something else is dropped is an event like any other DDL on it: one for each table and command.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE SCHEMA app;
CREATE SCHEMA kinds;
CREATE TYPE mood AS ENUM ('fine');
CREATE DOMAIN kinds.email AS text;
CREATE TYPE kinds.point AS (x int, y int);
CREATE TABLE app.company (id int PRIMARY KEY);
CREATE TABLE app.town (id int PRIMARY KEY, name text UNIQUE);
CREATE SEQUENCE app.numbers;
CREATE FUNCTION app.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
CREATE FUNCTION app.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE app.doc (id int PRIMARY KEY, feeling mood, mail kinds.email, place kinds.point, company int REFERENCES app.company,
  town text REFERENCES app.town (name), number int DEFAULT nextval('app.numbers'), doubled int GENERATED ALWAYS AS (app.twice(id)) STORED,
  title text, CHECK (app.twice(id) > 0));
SELECT audit_track_table('app.doc', NULL, p_masked_columns => '{mail}') \g /dev/null
CREATE TABLE nobodys (id int, feeling mood, company int REFERENCES app.company);
CREATE VIEW altered AS
  SELECT new_values ->> 'command' AS command, new_values ->> 'object' AS object, new_values -> 'dropped' AS dropped,
         (SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_each(new_values -> 'columns')) AS columns, new_values ->> 'capture' AS capture
  FROM audit_events WHERE action_type = 'AUDIT_TRACKED_TABLE_ALTERED' ORDER BY created_at, id;

-- Types, domains, schemas, tables, keys, sequences and functions. Warnings would name nothing of interest.
SET client_min_messages = error;
DROP TYPE mood CASCADE;
DROP DOMAIN kinds.email CASCADE;
DROP SCHEMA kinds CASCADE;
DROP TABLE app.company CASCADE;
ALTER TABLE app.town DROP CONSTRAINT town_name_key CASCADE;
DROP SEQUENCE app.numbers CASCADE;
DROP FUNCTION app.twice(int) CASCADE;
CREATE TRIGGER theirs AFTER UPDATE ON app.doc FOR EACH ROW EXECUTE FUNCTION app.nothing();
DROP FUNCTION app.nothing() CASCADE;
TABLE altered;
-- What was masked is forgotten with its column.
SELECT masked_columns, capture FROM audit_tracked_tables;
INSERT INTO app.doc (id, town, title) VALUES (1, 'Bern', 'a');
UPDATE app.doc SET title = 'b';
SELECT action_type, new_values FROM audit_events WHERE resource_type = 'doc' ORDER BY created_at;

-- An extension that owns a type, and what a role owns.
CREATE TYPE nick AS ENUM ('x');
ALTER EXTENSION plpgsql ADD TYPE nick;
ALTER TABLE app.doc ADD COLUMN nick nick;
DROP EXTENSION plpgsql CASCADE;
CREATE EXTENSION plpgsql;
CREATE ROLE capture_leaver;
CREATE TYPE colour AS ENUM ('red');
ALTER TYPE colour OWNER TO capture_leaver;
ALTER TABLE app.doc ADD COLUMN paint colour;
DROP OWNED BY capture_leaver CASCADE;
DROP ROLE capture_leaver;
SELECT command, dropped, columns FROM altered OFFSET 9;

-- One command, one event: a table that loses what it names itself, a tree, a typed table that follows its type.
CREATE TYPE size AS ENUM ('small');
CREATE TABLE app.log (id int, at date, size size, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE app.log_2 PARTITION OF app.log FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE TYPE app.pair AS (one int, two int);
CREATE TABLE app.pairs OF app.pair (PRIMARY KEY (one));
SELECT audit_track_table('app.log', NULL), audit_track_table('app.pairs', NULL) \g /dev/null
SELECT count(*) AS before FROM altered \gset
ALTER TABLE app.doc DROP COLUMN title;
DROP TYPE size CASCADE;
ALTER TYPE app.pair ADD ATTRIBUTE three int CASCADE, DROP ATTRIBUTE two CASCADE;
SELECT command, object, dropped, columns, capture FROM altered OFFSET :before;

-- Tables that become tracked, or move, by a command that does not begin with ALTER TABLE are followed.
CREATE SCHEMA more CREATE TABLE log_3 () INHERITS (app.pairs);
INSERT INTO more.log_3 (one) VALUES (3);
ALTER INDEX app.pairs RENAME TO couples;
SELECT table_schema, table_name, capture FROM audit_tracked_tables ORDER BY 1, 2;
SELECT action_type, new_values FROM audit_events WHERE resource_type = 'pairs';

-- DDL on tables that are nobody's business locks nothing of the trail.
BEGIN;
ALTER TABLE nobodys ADD COLUMN y int;
CREATE TEMP TABLE scratch (id int);
DROP TABLE scratch;
DROP TABLE nobodys CASCADE;
SELECT relation::regclass AS locked FROM pg_locks WHERE pid = pg_backend_pid() AND relation::regclass::text ~ 'audit_' ORDER BY 1;
ROLLBACK;
-- Undone with its transaction; nothing is told of it later.
BEGIN; ALTER TABLE app.town ADD COLUMN pin int; SAVEPOINT s; DROP TABLE app.town CASCADE; ROLLBACK TO s; ALTER TABLE app.town DROP COLUMN pin; COMMIT;
CREATE TYPE late AS ENUM ('x');
ALTER TABLE app.doc ADD COLUMN late late;
SELECT count(*) AS before FROM altered \gset
DO $$ BEGIN DROP TYPE late CASCADE; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $$;
ALTER TABLE nobodys ADD COLUMN x int;
DROP TABLE nobodys;
SELECT count(*) - :before AS more FROM altered;
