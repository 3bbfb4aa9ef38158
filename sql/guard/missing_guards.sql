-- Triggers and column defaults that are not there, or triggers not in the state they must be in: the table, and the place in the lists.
-- $1: the schema. The lists: $2 relations, $3 names of their triggers or columns, $4 the states that are right (empty for the default of a
-- column), $5 whether each partition must have the trigger too.
WITH ours AS (
  SELECT c.oid, c.relname::text AS name FROM pg_catalog.pg_class AS c WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'v')
), listed AS (
  SELECT ours.oid, ours.name AS table_name, guard.name, guard.states, guard.is_on_partitions::boolean AS is_on_partitions, guard.place
  FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS guard (relation, name, states, is_on_partitions, place)
  JOIN ours ON ours.name = guard.relation
), wanted AS (
  SELECT oid, table_name, name, states, place FROM listed
  UNION ALL
  SELECT ours.oid, ours.name, listed.name, listed.states, listed.place
  FROM listed JOIN pg_catalog.pg_inherits AS link ON link.inhparent = listed.oid JOIN ours ON ours.oid = link.inhrelid
  WHERE listed.is_on_partitions
)
SELECT wanted.table_name, wanted.place
FROM wanted
WHERE CASE wanted.states
  -- By the index: the columns of all partitions are many.
  WHEN '' THEN (SELECT a.atthasdef FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = wanted.oid AND a.attname = wanted.name) IS NOT TRUE
  ELSE NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = wanted.oid AND t.tgname = wanted.name AND pg_catalog.strpos(wanted.states, t.tgenabled::text) > 0) END
ORDER BY wanted.place, wanted.table_name
