-- Relations in the schema ($1) that have names of ours: $2, or what the pattern $3 says of partitions.
SELECT c.oid FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = $1::pg_catalog.regnamespace AND c.relkind NOT IN ('i', 'I') AND (c.relname = ANY ($2::name[]) OR c.relname ~ $3)
