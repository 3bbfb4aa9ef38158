\echo
\echo '━━━ Chapter 13. Proof for those who trust nobody ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '   events ──leaves──► log of each workspace ──heads──► root log ──► checkpoint ──► somewhere else'
\echo
\echo 'Everything is sealed, and three lines that stand for all of it leave the server:'
SELECT sealed_count > 24000 AS "all sealed", head_count AS workspaces FROM audit_seal();
\set folder `mktemp -d`
\setenv DEMO_FOLDER :folder
\pset tuples_only on
\pset format unaligned
SELECT audit_checkpoint() \g :folder/checkpoint
\! sed 's/^/   /' "$DEMO_FOLDER/checkpoint"
\pset format aligned
\pset tuples_only off
\echo 'A superuser takes all guards away, changes one byte of history, and puts every guard back as it was:'
SELECT id AS victim, new_values ->> 'title' AS title FROM audit_events
WHERE workspace_id = (SELECT id FROM demo.workspaces WHERE n = 4) AND action_type = 'UPDATE_DOCUMENT' ORDER BY id DESC LIMIT 1 \gset
CREATE TABLE demo.guards AS SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', tgrelid::regclass, CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname) AS put_back
  FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^audit_events(_20|$)' AND tgrelid <> 'audit_events_archive'::regclass;
SET event_triggers = off;
ALTER TABLE audit_events DISABLE TRIGGER USER;
UPDATE audit_events SET new_values = replace(new_values::text, 'Final', 'Binal')::jsonb WHERE id = :'victim';
SELECT put_back FROM demo.guards \gexec
RESET event_triggers;
SELECT count(*) AS "guards that health misses" FROM audit_health() WHERE check_name = 'guards' AND status <> 'ok';
\echo 'But the event is not the one that was sealed:'
-- prints row_modified
SELECT severity, code, event_id = :'victim' AS "the very event", leaf_index IS NOT NULL AS "its place" FROM audit_verify() WHERE severity <> 'info';
\echo 'With the byte put back, nothing is found:'
SET event_triggers = off;
ALTER TABLE audit_events DISABLE TRIGGER USER;
UPDATE audit_events SET new_values = replace(new_values::text, 'Binal', 'Final')::jsonb WHERE id = :'victim';
SELECT put_back FROM demo.guards \gexec
RESET event_triggers;
-- prints 0 findings
SELECT count(*) || ' findings' AS found FROM audit_verify() WHERE severity <> 'info';
\echo 'Another person is erased. The log stays as it is, and the proof holds, for the deletion is sealed too and names what it took:'
SELECT workspace, person FROM demo.history WHERE workspace <> :'workspace' ORDER BY step LIMIT 1 \gset other_
SELECT deleted_count > 0 AS erased FROM delete_user_audit_events_compliant(:'other_person', :'other_workspace', 'GDPR', 'TICKET-4712');
SELECT sealed_count > 0 AS "sealed again" FROM audit_seal();
-- prints 0 findings after the erasure
SELECT count(*) || ' findings after the erasure' AS found FROM audit_verify() WHERE severity <> 'info';
\echo 'That workspace gets its events as a file, and verifies them without the server, with the heads of all and the checkpoint from before:'
\pset tuples_only on
\pset format unaligned
SELECT audit_export_log(:'other_workspace') \g :folder/workspace.ndjson
SELECT audit_export_log() \g :folder/root.ndjson
\pset format aligned
\pset tuples_only off
\! mkdir "$DEMO_FOLDER/bundles" && mv "$DEMO_FOLDER"/*.ndjson "$DEMO_FOLDER/bundles/"
-- prints events verified:
-- prints exit 0
\setenv DEMO_WORKSPACE :other_workspace
\! "$PGBIN/audit-verify" --checkpoint "$DEMO_FOLDER/checkpoint" --workspace "$DEMO_WORKSPACE" "$DEMO_FOLDER/bundles" >"$DEMO_FOLDER/said"; echo "   exit $?"; sed 's/^/   /' "$DEMO_FOLDER/said"
\! rm -rf "$DEMO_FOLDER"
