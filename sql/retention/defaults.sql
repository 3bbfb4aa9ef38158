-- The defaults of a table ($1), in the order of its columns.
SELECT pg_catalog.string_agg(pg_catalog.format('%s %s', a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
FROM pg_catalog.pg_attrdef AS d JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = $1
