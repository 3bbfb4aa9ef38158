-- How the tables in one schema ($1) differ from those that the same files make in a scratch schema ($2), in words. $3: names of views; $4: a
-- pattern for the names of partitions; $5: the name of the CHECK in which a month's table states its bounds.
WITH owner AS (
  SELECT e.oid AS extension, e.extowner FROM pg_catalog.pg_extension AS e WHERE e.extname = 'audit_ext'
), side AS (
  SELECT c.oid, c.relname::text AS name, c.relkind, c.relpersistence, c.relowner, c.relrowsecurity, c.relispartition,
         c.relnamespace = $2::pg_catalog.regnamespace AS is_expected
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace IN ($1::pg_catalog.regnamespace, $2::pg_catalog.regnamespace) AND c.relkind NOT IN ('i', 'I')
), expected AS (
  SELECT * FROM side WHERE is_expected
), actual AS (
  -- Partitions are compared with their parent; a table with a partition's name that is none is foreign.
  SELECT side.*, coalesce(expected.oid, parent_expected.oid) AS model,
         expected.oid IS NULL AND parent_expected.oid IS NULL AS is_foreign
  FROM side
  LEFT JOIN expected ON expected.name = side.name
  LEFT JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = side.oid
  LEFT JOIN pg_catalog.pg_class AS parent ON parent.oid = link.inhparent
  LEFT JOIN expected AS parent_expected ON parent_expected.name = parent.relname
  WHERE NOT side.is_expected
    AND (expected.oid IS NOT NULL OR parent_expected.oid IS NOT NULL
      OR side.name ~ $4
      -- A view is replaced, and keeps the owner it had.
      OR (side.name = ANY ($3)
        AND (side.relkind <> 'v' OR side.relowner <> (SELECT extowner FROM owner))))
), column_of AS (
  SELECT a.attrelid, a.attnum, a.attname::text || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
         || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
         || CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN ' generated' ELSE '' END AS shape
  FROM pg_catalog.pg_attribute AS a WHERE a.attnum > 0 AND a.attrelid IN (SELECT oid FROM side)
), columns_of AS (
  SELECT attrelid, pg_catalog.array_agg(shape ORDER BY attnum) AS shapes FROM column_of GROUP BY attrelid
), rule_of AS (
  -- NOT NULL constraints have entries of their own since Postgres 18; columns tell them already.
  SELECT k.conrelid, k.conname::text || ' ' || pg_catalog.pg_get_constraintdef(k.oid) AS shape
  FROM pg_catalog.pg_constraint AS k WHERE k.contype IN ('c', 'p', 'u', 'f', 'x')
)
SELECT format('%s is not ours', name) FROM actual WHERE is_foreign
UNION ALL
SELECT format('%s belongs to %s', actual.name, pg_catalog.pg_get_userbyid(actual.relowner))
FROM actual, owner WHERE actual.relowner <> owner.extowner
UNION ALL
SELECT format('%s is of another kind', actual.name)
FROM actual JOIN expected ON expected.oid = actual.model
WHERE actual.name = expected.name AND actual.relkind <> expected.relkind
UNION ALL
SELECT format('%s is not permanent', name) FROM actual WHERE relpersistence <> 'p' AND NOT is_foreign
UNION ALL
SELECT format('%s column %s: %s instead of %s', actual.name, coalesce(have.attnum, want.attnum),
              coalesce(have.shape, 'nothing'), coalesce(want.shape, 'nothing'))
FROM actual
-- Only tables that differ are compared column by column.
LEFT JOIN columns_of AS all_have ON all_have.attrelid = actual.oid
LEFT JOIN columns_of AS all_want ON all_want.attrelid = actual.model
CROSS JOIN LATERAL (
  SELECT * FROM (SELECT * FROM column_of WHERE attrelid = actual.oid) AS have
  FULL JOIN (SELECT attnum AS want_attnum, shape AS want_shape FROM column_of WHERE attrelid = actual.model) AS want
    ON want.want_attnum = have.attnum
) AS pair (attrelid, attnum, shape, want_attnum, want_shape)
CROSS JOIN LATERAL (SELECT pair.attnum, pair.shape) AS have
CROSS JOIN LATERAL (SELECT pair.want_attnum AS attnum, pair.want_shape AS shape) AS want
WHERE NOT actual.is_foreign AND all_have.shapes IS DISTINCT FROM all_want.shapes AND have.shape IS DISTINCT FROM want.shape
UNION ALL
SELECT format('%s lacks the constraint %s', actual.name, want.shape)
FROM actual JOIN rule_of AS want ON want.conrelid = actual.model
WHERE NOT actual.relispartition AND NOT EXISTS (
  SELECT FROM rule_of AS have WHERE have.conrelid = actual.oid AND have.shape = want.shape)
