-- Tables on this node that lack a capture trigger in force which the coordinator's list ($1) has: those that Citus distributes, and their shards.
WITH wanted AS (
  SELECT pg_catalog.to_regclass(list."table") AS oid, list."table" AS name, list.trigger, list.on_shards
  FROM pg_catalog.jsonb_to_recordset($1::pg_catalog.jsonb) AS list ("table" text, trigger text, on_shards boolean)
), expected AS (
  SELECT wanted.oid, wanted.name, wanted.trigger FROM wanted
  UNION ALL
  SELECT pg_catalog.to_regclass(part.name), part.name, wanted.trigger
  FROM wanted
  JOIN pg_catalog.pg_dist_shard AS shard ON shard.logicalrelid = wanted.oid AND wanted.on_shards
  JOIN pg_catalog.pg_dist_placement AS copy ON copy.shardid = shard.shardid
  JOIN pg_catalog.pg_dist_local_group AS own ON own.groupid = copy.groupid
  JOIN pg_catalog.pg_class AS class ON class.oid = wanted.oid
  -- Citus leaves the schema out where it is public.
  CROSS JOIN LATERAL (SELECT CASE class.relnamespace::pg_catalog.regnamespace::text WHEN 'public' THEN 'public.' ELSE '' END
                             || pg_catalog.shard_name(shard.logicalrelid, shard.shardid)) AS part (name)
)
SELECT DISTINCT expected.name FROM expected
WHERE NOT EXISTS (
  -- On a shard Citus puts its number behind the name, or that of the parent's shard.
  SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = expected.oid AND pg_catalog.regexp_replace(t.tgname, '_[0-9]+$', '') = expected.trigger AND t.tgenabled = 'A'
    AND t.tgqual IS NULL AND t.tgattr::text = '')
ORDER BY 1
