-- Whatever is done in whatever order, each event is in the database, or in the file of one released object, or on loan: then in both, and the same.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = error;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 3650);
SELECT count(*) >= 0 AS made FROM create_past_audit_partitions('2024-02-01', '2024-02-29');
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values, tags)
SELECT timestamptz '2024-02-10+00' + n * interval '11 hours', 'ACT', 'thing', CASE n % 5 WHEN 0 THEN w(71) END, w(1), w(71 + n % 40), jsonb_build_object('n', n), '{a,NULL}' FROM generate_series(1, 80) AS n;
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) > 0 AS sealed FROM audit_seal();
CREATE TABLE recorded AS SELECT id, workspace_id, created_at FROM audit_events_archive WHERE resource_type = 'thing';

-- Where each event is: how often in the database, in how many files that count, on loan or not; and whether what is on loan is still what was lent, as far as it was not moved or erased since.
CREATE VIEW place AS
SELECT recorded.id, (SELECT count(*) FROM audit_events AS e WHERE e.id = recorded.id) + (SELECT count(*) FROM audit_events_archive AS e WHERE e.id = recorded.id) AS stored,
  (SELECT count(*) FROM test.chunks JOIN audit_cold_objects AS object USING (object_id) WHERE object.state = 'released' AND position(uuid_send(recorded.id) IN bytes) > 0) AS filed,
  EXISTS (SELECT FROM audit_cold_loans WHERE event_id = recorded.id) AS is_lent
FROM recorded;
CREATE FUNCTION wrong() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM place WHERE (stored, filed, is_lent) NOT IN ((1, 0, false), (0, 1, false), (1, 1, true)) $$;

CREATE FUNCTION step(p_number int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  what text := (ARRAY['export', 'export', 'release', 'release', 'lend', 'lend', 'return', 'hot', 'archive', 'archive', 'erase', 'replace', 'replace', 'replace', 'discard'])[1 + floor(random() * 15)];
  month date := (ARRAY['2024-02-01', '2024-03-01'])[1 + floor(random() * 2)];
  object uuid;
  successor uuid;
BEGIN
  CASE what
  WHEN 'export' THEN PERFORM test.export(w(1), month);
  WHEN 'release' THEN PERFORM release_audit_cold_object(object_id, 'TEST', 'T-1') FROM audit_cold_objects WHERE state = 'stored';
  WHEN 'lend' THEN PERFORM restore_audit_cold_events(object_id, chunk, bytes, (SELECT array_agg(id) FROM recorded WHERE random() < 0.3)) FROM test.chunks JOIN audit_cold_objects USING (object_id) WHERE state = 'released';
  WHEN 'return' THEN PERFORM return_audit_cold_loans(w(1), 'TEST', 'T-2', '0');
  WHEN 'hot' THEN PERFORM restore_audit_events((SELECT array_agg(id) FROM recorded WHERE random() < 0.1), '0');
  WHEN 'archive' THEN PERFORM archive_old_audit_events();
  WHEN 'erase' THEN PERFORM delete_user_audit_events_compliant(w(71 + floor(random() * 40)::int), w(1), 'TEST', 'T-' || p_number, random() < 0.3);
  WHEN 'discard' THEN PERFORM discard_audit_cold_object(object_id, 'test') FROM audit_cold_objects WHERE state IN ('open', 'stored') AND random() < 0.2;
  WHEN 'replace' THEN
    FOR object IN SELECT DISTINCT object_id FROM audit_cold_objects JOIN audit_cold_erasures USING (object_id) WHERE state = 'released' AND NOT is_done LOOP
      successor := test.erase(object);
      IF successor IS NOT NULL THEN PERFORM replace_audit_cold_object(object, test.successor(successor)); END IF;
    END LOOP;
  END CASE;
  RETURN what;
EXCEPTION WHEN restrict_violation OR invalid_parameter_value THEN RETURN what || ' refused';
END $$;
CREATE TABLE walk (number int, what text, wrong bigint);
DO $$
DECLARE
  what text;
BEGIN
  PERFORM setseed(0.42);
  FOR number IN 1 .. 300 LOOP
    what := step(number);
    INSERT INTO walk VALUES (number, what, wrong());
  END LOOP;
END $$;
SELECT count(*) AS steps, sum(wrong) AS "events in a wrong place" FROM walk;
SELECT * FROM walk WHERE wrong > 0 ORDER BY number LIMIT 5;
-- Each kind of step was taken, and some were refused.
SELECT count(DISTINCT what) FILTER (WHERE what NOT LIKE '% refused') AS kinds, count(*) FILTER (WHERE what LIKE '% refused') > 0 AS refused FROM walk;
SELECT count(*) FILTER (WHERE replaces IS NULL AND released_at IS NOT NULL) > 0 AS released, count(*) FILTER (WHERE replaces IS NOT NULL AND released_at IS NOT NULL) > 0 AS replaced FROM audit_cold_objects;
-- What is lent and was not erased since is as it was lent, and is of an object whose file must exist.
SELECT count(*) FILTER (WHERE state <> 'released') AS "without a file", count(*) FILTER (WHERE row_sha256 <> sha256(test.canonical(e)) AND e.deleted_at IS NULL) AS changed FROM audit_cold_loans JOIN audit_cold_objects USING (object_id) JOIN audit_events_archive AS e ON e.id = event_id;
SELECT count(*) > 0 AS sealed FROM audit_seal();
SELECT DISTINCT severity, code FROM audit_verify() WHERE code <> 'cold';
