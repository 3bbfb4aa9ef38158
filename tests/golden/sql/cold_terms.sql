-- What readers and keepers are told of cold storage: explain_audit_retention(), the notice of a page that ends short, a page after an event that is in a file,
-- and audit_health().
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE VIEW explained AS SELECT e.location, e.outcome, e.reason, e.event_count FROM explain_audit_retention(w(1)) AS e;
CREATE VIEW sick AS SELECT status, regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>') AS detail, hint FROM audit_health() WHERE check_name = 'cold_objects';
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) SELECT w(n), 5, 1000 FROM generate_series(1, 2) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT month + n * interval '1 hour', 'A' || n, 'thing', w(1), w(70 + n % 2)
FROM unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z', '2020-03-05Z', now() - interval '8 days']) AS month, generate_series(0, 3) AS n;
SELECT archived_count FROM archive_old_audit_events();

-- Without a cold period everything is as ever, and nothing is told.
SELECT * FROM explained;
UPDATE audit_retention_policies SET cold_retention_days = 36500 WHERE workspace_id = w(1);
SELECT * FROM explained WHERE location = 'archive';
SET client_min_messages = notice;
SELECT count(*) FROM get_audit_trail(w(1), p_days_back := 36500);
SET client_min_messages = warning;
SELECT * FROM sick;

-- January and February go.
SELECT test.cold_stored(w(1), '2020-01-01') AS january \gset
SELECT test.cold_stored(w(1), '2020-02-01') AS february \gset
CREATE TABLE files AS SELECT o.object_id, e.chunk, e.events FROM audit_cold_objects AS o, test.cold_events(o.object_id) AS e;
SELECT id AS in_january FROM audit_events_archive WHERE created_at < '2020-01-06Z' ORDER BY created_at, id OFFSET 1 LIMIT 1 \gset
SELECT id AS in_march FROM audit_events_archive WHERE created_at BETWEEN '2020-03-01Z' AND '2020-03-06Z' ORDER BY created_at, id LIMIT 1 \gset
SELECT released_count FROM release_audit_cold_object(:'january', 'policy', 'T-1');
SELECT released_count FROM release_audit_cold_object(:'february', 'policy', 'T-1');
SELECT * FROM explained;
-- One event on loan counts in the archive.
SELECT restore_audit_cold_events(object_id, chunk, events, ARRAY[:'in_january'::uuid]) FROM files WHERE object_id = :'january';
SELECT * FROM explained WHERE location <> 'hot';
SELECT place_audit_hold(w(1), 'case 1', w(70)) AS hold \gset
SELECT * FROM explained WHERE location <> 'hot';
SELECT release_audit_hold(:'hold', 'closed');
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'HIPAA' WHERE workspace_id = w(1);
SELECT * FROM explained WHERE location <> 'hot';

-- The notice: a short page whose window reaches a released month, and no other page.
SET client_min_messages = notice;
SELECT count(*) AS "all that is left" FROM get_audit_trail(w(1), p_days_back := 36500, p_limit := 1000);
SELECT count(*) AS "a full page" FROM get_audit_trail(w(1), p_days_back := 36500, p_limit := 2);
SELECT count(*) AS "last month" FROM get_audit_trail(w(1), p_days_back := 30, p_limit := 1000);
SELECT count(*) AS "continued" FROM get_audit_trail(w(1), p_days_back := 36500, p_before_event_id := :'in_march');
SELECT count(*) AS "before what is on loan" FROM get_audit_trail(w(1), p_days_back := 36500, p_before_event_id := :'in_january');
SELECT count(*) AS "another workspace" FROM get_audit_trail(w(2), p_days_back := 36500);
SELECT count(*) AS "found everywhere" FROM search_audit_events(p_from := '-infinity', p_actions := ARRAY['A*'], p_limit := 1000);
-- A count and an export lack the same events. One whose window ends where a month in a file begins does not.
SELECT * FROM count_audit_events(w(1), '-infinity', p_actions := ARRAY['A*']);
SELECT * FROM count_audit_events(w(1), '-infinity', p_actions := ARRAY['A*'], p_up_to := 1);
SELECT * FROM count_audit_events(w(1), '-infinity', '2020-01-05Z');
SELECT * FROM count_audit_events(w(1), '2020-03-01Z', p_actions := ARRAY['A*']);
SELECT * FROM count_audit_events(w(2), '-infinity', p_actions := ARRAY['A*']);
SELECT * FROM count_audit_events(p_from := '-infinity', p_actions := ARRAY['A*']);
BEGIN;
SELECT count(*) AS exported FROM export_audit_events(w(1), p_actions := ARRAY['A*']);
SELECT count(*) AS "exported of later" FROM export_audit_events(w(1), p_actions := ARRAY['A*'], p_after_event_id := :'in_march');
ROLLBACK;
SET client_min_messages = warning;
-- An event that is in a file, and one that is nowhere.
CREATE FUNCTION refused_without_id(p_sql text, OUT code text, OUT message text, OUT hint text) LANGUAGE sql AS $$
  SELECT code, regexp_replace(message, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>'), hint FROM test.refusal(p_sql) $$;
SELECT first_id AS cold FROM audit_cold_objects WHERE object_id = :'february' \gset
SELECT * FROM refused_without_id(format('SELECT get_audit_trail(w(1), p_before_event_id := %L)', :'cold'));
SELECT * FROM refused_without_id(format('SELECT get_audit_trail(w(2), p_before_event_id := %L)', :'cold'));
SELECT * FROM refused_without_id(format('SELECT get_audit_trail(w(1), p_before_event_id := %L)', test.id_at('2020-02-20Z', 1)));
SELECT * FROM refused_without_id('SELECT get_audit_trail(w(1), p_before_event_id := w(1))');

-- Health: as it should be, then lost, altered, unreadable, found again.
SELECT * FROM sick;
SELECT report_audit_cold_check(:'january', 'missing');
SELECT report_audit_cold_check(:'february', 'altered', 'another digest');
SELECT * FROM sick;
SELECT report_audit_cold_check(:'january', 'unreadable');
SELECT report_audit_cold_check(:'february', 'ok');
SELECT * FROM sick;
SELECT report_audit_cold_check(:'january', 'ok');
SELECT * FROM sick;
-- Neglected for as long as it may be.
BEGIN;
CALL test.past_the_guard($$ALTER TABLE audit_cold_objects DISABLE TRIGGER ALL$$);
UPDATE audit_cold_objects SET checked_at = now() - interval '34 days', stored_at = now() - interval '34 days';
SELECT status, detail FROM sick;
UPDATE audit_cold_objects SET checked_at = now() - interval '36 days';
SELECT * FROM sick;
UPDATE audit_cold_objects SET checked_at = now(), state = 'condemned', condemned_at = now() - interval '8 days', condemned_by_user_id = w(1), condemned_by_role = 'r', condemned_reason = 'test';
SELECT * FROM sick;
UPDATE audit_cold_objects SET state = 'stored', stored_at = now() - interval '31 days', released_at = NULL, released_by_user_id = NULL, released_by_role = NULL, release_log_id = NULL,
  condemned_at = NULL, condemned_by_user_id = NULL, condemned_by_role = NULL, condemned_reason = NULL;
SELECT * FROM sick;
ROLLBACK;
SELECT metric, labels, value FROM audit_metrics() WHERE metric LIKE 'audit_cold_%' AND metric <> 'audit_cold_bytes' ORDER BY metric, labels::text;
