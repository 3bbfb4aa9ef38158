-- Conservation, in plain SQL: each event that was told is in the database, or in the file of a released object, or on loan, which is both. Prints what is not so.
-- Not compared are the number of a transaction, which is another once an event was brought back, the key of what is erased, and what a pending erasure is still to reach
-- in a file.
CREATE TEMP TABLE line (text text);
\copy line FROM pstdin WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')
CREATE TEMP TABLE outside AS SELECT (text::jsonb ->> 'object_id')::uuid AS object_id, event.* FROM line, jsonb_populate_record(NULL::audit_events, text::jsonb) AS event;
CREATE TEMP TABLE inside AS TABLE audit_events UNION ALL TABLE audit_events_archive;
-- Without statistics, rows would be compared with each other over and over.
ANALYZE outside;
ANALYZE inside;
ANALYZE told;
CREATE FUNCTION pg_temp.said(event jsonb) RETURNS text LANGUAGE sql
  RETURN (event - 'seal_xid' - 'object_id' - CASE WHEN event ->> 'deleted_at' IS NULL THEN '' ELSE 'seal_key' END)::text;
WITH held AS (
  SELECT id, 'inside' AS place, pg_temp.said(to_jsonb(inside)) AS said FROM inside
  UNION ALL
  SELECT id, 'outside', CASE WHEN told.deleted_at IS NULL OR object_id NOT IN (SELECT object_id FROM audit_cold_erasures WHERE NOT is_done) THEN pg_temp.said(to_jsonb(outside)) END
  FROM outside LEFT JOIN told USING (id)
), counted AS MATERIALIZED (
  SELECT id, count(*) FILTER (WHERE place = 'inside') AS inside, count(*) FILTER (WHERE place = 'outside') AS outside, min(said) AS said, max(said) AS also FROM held GROUP BY id
), problem AS (
  SELECT told.id, CASE
    WHEN counted.id IS NULL THEN 'missing'
    WHEN inside > 1 OR outside > 1 THEN 'doubled'
    WHEN inside + outside = 2 AND loan.event_id IS NULL THEN 'doubled, and not on loan'
    WHEN loan.event_id IS NOT NULL AND inside + outside <> 2 THEN 'on loan, and not in both'
    WHEN counted.said <> counted.also THEN 'different in the database and the file'
    WHEN counted.said <> pg_temp.said(to_jsonb(told)) THEN 'different' END AS what
  FROM told LEFT JOIN counted USING (id) LEFT JOIN audit_cold_loans AS loan ON loan.event_id = told.id
  UNION ALL SELECT id, 'nobody recorded it' FROM outside WHERE id NOT IN (SELECT id FROM told)
  UNION ALL SELECT id, 'erased, with a key that leads back'
  FROM (SELECT id, deleted_at, seal_key FROM inside UNION ALL SELECT id, deleted_at, seal_key FROM outside) AS event WHERE deleted_at IS NOT NULL AND octet_length(seal_key) <> 48
  UNION ALL SELECT event_id, 'a loan of nothing' FROM audit_cold_loans WHERE event_id NOT IN (SELECT id FROM told)
)
SELECT what || ': ' || count(*) || ' events, such as ' || min(id::text) FROM problem WHERE what IS NOT NULL GROUP BY what;
