-- audit_ext.event_size_limit: what callers record, on each path; not captured changes, the trail's own events, and events that come back from the archive.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION doc(p_size int) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN jsonb_build_object('text', repeat('x', p_size));
-- By default there is none; superusers set one.
SHOW audit_ext.event_size_limit;
SELECT insert_audit_event('A', 'thing', NULL, w(1), w(1), NULL, doc(1000000)) IS NOT NULL AS recorded;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES ('2024-01-01Z', 'OLD', 'thing', w(2), w(1), doc(5000));
-- Its bounds are told with their unit or without, as the version has it.
\set VERBOSITY sqlstate
SET audit_ext.event_size_limit = -1;
\set VERBOSITY default
CREATE ROLE t_writer;
SELECT audit_grant('t_writer', 'writer');
SET ROLE t_writer;
SET audit_ext.event_size_limit = 0;
RESET ROLE;
SET audit_ext.event_size_limit = '1kB';
-- The documents together: 16 bytes of jsonb around each text here. The limit itself is allowed.
SELECT case_, refused.* FROM (VALUES (1, 'NULL, doc(1008)'), (2, 'NULL, doc(1009)'), (3, 'doc(1009), NULL'), (4, 'NULL, NULL, p_metadata => doc(1009)'), (5, 'doc(496), doc(496)'), (6, 'doc(497), doc(496)'), (7, 'doc(400), doc(400), p_metadata => doc(400)'), (8, 'NULL, NULL, p_user_agent => repeat(''x'', 5000)')) AS given (case_, documents),
  LATERAL test.refusal(format('SELECT insert_audit_event(''A'', ''thing'', NULL, w(1), w(1), %s)', documents)) AS refused ORDER BY case_;
-- A batch tells which; nothing of it is recorded. An INSERT is refused, also of a value that is stored compressed elsewhere, and so is COPY.
DO $$ DECLARE told text; detail text; BEGIN PERFORM insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'BATCH', 'resource_type', 't', 'workspace_id', w(1), 'created_by_user_id', w(1)), jsonb_build_object('action_type', 'BATCH', 'resource_type', 't', 'workspace_id', w(1), 'created_by_user_id', w(1), 'metadata', doc(2000))));
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL; RAISE NOTICE '% % / %', SQLSTATE, SQLERRM, detail; END $$;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES ('INSERT', 'thing', w(1), w(1), doc(2000));
CREATE TABLE source AS SELECT 'INSERT' AS action_type, 'thing' AS resource_type, w(1) AS workspace_id, w(1) AS created_by_user_id, doc(200000) AS new_values;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) SELECT * FROM source;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) FROM STDIN (FORMAT csv, QUOTE '~');
COPIED,thing,00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000001,~{"text": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}~
\.
SELECT count(*) AS "batch or insert" FROM audit_events WHERE action_type IN ('BATCH', 'INSERT', 'COPIED');
-- Nothing is refused by capture, and no configuration.
CREATE TABLE things (id uuid PRIMARY KEY, workspace_id uuid, text text);
SELECT audit_track_table('things') \g /dev/null
INSERT INTO things VALUES (w(5), w(1), repeat('x', 5000));
SELECT length(new_values ->> 'text') AS captured FROM audit_events WHERE resource_type = 'things';
SELECT place_audit_hold(w(3), repeat('x', 5000)) IS NOT NULL AS held;
SELECT count(*) AS "own events" FROM audit_events WHERE action_type = 'AUDIT_HOLD_PLACED' AND length(new_values::text) > 5000;
-- What was recorded before goes to the archive and comes back.
SELECT archived_count FROM archive_old_audit_events();
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE action_type = 'OLD')) AS brought_back;
SELECT length(new_values ->> 'text') AS restored FROM audit_events WHERE action_type = 'OLD';
-- Without a limit again.
SET audit_ext.event_size_limit = 0;
SELECT insert_audit_event('A', 'thing', NULL, w(1), w(1), NULL, doc(2000)) IS NOT NULL AS recorded;
