-- What PostgreSQL may have kept of payload for its planner, in some tables: samples of columns, of expressions in indexes (an expression may be of any column),
-- and statistics objects; what it is, its table, index or object, the column's number, and the name of an index.
WITH relation AS (
  SELECT unnest(@tables@) AS oid
)
SELECT 'column', a.attrelid, a.attnum::int4, NULL
FROM relation JOIN pg_catalog.pg_attribute AS a ON a.attrelid = relation.oid
WHERE a.attname = ANY ($1::name[])
UNION ALL
SELECT 'expression', i.indexrelid, key.number::int4, format('%I.%I', n.nspname, c.relname)
FROM relation JOIN pg_catalog.pg_index AS i ON i.indrelid = relation.oid AND i.indexprs IS NOT NULL
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, number)
WHERE key.attnum = 0
UNION ALL
SELECT 'object', s.oid, NULL, NULL
FROM relation JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = relation.oid
