-- A person's events are erased in all workspaces at once: hot, archived and in files of cold storage; one entry of the whole, one for each workspace, and certificates of
-- both. Nobody else's events change, and the trail verifies.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
\i tests/golden/cold.sql
SET client_min_messages = warning;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 5, 10, 36500), (w(4), 5, 10, 36500);
-- Person 70 acts in 1, 2 and 3, is the resource in 3, and is not in 4 and 5. One event of 3 is theirs and was erased before.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
SELECT at, 'A', 'thing', CASE WHEN ws = 3 AND n = 1 THEN w(70) END, w(ws), w(CASE WHEN ws < 4 AND n <> 1 THEN 70 ELSE 71 END), jsonb_build_object('secret', n)
FROM generate_series(1, 5) AS ws, unnest(ARRAY[timestamptz '2020-01-05Z', now() - interval '60 days', greatest(now() - interval '1 hour', date_trunc('month', now()))]) AS month (at), generate_series(1, 3) AS n WHERE ws IN (1, 4) OR at > '2021-01-01' ORDER BY at, ws, n;
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
-- January 2020 of workspaces 1 and 4 is in cold storage.
SELECT test.cold_stored(w(1), '2020-01-01') AS one, test.cold_stored(w(4), '2020-01-01') AS four \gset
CREATE TABLE files AS SELECT o.object_id, e.chunk, e.events FROM audit_cold_objects AS o, test.cold_events(o.object_id) AS e;
SELECT released_count FROM release_audit_cold_object(:'one', 'policy', 'T-0');
SELECT released_count FROM release_audit_cold_object(:'four', 'policy', 'T-0');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
CREATE TABLE before AS SELECT id, workspace_id, created_by_user_id AS actor, resource_id FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE action_type = 'A' AND deleted_at IS NULL;
CREATE VIEW now_ AS SELECT * FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE action_type = 'A';
CREATE VIEW parts AS SELECT kind, right(workspace_id::text, 2) AS workspace, parent_id IS NOT NULL AS part, event_count, include_events_about_user AS about, cutoff >= deleted_at AS "cutoff later", cutoff >= newest_event_at IS NOT false AS "after all", held_workspaces
  FROM audit_deletion_log WHERE is_irrevocable ORDER BY deleted_at, parent_id IS NOT NULL, workspace_id;

-- Arguments.
SELECT no, code, message FROM (VALUES (1, 'NULL, ''GDPR'', ''T'''), (2, 'w(70), '' '', ''T'''), (3, 'w(70), ''GDPR'', '''''), (4, 'w(70), ''Retention_Policy'', ''T''')) AS wrong (no, arguments),
  LATERAL test.refusal(format('SELECT delete_person_audit_events(%s)', arguments)) ORDER BY no;

-- By the person. Workspace 4 has a file, so it is among those that are searched; 5 is not.
SELECT deleted_count, deletion_log_id AS entry, workspace_count, held_workspaces FROM delete_person_audit_events(w(70), 'GDPR', 'T-1', p_reason := 'asked by letter') \gset
SELECT :deleted_count AS deleted_count, :workspace_count AS workspace_count, :'held_workspaces' AS held_workspaces;
TABLE parts;
SELECT right(workspace_id::text, 2) AS workspace, count(*) FILTER (WHERE deleted_at IS NOT NULL) AS erased, count(*) FILTER (WHERE deleted_at IS NOT NULL AND new_values IS NOT NULL) AS "with payload",
  count(*) FILTER (WHERE deleted_at IS NOT NULL AND created_by_user_id <> w(70)) AS "of others", count(*) FILTER (WHERE deleted_at IS NULL) AS alive FROM now_ GROUP BY 1 ORDER BY 1;
