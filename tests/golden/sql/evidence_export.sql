-- Exports: audit_export_log() writes a log line by line; audit_log_files() gives it as tiles to publish. The program audit-verify and others read both in tests/evidence.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/receipt.sql
-- The lines, without what is another each time.
CREATE FUNCTION line_told(line text, OUT kind text, OUT index bigint, OUT told text) LANGUAGE sql AS $$
  SELECT line ->> 'kind', (line ->> 'index')::bigint, CASE line ->> 'kind'
    WHEN 'bundle' THEN format('of %s from %s, %s hashes before, fields %s', right(line ->> 'workspace_id', 1), line ->> 'first', jsonb_array_length(line -> 'prefix'), line ->> 'fields')
    WHEN 'event' THEN concat_ws(' ', (SELECT value FROM test.columns(line -> 'disclosures') WHERE name = 'action_type'), cardinality(string_to_array(test.shown(line -> 'disclosures'), ' ')), 'shown,', jsonb_array_length(line -> 'digests'), 'withheld',
      (SELECT 'erased under ' || deletion_authority FROM audit_deletion_log WHERE id = (line ->> 'deletion_log_id')::uuid))
    WHEN 'removed' THEN (SELECT 'removed under ' || deletion_authority FROM audit_deletion_log WHERE id = (line ->> 'deletion_log_id')::uuid)
    WHEN 'deletion' THEN concat_ws(' ', line #>> '{entry,deletion_authority}', 'of', line #>> '{entry,event_count}', 'in', jsonb_array_length(line -> 'event_ids'), 'parts', 'event ' || coalesce(line #>> '{event,index}', 'not sealed') || CASE WHEN line ? 'event' THEN '' END)
    WHEN 'head' THEN concat_ws(' ', 'size', coalesce((test.checkpoint(line ->> 'head')).size, (line ->> 'size')::bigint), 'under', (test.checkpoint(line ->> 'checkpoint')).size, 'signatures', (test.checkpoint(line ->> 'checkpoint')).signatures, jsonb_array_length(line -> 'timestamps'), 'of ' || right(line ->> 'workspace_id', 1))
    WHEN 'consistency' THEN format('from %s to %s', line ->> 'old', (test.checkpoint(line ->> 'checkpoint')).size)
    WHEN 'checkpoint' THEN format('size %s', (test.checkpoint(line ->> 'checkpoint')).size)
    ELSE regexp_replace(line ->> 'origin', '[0-9a-f-]{36}', '<root log>') END
  FROM (SELECT line::jsonb) AS parsed (line)
$$;
CREATE FUNCTION export(workspace uuid, first bigint DEFAULT 0, since bigint DEFAULT NULL, fields text[] DEFAULT NULL) RETURNS TABLE (kind text, index bigint, told text) LANGUAGE sql AS $$
  SELECT told.kind, told.index, told.told FROM audit_export_log(workspace, first, since, fields) WITH ORDINALITY AS lines (line, n), line_told(line) AS told ORDER BY n
$$;
SELECT * FROM test.refusal('SELECT audit_export_log(w(1))');
SELECT code, message FROM test.refusal('SELECT audit_export_log()');
SELECT code, message FROM test.refusal('SELECT * FROM audit_log_files(w(1))');
SELECT record(1, 'FIRST') IS NOT NULL AS a, record(1, 'SECOND') IS NOT NULL AS b, record(2, 'OTHER') IS NOT NULL AS c;
SELECT sealed_count, head_count FROM audit_seal();
SELECT record(1, 'THIRD') IS NOT NULL AS d;
SELECT sealed_count, head_count FROM audit_seal();
SELECT * FROM export(w(1));
SELECT * FROM export(w(2));
SELECT * FROM export(NULL);
SELECT code, message, hint FROM test.refusal('SELECT audit_export_log(w(3))');
SELECT given, refused.* FROM unnest(ARRAY['4', '-1', '0, 4', '0, -1', '0, NULL, ''{seal_xid}''']) AS given, test.refusal(format('SELECT audit_export_log(w(1), %s)', given)) AS refused;
-- From a place on; since a checkpoint; some columns.
SELECT * FROM export(w(1), 2, 2);
SELECT * FROM export(w(1), 3, 3, '{}');
SELECT * FROM export(w(1), fields => '{action_type,tags}');
SELECT * FROM export(NULL, 2, 1);
-- Under the newest signed checkpoint that covers the head and is not before the one that was kept.
SELECT audit_add_signatures(audit_checkpoint(2) || E'\n' || test.line('log', '1')) AS added, audit_add_timestamp(2, '\x3000');
SELECT what, told FROM (VALUES ('1', w(1)), ('2', w(2))) AS of (what, workspace), export(workspace) WHERE kind = 'head' ORDER BY what;
SELECT kind, told FROM export(w(2), since => 3) WHERE kind IN ('head', 'consistency');

-- Erased, archived, purged; between a deletion and the next seal its event has no place yet.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
  SELECT now() - days * interval '1 day', 'OLD_' || days, 'thing', w(4), w(70 + days % 2), '{"a": 1}' FROM unnest(ARRAY[901, 900, 200, 10]) AS days;
SELECT sealed_count FROM audit_seal();
SELECT archived_count FROM archive_old_audit_events();
SELECT * FROM export(w(4));
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(4), 'GDPR', 'T-1');
SELECT deleted_count FROM purge_expired_audit_events(w(4), 'RETENTION', 'T-2');
SELECT * FROM export(w(4));
SELECT sealed_count FROM audit_seal();
SELECT * FROM export(w(4));
-- From behind the events that vouch for the deletions, and with few columns.
SELECT record(4, 'LAST') IS NOT NULL AS last;
SELECT sealed_count FROM audit_seal();
SELECT record(4, 'TOO LATE') IS NOT NULL AS "not sealed";
SELECT kind, index, told FROM export(w(4), (SELECT max(index) FROM export(w(4)) WHERE kind = 'event'), NULL, '{}');
-- A row that is gone without a deletion: nobody is named.
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events DISABLE TRIGGER USER');
DELETE FROM audit_events WHERE workspace_id = w(4) AND action_type = 'LAST';
SELECT line::jsonb ->> 'deletion_log_id' AS taken_by FROM audit_export_log(w(4)) AS line WHERE line LIKE '%"removed"%' ORDER BY (line::jsonb ->> 'index')::int DESC LIMIT 1;
ROLLBACK;

