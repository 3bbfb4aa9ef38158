-- The server's time and id: what a statement draws with audit_event_id() and audit_event_time(), by the defaults or by hand, counts for the rows that it stores itself.
-- Kept for a later statement it is a caller's own, or events could be dated back past newer ones.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE VIEW stored AS SELECT action_type, count(*), count(DISTINCT id) AS ids, bool_and(test.time_in(id) = created_at) AS "ids tell the time" FROM audit_events WHERE workspace_id = w(1) GROUP BY 1 ORDER BY 1;

-- Kept across transactions, and within one, with a newer event in between or without.
CREATE TEMP TABLE kept AS SELECT audit_event_id() AS i, audit_event_time() AS t;
SELECT insert_audit_event('LATER', 'thing', NULL, w(1), w(1)) IS NOT NULL AS recorded;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT i, t, 'EARLIER', 'thing', w(1), w(1) FROM kept;
\echo :LAST_ERROR_SQLSTATE
SELECT code, constraint_name FROM test.refusal('INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT t, ''EARLIER'', ''thing'', w(1), w(1) FROM kept');
BEGIN;
SELECT audit_event_id() AS i, audit_event_time() AS t \gset
SELECT code FROM test.refusal(format('INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (%L, %L, ''EARLIER'', ''thing'', w(1), w(1))', :'i', :'t'));
DECLARE c CURSOR FOR SELECT audit_event_id() AS i, audit_event_time() AS t;
FETCH c \gset
SELECT code FROM test.refusal(format('INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (%L, %L, ''EARLIER'', ''thing'', w(1), w(1))', :'i', :'t'));
COMMIT;
-- In a function: kept in variables, and in a loop whose statements are given the same memory one after the other.
DO $$
DECLARE i uuid; t timestamptz; codes text[] := '{}'; code text;
BEGIN
  i := audit_event_id(); t := audit_event_time();
  PERFORM insert_audit_event('LATER', 'thing', NULL, w(1), w(1));
  BEGIN INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (i, t, 'EARLIER', 'thing', w(1), w(1));
  EXCEPTION WHEN generated_always THEN codes := codes || 'assigned: refused'::text; END;
  FOR n IN 1..100 LOOP
    EXECUTE 'SELECT audit_event_id(), audit_event_time()' INTO i, t;
    BEGIN EXECUTE 'INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ($1, $2, ''EARLIER'', ''thing'', w(1), w(1))' USING i, t;
    EXCEPTION WHEN generated_always THEN codes := codes || 'in a loop: refused'::text; END;
  END LOOP;
  FOR code IN SELECT format('%s, %s times', c, count(*)) FROM unnest(codes) AS c GROUP BY c ORDER BY c LOOP RAISE NOTICE '%', code; END LOOP;
END $$;
-- By a function that stores within the statement that drew: it is a statement of its own.
CREATE FUNCTION put(uuid, timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ($1, $2, 'EARLIER', 'thing', w(1), w(1)); RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT put(audit_event_id(), audit_event_time());
TABLE stored;

-- In the statement itself: by hand, many rows, sorted before they are stored, of a subquery, of a CTE, with a merge, by a view, prepared, in a loop.
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (audit_event_id(), audit_event_time(), 'BY HAND', 'thing', w(1), w(1));
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES (audit_event_id(), audit_event_time(), 'VALUES', 'thing', w(1), w(1)), (audit_event_id(), DEFAULT, 'VALUES', 'thing', w(1), w(1)), (DEFAULT, DEFAULT, 'VALUES', 'thing', w(1), w(1));
-- The time is drawn before the id, which is left out, and before an event that is recorded meanwhile.
CREATE FUNCTION meanwhile() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM insert_audit_event('MEANWHILE', 'thing', NULL, w(1), w(1)); RETURN 'TIME FIRST'; END $$;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES (DEFAULT, meanwhile(), 'thing', w(1), w(1)), (audit_event_time(), meanwhile(), 'thing', w(1), w(1));
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT i, t, 'SORTED', 'thing', w(1), w(1) FROM (SELECT n, audit_event_id() AS i, audit_event_time() AS t FROM generate_series(1, 500) AS n OFFSET 0) AS drawn ORDER BY n DESC;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ((SELECT audit_event_id()), (SELECT audit_event_time()), 'SUBQUERY', 'thing', w(1), w(1));
WITH drawn AS MATERIALIZED (SELECT audit_event_id() AS i, audit_event_time() AS t)
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT i, t, 'CTE', 'thing', w(1), w(1) FROM drawn;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'MANY', 'thing', w(1), w(1) FROM generate_series(1, 5000);
MERGE INTO audit_events USING generate_series(1, 3) AS n ON false WHEN NOT MATCHED THEN INSERT (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('MERGE', 'thing', w(1), w(1));
CREATE VIEW events AS SELECT * FROM audit_events;
INSERT INTO events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('VIEW', 'thing', w(1), w(1));
INSERT INTO events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (audit_event_id(), audit_event_time(), 'VIEW', 'thing', w(1), w(1));
PREPARE one(text) AS INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ($1, 'thing', w(1), w(1));
DO $$ BEGIN FOR n IN 1..10 LOOP EXECUTE 'EXECUTE one(''PREPARED'')'; INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('LOOP', 'thing', w(1), w(1)); END LOOP; END $$;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM stdin WITH (DELIMITER '|');
COPY|thing|00000000-0000-4000-8000-000000000001|00000000-0000-4000-8000-000000000001
COPY|thing|00000000-0000-4000-8000-000000000001|00000000-0000-4000-8000-000000000001
\.
CREATE TABLE source (n int);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('TRIGGER', 'thing', w(1), w(1)); RETURN NEW; END $$;
CREATE TRIGGER tell BEFORE INSERT ON source FOR EACH ROW EXECUTE FUNCTION tell();
CREATE RULE told AS ON INSERT TO source DO ALSO INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('RULE', 'thing', w(1), w(1));
COPY source FROM PROGRAM 'echo 1; echo 2';
INSERT INTO source VALUES (3);
CREATE FUNCTION in_sql() RETURNS uuid LANGUAGE sql AS $$ INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('SQL FUNCTION', 'thing', w(1), w(1)) RETURNING id $$;
SELECT count(in_sql()) FROM generate_series(1, 3);
-- Storing one event records others before it is stored itself.
BEGIN;
CREATE FUNCTION inner_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.action_type = 'OUTER' THEN INSERT INTO public.audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('INNER', 'thing', NEW.workspace_id, NEW.workspace_id); END IF; RETURN NEW; END $$;
CALL test.past_the_guard('CREATE TRIGGER a_first BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION inner_event()');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'OUTER', 'thing', w(1), w(1) FROM generate_series(1, 3);
TABLE stored;
ROLLBACK;
-- A session that draws and keeps nothing holds on to nothing.
SELECT count(audit_event_id()) FROM generate_series(1, 10000);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('LAST', 'thing', w(1), w(1)) RETURNING test.time_in(id) = created_at AS "as ever";
