-- A superuser who goes past the DDL guard can hang triggers of his own on the trail. Whatever their names and so their turn, an event
-- gets its id and changed_fields, and theirs have their say; also by COPY and straight into the partition of the month.
\ir ../prelude.sql
CREATE EXTENSION audit_ext;
ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
CREATE FUNCTION append_to_agent() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.user_agent := coalesce(NEW.user_agent, '') || TG_ARGV[0]; RETURN NEW; END $$;
CREATE VIEW stored AS SELECT resource_type, user_agent, changed_fields, id IS NOT NULL AS has_id FROM audit_events
  WHERE action_type = 'UPDATE' ORDER BY id;

CREATE PROCEDURE record_by_statements(p_suffix text) LANGUAGE plpgsql AS $$
  DECLARE
    month text := 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');
    columns text := 'action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values';
    event text := $e$'10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"a": 1, "b": 2}', '{"a": 1, "b": 3, "c": 4}'$e$;
    target text;
  BEGIN
    FOREACH target IN ARRAY ARRAY['audit_events', month] LOOP
      EXECUTE format('INSERT INTO %s (%s) VALUES (''UPDATE'', %L, %s)', target, columns, CASE target WHEN month THEN 'month' ELSE 'table' END || p_suffix, event);
    END LOOP;
    EXECUTE format('INSERT INTO audit_events (created_at, %s) SELECT clock_timestamp(), ''UPDATE'', ''own time%s'', %s', columns, p_suffix, event);
  END $$;
CALL record_by_statements('');
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM STDIN;
UPDATE	copy	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{"a": 1, "b": 2}	{"a": 1, "b": 3, "c": 4}
\.
-- Before ours, between ours and the membership check, and last.
CREATE TRIGGER a_first BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION append_to_agent('a');
CALL record_by_statements(', a');
CREATE TRIGGER b_between BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION append_to_agent('b');
CALL record_by_statements(', a b');
CREATE TRIGGER z_last BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION append_to_agent('z');
CALL record_by_statements(', a b z');
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM STDIN;
UPDATE	copy, a b z	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{"a": 1, "b": 2}	{"a": 1, "b": 3, "c": 4}
\.
SELECT * FROM stored;
-- The function records nothing that somebody else altered.
SELECT insert_audit_event('UPDATE', 'function', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
-- One that changes nothing does no harm.
DROP TRIGGER a_first ON audit_events;
DROP TRIGGER b_between ON audit_events;
DROP TRIGGER z_last ON audit_events;
CREATE FUNCTION agree() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER z_agrees BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION agree();
CALL record_by_statements(', agreed');
SELECT insert_audit_event('UPDATE', 'function, agreed', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001',
  '{"a": 1}', '{"a": 2}') IS NOT NULL AS recorded;
SELECT * FROM stored WHERE resource_type ~ 'agreed';
-- What a trigger of theirs changes while a new workspace gets its default policy is a change that somebody made, and recorded.
CREATE FUNCTION change_another() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN UPDATE public.audit_retention_policies SET hot_retention_days = 100 WHERE workspace_id <> NEW.workspace_id; RETURN NULL; END $$;
CREATE TRIGGER z_changes_another AFTER INSERT ON audit_retention_policies FOR EACH ROW EXECUTE FUNCTION change_another();
SELECT insert_audit_event('CREATE', 'policy', NULL, '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT workspace_id, action_type, new_values ->> 'hot_retention_days' AS hot FROM audit_events WHERE action_type = 'AUDIT_RETENTION_POLICY_CHANGED';