-- The files of a log. Each file of a tile holds the hashes that the log has; p_from_size leaves out what was complete by then.
DO $$ BEGIN PERFORM record(5) FROM generate_series(1, 600); COMMIT; PERFORM audit_seal(); COMMIT; PERFORM record(5); COMMIT; PERFORM audit_seal(); END $$;
SELECT path, CASE WHEN path LIKE 'tile/_/%' THEN octet_length(content) / 32 END AS hashes FROM audit_log_files(w(5)) ORDER BY path COLLATE "C";
SELECT path FROM audit_log_files(w(5), 600) ORDER BY path COLLATE "C";
SELECT path, CASE WHEN path LIKE 'tile/_/%' THEN octet_length(content) / 32 END AS hashes FROM audit_log_files() ORDER BY path COLLATE "C";
SELECT convert_from(content, 'UTF8') = audit_checkpoint() AS "the checkpoint" FROM audit_log_files() WHERE path = 'checkpoint';
SELECT (line_told(convert_from(content, 'UTF8'))).* FROM audit_log_files(w(5)) WHERE path = 'head';
SELECT sha256('\x00'::bytea || substr(content, 3, (get_byte(content, 0) << 8) + get_byte(content, 1))) = (SELECT substr(content, 1, 32) FROM audit_log_files() WHERE path LIKE 'tile/0/000%') AS "an entry is its leaf"
FROM audit_log_files() WHERE path LIKE 'tile/entries/000%';
SELECT given, refused.* FROM unnest(ARRAY['NULL, 99', 'w(5), 602', 'w(5), -1', 'NULL, 0, ''elsewhere''']) AS given, test.refusal(format('SELECT * FROM audit_log_files(%s)', given)) AS refused;

-- A new incarnation: exports show the heads of both, oldest first.
SELECT audit_begin_incarnation('a copy of the files') AS incarnation;
SELECT record(2, 'AFTER') IS NOT NULL AS after;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT kind, index, told FROM export(w(2)) UNION ALL SELECT kind, index, told FROM export(w(1)) WHERE kind = 'head';
SELECT kind, count(*) FROM export(NULL) GROUP BY kind ORDER BY kind;
SELECT incarnation, count(*) FILTER (WHERE path = 'checkpoint') AS checkpoints, count(*) > 2 AS files FROM audit_log_incarnations, audit_log_files(p_origin => origin) GROUP BY 1 ORDER BY 1;

-- A line at a time: a query that stops early, and a cursor.
SELECT audit_export_log(w(5)) LIKE '{"kind":"bundle"%' AS line LIMIT 1;
BEGIN READ ONLY;
DECLARE lines CURSOR FOR SELECT audit_export_log(w(5)) AS line;
MOVE 300 IN lines;
SELECT pg_size_bytes('8MB') > sum(used_bytes) AS "in little memory" FROM pg_backend_memory_contexts WHERE name IN ('SRF multi-call context', 'ExecutorState', 'PortalContext', 'ExprContext', 'SPI Proc');
CLOSE lines;
COMMIT;
