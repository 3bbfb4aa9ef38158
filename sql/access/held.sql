-- The relations and functions of the trail, and every right on them that somebody other than their owner holds. $1: the schema; $2: names of
-- relations; $3: those of them that have partitions; $4: a pattern for the names of partitions.
WITH relation AS (
  SELECT c.oid, c.relname::text AS name,
         format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS target,
         c.relowner AS owner, c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE (c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'v', 'S') AND c.relname = ANY ($2::name[]))
    OR (c.relnamespace = $1 AND c.relkind = 'r' AND c.relname ~ $4)
    OR c.oid IN (
      SELECT link.inhrelid FROM pg_catalog.pg_inherits AS link JOIN pg_catalog.pg_class AS parent ON parent.oid = link.inhparent
      WHERE parent.relnamespace = $1 AND parent.relname = ANY ($3::name[]))
), function AS (
  SELECT p.oid, p.proname::text AS name,
         format('ROUTINE %I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
         p.proowner, p.proacl, 'f'::"char"
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
    AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE e.extname = 'audit_ext'
), object AS (
  TABLE relation UNION ALL TABLE function
)
SELECT o.name, o.target, held.privilege_type,
       CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END
FROM object AS o
LEFT JOIN LATERAL (
  SELECT * FROM pg_catalog.aclexplode(coalesce(o.acl, pg_catalog.acldefault(o.kind, o.owner))) WHERE grantee <> o.owner
) AS held ON true
ORDER BY o.target
