-- What of the trail is not as the extension makes it although the guard should have kept it so: check, severity, what was found.
-- $1: the schema; $2: names of relations; $3: those of them that have partitions; $4: names of indexes; $5, $6, $7: relations, their triggers,
-- the functions that these call; $8: the trigger that may be disabled; $9, $10: names and events of event triggers; $11: CHECKs of events;
-- $12: the CHECK in which a month's table states its bounds; $13: columns of payload; $14, $15, $16: functions, their symbols, whether they
-- have definer's rights.
WITH owner AS (
  SELECT e.oid AS extension, e.extowner FROM pg_catalog.pg_extension AS e WHERE e.extname = 'audit_ext'
), ours AS (
  SELECT c.oid, c.relname::text AS name, c.relname::text AS root, c.relkind, c.relowner, c.relpersistence, c.relrowsecurity, 0::oid AS parent
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'v', 'S') AND c.relname = ANY ($2::name[])
), relation AS (
  TABLE ours
  UNION ALL
  SELECT c.oid, c.relname::text, ours.name, c.relkind, c.relowner, c.relpersistence, c.relrowsecurity, ours.oid
  FROM ours JOIN pg_catalog.pg_inherits AS link ON link.inhparent = ours.oid JOIN pg_catalog.pg_class AS c ON c.oid = link.inhrelid
), member AS (
  SELECT p.* FROM owner
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = owner.extension
    AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
), trigger AS (
  SELECT t.*, p.proname::text AS function, relation.name AS relation, relation.root, relation.parent, member.oid IS NOT NULL AS is_ours
  FROM relation JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = relation.oid AND (NOT t.tgisinternal OR t.tgparentid <> 0)
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid LEFT JOIN member ON member.oid = t.tgfoid
), named AS (
  SELECT relation.oid, relation.name, relation.parent, k.oid AS id, k.conname, k.convalidated, k.conbin::text AS tree
  FROM relation JOIN pg_catalog.pg_constraint AS k ON k.conrelid = relation.oid
  WHERE k.contype = 'c' AND relation.root = ANY ($3)
), leaf AS NOT MATERIALIZED (
  -- What rows are told by where changes are published; asked only for what is published, for there may be hundreds of partitions.
  SELECT relation.oid, relation.name, relation.root, relation.parent, c.relreplident, (
           SELECT pg_catalog.array_agg(a.attname) FROM pg_catalog.pg_index AS i
           JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
           WHERE i.indrelid = c.oid AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END) AS key
  FROM relation JOIN pg_catalog.pg_class AS c ON c.oid = relation.oid WHERE relation.relkind = 'r'
), published AS (
  SELECT p.pubname, leaf.root, leaf.relreplident, leaf.key,
         (SELECT pg_catalog.array_agg(a.attname) FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::smallint[])) AS listed,
         (SELECT pg_catalog.array_agg(a.attname) FROM pg_catalog.regexp_matches(r.prqual::text, ':varattno (\d+)', 'g') AS used
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.prrelid AND a.attnum = used[1]::smallint) AS filtered
  FROM pg_catalog.pg_publication AS p JOIN pg_catalog.pg_publication_rel AS r ON r.prpubid = p.oid
  JOIN leaf ON leaf.oid = r.prrelid OR p.pubviaroot AND leaf.parent = r.prrelid
  WHERE p.pubupdate OR p.pubdelete
)
-- The event triggers of the guard.
SELECT 'ddl_guard', 'fail', format('event trigger %s is %s', wanted.name, CASE
    WHEN e.oid IS NULL THEN 'missing' WHEN e.evtenabled = 'D' THEN 'disabled' WHEN e.evtenabled <> 'A' THEN 'not ENABLE ALWAYS'
    ELSE 'not the one of the extension' END)
