\set ECHO none
-- What a seal must have done, told by the ids beside the leaves and by the trees themselves; included with \i, not shown.
SET client_min_messages = warning;
CREATE VIEW test.leaf AS
  SELECT log_id, first + place AS place, encode(substr(refs, 16 * place + 1, 16), 'hex')::uuid AS event, substr(hashes, 32 * place + 1, 32) AS hash
  FROM audit_log_tiles, generate_series(0, octet_length(hashes) / 32 - 1) AS place
  WHERE level = 0 AND log_id NOT IN (SELECT root_log_id FROM audit_log_incarnations);
CREATE VIEW test.event AS SELECT id, workspace_id FROM audit_events UNION ALL SELECT id, workspace_id FROM audit_events_archive;
-- Each committed event once, in the log of its workspace, and nothing else.
CREATE VIEW test.sealed AS
  SELECT count(*) FILTER (WHERE leaf.event IS NULL) AS missing, count(*) FILTER (WHERE event.id IS NULL) AS extra,
    (SELECT count(*) - count(DISTINCT event) FROM test.leaf) AS twice
  FROM test.event FULL JOIN test.leaf ON leaf.event = event.id AND leaf.log_id = event.workspace_id;
-- RFC 6962 in its own words.
CREATE FUNCTION test.root(leaves bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  n int := cardinality(leaves);
  k int := 1;
BEGIN
  IF n = 1 THEN RETURN leaves[1]; END IF;
  WHILE k * 2 < n LOOP k := k * 2; END LOOP;
  RETURN sha256('\x01' || test.root(leaves[:k]) || test.root(leaves[k + 1:]));
END $$;
-- Places without a gap; the newest head of each log, in its newest root log, is its root; the newest seal's is the root log's.
CREATE VIEW test.tree AS
  WITH hashes AS (
    SELECT log_id, first + place AS place, substr(hashes, 32 * place + 1, 32) AS hash FROM audit_log_tiles, generate_series(0, octet_length(hashes) / 32 - 1) AS place WHERE level = 0
  ), log AS (
    SELECT log_id, count(*) AS size, max(place) AS last, test.root(array_agg(hash ORDER BY place)) AS root FROM hashes GROUP BY log_id
  ), newest AS (
    SELECT DISTINCT ON (log_id) log_id, head_index, incarnation FROM audit_log_tiles WHERE level = 0 ORDER BY log_id, first DESC
  ), head AS (
    SELECT log.*, origin, hashes.hash FROM log JOIN newest USING (log_id) JOIN audit_log_incarnations AS root USING (incarnation)
      JOIN hashes ON hashes.log_id = root.root_log_id AND hashes.place = newest.head_index
  ), seal AS (
    SELECT DISTINCT ON (incarnation) root_log_id, root_size, root_hash FROM audit_log_seals JOIN audit_log_incarnations USING (incarnation) ORDER BY incarnation, seal DESC
  )
  SELECT (SELECT count(*) FROM log WHERE size <> last + 1) AS gaps,
    (SELECT count(*) FROM head WHERE hash <> sha256('\x00' || convert_to(format(E'%s/%s\n%s\n%s\n', origin, log_id, size, encode(root, 'base64')), 'UTF8'))) AS "wrong heads",
    (SELECT count(*) FROM log LEFT JOIN head USING (log_id) LEFT JOIN seal ON log_id = root_log_id WHERE head.log_id IS NULL AND root_log_id IS NULL) AS "no heads",
    (SELECT count(*) FROM seal LEFT JOIN log ON log_id = root_log_id WHERE (root_size, root_hash) IS DISTINCT FROM (size, root)) AS "wrong roots";
SET client_min_messages = notice;
\set ECHO all
