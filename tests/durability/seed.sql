-- A trail with something of everything, for tests that copy it; check.sql shows it. Variable: schema, where the extension is.
SET search_path = :"schema";
SET client_min_messages = warning;

CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE TABLE team (workspace uuid NOT NULL, member uuid NOT NULL);
INSERT INTO team SELECT w(workspace), w(member) FROM generate_series(1, 5) AS workspace, generate_series(1, 9) AS member;

-- History: two years, every second month drained into its partition, the rest left in the default partition.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values)
SELECT '2022-01-15 12:00:00.123456Z'::timestamptz + n * interval '3 days', 'HISTORY', 'thing', w(n % 7), w(1 + n % 3), w(1 + n % 9),
       jsonb_build_object('n', n, 'same', 1), jsonb_build_object('n', n + 1, 'same', 1)
FROM generate_series(1, 120) AS n;
SELECT (SELECT count(*) FROM create_monthly_audit_partition(4)) + (SELECT count(*) FROM create_past_audit_partitions('2020-01-01', '2024-12-31'));
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '2023-03-01Z'::timestamptz + n * interval '1 week', 'STRAY', 'thing', w(2), w(1 + n % 9) FROM generate_series(1, 20) AS n;

-- Live events with every column, and text that is hard to copy.
SELECT insert_audit_event('LOGIN', 'session', NULL, w(1), w(1), NULL, '{"a": {"b": [1, null, "\u00e9"]}}', '2001:db8::1/64',
  E'agent \\ "quoted" ''twice''\ttab\nline \\.', ARRAY['security', NULL, '', 'NULL', '{a,b}', E'\\'], '{"k": "\\."}', '\N') IS NOT NULL;
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing',
  'workspace_id', w(1 + n % 3), 'created_by_user_id', w(1 + n % 9), 'tags', jsonb_build_array('t', n::text), 'metadata', to_jsonb(n)))
  FROM generate_series(1, 30) AS n));

SELECT insert_audit_event('KEYED', 'thing', NULL, w(1), w(1), p_idempotency_key => 'dumped') IS NOT NULL;

-- The archive at work: two months that changed sides as a whole, one of them with events that came back, the default partition and
-- another month event by event, a purge; holds in force and released; a run that was undone.
UPDATE audit_retention_policies SET hot_retention_days = 36500, warm_archive_days = 36500;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(6), 30, 400, 'month'), (w(7), 30, 400, 'event');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT '2021-03-20 08:00Z'::timestamptz + n * interval '1 day', 'MONTH', 'thing', w(6), w(1 + n % 9), jsonb_build_object('n', n) FROM generate_series(1, 30) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '2023-05-20 08:00Z'::timestamptz + n * interval '1 day', 'ROW', 'thing', w(7), w(1 + n % 9) FROM generate_series(1, 5) AS n;
SELECT (SELECT count(*) FROM create_monthly_audit_partition(4)) + (SELECT count(*) FROM create_past_audit_partitions('2020-01-01', '2024-12-31'));
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '2024-02-20 08:00Z'::timestamptz + n * interval '1 day', 'ROW', 'thing', w(7), w(1 + n % 9) FROM generate_series(1, 5) AS n;
SELECT archived_count FROM archive_old_audit_events();
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(6) AND extract(day FROM created_at) IN (18, 28)), '10000 days');
SELECT deleted_count FROM purge_expired_audit_events(w(7), 'TEST', 'T-1');
SELECT place_audit_hold(w(6), 'case 1'), place_audit_hold(w(2), 'case 2', w(3));
SELECT release_audit_hold(place_audit_hold(w(2), 'case 3'), 'closed');
BEGIN; SELECT archived_count FROM archive_old_audit_events(); ROLLBACK;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '2025-02-20 08:00Z'::timestamptz + n * interval '1 day', 'ROW', 'thing', w(7), w(1 + n % 9) FROM generate_series(1, 5) AS n;

-- Archived and deleted events and a log entry, as later releases write them; and one that a server made whose clock was ahead.
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, deleted_at, deletion_reason)
SELECT ('016f5e66-e800-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '2020-01-01Z'::timestamptz + n * interval '20 days', 'ARCHIVED', 'thing',
       w(1 + n % 3), w(1), CASE WHEN n = 5 THEN '2024-01-01Z'::timestamptz END, CASE WHEN n = 5 THEN 'asked for' END
FROM generate_series(1, 10) AS n;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7000800000000000000a')::uuid, t, 'AHEAD', 'thing', w(4), w(1)
FROM (VALUES ('2099-07-01Z'::timestamptz)) AS times (t);
INSERT INTO audit_deletion_log (deleted_at, deleted_by_role, acting_role, workspace_id, deletion_authority, event_count, is_irrevocable)
VALUES ('2024-01-01Z', 'postgres', 'postgres', w(1), 'GDPR', 1, true);
SET session_replication_role = DEFAULT;

-- Configuration.
INSERT INTO audit_event_sequence VALUES (w(3), w(99), now());
INSERT INTO audit_event_sequence VALUES (w(5), w(99), '2024-05-05Z');
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'SOC 2', hot_retention_days = 30 WHERE workspace_id = w(1);
SELECT audit_set_membership_source('team', 'workspace', 'member');
SELECT audit_grant('dump_writer', 'writer'), audit_grant('dump_reader', 'reader'), audit_grant('dump_gone', 'operator');
SELECT audit_revoke('dump_gone', 'operator');
SELECT count(*) FROM (SELECT audit_index(kind) FROM unnest(ARRAY['actor', 'action', 'request_id', 'contains']) AS kind) AS built;
CREATE INDEX their_own_idx ON audit_events (action_type);
