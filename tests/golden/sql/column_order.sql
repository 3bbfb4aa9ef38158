-- A partition may have its columns in another order than its parent: Postgres attaches it, and dumps and restores it so. Events get in, are read in the
-- trail, judged by their order, archived, restored and erased by the names of their columns.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- The past month, and its archive, as somebody else made them.
CREATE PROCEDURE turn_around(p_table text) LANGUAGE plpgsql AS $$
DECLARE
  theirs text := 'theirs_' || p_table;
  month timestamptz := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 month';
BEGIN
  EXECUTE format('CREATE TABLE %I AS SELECT %s FROM %I LIMIT 0', theirs,
    (SELECT string_agg(attname, ', ' ORDER BY attnum DESC) FROM pg_attribute WHERE attrelid = p_table::regclass AND attnum > 0), p_table);
  EXECUTE format('ALTER TABLE %I ALTER id SET NOT NULL, ALTER created_at SET NOT NULL, ALTER workspace_id SET NOT NULL, %s', theirs,
    (SELECT string_agg(format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ', ') FROM pg_constraint WHERE conrelid = p_table::regclass AND contype = 'c'));
  CALL test.past_the_guard(format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_table, theirs, month, month + interval '1 month'));
END $$;
CALL turn_around('audit_events');
CALL turn_around('audit_events_archive');
CREATE FUNCTION moment(p_day int) RETURNS timestamptz LANGUAGE sql AS
  $$ SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 month' + make_interval(days => p_day) $$;
CREATE VIEW events AS
  SELECT CASE WHEN tableoid::regclass::text ~ '^theirs' THEN 'theirs' ELSE 'ours' END AS "table", extract(day FROM created_at - moment(0))::int AS day, action_type, resource_type,
    old_values, new_values, changed_fields, tags, user_agent, request_id, deletion_reason FROM audit_events
  UNION ALL SELECT 'archive', extract(day FROM created_at - moment(0))::int, action_type, resource_type, old_values, new_values, changed_fields, tags, user_agent, request_id, deletion_reason
  FROM audit_events_archive;

-- In: by INSERT and straight into the partition, with id, changed_fields and constraints as ever.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, user_agent, request_id, tags)
SELECT moment(day), 'UPDATE', 'thing', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"a": 1, "b": 2}', '{"a": 1, "b": 3}', 'agent', 'request', ARRAY['x', 'y']
FROM unnest(ARRAY[1, 2, 3]) AS day;
INSERT INTO theirs_audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
VALUES (NULL, moment(4), 'INSERT', 'direct', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"a": 1}');
SELECT count(DISTINCT id), bool_and(test.time_in(id) = created_at) AS "ids tell the time" FROM audit_events WHERE action_type !~ '^AUDIT_';
SELECT * FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  VALUES (moment(5), '', 'thing', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$);
-- Order.
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  VALUES (moment(2), 'LATE', 'thing', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$);
-- Immutable.
SELECT code, message FROM test.refusal('UPDATE audit_events SET action_type = ''X''');
SELECT code, message FROM test.refusal('DELETE FROM theirs_audit_events');
-- The trail, all of it and of one kind.
SELECT action_type, resource_type, old_values, new_values, changed_fields, user_agent, request_id, tags, is_archived
FROM get_audit_trail('10000000-0000-4000-8000-000000000001', p_days_back => 90) WHERE action_type !~ '^AUDIT_';
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000001', 'direct', p_days_back => 90);

-- Archived and brought back, unchanged.
CREATE TABLE recorded AS SELECT md5(event::text) AS digest FROM audit_events AS event;
UPDATE audit_retention_policies SET hot_retention_days = 1;
SELECT archived_count FROM archive_old_audit_events();
SELECT action_type, resource_type, changed_fields, is_archived
FROM get_audit_trail('10000000-0000-4000-8000-000000000001', p_days_back => 90) WHERE action_type !~ '^AUDIT_';
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive));
SELECT count(*) AS "unchanged" FROM audit_events AS event JOIN recorded ON digest = md5(event::text) WHERE action_type !~ '^AUDIT_';
-- Erased.
SELECT deleted_count FROM delete_user_audit_events_compliant('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'GDPR', 'T-1');
SELECT * FROM events WHERE action_type !~ '^AUDIT_' ORDER BY "table", day;

-- Where a month has the user's id in the place of the resource's, an index on the user is none on the resource.
DO $$
DECLARE month timestamptz := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '40 months';
BEGIN
  EXECUTE format('CREATE TABLE swapped AS SELECT %s FROM audit_events LIMIT 0',
    (SELECT string_agg(attname, ', ' ORDER BY CASE attname WHEN 'resource_id' THEN 3 WHEN 'created_by_user_id' THEN 6 ELSE attnum END) FROM pg_attribute WHERE attrelid = 'audit_events'::regclass AND attnum > 0));
  EXECUTE format('ALTER TABLE swapped ALTER id SET NOT NULL, ALTER created_at SET NOT NULL, ALTER workspace_id SET NOT NULL, %s',
    (SELECT string_agg(format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ', ') FROM pg_constraint WHERE conrelid = 'audit_events'::regclass AND contype = 'c'));
  CREATE INDEX ON swapped (workspace_id, created_by_user_id, created_at);
  CALL test.past_the_guard(format('ALTER TABLE audit_events ATTACH PARTITION swapped FOR VALUES FROM (%L) TO (%L)', month, month + interval '1 month'));
  INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
  VALUES (month + interval '1 day', 'SWAPPED', 'thing', '30000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000009', '20000000-0000-4000-8000-000000000001');
END $$;
SELECT action_type, resource_id FROM get_audit_trail('10000000-0000-4000-8000-000000000009', NULL, '30000000-0000-4000-8000-000000000001', 1500);
