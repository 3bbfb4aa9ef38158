-- Whether a table that is there already ($1) is not the owner's ($2), or runs code of others when rows come.
SELECT class.relowner <> $2 OR class.relkind <> 'r' OR class.relhasrules OR class.relrowsecurity
  OR EXISTS (SELECT FROM pg_catalog.pg_inherits AS link WHERE class.oid IN (link.inhrelid, link.inhparent))
  OR EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = class.oid AND NOT t.tgisinternal)
  OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = class.oid AND c.contype NOT IN ('p', 'u', 'n'))
  OR EXISTS (SELECT FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = class.oid)
  OR EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = class.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
FROM pg_catalog.pg_class AS class WHERE class.oid = $1
