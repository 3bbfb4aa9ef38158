-- Every relation and function of the trail that a condition admits, and every right on it that somebody other than its owner holds.
WITH relation AS (
  SELECT c.oid, c.relname::text AS name,
         format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS target,
         c.relowner AS owner, c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE (c.relnamespace = @schema@ AND c.relkind IN ('r', 'p', 'v', 'S') AND c.relname IN (
      'audit_events', 'audit_events_archive', 'audit_deletion_log', 'audit_retention_policies', 'audit_sequence_floors',
      'audit_membership_source', 'audit_resource_salt', 'audit_access', 'audit_legal_holds', 'audit_deletion_requests', 'audit_deletion_months', 'audit_deletion_scrubs', 'audit_restored_events', 'audit_archive_runs',
      'audit_archive_attempts', 'audit_tracking', 'audit_tracked_tables', 'audit_event_sequence', 'vw_security_audit', 'partition_schedule',
      'audit_events_default', 'audit_events_archive_default'))
    OR (c.relnamespace = @schema@ AND c.relkind = 'r' AND c.relname ~ '^audit_events(_archive)?_[0-9]{4}_[0-9]{2}$')
    OR c.oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent IN (@events@, @archive@))
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
WHERE @which@
ORDER BY o.target
