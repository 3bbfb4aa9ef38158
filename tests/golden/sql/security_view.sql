-- vw_security_audit: sign-in, permission, role, membership, key, export, deletion and policy actions, events of the trail itself, and
-- whatever is tagged security; hot rows, all event columns.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE given (action text, tags text[], security boolean);
INSERT INTO given VALUES
  ('LOGIN', NULL, true), ('USER_LOGIN_FAILED', NULL, true), ('LOGOUT', NULL, true), ('SIGN_IN', NULL, true), ('user.signed_in', NULL, true), ('USER_LOGGED_IN', NULL, true), ('sign-up', NULL, true), ('PASSWORD_RESET', NULL, true), ('MFA_DISABLED', NULL, true),
  ('PERMISSION_CHANGED', NULL, true), ('ROLE_ASSIGNED', NULL, true), ('MEMBER_REMOVED', NULL, true), ('INVITE_ACCEPTED', NULL, true), ('API_KEY_CREATED', NULL, true), ('TOKEN_REVOKED', NULL, true),
  ('EXPORT_DATA', NULL, true), ('DELETE_WORKSPACE', NULL, true), ('workspace.deleted', NULL, true), ('POLICY_CHANGED', NULL, true), ('audit_export', NULL, true),
  ('CREATE_WORKSPACE', NULL, false), ('UPDATE_DOCUMENT', NULL, false), ('RENAME', '{billing}', false), ('RENAME_2', '{}', false), ('RENAME_3', '{Security}', false),
  ('SHARE', '{security}', true), ('COMMENT', '{billing,security}', true);
SELECT count(insert_audit_event(action, 'thing', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', p_tags := tags)) AS events FROM given;
SELECT action, security AS expected, (SELECT count(*) FROM vw_security_audit WHERE action_type = action) AS shown FROM given WHERE security <> EXISTS (SELECT FROM vw_security_audit WHERE action_type = action) ORDER BY action;
SELECT count(*) FROM vw_security_audit;
-- Those of the trail itself.
UPDATE audit_retention_policies SET hot_retention_days = 80;
SELECT count(*) FROM vw_security_audit WHERE action_type LIKE 'AUDIT_%';

-- All event columns but those of the seal, in their order; nothing more.
SELECT count(*) AS columns, bool_and(v.column_name = e.column_name AND v.data_type = e.data_type) AS "as in audit_events"
FROM information_schema.columns v FULL JOIN (SELECT * FROM information_schema.columns WHERE table_name = 'audit_events') AS e USING (ordinal_position) WHERE v.table_name = 'vw_security_audit';
-- Hot rows: an archived one is not shown.
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES ('30000000-0000-4000-8000-000000000001', '2020-01-01', 'LOGIN', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
RESET session_replication_role;
SELECT count(*) AS archived FROM vw_security_audit WHERE created_at < '2021-01-01';
-- The view is no way to write.
SELECT statement, code FROM unnest(ARRAY['DELETE FROM vw_security_audit', 'UPDATE vw_security_audit SET tags = NULL', 'TRUNCATE vw_security_audit']) WITH ORDINALITY AS given (statement, no), LATERAL test.refusal(statement) ORDER BY no;