FROM unnest($9, $10) AS wanted (name, event)
LEFT JOIN pg_catalog.pg_event_trigger AS e ON e.evtname = wanted.name
LEFT JOIN member ON member.oid = e.evtfoid AND member.proname = e.evtname
WHERE e.oid IS NULL OR e.evtenabled <> 'A' OR e.evtevent <> wanted.event OR e.evttags IS NOT NULL OR member.oid IS NULL
UNION ALL
SELECT 'ddl_guard', 'fail', format('event trigger %s belongs to %s, who is no superuser and can drop it', e.evtname, r.rolname)
FROM pg_catalog.pg_event_trigger AS e JOIN member ON member.oid = e.evtfoid JOIN pg_catalog.pg_roles AS r ON r.oid = e.evtowner
WHERE NOT r.rolsuper
UNION ALL
SELECT 'ddl_guard', 'fail', 'event_triggers is off in this session' WHERE pg_catalog.current_setting('event_triggers', true) = 'off'
UNION ALL
SELECT 'ddl_guard', 'fail', format('event_triggers is set to off for %s', concat_ws(' in ',
    CASE s.setrole WHEN 0 THEN NULL ELSE 'role ' || pg_catalog.pg_get_userbyid(s.setrole) END, 'database ' || d.datname))
FROM pg_catalog.pg_db_role_setting AS s LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
WHERE EXISTS (SELECT FROM unnest(s.setconfig) AS setting WHERE setting ~* '^event_triggers=(off|false|no|0|of|f|n)')
  AND (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
-- The triggers: on partitions they are those of the parent, and each calls the function of its name.
UNION ALL
SELECT 'guards', 'fail', format('%s has no trigger %s in the state of its parent''s', relation.name, t.tgname)
FROM relation JOIN trigger AS t ON t.tgrelid = relation.parent AND t.tgtype::int & 1 = 1
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_trigger AS have
  WHERE have.tgrelid = relation.oid AND have.tgname = t.tgname AND have.tgfoid = t.tgfoid AND have.tgenabled = t.tgenabled)
UNION ALL
SELECT 'guards', 'fail', format('trigger %s of %s calls %s', trigger.tgname, trigger.relation, trigger.function)
FROM trigger
LEFT JOIN unnest($5, $6, $7) AS wanted (relation, name, function) ON wanted.relation = trigger.root AND wanted.name = trigger.tgname
WHERE CASE WHEN wanted.name IS NULL THEN trigger.is_ours ELSE trigger.function <> wanted.function END
UNION ALL
SELECT 'guards', 'warn', 'the membership check is disabled' FROM trigger WHERE tgname = $8 AND parent = 0 AND tgenabled = 'D'
-- What is not ours.
UNION ALL
SELECT 'foreign_objects', 'fail', format('trigger %s on %s', tgname, relation) FROM trigger WHERE NOT is_ours AND tgparentid = 0
UNION ALL
SELECT 'foreign_objects', 'fail', format('rule %s on %s', r.rulename, relation.name)
FROM relation JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = relation.oid WHERE relation.relkind <> 'v' OR r.rulename <> '_RETURN'
UNION ALL
SELECT 'foreign_objects', 'fail', format('row level security on %s', name) FROM relation WHERE relrowsecurity
UNION ALL
SELECT 'foreign_objects', 'fail', format('unique index %s on %s', i.indexrelid::regclass, relation.name)
FROM relation JOIN pg_catalog.pg_index AS i ON i.indrelid = relation.oid
WHERE i.indisunique AND NOT i.indisprimary AND (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = i.indexrelid) <> ALL ($4::name[])
UNION ALL
SELECT 'foreign_objects', 'fail', format('index %s on %s runs code of somebody else', i.indexrelid::regclass, relation.name)
FROM relation JOIN pg_catalog.pg_index AS i ON i.indrelid = relation.oid
WHERE EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid IN (
    'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_opclass'::regclass,
    'pg_catalog.pg_opfamily'::regclass, 'pg_catalog.pg_type'::regclass))
-- Payload in statistics. PostgreSQL 17 says NULL where others say -1.
UNION ALL
SELECT 'statistics', 'fail', format('ANALYZE samples %s of %s', a.attname, relation.name)
FROM relation JOIN pg_catalog.pg_attribute AS a ON a.attrelid = relation.oid AND a.attname = ANY ($13) AND NOT a.attisdropped
WHERE relation.root = ANY ($3) AND a.attstattarget IS DISTINCT FROM 0
UNION ALL
SELECT 'statistics', 'fail', format('statistics %s sample %s of %s', s.stxname, a.attname, relation.name)
FROM relation JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = relation.oid
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND d.objid = s.oid
  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = relation.oid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = relation.oid AND a.attnum = d.refobjsubid AND a.attname = ANY ($13)
