-- Code of others that runs while an event is being stored, and records events itself: every one of them is stored, by the rules that are for it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE FUNCTION rec(p_what text, p_user bigint DEFAULT 1) RETURNS uuid LANGUAGE sql SET search_path = public AS $$ SELECT insert_audit_event(p_what, 'call', w(1), w(1), w(p_user)) $$;
CREATE VIEW outcome AS SELECT action_type, created_by_user_id = w(1) AS "by the first", count(*), count(DISTINCT id) AS ids, bool_and(test.time_in(id) = created_at) AS "ids tell the time"
FROM audit_events WHERE workspace_id = w(1) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT test.goes_past_the_executor();

-- A CHECK that records an event for each event, two levels deep, and one that fails; and back.
BEGIN;
CREATE FUNCTION recording(text) RETURNS boolean LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF $1 IN ('OUTER', 'INNER') THEN PERFORM rec(CASE $1 WHEN 'OUTER' THEN 'INNER' ELSE 'INNERMOST' END); END IF;
  RETURN $1 <> 'REFUSED';
END $$;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CHECK (recording(action_type))');
SELECT count(rec('OUTER')) FROM generate_series(1, 3);
SELECT code FROM test.refusal($$SELECT rec('REFUSED')$$);
SELECT count(*) FROM insert_audit_events(jsonb_build_array('{"action_type": "OUTER", "resource_type": "call"}'::jsonb || jsonb_build_object('workspace_id', w(1), 'created_by_user_id', w(2))));
SELECT count(rec('OUTER')) FROM generate_series(1, 3);
TABLE outcome;
ROLLBACK;

-- One that undoes what it recorded, and one whose error is caught: the event that it belongs to stays what it was.
BEGIN;
CREATE FUNCTION recording(text) RETURNS boolean LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF $1 = 'OUTER' THEN
    PERFORM rec('INNER');
    BEGIN PERFORM rec('UNDONE'); RAISE data_exception; EXCEPTION WHEN data_exception THEN NULL; END;
    BEGIN PERFORM rec(''); EXCEPTION WHEN check_violation THEN NULL; END;
  END IF;
  RETURN true;
END $$;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CHECK (recording(action_type))');
SELECT count(rec('OUTER')) FROM generate_series(1, 3);
TABLE outcome;
ROLLBACK;

-- An event that an index computes.
BEGIN;
CREATE FUNCTION recording(text) RETURNS int IMMUTABLE LANGUAGE plpgsql SET search_path = public AS $$ BEGIN IF $1 = 'OUTER' THEN PERFORM rec('INNER'); END IF; RETURN 1; END $$;
CALL test.past_the_guard('CREATE INDEX ON ' || test.month() || ' (recording(action_type))');
SELECT count(rec('OUTER')) FROM generate_series(1, 3);
TABLE outcome;
ROLLBACK;

-- A trigger of the trail that records: with each of ours, before and after the row.
BEGIN;
CREATE FUNCTION recording() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN IF NEW.action_type = 'OUTER' THEN PERFORM rec(TG_NAME); END IF; RETURN NEW; END $$;
CALL test.past_the_guard('CREATE TRIGGER a_first BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION recording()');
CALL test.past_the_guard('CREATE TRIGGER z_last BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION recording()');
CALL test.past_the_guard('CREATE TRIGGER after AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION recording()');
SELECT count(rec('OUTER')) FROM generate_series(1, 3);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('OUTER', 'call', w(1), w(1));
TABLE outcome;
ROLLBACK;

-- Only events of the trail itself are exempt from the membership check, and those always: also when they are recorded within another event's storing.
CREATE TABLE members (workspace uuid, member uuid);
INSERT INTO members VALUES (w(1), w(1));
SELECT audit_set_membership_source('members', 'workspace', 'member');
BEGIN;
CREATE FUNCTION recording(text) RETURNS boolean LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF $1 = 'OUTER' THEN UPDATE audit_retention_policies SET hot_retention_days = hot_retention_days + 1 WHERE workspace_id = w(1); END IF;
  IF $1 = 'AUDIT_RETENTION_POLICY_CHANGED' THEN PERFORM rec('STRANGER', 2); END IF;
  RETURN true;
EXCEPTION WHEN check_violation THEN
  IF SQLERRM LIKE '%not a member%' AND $1 = 'AUDIT_RETENTION_POLICY_CHANGED' THEN RETURN true; END IF;
  RAISE;
END $$;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CHECK (recording(action_type))');
SELECT rec('OUTER') IS NOT NULL AS recorded;
SELECT code FROM test.refusal($$SELECT rec('OUTER', 2)$$);
TABLE outcome;
ROLLBACK;
SELECT rec('LAST') IS NOT NULL AS recorded, test.goes_past_the_executor();
