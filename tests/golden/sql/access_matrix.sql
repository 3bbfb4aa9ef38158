-- Every function, table, view, sequence and type of the trail, taken from the catalog, met as each access level, as a role with none and as one that
-- default privileges favoured: whoever has no right is turned away by PostgreSQL (42501, permission denied), whoever has one is not.
\i tests/golden/prelude.sql
CREATE ROLE t_favoured;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO t_favoured; ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO t_favoured;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO t_favoured; ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO t_favoured;
CREATE EXTENSION audit_ext;
CREATE ROLE t_writer; CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_compliance; CREATE ROLE t_monitor; CREATE ROLE t_gateway; CREATE ROLE t_service; CREATE ROLE t_none;
SELECT audit_grant(('t_' || level)::regrole, level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance', 'monitor', 'gateway', 'service']) AS level \g /dev/null
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(5);

-- What there is, how it is tried, and who may by the catalog. Arguments are NULL (but where a function would not be
-- called for NULL): whoever may call gets further than to the right to call.
CREATE TABLE test.attempt (object text, kind text, statement text, may text[]);
INSERT INTO test.attempt
SELECT p.oid::regprocedure::text, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
  CASE p.prokind WHEN 'p' THEN 'CALL ' ELSE 'SELECT ' END || format('%s(%s)', p.oid::regproc,
    (SELECT string_agg(CASE WHEN p.proisstrict AND 'uuid'::regtype <> ALL (p.proargtypes) THEN '''x''::' ELSE 'NULL::' END || format_type(argument, NULL), ', ') FROM unnest(p.proargtypes) AS argument)),
  ARRAY(SELECT rolname FROM pg_roles WHERE rolname LIKE 't\_%' AND has_function_privilege(oid, p.oid, 'EXECUTE') ORDER BY 1)
FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'audit_ext'
-- Triggers and a type's input and output cannot be called by name.
WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND 'internal'::regtype <> ALL (p.proargtypes) AND 'cstring'::regtype <> ALL (p.proargtypes) AND p.prorettype <> 'cstring'::regtype;
INSERT INTO test.attempt
SELECT c.relname, lower(privilege), statement, ARRAY(SELECT rolname FROM pg_roles AS r WHERE rolname LIKE 't\_%'
    AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r.oid, c.oid, privilege) ELSE has_table_privilege(r.oid, c.oid, privilege) END ORDER BY 1)
FROM pg_class AS c, LATERAL (
    SELECT 'SELECT', format('SELECT count(*) FROM %s', c.oid::regclass) UNION ALL
    SELECT 'INSERT', format('INSERT INTO %s DEFAULT VALUES', c.oid::regclass) WHERE c.relkind <> 'S' UNION ALL
    SELECT 'DELETE', format('DELETE FROM %s', c.oid::regclass) WHERE c.relkind <> 'S' UNION ALL
    SELECT 'TRUNCATE', format('TRUNCATE %s', c.oid::regclass) WHERE c.relkind IN ('r', 'p') UNION ALL
    SELECT 'UPDATE', format('SELECT setval(%L, 1)', c.oid::regclass) WHERE c.relkind = 'S' UNION ALL
    SELECT 'UPDATE', format('UPDATE %s SET %I = %2$I', c.oid::regclass, (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1)) WHERE c.relkind <> 'S'
  ) AS way (privilege, statement)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S');

-- Met as each role, and undone.
CREATE FUNCTION test.met(p_role name, p_statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    EXECUTE format('SET LOCAL ROLE %I', p_role);
    EXECUTE p_statement;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000';
  EXCEPTION WHEN OTHERS THEN
    -- 55000: a view that nobody can write to.
    RETURN CASE WHEN SQLSTATE = '55000' OR SQLSTATE = '42501' AND SQLERRM ~ '^permission denied for (function|procedure|table|view|sequence)' THEN 'turned away' ELSE SQLSTATE END;
  END;
END $$;
CREATE TABLE test.outcome AS
SELECT a.*, r.rolname AS role, r.rolname = ANY (a.may) AS allowed, test.met(r.rolname, a.statement) AS met
FROM test.attempt AS a, pg_roles AS r WHERE r.rolname LIKE 't\_%' ORDER BY a.object, a.kind, r.rolname;
SELECT count(*) > 1000 AS "all were tried", count(*) FILTER (WHERE allowed) > 50 AS "some are allowed" FROM test.outcome;
-- Where the catalog and the meeting disagree: nowhere.
SELECT DISTINCT test.masked(object), kind, role, allowed, met FROM test.outcome WHERE allowed = (met = 'turned away') ORDER BY 1, 2, 3;
-- Whoever is allowed meets success or an error about the arguments, the rows or the caller; never an internal one.
SELECT DISTINCT met FROM test.outcome WHERE allowed ORDER BY met;
SELECT count(*) AS "held by nobody" FROM test.outcome WHERE role IN ('t_none', 't_favoured', 't_gateway', 't_service') AND allowed;

-- Who may what, by level; partitions are held by nobody.
SELECT test.masked(object) AS object, string_agg(DISTINCT substr(role, 3) || ':' || kind, ' ' ORDER BY substr(role, 3) || ':' || kind) AS may
FROM test.outcome WHERE allowed AND kind NOT IN ('function', 'procedure') GROUP BY 1 ORDER BY 1;
SELECT object, string_agg(substr(role, 3), ' ' ORDER BY role) AS may FROM test.outcome WHERE allowed AND kind IN ('function', 'procedure') GROUP BY object ORDER BY object;
-- The only type: usable by who can call the functions that take it.
SELECT rolname, has_type_privilege(oid, 'audit_ticket', 'USAGE') AS uses FROM pg_roles WHERE rolname LIKE 't\_%' ORDER BY 1;
-- Nobody may do more with a column than with its table.
SELECT count(*) AS "rights on columns" FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
-- Code in SQL or PL/pgSQL with the owner's rights would need a search_path of its own; there is none.
SELECT p.proname FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass JOIN pg_language AS l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('c', 'internal') AND p.pronamespace = 'public'::regnamespace;
