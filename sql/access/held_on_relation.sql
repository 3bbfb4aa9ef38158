-- Every right on one relation ($1: its qualified name) that somebody other than its owner holds.
SELECT pg_catalog.format('TABLE %I.%I', n.nspname, c.relname), held.privilege_type,
       CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS held
WHERE c.oid = pg_catalog.to_regclass($1) AND held.grantee <> c.relowner
