-- Columns of payload and keys that ANALYZE would take samples of, in a table and its partitions. PostgreSQL 18 says NULL where others say -1.
SELECT FROM pg_catalog.pg_attribute AS a
WHERE (a.attrelid = @table@ OR a.attrelid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = @table@))
  AND a.attname = ANY (@columns@) AND a.attstattarget IS DISTINCT FROM 0