UNION ALL
SELECT format('%s has a constraint of somebody else: %s', actual.name, have.shape)
FROM actual JOIN rule_of AS have ON have.conrelid = actual.oid
WHERE NOT actual.is_foreign AND NOT actual.relispartition AND NOT EXISTS (
  SELECT FROM rule_of AS want WHERE want.conrelid = actual.model AND want.shape = have.shape)
UNION ALL
SELECT format('%s has a constraint of somebody else: %s', actual.name, k.conname)
FROM actual JOIN pg_catalog.pg_constraint AS k ON k.conrelid = actual.oid AND k.contype IN ('c', 'f', 'x')
WHERE actual.relispartition AND k.coninhcount = 0 AND NOT actual.is_foreign
  -- A month's table states its bounds as a CHECK.
  AND NOT (k.conname = $5 AND pg_catalog.pg_get_constraintdef(k.oid) ~ '^CHECK \(\(\(created_at IS NOT NULL\) AND \(created_at >= ''[^'']*''::timestamp with time zone\) AND \(created_at < ''[^'']*''::timestamp with time zone\)\)\)$')
  AND NOT EXISTS (
  SELECT FROM rule_of AS want
  WHERE want.conrelid = actual.model AND want.shape = k.conname::text || ' ' || pg_catalog.pg_get_constraintdef(k.oid))
UNION ALL
SELECT format('%s lacks the default of %s', actual.name, a.attname)
FROM actual
JOIN pg_catalog.pg_attrdef AS want ON want.adrelid = actual.model
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = want.adrelid AND a.attnum = want.adnum
WHERE NOT actual.is_foreign AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_attrdef AS have WHERE have.adrelid = actual.oid AND have.adnum = want.adnum)
UNION ALL
SELECT format('%s is partitioned otherwise: %s', actual.name, pg_catalog.pg_get_partkeydef(actual.oid))
FROM actual JOIN expected ON expected.oid = actual.model AND expected.name = actual.name
WHERE pg_catalog.pg_get_partkeydef(actual.oid) IS DISTINCT FROM pg_catalog.pg_get_partkeydef(expected.oid)
UNION ALL
SELECT format('%s has a trigger of somebody else: %s', actual.name, t.tgname)
FROM actual JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = actual.oid AND NOT t.tgisinternal
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d, owner
  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = t.tgfoid
    AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = owner.extension AND d.deptype = 'e')
UNION ALL
SELECT format('%s has a rule: %s', actual.name, r.rulename)
FROM actual JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = actual.oid WHERE actual.relkind <> 'v'
UNION ALL
SELECT format('%s has row level security', actual.name)
FROM actual
WHERE actual.relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = actual.oid)
UNION ALL
SELECT format('%s has a default of somebody else: %s', actual.name, a.attname)
FROM actual
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = actual.oid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE NOT actual.is_foreign
  AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM (
    SELECT pg_catalog.pg_get_expr(want.adbin, want.adrelid) FROM pg_catalog.pg_attrdef AS want
    WHERE want.adrelid = actual.model AND want.adnum = d.adnum)
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS uses
    JOIN pg_catalog.pg_depend AS member ON member.classid = uses.refclassid AND member.objid = uses.refobjid AND member.deptype = 'e'
    JOIN owner ON member.refclassid = 'pg_catalog.pg_extension'::regclass AND member.refobjid = owner.extension
    WHERE uses.classid = 'pg_catalog.pg_attrdef'::regclass AND uses.objid = d.oid
      AND uses.refclassid = 'pg_catalog.pg_proc'::regclass)
ORDER BY 1