SELECT count(*) AS marked, bool_and((e.deleted_at, e.deletion_reason) = (log.deleted_at, log.deletion_reason)) AS "as the part" FROM now_ AS e JOIN audit_deletion_log AS log ON log.workspace_id = e.workspace_id AND log.parent_id = :'entry' WHERE e.deleted_at IS NOT NULL;
SELECT month, right(object.workspace_id::text, 2) AS workspace, is_done FROM audit_cold_erasures JOIN audit_cold_objects AS object USING (object_id) JOIN audit_deletion_log AS log ON log.id = deletion_log_id AND log.parent_id = :'entry' ORDER BY 2;
-- Its event is in the nil workspace, that of each part in its workspace.
SELECT right(workspace_id::text, 2) AS workspace, action_type, new_values - 'newest_event_at' - 'oldest_event_at' - 'parent_id' AS told, new_values->>'parent_id' = :'entry' AS "of the whole" FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ERASED' ORDER BY workspace_id;
-- Ids and digests are made of the content.
TABLE test.inconsistent;

-- Certificates: of the whole, and of a part.
CREATE FUNCTION certified(p_entry uuid) RETURNS TABLE (workspace text, event_count text, months text, parts text, parent boolean, is_complete text, pending text, held text) LANGUAGE sql AS $$
  SELECT right(c->>'workspace_id', 2), c->>'event_count', (SELECT string_agg(value, ' ' ORDER BY key) FROM jsonb_each_text(c->'events_by_month')),
    (SELECT string_agg(right(part->>'workspace_id', 2) || ': ' || (part->>'event_count'), ', ' ORDER BY part->>'workspace_id', (part->>'event_count')::int) FROM jsonb_array_elements(nullif(c->'parts', 'null')) WITH ORDINALITY AS list (part, n)), c->>'parent_id' IS NOT NULL, c->>'is_complete', c->'cold'->>'objects_pending', c->>'held_workspaces'
  FROM audit_deletion_certificate(p_entry) AS c
$$;
SELECT * FROM certified(:'entry');
SELECT one.* FROM audit_deletion_log AS log, certified(log.id) AS one WHERE log.parent_id = :'entry' ORDER BY workspace;
-- The files are searched: what is erased in one has an entry of its own, which is a part, too.
SELECT erase_audit_cold_chunk(object_id, chunk, events) AS erased FROM files WHERE object_id = :'one' \gset
SELECT erase_audit_cold_chunk(object_id, chunk, events) IS NULL AS "nothing of the person" FROM files WHERE object_id = :'four';
SELECT object_id AS successor FROM begin_audit_cold_object(w(1), '2020-01-01', 'file:///cold', :'one') \gset
SELECT replace_audit_cold_object(:'one', manifest || jsonb_build_object('object', :'successor', 'replaces', :'one',
  'chunks', jsonb_build_array(jsonb_build_object('events', 3, 'bytes', octet_length(:'erased'::bytea), 'sha256', encode(sha256(:'erased'::bytea), 'hex'))))) FROM audit_cold_objects WHERE object_id = :'one';
SELECT confirm_audit_cold_removed(:'one');
SELECT * FROM certified(:'entry');
TABLE test.inconsistent;

-- Again: nothing is left to erase. Then what is about the person.
SELECT deleted_count, workspace_count FROM delete_person_audit_events(w(70), 'GDPR', 'T-2');
SELECT deleted_count, workspace_count FROM delete_person_audit_events(w(70), 'GDPR', 'T-3', p_include_events_about_user := true);
SELECT deleted_count, workspace_count FROM delete_person_audit_events(w(99), 'GDPR', 'T-4');
SELECT count(*) FILTER (WHERE deleted_at IS NULL AND w(70) IN (created_by_user_id, resource_id)) AS "left of the person", count(*) FILTER (WHERE deleted_at IS NULL) AS alive FROM now_;

-- The id of the whole scrubs all parts.
SELECT audit_scrub(:'entry') AS scrubbed;
SELECT array_length(partitions, 1) > 2 AS partitions FROM audit_deletion_scrubs;
SELECT count(*) AS certificates, bool_and((audit_deletion_certificate(id)->>'is_scrubbed')::boolean) AS scrubbed FROM audit_deletion_log WHERE :'entry' IN (id, parent_id);
-- What proves the deletion stays: neither purge nor cold storage takes it.
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
SELECT jsonb_typeof(audit_deletion_certificate(:'entry')->'evidence'->'receipt') AS receipt;
