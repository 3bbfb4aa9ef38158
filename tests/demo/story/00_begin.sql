-- The story of an audit trail, told in chapters on 24,000 events of six workspaces over five months. The chapters are one session:
--   cat tests/demo/story/*.sql | psql -X -q
-- A statement below a line "-- refused" is meant to fail, and one below "-- prints TEXT" to print it; tests/demo/run looks for both.
\set ON_ERROR_STOP off
\pset footer off
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
DROP SCHEMA IF EXISTS demo CASCADE;
CREATE SCHEMA demo;

-- A bar of a length in proportion.
CREATE FUNCTION demo.bar(p_value bigint, p_most bigint, p_width int DEFAULT 40, p_stroke text DEFAULT '█') RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT repeat(p_stroke, greatest((p_value * p_width / greatest(p_most, 1))::int, CASE WHEN p_value > 0 THEN 1 ELSE 0 END)) $$;

-- Made-up companies and people with fixed ids.
CREATE TABLE demo.workspaces AS
  SELECT n, md5('workspace ' || n)::uuid AS id, name
  FROM unnest(ARRAY['Acme', 'Bolt Logistics', 'Cedar Health', 'Delta Bank', 'Elm School', 'Fjord Media']) WITH ORDINALITY AS w (name, n);
CREATE TABLE demo.people AS
  SELECT p, md5('person ' || p)::uuid AS id FROM generate_series(1, 120) AS p;
-- Who did what, when: about as often in each month, in the order of time.
CREATE TABLE demo.history AS
  SELECT first + (now() - first) * (step / 24001.0) AS at, w.id AS workspace, person.id AS person,
         actions[1 + step % 8] AS action, kinds[1 + step % 8] AS kind, md5('resource ' || (step * 7919) % 900)::uuid AS resource, step
  FROM generate_series(1, 24000) AS step
  JOIN demo.workspaces AS w ON w.n = 1 + (step::bigint * step + step / 3) % 6
  JOIN demo.people AS person ON person.p = 1 + (step * 31) % 120,
  (SELECT date_trunc('month', now()) - interval '5 months' AS first,
          ARRAY['UPDATE_DOCUMENT', 'VIEW_REPORT', 'LOGIN', 'INVITE_MEMBER', 'UPDATE_DOCUMENT', 'EXPORT_DATA', 'CHANGE_ROLE', 'CREATE_DOCUMENT'] AS actions,
          ARRAY['document', 'report', 'session', 'member', 'document', 'export', 'member', 'document'] AS kinds) AS words;
-- The document that its workspace worked on most, and somebody who did.
SELECT workspace, resource, min(person::text) AS person FROM demo.history WHERE kind = 'document'
GROUP BY workspace, resource ORDER BY count(*) DESC, resource LIMIT 1 \gset
