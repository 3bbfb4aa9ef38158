-- Rights on the functions and types of the extension that somebody other than their owner holds.
WITH member AS (
  SELECT d.classid, d.objid
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
  WHERE e.extname = 'audit_ext'
), object AS (
  SELECT format('ROUTINE %I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS target,
         p.proowner AS owner, coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) AS acl
  FROM member JOIN pg_catalog.pg_proc AS p ON member.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = member.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  UNION ALL
  SELECT format('TYPE %I.%I', n.nspname, t.typname), t.typowner, coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))
  FROM member JOIN pg_catalog.pg_type AS t ON member.classid = 'pg_catalog.pg_type'::regclass AND t.oid = member.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  WHERE t.typelem = 0
)
SELECT target, held.privilege_type,
       CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END
FROM object, LATERAL pg_catalog.aclexplode(acl) AS held
WHERE held.grantee <> owner
