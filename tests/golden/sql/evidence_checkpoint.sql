-- Checkpoints, proofs that the log only grew, and what others say of checkpoints: signatures and timestamps, which are kept and not trusted.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/receipt.sql
SELECT * FROM test.refusal('SELECT audit_checkpoint()');
SELECT code, message FROM test.refusal('SELECT audit_consistency_proof(0)');
DO $$ BEGIN FOR n IN 1..7 LOOP FOR m IN 1..n LOOP PERFORM record(m); END LOOP; COMMIT; PERFORM audit_seal(); COMMIT; END LOOP; END $$;
SELECT told.origin = 'audit-ext/' || root_log_id AS "its origin", size, signatures, note = audit_checkpoint(size) AS "the newest"
FROM audit_checkpoint() AS note, test.checkpoint(note) AS told, audit_log_incarnations;
SELECT root_size, size, root = root_hash AS "the root of the seal" FROM audit_log_seals, test.checkpoint(audit_checkpoint(root_size)) ORDER BY seal;
SELECT * FROM test.refusal('SELECT audit_checkpoint(2)');
SELECT code, message FROM test.refusal('SELECT audit_checkpoint(-1)');
SELECT * FROM test.refusal($$SELECT audit_checkpoint(p_origin => 'audit-ext/x')$$);

-- Between any two checkpoints, and from none.
SELECT count(*) AS proofs, bool_and(proof.old_line = 'old ' || old.root_size) AS "name the old size",
  bool_and(roots.old = old.root_hash AND roots.new = new.root_hash AND proof.note = audit_checkpoint(new.root_size)) AS "lead to both roots"
FROM audit_log_seals AS old JOIN audit_log_seals AS new ON old.root_size < new.root_size,
  LATERAL (SELECT audit_consistency_proof(old.root_size, new.root_size)) AS given (text),
  LATERAL (SELECT split_part(text, E'\n', 1), split_part(text, E'\n\n', 2), string_to_array(nullif(regexp_replace(split_part(text, E'\n\n', 1), '^old \d+\n?', ''), ''), E'\n')) AS proof (old_line, note, lines),
  LATERAL test.roots_of(old.root_size, new.root_size, coalesce((SELECT array_agg(test.b64(line) ORDER BY n) FROM unnest(lines) WITH ORDINALITY AS l (line, n)), '{}'), true, old.root_hash) AS roots;
SELECT audit_consistency_proof(0) = E'old 0\n\n' || audit_checkpoint() AS "from none", audit_consistency_proof(28) = E'old 28\n\n' || audit_checkpoint() AS "from the newest";
SELECT given, refused.* FROM unnest(ARRAY['29', '-1', 'NULL', '3, 2', '6, 3', '1, 3, ''elsewhere''']) AS given, test.refusal(format('SELECT audit_consistency_proof(%s)', given)) AS refused;

-- Signatures: new lines are counted, in the order in which they came; the text must be a checkpoint of ours.
SELECT audit_add_signatures(audit_checkpoint()) AS "no line", audit_add_signatures(audit_checkpoint() || E'\n' || test.line('log', '1') || test.line('log', '2') || test.line('witness', '3')) AS "three lines";
SELECT audit_add_signatures(audit_checkpoint()) AS "known", audit_add_signatures(audit_checkpoint(1) || E'\n' || test.line('log', '1')) AS "of another size";
SELECT audit_add_signatures(regexp_replace(audit_checkpoint(), E'\n\n.*', E'\n\n') || test.line('log', '2') || test.line('another', '4')) AS "one is new";
SELECT audit_checkpoint() = regexp_replace(audit_checkpoint(), E'\n\n.*', E'\n\n') || test.line('log', '1') || test.line('log', '2') || test.line('witness', '3') || test.line('another', '4') AS "in their order";
SELECT split_part(audit_consistency_proof(6), E'\n\n', 2) || E'\n\n' || split_part(audit_consistency_proof(6), E'\n\n', 3) = audit_checkpoint() AS "a proof has them too";
SELECT what, refused.* FROM (VALUES
  ('nothing', NULL), ('no text', ''), ('no note', 'signed'), ('a line that is none', audit_checkpoint(1) || E'signed\n'), ('no base64', audit_checkpoint(3) || E'\n— log x!\n'),
  ('another root', regexp_replace(audit_checkpoint(3), E'\n[^\n]*\n$', E'\n' || encode(sha256('x'), 'base64') || E'\n') || E'\n' || test.line('log', '1')),
  ('another size', replace(audit_checkpoint(3), E'\n3\n', E'\n4\n') || E'\n' || test.line('log', '1')),
  ('another log', 'elsewhere' || audit_checkpoint(3) || E'\n' || test.line('log', '1'))) AS given (what, note),
  test.refusal(format('SELECT audit_add_signatures(%L)', note)) AS refused (code, c, message, hint);
-- A note that nobody could read is never made.
SELECT audit_add_signatures(audit_checkpoint(6) || E'\n' || (SELECT string_agg(test.line('log', 'n' || n), '') FROM generate_series(1, 100) AS n)) AS hundred;
SELECT code, message, hint FROM test.refusal(format('SELECT audit_add_signatures(%L)', regexp_replace(audit_checkpoint(6), E'\n\n.*', E'\n\n') || test.line('log', 'one more')));
SELECT signatures FROM test.checkpoint(audit_checkpoint(6));

-- Timestamps.
SELECT audit_add_timestamp(NULL, '\x3000'), audit_add_timestamp(3, '\x3001'), audit_add_timestamp(3, '\x3001');
SELECT size, kind, name = encode(sha256(evidence), 'hex') AS named, evidence, added_by = session_user AS "by us" FROM audit_log_signatures WHERE kind = 'rfc3161' ORDER BY size;
SELECT given, refused.* FROM unnest(ARRAY['3, NULL', '3, ''\x01''', '4, ''\x3000''', '3, ''\x3000'', ''elsewhere''']) AS given, test.refusal(format('SELECT audit_add_timestamp(%s)', given)) AS refused;

-- They are written by these functions only, and a transaction that only reads gets checkpoints and proofs.
SELECT code, message FROM test.refusal('DELETE FROM audit_log_signatures');
SELECT code, message FROM test.refusal($$INSERT INTO audit_log_signatures (incarnation, size, kind, name, evidence, added_by) VALUES (1, 1, 'note', 'x', '', 'x')$$);
BEGIN READ ONLY;
SELECT length(audit_checkpoint()) > 100 AS note, length(audit_consistency_proof(3)) > 100 AS proof;
COMMIT;

-- A new incarnation: the old one's checkpoints stay.
SELECT audit_begin_incarnation('a copy of the files') AS incarnation;
SELECT size FROM test.checkpoint(audit_checkpoint());
SELECT record(1) IS NOT NULL AS recorded;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT incarnation, checkpoint.origin = incarnations.origin AS "its own", size > 0 AS sealed FROM audit_log_incarnations AS incarnations, test.checkpoint(audit_checkpoint(p_origin => incarnations.origin)) AS checkpoint ORDER BY 1;
SELECT origin = (SELECT origin FROM audit_log_incarnations WHERE incarnation = 2) AS "the present one" FROM test.checkpoint(audit_checkpoint());
SELECT audit_consistency_proof(6, 28, origin) LIKE E'old 6\n%' AS proven, audit_add_timestamp(3, '\x3002', origin), audit_add_signatures(audit_checkpoint(10, origin) || E'\n' || test.line('log', 'late')) AS added FROM audit_log_incarnations WHERE incarnation = 1;
