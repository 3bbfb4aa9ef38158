-- What somebody hung on the trail past the DDL guard has its say over insert_audit_event as over a plain INSERT, in a backend that had
-- everything remembered before it came: constraints, indexes, triggers, rules, policies, columns.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO test.fired VALUES (TG_NAME); RETURN NEW; END';
CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE data_exception; END';
CREATE TABLE agents (name text PRIMARY KEY);

-- Constraints.
INSERT INTO test.interference (what, statements) VALUES
  ('nothing', '{}'),
  ('check', ARRAY['ALTER TABLE audit_events ADD CHECK (action_type <> ''TRY'')']),
  ('check, not valid', ARRAY['ALTER TABLE audit_events ADD CHECK (action_type <> ''TRY'' AND false) NOT VALID']),
  ('check on the month', ARRAY['ALTER TABLE @month ADD CHECK (action_type <> ''TRY'')']),
  ('check on another month', ARRAY['ALTER TABLE audit_events_default ADD CHECK (action_type <> ''TRY'')']),
  ('check of the table', ARRAY['ALTER TABLE @month ADD CHECK (tableoid <> ''@month''::regclass) NOT VALID']),
  ('check of the whole row', ARRAY['ALTER TABLE @month ADD CHECK (to_jsonb(@month.*)->>''user_agent'' IS DISTINCT FROM ''agent'')']),
  ('check of the whole row, kept', ARRAY['ALTER TABLE @month ADD CHECK (to_jsonb(@month.*)->>''user_agent'' IS DISTINCT FROM ''another'')']),
  ('check by a function', ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN $1 <> $$TRY$$; END''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))']),
  ('check by a function that counts', ARRAY['CREATE FUNCTION fits(text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN INSERT INTO test.fired SELECT count(*) FROM public.audit_events WHERE action_type = $1; RETURN true; END''', 'ALTER TABLE audit_events ADD CHECK (fits(action_type))', 'DELETE FROM test.fired']),
  ('check that cannot be computed', ARRAY['ALTER TABLE audit_events ADD CHECK (1 / (length(action_type) - 3) > 0) NOT VALID']),
  ('not null', ARRAY['ALTER TABLE audit_events ALTER request_id SET NOT NULL']),
  ('foreign key', ARRAY['ALTER TABLE audit_events ADD FOREIGN KEY (user_agent) REFERENCES agents']),
  ('foreign key of the month', ARRAY['ALTER TABLE @month ADD FOREIGN KEY (user_agent) REFERENCES agents']),
  ('unique', ARRAY['CREATE UNIQUE INDEX ON @month (resource_type) WHERE resource_type = ''try''', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES (''X'', ''try'', w(2), w(2))']),
  ('unique by an expression', ARRAY['CREATE UNIQUE INDEX ON @month (upper(action_type), (new_values->>''a'')) WHERE upper(resource_type) IN (''X'', ''TRY'')', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES (''try'', ''x'', w(2), w(2), ''{"a": 2}'')']),
  ('unique by an expression, another', ARRAY['CREATE UNIQUE INDEX ON @month (upper(action_type), (new_values->>''a'')) WHERE upper(resource_type) IN (''X'', ''TRY'')', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES (''try'', ''x'', w(2), w(2), ''{"a": 3}'')']),
  ('unique, nulls alike', ARRAY['CREATE UNIQUE INDEX ON @month (deletion_reason) NULLS NOT DISTINCT WHERE resource_type IN (''x'', ''try'')', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES (''X'', ''x'', w(2), w(2))']),
  ('unique, deferred', ARRAY['ALTER TABLE @month ADD UNIQUE (user_agent) DEFERRABLE', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, user_agent) VALUES (''X'', ''x'', w(2), w(2), ''agent'')']),
  ('exclusion by a B-tree', ARRAY['ALTER TABLE @month ADD EXCLUDE USING btree (user_agent WITH =)', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, user_agent) VALUES (''X'', ''x'', w(2), w(2), ''agent'')']),
  ('exclusion by another index', ARRAY['ALTER TABLE @month ADD EXCLUDE USING hash (user_agent WITH =)', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, user_agent) VALUES (''X'', ''x'', w(2), w(2), ''agent'')']),
  ('index that cannot be computed', ARRAY['CREATE INDEX ON @month ((1 / (length(action_type) - 3)))']),
  ('index with a condition that cannot', ARRAY['CREATE INDEX ON @month (id) WHERE 1 / (length(action_type) - 3) > 0']);
SELECT * FROM test.compare();

-- Triggers, rules, policies.
TRUNCATE test.interference;
INSERT INTO test.interference (what, statements) VALUES
  ('before each row', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION note()']),
  ('after each row', ARRAY['CREATE TRIGGER theirs AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION note()']),
  ('before the statement', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON audit_events EXECUTE FUNCTION note()']),
  ('after the statement', ARRAY['CREATE TRIGGER theirs AFTER INSERT ON audit_events REFERENCING NEW TABLE AS arrived EXECUTE FUNCTION note()']),
  ('a row of the month', ARRAY['CREATE TRIGGER theirs AFTER INSERT ON @month FOR EACH ROW EXECUTE FUNCTION note()']),
  ('on condition', ARRAY['CREATE TRIGGER theirs AFTER INSERT ON audit_events FOR EACH ROW WHEN (NEW.action_type = ''TRY'') EXECUTE FUNCTION note()']),
  ('at the end', ARRAY['CREATE CONSTRAINT TRIGGER theirs AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION note()']),
  ('refused', ARRAY['CREATE TRIGGER theirs AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()']),
  ('suppressed', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION suppress()']),
  ('suppressed in the month', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON @month FOR EACH ROW EXECUTE FUNCTION suppress()']),
  ('disabled', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION suppress()', 'ALTER TABLE audit_events DISABLE TRIGGER theirs']),
  ('for replicas only', ARRAY['CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION suppress()', 'ALTER TABLE audit_events ENABLE REPLICA TRIGGER theirs']),
  ('of another event', ARRAY['CREATE TRIGGER theirs BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()']),
  ('under the name of our order trigger', ARRAY['DROP TRIGGER audit_events_before_insert ON audit_events', 'CREATE TRIGGER audit_events_before_insert BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()']),
  ('under the name of our membership check', ARRAY['DROP TRIGGER check_audit_workspace_membership ON audit_events', 'CREATE TRIGGER check_audit_workspace_membership BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()']),
  ('our order trigger is off', ARRAY['ALTER TABLE audit_events DISABLE TRIGGER audit_events_before_insert']),
  ('our order trigger is gone', ARRAY['DROP TRIGGER audit_events_before_insert ON audit_events']),
  ('our guard is gone', ARRAY['DROP TRIGGER audit_events_guard ON audit_events']),
  ('rule that adds', ARRAY['CREATE RULE theirs AS ON INSERT TO audit_events DO ALSO INSERT INTO test.fired VALUES (''rule'')']),
  ('rule instead', ARRAY['CREATE RULE theirs AS ON INSERT TO audit_events DO INSTEAD INSERT INTO test.fired VALUES (NEW.action_type)']),
  ('rule on condition', ARRAY['CREATE RULE theirs AS ON INSERT TO audit_events WHERE NEW.user_agent = ''agent'' DO INSTEAD NOTHING']),
  ('policy, for a superuser', ARRAY['ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', 'CREATE POLICY theirs ON audit_events FOR INSERT WITH CHECK (false)']);
SELECT * FROM test.compare();
SELECT count(*) AS "as many as were tried in between", bool_and(changed_fields = '{a}' AND tableoid = test.month()::regclass) AS whole FROM audit_events WHERE action_type = 'AFTER';
