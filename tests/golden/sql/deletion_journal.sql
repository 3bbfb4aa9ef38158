-- The journal of deletions: what was erased and purged here is carried out again in a database as it was before, which has the events in other tables; once, under the
-- same ids, up to the cutoff, from the list alone, and not against a hold of today. What was changed in it is refused.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
SELECT current_database() AS here, current_database() || '_backup' AS backup \gset
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) SELECT w(n), 60 FROM generate_series(1, 5) AS n;
-- Persons 70 to 72 in workspaces 1 to 5, from 500 days ago to today; person 72 is the resource of some of 71. All is hot, as a backup may have it.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
SELECT now() - (100 - n) * interval '5 days', 'ACT', 'thing', CASE n % 9 WHEN 1 THEN w(72) END, w(1 + n % 5), w(70 + n % 3), jsonb_build_object('secret', n) FROM generate_series(1, 99) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions(make_date(2015, 1, 1), current_date);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
CREATE VIEW state AS SELECT right(workspace_id::text, 1) AS workspace, string_agg(count || CASE WHEN is_erased THEN ' erased' ELSE ' alive' END, ', ' ORDER BY is_erased) AS events
  FROM (SELECT workspace_id, deleted_at IS NOT NULL AS is_erased, count(*) AS count FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE action_type = 'ACT' GROUP BY 1, 2) AS counted GROUP BY 1 ORDER BY 1;
