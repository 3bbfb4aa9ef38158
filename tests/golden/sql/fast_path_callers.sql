-- Whoever calls insert_audit_event, and from wherever: each call stores one event, the one it was given, or raises; it is undone with what it was part of.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION rec(p_what text) RETURNS uuid LANGUAGE sql AS $$ SELECT insert_audit_event(p_what, 'call', w(1), w(1), w(1)) $$;
-- What was stored since it was last asked, in order.
CREATE SEQUENCE asked;
CREATE FUNCTION stored() RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  SELECT coalesce(string_agg(CASE n WHEN 1 THEN action_type ELSE action_type || ' x ' || n END, ', ' ORDER BY first), 'nothing') INTO answer
  FROM (SELECT action_type, count(*) AS n, min(id::text) AS first FROM audit_events
    WHERE resource_type = 'call' AND id NOT IN (SELECT id FROM seen) GROUP BY 1) AS new;
  INSERT INTO seen SELECT id FROM audit_events WHERE id NOT IN (SELECT id FROM seen);
  RETURN answer;
END $$;
CREATE TABLE seen (id uuid PRIMARY KEY);
CREATE TABLE t (n int PRIMARY KEY, doc jsonb);
INSERT INTO t SELECT n, jsonb_build_object('n', n) FROM generate_series(1, 3) AS n;

-- Within a statement: twice, in RETURNING, over rows that are locked, over the events themselves, once for a row that is asked for, never for one that is not.
WITH a AS (SELECT rec('FIRST')), b AS (SELECT rec('SECOND')) SELECT (SELECT rec FROM a) < (SELECT rec FROM b) AS "in order";
SELECT stored();
WITH a AS MATERIALIZED (SELECT rec('UNREAD')) SELECT 1 AS one;
UPDATE t SET doc = doc || '{"u": 1}' WHERE n < 3 RETURNING n, rec('RETURNING') IS NOT NULL AS recorded;
SELECT count(rec('LOCKED')) FROM (SELECT n FROM t FOR UPDATE) AS locked;
SELECT count(rec('LIMITED')) FROM (SELECT n FROM t ORDER BY n LIMIT 2) AS limited;
SELECT stored();
SELECT count(rec('EACH')) = (SELECT count(*) FROM audit_events) AS "an event for each there was" FROM audit_events;
SELECT count(*) = count(DISTINCT id) AS unique FROM audit_events;
SELECT stored() IS NOT NULL AS seen;
-- A statement does not see what its functions record; the next one does.
SELECT count(*) FILTER (WHERE rec('MEANWHILE') IS NOT NULL) AS called, (SELECT count(*) FROM audit_events WHERE action_type = 'MEANWHILE') AS seen FROM t;
SELECT stored();
-- A cursor over the events does not see those recorded since it was opened, nor does one that is kept lose any.
BEGIN;
DECLARE c CURSOR FOR SELECT action_type FROM audit_events WHERE action_type IN ('MEANWHILE', 'BEHIND');
FETCH 1 FROM c;
SELECT rec('BEHIND') IS NOT NULL AS recorded;
MOVE ALL FROM c;
DECLARE kept CURSOR WITH HOLD FOR SELECT n, rec('KEPT') IS NOT NULL AS recorded FROM t ORDER BY n;
COMMIT;
FETCH ALL FROM kept;
CLOSE kept;
SELECT stored();
-- COPY, CREATE TABLE AS, EXPLAIN ANALYZE, a generic and a custom plan.
COPY (SELECT rec('COPIED') IS NOT NULL FROM t WHERE n = 1) TO STDOUT;
CREATE TABLE made AS SELECT rec('MADE') AS id;
SELECT count(*) AS found FROM made JOIN audit_events USING (id);
DO $$ BEGIN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT rec(''EXPLAINED'')'; END $$;
PREPARE planned (text) AS SELECT insert_audit_event($1, 'call', w(1), w(1), w(1)) IS NOT NULL AS recorded;
SET plan_cache_mode = force_generic_plan;
EXECUTE planned ('GENERIC');
SET plan_cache_mode = force_custom_plan;
EXECUTE planned ('CUSTOM');
RESET plan_cache_mode;
DISCARD ALL;
SELECT rec('DISCARDED') IS NOT NULL AS recorded;
SELECT stored();

