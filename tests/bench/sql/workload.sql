-- What is recorded: one event, given by its number. Two small documents, an address, a program; a thousand resources, a hundred people, fifty workspaces.
CREATE SCHEMA bench;
CREATE TABLE bench.given (
  n int, action_type text, resource_type text, resource_id uuid, workspace_id uuid, created_by_user_id uuid,
  old_values jsonb, new_values jsonb, ip_address inet, user_agent text
);
INSERT INTO bench.given
SELECT n, 'UPDATE_DOCUMENT', 'document', md5('resource ' || n % 1000)::uuid, md5('workspace ' || n % 50)::uuid, md5('person ' || n % 100)::uuid,
       jsonb_build_object('title', 'Draft ' || n, 'pages', n % 40), jsonb_build_object('title', 'Final ' || n, 'pages', n % 40, 'signed', n % 2 = 0),
       '203.0.113.7', 'Mozilla/5.0'
FROM generate_series(1, :events) AS n;
CREATE TABLE bench.batches AS
SELECT n / 1000 AS batch, jsonb_agg(jsonb_build_object('action_type', action_type, 'resource_type', resource_type, 'resource_id', resource_id,
  'workspace_id', workspace_id, 'created_by_user_id', created_by_user_id, 'old_values', old_values, 'new_values', new_values,
  'ip_address', ip_address, 'user_agent', user_agent) ORDER BY n) AS events
FROM bench.given GROUP BY 1;
-- An id as cheap as any: the floor has no better one to give than a version 7 one made beforehand.
CREATE FUNCTION bench.id_of(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT (lpad(to_hex(1790000000000 + $1), 12, '0') || '70008000' || lpad(to_hex($1), 12, '0'))::uuid $$;
ALTER TABLE bench.given ADD COLUMN id uuid;
UPDATE bench.given SET id = bench.id_of(n);
VACUUM ANALYZE bench.given, bench.batches;
