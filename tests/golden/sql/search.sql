-- search_audit_events: each filter by itself, together, what is left out, windows, pages; count_audit_events beside it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-00000000000%s', n)::uuid $$;
CREATE TABLE planted (name text, archived boolean, age interval, actor int, action text, kind text, resource uuid, old_values jsonb, new_values jsonb, changed text[], ip inet, agent text, request text, tags text[],
  metadata jsonb, erased boolean DEFAULT false, workspace int DEFAULT 1, created_at timestamptz, id uuid, n serial);
INSERT INTO planted (name, archived, age, actor, action, kind, resource, old_values, new_values, changed, ip, agent, request, tags, metadata) VALUES
  ('grant', false, '1 day', 1, 'role.grant', 'role', '40000000-0000-4000-8000-000000000001', NULL, '{"level": "admin", "of": {"team": [1, 2, 3]}}', NULL, '10.1.2.3', 'Mozilla/5.0', 'req-1', '{red,green}', NULL),
  ('revoke', true, '2 days', 2, 'role.revoke', 'role', '40000000-0000-4000-8000-000000000001', '{"level": "admin"}', NULL, NULL, '10.9.9.9', 'curl/8', 'req-2', '{green}', '{"reason": "LEFT the company"}'),
  ('rename', false, '2 days', 1, 'UPDATE_DOCUMENT', 'doc', '40000000-0000-4000-8000-000000000002', '{"title": "Hauptstraße"}', '{"title": "HAUPTSTRASSE 5\"", "n": 5}', '{title,n}', '2001:db8::7', 'curl/8', 'req-1', NULL, NULL),
  ('login', false, '20 days', 3, 'LOGIN', 'session', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{red,NULL}', '{"sso": "50% off_line \\ path"}'),
  ('old', true, '100 days', 1, 'role', 'Role', NULL, NULL, '["a", "list"]', NULL, '11.0.0.1', NULL, NULL, '{}', NULL),
  ('ancient', true, '500 days', 2, 'roles.list', 'role', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '"just a TEXT"');
INSERT INTO planted (name, archived, age, actor, action, kind, erased, workspace) VALUES
  ('erased', false, '1 day', 1, 'role.grant', 'role', true, 1), ('erased, archived', true, '3 days', 1, 'role.grant', 'role', true, 1),
  ('foreign', false, '1 day', 1, 'role.grant', 'role', false, 2), ('foreign, archived', true, '1 day', 1, 'role.grant', 'role', false, 2);
UPDATE planted SET created_at = now() - age, id = test.id_at(now() - age, n);
SET session_replication_role = replica;
CREATE PROCEDURE plant(p_table regclass, p_archived boolean) LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('INSERT INTO %s (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, deleted_at)
    SELECT id, created_at, test.actor(actor), action, kind, resource, format(''10000000-0000-4000-8000-00000000000%%s'', workspace)::uuid, old_values, new_values, changed, ip, agent, request, tags, metadata,
      CASE WHEN erased THEN now() END FROM planted WHERE archived = $1', p_table) USING p_archived;
END $$;
CALL plant('audit_events', false);
CALL plant('audit_events_archive', true);
RESET session_replication_role;

-- What a search finds, and what count says of it.
CREATE FUNCTION answer(p_filters text, OUT finds text, OUT counted text) LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('SELECT string_agg(planted.name, '', '' ORDER BY place) FROM search_audit_events(''10000000-0000-4000-8000-000000000001'' %s) WITH ORDINALITY AS found (id, c, u, a, t, r, w, o, n, f, i, g, q, s, m, is_archived, place)
    JOIN planted ON planted.id = found.id AND planted.archived = is_archived', coalesce(', ' || p_filters, '')) INTO finds;
  EXECUTE format('SELECT concat(event_count, CASE WHEN NOT is_exact THEN ''+'' END) FROM count_audit_events(''10000000-0000-4000-8000-000000000001'' %s)', coalesce(', ' || p_filters, '')) INTO counted;
END $$;
CREATE FUNCTION answers(p_filters text[]) RETURNS TABLE (filters text, finds text, counted text) LANGUAGE sql AS $$
  SELECT filters, answer.* FROM unnest(p_filters) WITH ORDINALITY AS asked (filters, no), LATERAL answer(filters) ORDER BY no $$;
CREATE FUNCTION test.at(p_name text) RETURNS timestamptz LANGUAGE sql AS $$ SELECT created_at FROM planted WHERE name = p_name $$;
-- Of 30 days; all; from a time on; up to a time, which reads 30 days before it; between.
SELECT * FROM answers(ARRAY[NULL, $$p_from := '-infinity'$$, $$p_from := test.at('rename')$$, $$p_from := test.at('rename') + interval '1 microsecond'$$, $$p_from := '-infinity', p_to := test.at('rename')$$,
  $$p_to := test.at('rename') + interval '1 microsecond'$$, $$p_to := now() - interval '99 days'$$, $$p_from := '-infinity', p_to := 'infinity'$$, $$p_from := now() - interval '101 days', p_to := now() - interval '99 days'$$]);
-- Actors, actions, resources, requests.
SELECT * FROM answers(ARRAY[$$p_user_ids := ARRAY[test.actor(2)], p_from := '-infinity'$$, $$p_user_ids := ARRAY[test.actor(3), test.actor(1), test.actor(1)], p_from := '-infinity'$$, $$p_user_ids := ARRAY[test.actor(9)], p_from := '-infinity'$$,
  $$p_actions := '{LOGIN}'$$, $$p_actions := '{role.*}'$$, $$p_actions := '{role*}', p_from := '-infinity'$$, $$p_actions := '{*}'$$, $$p_actions := '{*.grant}'$$, $$p_actions := '{login,role.revoke,UPDATE_*}'$$, $$p_actions := '{r_le.%}'$$,
  $$p_resource_types := '{role}', p_from := '-infinity'$$, $$p_resource_types := '{Role,doc}', p_from := '-infinity'$$, $$p_resource_id := '40000000-0000-4000-8000-000000000001'$$, $$p_resource_id := '40000000-0000-4000-8000-000000000009'$$,
  $$p_request_id := 'req-1'$$, $$p_request_id := 'req'$$]);
-- Addresses, tags, fields.
SELECT * FROM answers(ARRAY[$$p_ip_address := '10.1.2.3'$$, $$p_ip_address := '10.0.0.0/8'$$, $$p_ip_address := '0.0.0.0/0', p_from := '-infinity'$$, $$p_ip_address := '2001:db8::/32'$$, $$p_ip_address := '::/0'$$, $$p_ip_address := '10.1.2.4'$$,
  $$p_tags := '{green}'$$, $$p_tags := '{red,green}'$$, $$p_tags := '{red}'$$, $$p_tags := '{red,blue}'$$, $$p_tags := '{NULLs}'$$, $$p_changed_field := 'title'$$, $$p_changed_field := 'tit'$$]);
-- Documents: what @> says, in each of the three.
SELECT * FROM answers(ARRAY[$$p_contains := '{"level": "admin"}'$$, $$p_contains := '{"of": {"team": [3, 1]}}'$$, $$p_contains := '{"of": {"team": [4]}}'$$, $$p_contains := '{"n": 5.0}'$$, $$p_contains := '"list"', p_from := '-infinity'$$,
  $$p_contains := '["a"]', p_from := '-infinity'$$, $$p_contains := '{"reason": "LEFT the company"}'$$, $$p_contains := '{}', p_from := '-infinity'$$]);
-- Texts, whatever the case and the alphabet; in documents, their keys, and the user agent; nothing is a pattern.
SELECT * FROM answers(ARRAY[$$p_text := 'left THE'$$, $$p_text := 'ADMIN'$$, $$p_text := 'title'$$, $$p_text := 'strasse'$$, $$p_text := 'HAUPTSTRAßE'$$, $$p_text := 'mozilla'$$, $$p_text := 'just a text', p_from := '-infinity'$$,
  $$p_text := '50% off_'$$, $$p_text := '%%%'$$, $$p_text := '___'$$, $$p_text := '.*.'$$, $$p_text := E'\\\\ path'$$, $$p_text := '5\"'$$, $$p_text := ''';DROP TABLE planted;--'$$, $$p_text := 'req-1'$$, $$p_text := 'role.grant'$$]);
-- All together, and one that is missed.
SELECT * FROM answers(ARRAY[$$NULL, NULL, ARRAY[test.actor(1)], '{role.*}', '{role}', '40000000-0000-4000-8000-000000000001', 'req-1', '10.0.0.0/8', '{red}', NULL, '{"of": {}}', 'mozilla'$$,
  $$NULL, NULL, ARRAY[test.actor(1)], '{role.*}', '{role}', '40000000-0000-4000-8000-000000000001', 'req-1', '10.0.0.0/8', '{red}', 'title', '{"of": {}}', 'mozilla'$$]);
-- Pages: each but the last is full; after an event that is erased, archived, or no match; an event does not have to match.
CREATE FUNCTION pages(p_limit int, p_user_ids uuid[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE last uuid; page uuid[];
BEGIN LOOP
  SELECT array_agg(found.id) INTO page FROM search_audit_events('10000000-0000-4000-8000-000000000001', '-infinity', p_user_ids := p_user_ids, p_limit := p_limit, p_before_event_id := last) AS found;
  RETURN NEXT (SELECT string_agg(name, ', ' ORDER BY array_position(page, id)) FROM planted WHERE id = ANY (page));
  EXIT WHEN coalesce(cardinality(page), 0) < p_limit;
  last := page[p_limit];
END LOOP; END $$;
SELECT pages(4, NULL);
SELECT pages(2, ARRAY[test.actor(1)]);
SELECT pages(3, ARRAY[test.actor(1)]);
SELECT name AS after, (SELECT string_agg(other.name, ', ' ORDER BY other.created_at DESC, other.id DESC) FROM search_audit_events(:'ws', '-infinity', p_limit := 2, p_before_event_id := planted.id) AS found JOIN planted AS other ON other.id = found.id) AS page
FROM planted WHERE workspace = 1 ORDER BY created_at DESC, id DESC;
-- A count goes no further than it is told.
SELECT p_up_to, c.* FROM unnest(ARRAY[1, 5, 6, 7]) AS p_up_to, count_audit_events(:'ws', '-infinity', p_up_to := p_up_to) AS c;
-- All columns are those of get_audit_trail, in its order.
SELECT bool_and(found::text = trail::text) AS same, count(*) FROM search_audit_events(:'ws', '-infinity') AS found JOIN get_audit_trail(:'ws', p_days_back := 1000) AS trail USING (id);
SELECT pg_get_function_result('search_audit_events'::regproc) = pg_get_function_result('get_audit_trail'::regproc) AS "the same columns";
-- All workspaces, by the index on ids: newest first.
SELECT string_agg(planted.name, ', ' ORDER BY place) AS everywhere FROM search_audit_events(p_from := '-infinity', p_actions := '{role.*}') WITH ORDINALITY AS found (id, c, u, a, t, r, w, o, n, f, i, g, q, s, m, is_archived, place) JOIN planted ON planted.id = found.id;
SELECT name AS after, (SELECT string_agg(other.name, ', ' ORDER BY other.created_at DESC, other.id DESC) FROM search_audit_events(p_from := '-infinity', p_actions := '{role.*}', p_before_event_id := planted.id) AS found JOIN planted AS other ON other.id = found.id) AS page
FROM planted WHERE workspace = 2 ORDER BY created_at DESC, id DESC;
SELECT * FROM count_audit_events(p_from := '-infinity', p_actions := '{role.*}');

-- An action type of 100 kB is recorded and found: no text is in the key.
SELECT insert_audit_event(repeat('long', 25600), 'doc', NULL, :'ws', test.actor(5)) IS NOT NULL AS recorded;
SELECT length(action_type) FROM search_audit_events(:'ws', p_user_ids := ARRAY[test.actor(5)]);
SELECT length(action_type) FROM search_audit_events(:'ws', p_actions := '{longlong*}');
-- What compliant deletion erased is not found by what it was.
SELECT insert_audit_event('SECRET', 'doc', NULL, :'ws', test.actor(6), '{"name": "Confidential Person"}', NULL, '192.0.2.9', 'Secret Browser', '{secret}', '{"note": "very secret"}', 'secret-1') AS secret \gset
SELECT count(*) FROM search_audit_events(:'ws', p_text := 'confidential');
SELECT deleted_count FROM delete_user_audit_events_compliant(test.actor(6), :'ws', 'GDPR Article 17', 'T-1');
SELECT filters, c.event_count FROM unnest(ARRAY[$$p_text := 'confidential'$$, $$p_text := 'secret'$$, $$p_ip_address := '192.0.2.9'$$, $$p_tags := '{secret}'$$, $$p_request_id := 'secret-1'$$, $$p_contains := '{"name": "Confidential Person"}'$$, $$p_actions := '{SECRET}'$$,
  format('p_user_ids := %L', ARRAY[test.actor(6)])]) AS filters, LATERAL (SELECT answer.counted AS event_count FROM answer(filters)) AS c;
SELECT count(*) >= 0 AS "a page may follow it" FROM search_audit_events(:'ws', p_before_event_id := :'secret');