-- Triggers of others: of an unlogged and a temporary table, at the end of the transaction, and one that is undone.
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM rec(TG_ARGV[0] || NEW.n); RETURN NEW; END';
CREATE UNLOGGED TABLE u (n int PRIMARY KEY);
CREATE TRIGGER note BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION note('U');
CREATE CONSTRAINT TRIGGER at_end AFTER INSERT ON u DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note('END');
INSERT INTO u VALUES (1), (2);
SELECT stored();
INSERT INTO u VALUES (3), (1);
INSERT INTO u VALUES (3), (1) ON CONFLICT DO NOTHING;
SELECT stored();
BEGIN;
INSERT INTO u VALUES (4);
SELECT rec('BEFORE_END') IS NOT NULL AS recorded;
COMMIT;
SELECT stored();

-- A thousand savepoints deep, all but the first ten undone.
BEGIN;
\set ECHO errors
\o /dev/null
SELECT unnest(ARRAY[format('SAVEPOINT s%s', n), 'SELECT rec(''DEPTH'')']) FROM generate_series(1, 1000) AS n \gexec
\o
\set ECHO all
ROLLBACK TO s11;
SELECT rec('ON_TOP') IS NOT NULL AS recorded;
COMMIT;
SELECT stored();
-- A batch with a bad element in its midst leaves nothing behind, no policies either, and the session goes on.
SELECT code, message FROM test.refusal($$SELECT insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', CASE n WHEN 501 THEN '' ELSE 'BULK' END, 'resource_type', 'call',
  'workspace_id', w(n), 'created_by_user_id', w(1))) FROM generate_series(1, 1000) AS n))$$);
SELECT count(insert_audit_event('AFTER_BULK', 'call', NULL, w(n), w(1))) FROM generate_series(499, 503) AS n;
SELECT stored(), (SELECT count(*) FROM audit_retention_policies WHERE workspace_id <> w(1)) AS policies;

-- Where nothing may be written.
BEGIN READ ONLY;
SELECT code FROM test.refusal($$SELECT rec('READ_ONLY')$$);
SELECT code FROM test.refusal($$SELECT insert_audit_events('[{"action_type": "READ_ONLY"}]')$$);
COMMIT;
CREATE FUNCTION lies(int) RETURNS uuid LANGUAGE sql PARALLEL SAFE AS $$ SELECT insert_audit_event('WORKER', 'call', w(1), w(1), w(1)) $$;
CREATE TABLE numbers AS SELECT n FROM generate_series(1, 10000) AS n;
ANALYZE numbers;
SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size');
SELECT code FROM test.refusal('SELECT count(lies(n)) FROM numbers');
SELECT count(rec('LEADER')) FROM numbers WHERE n <= 2;
SELECT stored();
-- Who may, and under whose name: asked at each call.
CREATE ROLE t_writer;
SELECT audit_grant('t_writer', 'writer');
SET ROLE t_writer;
SELECT insert_audit_event('MAY', 'call', w(1), w(1), w(1)) IS NOT NULL AS recorded;
RESET ROLE;
SELECT audit_revoke('t_writer', 'writer');
SET ROLE t_writer;
SELECT insert_audit_event('MAY_NOT', 'call', w(1), w(1), w(1)) IS NOT NULL AS recorded;
RESET ROLE;
-- Names of ours in front.
CREATE TEMP TABLE audit_events (LIKE public.audit_events);
CREATE TEMP TABLE audit_retention_policies (LIKE public.audit_retention_policies);
SELECT insert_audit_event('HIDDEN', 'call', w(1), w(2000), w(1)) IS NOT NULL AS recorded, (SELECT count(*) FROM audit_events) AS here;
DROP TABLE audit_events, audit_retention_policies;
SELECT stored();
