-- audit_verify(): what it takes, whom it answers, what it records. What it finds is tested in tests/evidence.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT count(insert_audit_event('A', 'thing', NULL, w(ws), w(70))) FROM generate_series(1, 3) AS ws, generate_series(1, 3) AS n;
-- Nothing is sealed yet; nothing of it is late.
SELECT * FROM audit_verify();
SELECT sealed_count FROM audit_seal();
SELECT insert_audit_event('A', 'thing', NULL, w(1), w(70)) IS NOT NULL AS "not sealed yet";

-- Depths, one workspace, and what was kept.
SELECT audit_checkpoint() AS kept \gset
SELECT depth, (SELECT count(*) FROM audit_verify(p_depth := depth)) AS findings FROM unnest(ARRAY['heads', 'tiles', 'rows']) AS depth;
SELECT * FROM audit_verify(w(1), ARRAY[:'kept']);
SELECT * FROM audit_verify(w(9));
-- Another trail's checkpoint; a key that signed nothing.
SELECT severity, code, detail FROM audit_verify(p_checkpoints := ARRAY[:'kept', E'audit-ext/elsewhere\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n']);
SELECT severity, code, workspace_id, leaf_index, event_id FROM audit_verify(p_keys := ARRAY['audit-ext+6c117045+ARhgQ8Wuu8ksZniLPxqng1iDFuwYN8xBGqHU87S8sV1Z']);
-- Heads of workspaces are kept as well.
SELECT encode(substr(hashes, 1, 32), 'base64') AS leaf FROM audit_log_tiles WHERE log_id = w(1) \gset
SELECT code, workspace_id, detail FROM audit_verify(p_checkpoints := ARRAY[format(E'%s/%s\n%s\n%s\n', split_part(:'kept', E'\n', 1), w(1), 99, :'leaf')]);
-- ... also where no log is read: by its end a head of the same size is judged, and a larger one; of a smaller one nothing can be said.
SELECT line::jsonb ->> 'head' AS head FROM audit_export_log(w(1)) AS line WHERE line::jsonb ->> 'kind' = 'head' \gset
SELECT what, severity, code, right(workspace_id::text, 1) AS w, regexp_replace(detail, 'audit-ext/\S+', '(origin)') AS detail
FROM (VALUES (1, 'the head', :'head'), (2, 'another root', format(E'%s\n%s\n%s\n', split_part(:'head', E'\n', 1), split_part(:'head', E'\n', 2), :'leaf')),
  (3, 'larger', format(E'%s\n99\n%s\n', split_part(:'head', E'\n', 1), :'leaf')), (4, 'smaller', format(E'%s\n1\n%s\n', split_part(:'head', E'\n', 1), :'leaf')),
  (5, 'no log', format(E'%s/%s\n1\n%s\n', split_part(:'kept', E'\n', 1), w(9), :'leaf'))) AS kept (no, what, head),
  LATERAL audit_verify(p_checkpoints := ARRAY[kept.head], p_depth := 'heads') ORDER BY no, code;

-- What it does not take.
SELECT call, code, message, hint FROM (VALUES (1, 'p_depth := ''leaves'''), (2, 'p_depth := NULL'), (3, 'p_checkpoints := ARRAY[''no checkpoint'']'), (4, 'p_checkpoints := ARRAY[NULL]'),
  (5, 'p_keys := ARRAY[''no key'']'), (6, 'p_keys := ARRAY[NULL]')) AS wrong (call, arguments), LATERAL test.refusal('SELECT FROM audit_verify(' || arguments || ')') ORDER BY call;
BEGIN READ ONLY;
SELECT count(*) FROM audit_verify();
ROLLBACK;
CREATE ROLE t_reader; CREATE ROLE t_operator;
SELECT audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator') \g /dev/null
SET ROLE t_reader;
SELECT count(*) FROM audit_verify();
SET ROLE t_operator;
SELECT count(*) FROM audit_verify(p_depth := 'heads');
RESET ROLE;

-- Each verification is an event, in the workspace it was about.
SELECT right(workspace_id::text, 1) AS w, new_values - 'checkpoints' - 'keys' AS told, count(*) FROM audit_events WHERE action_type = 'AUDIT_LOG_VERIFIED' GROUP BY 1, 2 ORDER BY 1, 2;
