-- Captured events name the roles as they are called now: a backend that remembers names forgets them when a role is renamed.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE capture_before;
CREATE TABLE notes (id int PRIMARY KEY, text text);
GRANT ALL ON notes TO capture_before;
SELECT audit_track_table('notes', p_workspace_column => NULL) IS NOT NULL AS tracked;
CREATE VIEW told AS SELECT metadata #>> '{audit_ext,role}' AS role, metadata #>> '{audit_ext,session_user}' = session_user AS is_session_user
  FROM audit_events WHERE action_type = 'UPDATE' ORDER BY created_at;
INSERT INTO notes VALUES (1, 'a');
SET ROLE capture_before;
UPDATE notes SET text = 'b';
RESET ROLE;
UPDATE notes SET text = 'c';
ALTER ROLE capture_before RENAME TO capture_after;
SET ROLE capture_after;
UPDATE notes SET text = 'd';
RESET ROLE;
SELECT role = session_user AS is_session_user_too, nullif(role, session_user) AS role, is_session_user FROM told;
-- The setting of a request counts before its headers, each value by itself.
SET request.headers = '{"user-agent": "agent of the header", "x-request-id": "request of the header", "x-forwarded-for": "203.0.113.9, 10.0.0.1"}';
SET audit_ext.user_agent = 'agent of the setting';
UPDATE notes SET text = 'e';
RESET audit_ext.user_agent;
SET audit_ext.request_id = 'request of the setting';
SET audit_ext.ip_address = 'not an address';
UPDATE notes SET text = 'f';
RESET request.headers;
UPDATE notes SET text = 'g';
SELECT user_agent, request_id, ip_address FROM audit_events WHERE action_type = 'UPDATE' ORDER BY created_at DESC LIMIT 3;