CREATE FUNCTION marks() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(row(id, new_values, deleted_at, deleted_by_user_id, deletion_reason, seal_key)::text, ',' ORDER BY id)) FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE action_type = 'ACT'
$$;
CREATE VIEW found AS SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
\c postgres
CREATE DATABASE :"backup" TEMPLATE :"here";
\c :"here"
SET client_min_messages = warning;
-- Here much happens: an archive run, an erasure with what is about the person, a purge, an erasure in all workspaces, and one that finds nothing.
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT clock_timestamp() AS begun \gset
SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(1), 'GDPR', 'T-1', true, 'letter');
SELECT deleted_count FROM purge_expired_audit_events(w(2), 'SOC2', 'T-2');
SELECT deleted_count, workspace_count FROM delete_person_audit_events(w(70), 'GDPR', 'T-3');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(99), w(1), 'GDPR', 'T-4');
TABLE state;
SELECT count(*) AS lines, count(*) FILTER (WHERE line LIKE '%secret%') AS "with payload", count(DISTINCT line::jsonb ->> 'id') AS ids,
  string_agg(coalesce(line::jsonb #>> '{entry,kind}', '-') || ' ' || (line::jsonb #>> '{entry,event_count}'), ', ' ORDER BY line::jsonb #>> '{entry,kind}', (line::jsonb #>> '{entry,event_count}')::int) AS told FROM export_audit_deletions() WITH ORDINALITY AS exported (line, n);
SELECT (SELECT count(*) FROM export_audit_deletions(:'begun')) AS since, (SELECT count(*) FROM export_audit_deletions('infinity')) AS later;
SELECT jsonb_agg(line::jsonb ORDER BY n) AS journal, min(line::jsonb ->> 'id') FILTER (WHERE line::jsonb #>> '{entry,approval_ticket_id}' = 'T-1') AS entry FROM export_audit_deletions() WITH ORDINALITY AS exported (line, n) \gset
SELECT marks() AS here_marks \gset
CREATE VIEW log AS SELECT id, approval_ticket_id, event_count, deleted_at, cutoff, parent_id FROM audit_deletion_log WHERE is_irrevocable;
SELECT md5(string_agg(log::text, ',' ORDER BY id)) AS here_log FROM log \gset
-- Here all are known.
SELECT outcome, count(*), sum(event_count) AS events FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-0') GROUP BY 1;

-- In the backup, later: an event that came since the journal ends, and a hold.
\c :"backup"
SET client_min_messages = warning;
TABLE state;
SELECT insert_audit_event('ACT', 'thing', NULL, w(1), w(70), NULL, '{"later": 1}') IS NOT NULL AS later;
-- Whatever is changed is refused, and nothing is deleted.
CREATE FUNCTION test.changed(p_journal jsonb, p_path text[], p_value jsonb) RETURNS TABLE (code text, message text) LANGUAGE sql AS $$
  SELECT code, message FROM test.refusal(format('SELECT * FROM reapply_audit_deletions(%L, ''RESTORE'', ''R'')', jsonb_set(p_journal, p_path, p_value)))
$$;
SELECT no, changed.* FROM (VALUES (1, '{0,entry,cutoff}', to_jsonb('2100-01-01 00:00:00+00'::text)), (2, '{1,entry,cutoff}', 'null'), (3, '{0,entry,subject_user_id}', to_jsonb(w(71))), (4, '{2,entry,workspace_id}', to_jsonb(w(3))),
  (5, '{1,event_ids}', '[]'), (6, '{0,event_ids,0}', '"AAAA"'), (7, '{0,id}', to_jsonb(w(1))), (8, '{3}', '1'), (9, '{0,entry,more}', '1'), (10, '{0,more}', '1')) AS change (no, path, value),
  LATERAL test.changed(:'journal', path::text[], value) ORDER BY no;
SELECT code, message, hint FROM unnest(ARRAY['NULL', '''{}''', '''"x"''']) AS journal, LATERAL test.refusal(format('SELECT * FROM reapply_audit_deletions(%s, ''RESTORE'', ''R'')', journal));
SELECT code, message FROM unnest(ARRAY['NULL, ''R''', '''Retention_Policy'', ''R''', '''RESTORE'', NULL', '''RESTORE'', '' ''']) AS grounds, LATERAL test.refusal(format('SELECT * FROM reapply_audit_deletions(''[]'', %s)', grounds));
TABLE state;
SELECT count(*) AS entries FROM audit_deletion_log;
-- Under holds of today: on the person, and on somebody whose events a purge listed.
SELECT place_audit_hold(w(1), 'case', w(72)) AS first, place_audit_hold(w(2), 'case', w(71)) AS second, place_audit_hold(w(3), 'case') AS third, place_audit_hold(w(4), 'case', w(99)) AS fourth \gset
BEGIN;
SELECT outcome, count(*), sum(event_count) AS events FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-1') GROUP BY 1 ORDER BY 1;
TABLE state;
SELECT approval_ticket_id, count(*) FROM audit_deletion_log WHERE is_irrevocable GROUP BY 1 ORDER BY 1;
ROLLBACK;
SELECT release_audit_hold(hold, 'over') FROM unnest(ARRAY[:'first', :'second', :'third']::uuid[]) AS hold \g /dev/null
-- Where the policy keeps what was purged.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'SOC2' WHERE workspace_id = w(2);
-- All others are carried out, hot and archived: old events are archived meanwhile, those of the purge are hot.
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(2))) > 0 AS restored;
SELECT outcome, count(*), sum(event_count) AS events FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-2') GROUP BY 1 ORDER BY 1;
-- As if thirty days had passed since the workspace left compliance mode.
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET is_compliance_mode = false, compliance_reason = NULL WHERE workspace_id = w(2);
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT outcome, count(*), sum(event_count) AS events FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-3') GROUP BY 1 ORDER BY 1;
SELECT outcome, count(*), sum(event_count) AS events FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-4') GROUP BY 1 ORDER BY 1;
-- As there, but for the event that came later: the same rows to the last byte, the same entries, lists and digests.
TABLE state;
SELECT insert_audit_event('X', 'thing', NULL, w(9), w(9)) IS NOT NULL AS unrelated;
SELECT md5(string_agg(row(id, new_values, deleted_at, deleted_by_user_id, deletion_reason, seal_key)::text, ',' ORDER BY id)) = :'here_marks' AS "same rows"
FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE action_type = 'ACT' AND new_values IS DISTINCT FROM '{"later": 1}';
SELECT md5(string_agg(log::text, ',' ORDER BY id)) = :'here_log' AS "same entries" FROM (SELECT id, approval_ticket_id, event_count, deleted_at, cutoff, parent_id FROM audit_deletion_log WHERE is_irrevocable) AS log;
TABLE test.inconsistent;
SELECT jsonb_agg(line::jsonb ORDER BY n) = :'journal'::jsonb AS "the same journal" FROM export_audit_deletions() WITH ORDINALITY AS exported (line, n);
-- Each is told by the event that vouches for it, and by one that says who did it again.
SELECT action_type, new_values->>'authority' AS authority, new_values->>'approval_ticket_id' AS ticket, count(*), sum((new_values->>'event_count')::int) AS events FROM audit_events WHERE action_type IN ('AUDIT_DELETION_REAPPLIED', 'AUDIT_EVENTS_ERASED', 'AUDIT_EVENTS_PURGED') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- The certificate and the scrub work as for the first time, and the trail verifies before and after the next seal.
SELECT c->>'event_count' AS events, c->>'approval_ticket_id' AS ticket, c->>'is_complete' AS complete, jsonb_array_length(c->'reapplied') AS "done again", c->'reapplied'->0->>'by' = session_user AS "by us" FROM audit_deletion_certificate(:'entry') AS c;
SELECT audit_scrub(:'entry');
SELECT * FROM found WHERE code <> 'event_not_sealed';
SELECT sealed_count > 0 AS sealed FROM audit_seal();
TABLE found;

-- Who may.
CREATE ROLE t_operator; CREATE ROLE t_compliance;
SELECT audit_grant('t_operator', 'operator'), audit_grant('t_compliance', 'compliance') \g /dev/null
SELECT role, code FROM unnest(ARRAY['t_operator', 't_compliance']) AS role, unnest(ARRAY['SELECT count(*) FROM export_audit_deletions()', 'SELECT * FROM reapply_audit_deletions(''[]'', ''RESTORE'', ''R'')']) AS sql, LATERAL test.refusal(format('SET LOCAL ROLE %s; %s', role, sql)) ORDER BY 1, sql;
SELECT audit_revoke('t_operator', 'operator'), audit_revoke('t_compliance', 'compliance') \g /dev/null
\c postgres
DROP DATABASE :"backup" WITH (FORCE);
DROP ROLE t_operator, t_compliance;
