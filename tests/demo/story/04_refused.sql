\echo '━━━ Chapter 4. What is refused, and what it says ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '── an empty action'
-- refused
SELECT insert_audit_event('', 'document', :'resource', :'workspace', :'person');
\echo
\echo '── an event dated back'
-- refused
INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type)
VALUES (now() - interval '1 day', :'workspace', :'person', 'LATE_EVENT', 'document');
\echo
\echo '── an UPDATE'
-- refused
UPDATE audit_events SET action_type = 'NOTHING_HAPPENED' WHERE id = :'event';
\echo
\echo '── a TRUNCATE of a partition, by a superuser with triggers switched to replica'
SET session_replication_role = replica;
-- refused
SELECT format('TRUNCATE %I', 'audit_events_' || to_char(now(), 'YYYY_MM')) \gexec
RESET session_replication_role;
\echo
\echo '── switching the guard off'
-- refused
ALTER TABLE audit_events DISABLE TRIGGER ALL;
\echo
\echo '── taking the column away'
-- refused
ALTER TABLE audit_events DROP COLUMN old_values;
