-- Something of the trail among what a command dropped. $1: its schema; $2: names of its relations and indexes; $3: a pattern for the
-- names of partitions; $4: the trigger of ours that is not named audit...; $5: tables of a cluster. A partition, and a table of a cluster, is told by its
-- name and its guards: a table of somebody else's may have such a name.
SELECT d.object_identity
FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
WHERE d.address_names[1] = $1 AND NOT d.is_temporary AND CASE d.object_type
    WHEN 'trigger' THEN (d.address_names[2] = ANY ($2) OR d.address_names[2] = ANY ($5) OR d.address_names[2] ~ $3)
      AND (d.address_names[3] = $4 OR pg_catalog.starts_with(d.address_names[3], 'audit'))
    ELSE d.object_type IN ('table', 'view', 'sequence', 'index') AND d.address_names[2] = ANY ($2)
  END
LIMIT 1
