-- A subscription that feeds the events, or a part of them.
SELECT FROM pg_subscription_rel AS fed
WHERE fed.srrelid = $1 OR fed.srrelid IN (SELECT relid FROM pg_partition_tree($1))
LIMIT 1
