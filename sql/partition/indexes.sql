-- Indexes of partitions of two tables ($1, $2) whose names begin with $3, and the partitions.
SELECT index.relname::text, i.indrelid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS index ON index.oid = i.indexrelid
JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = i.indrelid
WHERE link.inhparent IN ($1, $2) AND pg_catalog.starts_with(index.relname::text, $3)
