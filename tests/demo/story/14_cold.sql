\echo
\echo '━━━ Chapter 14. A month goes cold ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '   archive ──export──► a file, read back and compared ──release──► the file alone ──restore──► on loan: in both'
\echo
SELECT id AS cold_workspace FROM demo.workspaces WHERE n = 2 \gset
UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 3650 WHERE workspace_id = :'cold_workspace';
SELECT archived_count > 0 AS archived FROM archive_old_audit_events() \g /dev/null
SELECT FROM audit_seal() \g /dev/null
\set store `mktemp -d`
\setenv DEMO_STORE :store
\setenv DEMO_WORKSPACE :cold_workspace
\echo 'Old months of Bolt Logistics that may go, and what is in the way of others:'
SELECT to_char(month, 'YYYY-MM') AS month, event_count, obstacle FROM audit_cold_due(:'cold_workspace') ORDER BY 1;
\echo 'The database opens no file. A program writes one for each month, and reads it back:'
-- prints stored
\! "$PGBIN/audit-cold" export --store "file://$DEMO_STORE" --database dbname=demo --workspace "$DEMO_WORKSPACE" 2>&1 | sed -E 's/^/   /; s/ (workspace|path|object|deletion_log_id|replaces)=[^ ]*//g'
\echo 'Only then, compared once more, do the events leave:'
-- prints released
\! "$PGBIN/audit-cold" release --store "file://$DEMO_STORE" --database dbname=demo --workspace "$DEMO_WORKSPACE" --authority RETENTION --ticket OPS-7 2>&1 | sed -E 's/^/   /; s/ (workspace|path|object|deletion_log_id|replaces)=[^ ]*//g'
SELECT sum(event_count) AS "events in files", round(sum(file_bytes) / sum(event_count)) AS "bytes for each" FROM audit_cold_objects WHERE state = 'released';
\echo 'DuckDB reads them, with no options:'
-- prints UPDATE_DOCUMENT
\! PYTHONPATH="$COLD_READERS" python3 -c "import duckdb, os; print(duckdb.sql('''SELECT action_type, count(*) AS events, max(created_at)::date AS newest FROM read_parquet('%s/**/*.parquet') GROUP BY ALL ORDER BY events DESC, action_type LIMIT 3''' % os.environ['DEMO_STORE']))"
\echo 'One of them is lent back. It is in both, and both are the same:'
\! PYTHONPATH="$COLD_READERS" python3 -c "import duckdb, os; print(duckdb.sql('''SELECT id FROM read_parquet('%s/**/*.parquet') WHERE action_type = 'UPDATE_DOCUMENT' ORDER BY created_at LIMIT 1''' % os.environ['DEMO_STORE']).fetchall()[0][0])" >"$DEMO_STORE/event"
-- prints restored
\! "$PGBIN/audit-cold" restore --store "file://$DEMO_STORE" --database dbname=demo --event "$(cat "$DEMO_STORE/event")" 2>&1 | sed -E 's/^/   /; s/ (workspace|path|object|deletion_log_id|replaces)=[^ ]*//g'
SELECT event.created_by_user_id AS cold_person, event.new_values ->> 'title' AS title FROM audit_cold_loans JOIN audit_events_archive AS event ON event.id = event_id \gset
\echo 'Whoever made it asks to be forgotten. The database forgets at once, and the certificate waits for the files:'
SELECT deletion_log_id AS cold_entry FROM delete_user_audit_events_compliant(:'cold_person', :'cold_workspace', 'GDPR', 'TICKET-4713') \gset
-- prints is not complete
SELECT CASE WHEN (certificate ->> 'is_complete')::boolean THEN 'is complete' ELSE 'is not complete' END AS "the certificate", certificate -> 'cold' -> 'objects_pending' AS "files to search"
FROM audit_deletion_certificate(:'cold_entry') AS certificate;
\! ("$PGBIN/audit-cold" erase --store "file://$DEMO_STORE" --database dbname=demo && "$PGBIN/audit-cold" clean --store "file://$DEMO_STORE" --database dbname=demo) 2>&1 | sed -E 's/^/   /; s/ (workspace|path|object|deletion_log_id|replaces)=[^ ]*//g'
SELECT audit_scrub(:'cold_entry') \g /dev/null
-- prints is complete
SELECT CASE WHEN (certificate ->> 'is_complete')::boolean THEN 'is complete' ELSE 'is not complete' END AS "the certificate", certificate -> 'cold' -> 'events_erased' AS "events erased in files",
  certificate -> 'cold' -> 'files_removed' AS "files removed" FROM audit_deletion_certificate(:'cold_entry') AS certificate;
\echo 'The files are as the database knows them, and the log accounts for all that left:'
-- prints 0 findings of cold events
\! "$PGBIN/audit-cold" check --deep --store "file://$DEMO_STORE" --database dbname=demo 2>&1 | sed -E 's/^/   /; s/ (workspace|path|object|deletion_log_id|replaces)=[^ ]*//g'
SELECT FROM audit_seal() \g /dev/null
SELECT count(*) || ' findings of cold events' AS found FROM audit_verify() WHERE severity <> 'info';
\! rm -rf "$DEMO_STORE"
\echo
