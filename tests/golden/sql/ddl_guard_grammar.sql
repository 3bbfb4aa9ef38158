-- The grammar lets clauses hold much that the commands then refuse. The guard reads the tree before they do, and must not take a node for another one:
-- whatever a role without any access level sends, it is answered, and the server lives on.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_nobody;
CREATE SCHEMA odd AUTHORIZATION t_nobody;
SET ROLE t_nobody;
SET search_path = odd, pg_catalog;
CREATE TABLE foo (a int, b text, x xml);
CREATE TABLE bar (a int PRIMARY KEY, b text[], c point);
CREATE VIEW shown AS SELECT * FROM foo;
CREATE TYPE pair AS (one int, two text);
CREATE DOMAIN positive AS int CONSTRAINT above CHECK (VALUE > 0);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(INOUT int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
CREATE FUNCTION answers(p_statements text[]) RETURNS TABLE (code text, statement text) LANGUAGE sql AS $$
  SELECT r.code, s.statement FROM unnest(p_statements) WITH ORDINALITY AS s(statement, place), test.refusal(s.statement) AS r ORDER BY place
$$;

-- CREATE STATISTICS takes whatever FROM takes.
SELECT * FROM answers(ARRAY[
  'CREATE STATISTICS s ON a FROM foo NATURAL JOIN bar',
  'CREATE STATISTICS s ON a, b FROM foo LEFT JOIN bar USING (a)',
  'CREATE STATISTICS s ON a FROM (VALUES (x)) AS foo',
  'CREATE STATISTICS s ON a FROM (SELECT 1) AS foo',
  'CREATE STATISTICS s ON a FROM generate_series(1, 2) AS a',
  'CREATE STATISTICS s ON a FROM ROWS FROM (f(1), f(2)) AS r',
  'CREATE STATISTICS s ON a FROM foo, LATERAL f(foo.a)',
  'CREATE STATISTICS s ON a FROM foo TABLESAMPLE system (1)',
  'CREATE STATISTICS s ON a FROM xmltable(''/a'' PASSING ''<a/>'' COLUMNS a int)',
  'CREATE STATISTICS s ON (f(a)), (b COLLATE "C"), (CASE a WHEN 1 THEN 2 END) FROM foo',
  'CREATE STATISTICS s ON (coalesce(a, 1)), (b || ''x''), ((SELECT 1)) FROM foo',
  'CREATE STATISTICS s ON (current_user), (a BETWEEN 1 AND 2) FROM foo',
  'CREATE STATISTICS s FROM nowhere.at.all',
  'CREATE STATISTICS s ON a, b FROM foo',
  'ALTER STATISTICS s SET STATISTICS 1']);
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    PERFORM answers(ARRAY['CREATE STATISTICS j ON a FROM json_table(''[]'', ''$'' COLUMNS (a int))']);
  END IF;
END $$;

-- What GRANT and REVOKE name is a table, a type, a number, a setting.
SELECT * FROM answers(ARRAY[
  'GRANT SELECT ON LARGE OBJECT 1, 2.5 TO PUBLIC', 'GRANT SELECT ON LARGE OBJECT 4294967290 TO PUBLIC', 'GRANT SET ON PARAMETER a.b, work_mem TO PUBLIC',
  'GRANT USAGE ON TYPE pair, int4 TO PUBLIC', 'GRANT USAGE ON DOMAIN positive TO PUBLIC', 'GRANT USAGE ON LANGUAGE sql TO PUBLIC',
  'GRANT USAGE ON FOREIGN DATA WRAPPER w TO PUBLIC', 'GRANT USAGE ON FOREIGN SERVER w TO PUBLIC', 'GRANT CREATE ON TABLESPACE pg_default TO PUBLIC',
  'GRANT CREATE ON SCHEMA odd TO PUBLIC', 'GRANT CONNECT ON DATABASE nowhere TO PUBLIC', 'GRANT pg_monitor TO t_nobody',
  'GRANT ALL (a), SELECT (b) ON foo, shown TO CURRENT_USER, SESSION_USER', 'GRANT EXECUTE ON FUNCTION f, f(int), total(int) TO PUBLIC',
  'GRANT EXECUTE ON FUNCTION f(SETOF int, VARIADIC text[]) TO PUBLIC', 'GRANT EXECUTE ON ROUTINE total, p TO PUBLIC', 'GRANT EXECUTE ON PROCEDURE p TO PUBLIC',
  'GRANT ALL ON ALL ROUTINES IN SCHEMA odd, pg_temp, nowhere TO PUBLIC', 'GRANT EXECUTE ON FUNCTION foo.a%TYPE TO PUBLIC',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA odd GRANT ALL ON TABLES TO PUBLIC', 'REVOKE GRANT OPTION FOR SELECT ON foo FROM PUBLIC CASCADE',
  'GRANT SELECT ON a.b.c, foo TO nobody_there']);

-- What DROP names, for every kind.
SELECT * FROM answers(ARRAY[
  'DROP TABLE a.b.c.d', 'DROP TABLE nowhere.at.all', 'DROP TRIGGER t ON a.b.c.d', 'DROP TRIGGER t ON foo', 'DROP RULE "_RETURN" ON shown', 'DROP POLICY p ON foo',
  'DROP CAST (foo AS bar)', 'DROP TRANSFORM FOR int LANGUAGE sql', 'DROP OPERATOR +(int, int), -(NONE, int)', 'DROP OPERATOR CLASS c USING btree', 'DROP OPERATOR FAMILY c USING btree',
  'DROP AGGREGATE total(*)', 'DROP AGGREGATE total(int ORDER BY int)', 'DROP FUNCTION f, total', 'DROP FUNCTION IF EXISTS f(SETOF nothing)', 'DROP FUNCTION f(foo.a%TYPE, "any")',
  'DROP ROUTINE p(OUT int)', 'DROP PROCEDURE p(a => int)', 'DROP TYPE int[], nowhere.t', 'DROP DOMAIN pair', 'DROP COLLATION "C"', 'DROP CONVERSION c', 'DROP TEXT SEARCH PARSER p',
  'DROP ACCESS METHOD btree', 'DROP EVENT TRIGGER audit_sql_drop', 'DROP EXTENSION plpgsql', 'DROP FOREIGN DATA WRAPPER w', 'DROP SERVER w', 'DROP PUBLICATION p', 'DROP LANGUAGE sql',
  'DROP SCHEMA nowhere, odd2', 'DROP STATISTICS s', 'DROP OWNED BY CURRENT_USER, pg_monitor', 'DROP SEQUENCE foo', 'DROP INDEX foo, bar', 'DROP MATERIALIZED VIEW shown']);

-- ALTER … of every kind, COMMENT and SECURITY LABEL.
SELECT * FROM answers(ARRAY[
  'ALTER FUNCTION f(int) DEPENDS ON EXTENSION nothing', 'ALTER TRIGGER t ON foo DEPENDS ON EXTENSION nothing', 'ALTER INDEX foo NO DEPENDS ON EXTENSION plpgsql',
  'ALTER MATERIALIZED VIEW shown DEPENDS ON EXTENSION plpgsql', 'ALTER ROUTINE total(int) RENAME TO sum_of', 'ALTER AGGREGATE total(*) OWNER TO CURRENT_USER',
  'ALTER OPERATOR +(int, int) OWNER TO CURRENT_USER', 'ALTER OPERATOR +(int, int) SET SCHEMA odd', 'ALTER OPERATOR CLASS int4_ops USING btree RENAME TO c',
  'ALTER TYPE pair ADD ATTRIBUTE three int, DROP ATTRIBUTE two', 'ALTER TYPE pair RENAME ATTRIBUTE one TO uno', 'ALTER TYPE pair RENAME TO couple', 'ALTER TYPE couple SET SCHEMA nowhere',
  'ALTER DOMAIN positive RENAME CONSTRAINT above TO over', 'ALTER DOMAIN positive ADD CHECK (VALUE < 9)', 'ALTER TABLE bar RENAME CONSTRAINT bar_pkey TO bar_key', 'ALTER VIEW shown RENAME COLUMN a TO aa',
  'ALTER LARGE OBJECT 1 OWNER TO CURRENT_USER', 'ALTER EVENT TRIGGER audit_sql_drop OWNER TO CURRENT_USER', 'ALTER PUBLICATION p OWNER TO CURRENT_USER', 'ALTER LANGUAGE sql RENAME TO s',
  'ALTER EXTENSION plpgsql ADD CAST (int AS pair)', 'ALTER EXTENSION plpgsql ADD OPERATOR -(NONE, int)', 'ALTER EXTENSION plpgsql ADD TRANSFORM FOR int LANGUAGE sql',
  'ALTER EXTENSION plpgsql ADD DOMAIN positive', 'ALTER EXTENSION plpgsql ADD AGGREGATE total(*)', 'ALTER EXTENSION plpgsql ADD TABLE a.b.c.d', 'ALTER EXTENSION plpgsql DROP SCHEMA odd',
  'ALTER TABLE foo ADD FOREIGN KEY (a) REFERENCES nowhere.at.all', 'ALTER TABLE foo ADD COLUMN d int REFERENCES bar CHECK (d > 0), INHERIT bar', 'ALTER TABLE nowhere ATTACH PARTITION bar DEFAULT',
  'ALTER INDEX bar_key ATTACH PARTITION foo', 'ALTER FOREIGN TABLE foo ADD d int', 'ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default',
  'COMMENT ON LARGE OBJECT 1 IS ''x''', 'COMMENT ON CAST (int AS pair) IS ''x''', 'COMMENT ON OPERATOR -(NONE, int) IS ''x''', 'COMMENT ON CONSTRAINT over ON DOMAIN positive IS ''x''',
  'SECURITY LABEL ON LARGE OBJECT 1 IS ''x''', 'SECURITY LABEL ON COLUMN foo.a IS ''x''', 'SECURITY LABEL ON AGGREGATE total(*) IS ''x''', 'SECURITY LABEL ON TYPE int[] IS ''x''']);

-- CREATE, with elements and expressions of every kind.
SELECT * FROM answers(ARRAY[
  'CREATE SCHEMA odd CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 CREATE INDEX ON t (a) CREATE SEQUENCE q GRANT SELECT ON t, v, foo TO PUBLIC',
  'CREATE SCHEMA AUTHORIZATION t_nobody CREATE TABLE t (a int REFERENCES a.b.c) CREATE TRIGGER r AFTER INSERT ON t EXECUTE FUNCTION f()',
  'CREATE TABLE t (LIKE foo INCLUDING ALL, a int, CHECK (a > 0), EXCLUDE USING gist (c WITH &&)) INHERITS (a.b.c)', 'CREATE TABLE t OF couple (one WITH OPTIONS PRIMARY KEY)',
  'CREATE TABLE t PARTITION OF foo FOR VALUES FROM (f(1)) TO (MAXVALUE)', 'CREATE FOREIGN TABLE t (a int) INHERITS (foo) SERVER w', 'CREATE TEMP TABLE t AS VALUES (1)',
  'CREATE TEMP VIEW pg_temp.v AS VALUES (1)', 'CREATE OR REPLACE RECURSIVE VIEW r (n) AS VALUES (1) UNION ALL SELECT n FROM r', 'CREATE MATERIALIZED VIEW m AS TABLE foo',
  'CREATE FUNCTION a.b.c.d() RETURNS int LANGUAGE sql RETURN 1', 'CREATE FUNCTION g(VARIADIC a foo.a%TYPE[], OUT b SETOF int) LANGUAGE sql AS ''''', 'CREATE OPERATOR === (FUNCTION = f)',
  'CREATE AGGREGATE total (BASETYPE = "any", SFUNC = f, STYPE = int)', 'CREATE AGGREGATE nowhere.total(ORDER BY int) (SFUNC = f)', 'CREATE TYPE shell', 'CREATE CAST (int AS couple) WITH INOUT',
  'CREATE RULE r AS ON INSERT TO foo DO ALSO (SELECT 1; NOTIFY n)', 'CREATE POLICY p ON foo TO CURRENT_USER USING (EXISTS (SELECT 1))', 'CREATE TRIGGER t INSTEAD OF UPDATE OF a ON shown FOR EACH ROW WHEN (true) EXECUTE FUNCTION f(1, x, 2.5)',
  'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON foo FROM bar FOR EACH ROW EXECUTE FUNCTION f()', 'CREATE EVENT TRIGGER e ON ddl_command_end WHEN tag IN (''x'') EXECUTE FUNCTION f()',
  'CREATE INDEX ON bar ((ROW(a, b)), (b[1:2]), (ARRAY[a, NULL]), ((a = ANY (ARRAY[1]))) DESC) WHERE a IS NOT NULL AND NOT (a, 1) = (1, 2)',
  'CREATE INDEX ON foo ((nullif(a, 1)), (greatest(a, 2)), (b LIKE ''x''), (a::text COLLATE "C"), (a IS DISTINCT FROM 1), (extract(year FROM now())))',
  'CREATE INDEX ON foo (f(VARIADIC ARRAY[1]), (count(*) FILTER (WHERE true) OVER ()), (grouping(a)), (foo.*), (ARRAY(SELECT 1)), (a IN (SELECT 1)), (a IN (1, NULL)))',
  'IMPORT FOREIGN SCHEMA a FROM SERVER w INTO odd', 'SELECT 1 AS a INTO made', 'REFRESH MATERIALIZED VIEW m', 'REINDEX TABLE foo', 'REASSIGN OWNED BY t_nobody TO CURRENT_USER']);
RESET ROLE;
-- The server has lived through all of it, and nothing of it concerned the trail.
SELECT count(*) FROM public.audit_events;
