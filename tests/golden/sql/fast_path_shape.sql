-- Where the trail's tables have been given another shape past the DDL guard, an event is stored by the names of its columns or refused,
-- never put where it does not belong.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
-- A view that names the columns would stand in the way.
CREATE FUNCTION without_view(VARIADIC p_statements text[]) RETURNS text[] LANGUAGE sql RETURN ARRAY['DROP VIEW vw_security_audit'] || p_statements;
CREATE FUNCTION bounds() RETURNS text LANGUAGE sql AS $$ SELECT format('FOR VALUES FROM (%L) TO (%L)', month, month + interval '1 month') FROM (SELECT date_trunc('month', now()) AS month) AS this $$;
INSERT INTO test.interference (what, statements) VALUES
  ('nothing', '{}'),
  ('column added', ARRAY['ALTER TABLE audit_events ADD COLUMN extra int']),
  ('column added with a default', ARRAY['ALTER TABLE audit_events ADD COLUMN extra text NOT NULL DEFAULT ''x''']),
  ('column added, and demanded in the month', ARRAY['ALTER TABLE audit_events ADD COLUMN extra text', 'ALTER TABLE @month ADD CHECK (extra IS NOT NULL) NOT VALID']),
  ('generated column added', ARRAY['ALTER TABLE audit_events ADD COLUMN extra text GENERATED ALWAYS AS (upper(user_agent)) STORED']),
  ('column dropped', without_view('ALTER TABLE audit_events DROP COLUMN request_id')),
  ('column dropped and added again', without_view('ALTER TABLE audit_events DROP COLUMN user_agent', 'ALTER TABLE audit_events ADD COLUMN user_agent text')),
  ('column dropped and generated', without_view('ALTER TABLE audit_events DROP COLUMN user_agent', 'ALTER TABLE audit_events ADD COLUMN user_agent text GENERATED ALWAYS AS (action_type) STORED')),
  ('columns of the seal dropped', without_view('ALTER TABLE audit_events DROP COLUMN seal_key, DROP COLUMN seal_xid')),
  ('column renamed', without_view('ALTER TABLE audit_events RENAME request_id TO request')),
  ('columns of one type that changed names', without_view('ALTER TABLE audit_events RENAME user_agent TO x', 'ALTER TABLE audit_events RENAME request_id TO user_agent', 'ALTER TABLE audit_events RENAME x TO request_id')),
  ('actor and workspace that changed names', without_view('ALTER TABLE audit_events RENAME created_by_user_id TO x', 'ALTER TABLE audit_events RENAME deleted_by_user_id TO created_by_user_id', 'ALTER TABLE audit_events RENAME x TO deleted_by_user_id')),
  ('narrower text', without_view('ALTER TABLE audit_events ALTER user_agent TYPE varchar(3) USING NULL')),
  ('wide enough text', without_view('ALTER TABLE audit_events ALTER user_agent TYPE varchar(9)')),
  ('another collation', without_view('ALTER TABLE audit_events ALTER user_agent TYPE text COLLATE "C"')),
  ('another storage', ARRAY['ALTER TABLE audit_events ALTER new_values SET STORAGE PLAIN']),
  ('cidr for inet', without_view('ALTER TABLE audit_events ALTER ip_address TYPE cidr')),
  ('text for inet', without_view('ALTER TABLE audit_events ALTER ip_address TYPE text')),
  ('json for jsonb', without_view('ALTER TABLE audit_events ALTER metadata TYPE json')),
  ('text for an array', without_view('ALTER TABLE audit_events ALTER tags TYPE text')),
  ('text for uuid', without_view('ALTER TABLE audit_events ALTER resource_id TYPE text')),
  ('a domain', without_view('CREATE DOMAIN agent AS text CHECK (VALUE <> ''agent'')', 'ALTER TABLE audit_events ALTER user_agent TYPE agent')),
  ('the month under another name', ARRAY['ALTER TABLE @month RENAME TO theirs']),
  ('no partition for the month', ARRAY['ALTER TABLE audit_events DETACH PARTITION @month']),
  ('no partition at all', ARRAY['ALTER TABLE audit_events DETACH PARTITION @month', 'ALTER TABLE audit_events DETACH PARTITION audit_events_default']),
  ('a month with columns in another order', ARRAY['ALTER TABLE audit_events DETACH PARTITION @month', 'CREATE TABLE theirs AS SELECT user_agent, request_id, id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, tags, metadata, deleted_at, deleted_by_user_id, deletion_reason, seal_xid, seal_key FROM audit_events LIMIT 0',
    'DO $do$ BEGIN EXECUTE ''ALTER TABLE theirs ALTER id SET NOT NULL, ALTER created_at SET NOT NULL, ALTER workspace_id SET NOT NULL, '' || (SELECT string_agg(format(''ADD CONSTRAINT %I %s'', conname, pg_get_constraintdef(oid)), '', '') FROM pg_constraint WHERE conrelid = ''audit_events''::regclass AND contype = ''c''); END $do$',
    'ALTER TABLE audit_events ATTACH PARTITION theirs ' || bounds()]),
  ('a month that is partitioned itself', ARRAY['ALTER TABLE audit_events DETACH PARTITION @month', 'CREATE TABLE theirs PARTITION OF audit_events ' || bounds() || ' PARTITION BY HASH (workspace_id)', 'CREATE TABLE theirs_0 PARTITION OF theirs FOR VALUES WITH (MODULUS 1, REMAINDER 0)']);
SELECT what, "INSERT", "function" IN ("INSERT", 'raises') AS "function", bulk IN ("INSERT", 'raises') AS bulk FROM test.compare();
SELECT count(*) AS "as many as were tried in between", bool_and(changed_fields = '{a}' AND tableoid = test.month()::regclass) AS whole FROM audit_events WHERE action_type = 'AFTER';
