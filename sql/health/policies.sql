-- Policies that cannot do what they say: status, detail, hint.
SELECT 'fail', format('the policy of workspace %s breaks a rule of its table', workspace_id),
       'Its constraints are missing or were not validated; correct the row and run audit_setup().'
FROM @extschema@.audit_retention_policies
WHERE hot_retention_days < 1 OR warm_archive_days < hot_retention_days OR cold_retention_days < warm_archive_days OR archive_by NOT IN ('event', 'month')
  OR (is_compliance_mode AND btrim(coalesce(compliance_reason, '')) = '')
UNION ALL
SELECT 'warn', format('%s workspaces archive by months and %s by events, so no month changes sides as a whole', by_month, by_event),
       'Set archive_by = ''month'' for all workspaces, or ''event'' for all: mixed months are moved row by row.'
FROM (
  SELECT count(*) FILTER (WHERE archive_by = 'month') AS by_month, count(*) FILTER (WHERE archive_by = 'event') AS by_event
  FROM @extschema@.audit_retention_policies
) AS counted
WHERE by_month > 0 AND by_event > 0
ORDER BY 1, 2
