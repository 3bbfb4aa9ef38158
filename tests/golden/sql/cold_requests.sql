-- Who may release cold objects: directly with a ticket; where events are kept for ever or the policy wants four eyes, by a request that somebody else
-- approves; and nobody under a hold on the workspace or on any user of it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE ROLE t_cold_ann LOGIN;
CREATE ROLE t_cold_bob LOGIN;
CREATE ROLE t_cold_op LOGIN;
SELECT audit_grant('t_cold_ann', 'compliance'), audit_grant('t_cold_bob', 'compliance'), audit_grant('t_cold_op', 'operator');
GRANT USAGE ON SCHEMA public TO t_cold_ann, t_cold_bob, t_cold_op;
CREATE FUNCTION refused(p_sql text, OUT code text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.code, regexp_replace(r.message, '[0-9a-f]{8}-[0-9a-f]{4}-[^1][0-9a-f-]{21}', '<id>'), r.hint INTO code, message, hint FROM test.refusal(p_sql) AS r;
END $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 5, 10, 36500 FROM generate_series(1, 3) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT month + n * interval '1 hour', 'A' || n, 'thing', w(ws), w(70 + n % 2)
FROM generate_series(1, 3) AS ws, unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z']) AS month, generate_series(0, 3) AS n ORDER BY ws, month, n;
SELECT archived_count FROM archive_old_audit_events();
CREATE VIEW objects AS SELECT right(workspace_id::text, 1) AS w, month, state, request_id IS NOT NULL AS by_request FROM audit_cold_objects ORDER BY workspace_id, month, opened_at;
SELECT count(test.cold_stored(w(ws), month)) AS stored FROM generate_series(1, 2) AS ws, unnest(ARRAY[date '2020-01-01', '2020-02-01']) AS month;
SELECT object_id AS one FROM audit_cold_objects WHERE workspace_id = w(1) ORDER BY month LIMIT 1 \gset

-- Holds: on the workspace, on a user with events in the object, on a user without any.
SELECT place_audit_hold(w(1), 'case 1') AS hold \gset
SELECT * FROM refused(format('SELECT release_audit_cold_object(%L, ''policy'', ''T'')', :'one'));
SELECT release_audit_hold(:'hold', 'closed'), place_audit_hold(w(1), 'case 2', w(70)) AS hold \gset
SELECT * FROM refused(format('SELECT release_audit_cold_object(%L, ''policy'', ''T'')', :'one'));
SELECT release_audit_hold(:'hold', 'closed'), place_audit_hold(w(1), 'case 3', w(99)) AS hold \gset
SELECT code, message FROM refused(format('SELECT release_audit_cold_object(%L, ''policy'', ''T'')', :'one'));
SELECT release_audit_hold(:'hold', 'closed'), place_audit_hold(w(2), 'another workspace') AS other \gset
SELECT released_count, deletion_log_id IS NOT NULL AS logged FROM release_audit_cold_object(:'one', 'policy', 'T-1');
SELECT release_audit_hold(:'other', 'closed');

-- Compliance mode and requires_approval: by request only.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'HIPAA' WHERE workspace_id = w(2);
UPDATE audit_retention_policies SET requires_approval = true WHERE workspace_id = w(1);
SELECT DISTINCT r.* FROM audit_cold_objects AS o, refused(format('SELECT release_audit_cold_object(%L, ''policy'', ''T'')', o.object_id)) AS r WHERE o.state = 'stored';
UPDATE audit_retention_policies SET is_compliance_mode = false WHERE workspace_id = w(2);
SELECT r.code AS "left a moment ago" FROM audit_cold_objects AS o, refused(format('SELECT release_audit_cold_object(%L, ''policy'', ''T'')', o.object_id)) AS r WHERE o.state = 'stored' AND o.workspace_id = w(2) LIMIT 1;
SET SESSION AUTHORIZATION t_cold_op;
SELECT code, message FROM refused('SELECT request_audit_cold_release(w(2), ''policy'')');
SET SESSION AUTHORIZATION t_cold_ann;
SELECT code, message FROM refused('SELECT request_audit_cold_release(NULL, ''policy'')');
SELECT code, message FROM refused('SELECT request_audit_cold_release(w(2), '' '')');
SELECT request_audit_cold_release(p_workspace_id := w(2), p_authority := 'policy', p_reason := 'room') AS two \gset
SELECT * FROM refused(format('SELECT approve_audit_deletion(%L, ''T'')', :'two'));
RESET SESSION AUTHORIZATION;
SELECT kind, state, subject_user_id, reason FROM audit_deletion_requests;
-- Under a hold an approval does nothing either.
SELECT place_audit_hold(w(2), 'case 4', w(71)) AS hold \gset
SET SESSION AUTHORIZATION t_cold_bob;
SELECT * FROM refused(format('SELECT approve_audit_deletion(%L, ''T-2'')', :'two'));
RESET SESSION AUTHORIZATION;
SELECT release_audit_hold(:'hold', 'closed');
SELECT * FROM objects;
-- Somebody else approves, and all stored objects are released.
SET SESSION AUTHORIZATION t_cold_bob;
SELECT deleted_count, deletion_log_id IS NOT NULL AS logged FROM approve_audit_deletion(:'two', 'T-2');
RESET SESSION AUTHORIZATION;
SELECT * FROM objects;
SELECT state, deletion_log_id = (SELECT release_log_id FROM audit_cold_objects WHERE workspace_id = w(2) ORDER BY month DESC LIMIT 1) AS "of the last object" FROM audit_deletion_requests;
SELECT kind, event_count, is_irrevocable, deletion_authority, approval_ticket_id FROM audit_deletion_log WHERE kind = 'cold' ORDER BY deleted_at;
SELECT action_type, count(*) FROM audit_events WHERE action_type LIKE 'AUDIT_DELETION%' OR action_type = 'AUDIT_COLD_RELEASED' GROUP BY 1 ORDER BY 1;
-- A request of a workspace without stored objects, a rejected one, and one that cools off.
SET SESSION AUTHORIZATION t_cold_ann;
SELECT request_audit_cold_release(w(3), 'policy') AS three \gset
SELECT request_audit_cold_release(w(1), 'policy') AS first \gset
RESET SESSION AUTHORIZATION;
UPDATE audit_retention_policies SET cooling_off_days = 7 WHERE workspace_id = w(1);
SET SESSION AUTHORIZATION t_cold_bob;
SELECT * FROM refused(format('SELECT approve_audit_deletion(%L, ''T-3'')', :'three'));
SELECT reject_audit_deletion(:'three', 'nothing to release');
SELECT * FROM approve_audit_deletion(:'first', 'T-4');
SELECT code, regexp_replace(message, 'until .*', 'until <then>') AS message FROM refused(format('SELECT execute_audit_deletion(%L)', :'first'));
RESET SESSION AUTHORIZATION;
SELECT state, count(*) FROM audit_deletion_requests GROUP BY 1 ORDER BY 1;
-- The room of what was released may be given back; an id that is nothing is told.
SELECT release_log_id AS entry FROM audit_cold_objects WHERE workspace_id = w(2) ORDER BY month LIMIT 1 \gset
SELECT audit_scrub(:'entry');
SELECT count(*) AS scrubs, min(cardinality(partitions)) > 0 AS rewrote FROM audit_deletion_scrubs;
SELECT * FROM refused('SELECT audit_scrub(w(1))');
SELECT code, message FROM refused(format('SELECT audit_deletion_certificate(%L)', (SELECT id FROM audit_deletion_log WHERE kind = 'cold' AND is_irrevocable IS FALSE LIMIT 1)));
RESET SESSION AUTHORIZATION;
DROP OWNED BY t_cold_ann, t_cold_bob, t_cold_op;
DROP ROLE t_cold_ann, t_cold_bob, t_cold_op;