WHERE relation.root = ANY ($3)
-- Publications of UPDATE or DELETE that cannot tell which row it was: PostgreSQL refuses the change.
UNION ALL
SELECT DISTINCT 'publications', 'fail', format('publication %s keeps rows of %s from being changed or removed: its %s', pubname, root, CASE
    WHEN relreplident = 'f' AND listed IS NOT NULL OR relreplident <> 'f' AND NOT key <@ listed THEN 'column list lacks columns of the replica identity'
    ELSE 'row filter uses columns beside the replica identity' END)
FROM published
WHERE relreplident = 'f' AND listed IS NOT NULL OR relreplident <> 'f' AND (NOT key <@ listed OR NOT filtered <@ key)
UNION ALL
SELECT DISTINCT 'publications', 'fail', format('publication %s keeps rows of %s from being changed or removed: the table has no replica identity', p.pubname, leaf.root)
FROM leaf JOIN pg_catalog.pg_publication_tables AS published ON published.tablename IN (leaf.name, leaf.root)
  AND published.schemaname = (SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = $1)
JOIN pg_catalog.pg_publication AS p ON p.pubname = published.pubname AND (p.pubupdate OR p.pubdelete)
WHERE leaf.relreplident <> 'f' AND CASE WHEN p.oid IS NOT NULL THEN leaf.key IS NULL END
-- Tables and their checks.
UNION ALL
SELECT 'storage', 'fail', format('%s is missing', wanted) FROM unnest($2) AS wanted WHERE wanted <> ALL (SELECT name FROM ours)
UNION ALL
SELECT 'storage', 'fail', format('index %s is missing', wanted) FROM unnest($4) AS wanted
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = $1 AND c.relname = wanted AND c.relkind IN ('i', 'I'))
UNION ALL
SELECT 'storage', 'fail', format('%s belongs to %s', name, pg_catalog.pg_get_userbyid(relowner)) FROM relation, owner WHERE relowner <> extowner
UNION ALL
SELECT 'storage', 'fail', format('%s is not permanent', name) FROM relation WHERE relpersistence <> 'p'
UNION ALL
SELECT 'constraints', 'fail', format('%s lacks %s', relation.name, wanted)
FROM relation, unnest($11) AS wanted
WHERE relation.root = ANY ($3) AND NOT EXISTS (
  SELECT FROM named WHERE named.oid = relation.oid AND named.conname = wanted AND named.convalidated)
UNION ALL
SELECT 'constraints', 'fail', format('%s is not the same everywhere, or not enforced', conname) FROM (
  -- There are thousands of them, and the text of one takes long to make: once for each that is stored otherwise.
  SELECT conname, pg_catalog.pg_get_constraintdef(min(id)) AS definition FROM named WHERE conname = ANY ($11) GROUP BY conname, convalidated, tree
) AS stated
GROUP BY conname HAVING count(DISTINCT definition) > 1 OR bool_or(definition ~ 'NOT (ENFORCED|VALID)$')
UNION ALL
SELECT 'constraints', 'fail', format('%s has a check of somebody else: %s', name, conname)
FROM named WHERE conname <> ALL ($11) AND conname <> $12
-- The functions: language and library; their symbols and rights are compared with the install script.
UNION ALL
SELECT 'functions', 'fail', format('%s is not the one of the library', member.proname)
FROM member JOIN pg_catalog.pg_language AS l ON l.oid = member.prolang
WHERE (l.lanname <> 'c' OR member.probin::text NOT IN ('audit_ext', '$libdir/audit_ext'))
  -- A ticket is read and printed as text is.
  AND (l.lanname <> 'internal' OR (member.proname::text, member.prosrc) NOT IN (
    ('audit_ticket_in', 'textin'), ('audit_ticket_out', 'textout'), ('audit_ticket_recv', 'textrecv'), ('audit_ticket_send', 'textsend')))
UNION ALL
SELECT 'functions', 'fail', format('%s is not as the extension made it', member.proname)
FROM member JOIN unnest($14, $15, $16) AS wanted (function, symbol, is_definer) ON wanted.function = member.proname
WHERE member.prosrc <> wanted.symbol OR member.prosecdef <> wanted.is_definer::boolean
ORDER BY 1, 3
