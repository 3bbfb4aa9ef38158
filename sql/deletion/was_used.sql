-- Whether the files of a partition, its indexes and TOAST hold more than the first page of each index, which is there from the beginning: a row if so.
SELECT FROM pg_catalog.pg_class AS class
WHERE class.oid = $1 AND pg_catalog.pg_total_relation_size(class.oid) > pg_catalog.current_setting('block_size')::int8 * (
  SELECT count(*) FROM pg_catalog.pg_index AS index WHERE index.indrelid IN (class.oid, class.reltoastrelid))
