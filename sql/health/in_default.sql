-- How many events of a default partition are of a time and later, how many are earlier, and from when to when those are.
SELECT count(*) FILTER (WHERE created_at >= $1), count(*) FILTER (WHERE created_at < $1),
       min(created_at) FILTER (WHERE created_at < $1), max(created_at) FILTER (WHERE created_at < $1)
FROM ONLY @default@
