-- audit_action_types: what it refuses, who writes and reads it, its changes as events, and what it does to exports as OCSF.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- Named constraints.
SELECT case_, refused.code, refused.constraint_name FROM (VALUES (1, $$('')$$), (2, $$(repeat('x', 201))$$), (3, $$('a', '[]')$$), (4, $$('a', '{}', NULL, true, 3001)$$), (5, $$('a', '{}', NULL, true, NULL, 1)$$), (6, $$('a', '{}', NULL, true, 6003, 1)$$), (7, $$('a', '{}', NULL, true, 3005, 1)$$),
    (8, $$('a', '{}', NULL, true, 3001, 13)$$), (9, $$('a', '{}', NULL, true, 3002, 0)$$), (10, $$('a', '{}', NULL, true, 3006, 1)$$), (11, $$('a', '{}', NULL, true, 3004, -1)$$), (12, $$(NULL)$$), (13, $$('a', NULL)$$)) AS given (case_, row_),
  LATERAL test.refusal('INSERT INTO audit_action_types VALUES ' || row_) AS refused ORDER BY case_;
-- Compliance officers write, readers read.
CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_officer; CREATE ROLE t_writer; CREATE ROLE t_nobody;
SELECT audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator'), audit_grant('t_officer', 'compliance'), audit_grant('t_writer', 'writer') \g /dev/null
CREATE FUNCTION tried() RETURNS TABLE (reads text, inserts text, updates text, deletes text) LANGUAGE sql AS $$
  SELECT (SELECT code FROM test.refusal('SELECT * FROM audit_action_types')), (SELECT code FROM test.refusal(format('INSERT INTO audit_action_types (action_type) VALUES (%L)', 'by ' || current_user))),
    (SELECT code FROM test.refusal('UPDATE audit_action_types SET is_security = true WHERE false')), (SELECT code FROM test.refusal('DELETE FROM audit_action_types WHERE false')) $$;
SET ROLE t_nobody;
SELECT * FROM tried();
SET ROLE t_writer;
SELECT * FROM tried();
SET ROLE t_reader;
SELECT * FROM tried();
SET ROLE t_operator;
SELECT * FROM tried();
SET ROLE t_officer;
SELECT * FROM tried();
INSERT INTO audit_action_types (action_type, display_names, description, is_security, ocsf_class_uid, ocsf_activity_id) VALUES
  ('badge.swiped', '{"en": "Badge swiped", "de": "Ausweis gelesen"}', 'Somebody came in.', true, 3002, 1), ('seat.given', '{}', NULL, false, 3006, 3), ('user.created', '{}', NULL, true, 3004, 99), ('plain', '{"en": "Plain"}', NULL, false, NULL, NULL);
UPDATE audit_action_types SET description = 'Somebody came in or went.' WHERE action_type = 'badge.swiped';
UPDATE audit_action_types SET description = description;
RESET ROLE;
SELECT action_type, resource_type, workspace_id = '00000000-0000-0000-0000-000000000000' AS "nil workspace", old_values ->> 'description' AS before, new_values ->> 'action_type' AS of, new_values ->> 'description' AS after, metadata #>> '{audit_ext,role}' AS role FROM audit_events WHERE resource_type = 'audit_action_types' ORDER BY id;
-- Recording does not ask it; an export as OCSF does, all others do not. A group or account that is not named cannot be told.
SELECT count(insert_audit_event(action, 'thing', resource, w(1), w(7))) FROM (VALUES ('badge.swiped', w(5)), ('seat.given', w(5)), ('seat.given', NULL), ('user.created', w(5)), ('plain', w(5)), ('unknown.updated', w(5)), ('badge.swiped ', w(5))) AS given (action, resource);
CREATE FUNCTION exported(p_select text) RETURNS TABLE (action text, class text, activity text, activity_name text, type text) LANGUAGE plpgsql AS $$ BEGIN
  RETURN QUERY EXECUTE format('SELECT line #>> ''{metadata,event_code}'', line ->> ''class_uid'', line ->> ''activity_id'', line ->> ''activity_name'', line ->> ''type_uid'' FROM (SELECT line::jsonb FROM %s AS line) AS told WHERE line #>> ''{metadata,event_code}'' NOT LIKE ''AUDIT%%''', p_select); END $$;
SELECT * FROM exported($$export_audit_events(w(1), p_format => 'ocsf')$$);
SELECT count(*) AS "of the person", count(*) FILTER (WHERE class = '3002') AS "as chosen" FROM exported($$export_person_audit_events(w(7), 'GDPR', 'T-1', p_format => 'ocsf')$$);
SELECT count(*) AS "other formats" FROM unnest('{ndjson,csv,cef,ecs}'::text[]) AS format, LATERAL export_audit_events(w(1), p_format => format, p_actions => '{badge.swiped}') AS line WHERE line LIKE '%3002%';
-- The reader of a trail exports with it, too, as a role that may not read what it is made of otherwise.
SET ROLE t_reader;
SELECT class, activity FROM exported($$export_audit_events('00000000-0000-4000-8000-000000000001', p_format => 'ocsf', p_actions => '{seat.given}')$$);
RESET ROLE;
-- Taken back.
UPDATE audit_action_types SET ocsf_class_uid = NULL, ocsf_activity_id = NULL WHERE action_type = 'user.created';
SELECT class, activity FROM exported($$export_audit_events(w(1), p_format => 'ocsf', p_actions => '{user.created}')$$);
-- A row stays.
SELECT * FROM test.refusal('DELETE FROM audit_action_types WHERE action_type = ''plain''');
SELECT code FROM test.refusal('TRUNCATE audit_action_types');
