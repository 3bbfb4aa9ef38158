-- Workspaces with events that are due for cold storage: :events of each of :months months of 2020, with what a payload can be. Sealed and archived.
CREATE FUNCTION history(workspace int, months int, events int) RETURNS void LANGUAGE sql AS $$
INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
SELECT timestamptz '2020-01-01 00:00:00Z' + month * interval '1 month' + n * (interval '27 days' / events),
  w(workspace), w(101 + (n * 7 + month) % 20), CASE n % 3 WHEN 0 THEN 'UPDATE_DOCUMENT' WHEN 1 THEN 'LOGIN' ELSE 'EXPORT_DATA' END,
  CASE n % 3 WHEN 0 THEN 'document' WHEN 1 THEN 'session' ELSE 'export' END, CASE WHEN n % 3 <> 1 THEN w(200 + n % 50) END,
  CASE WHEN n % 3 = 0 THEN jsonb_build_object('title', 'Draft ' || n, 'payload', 'PAYLOAD-' || workspace || '-' || month || '-' || n) END,
  jsonb_build_object('title', 'Final ' || n, 'noise', md5(n::text || month), 'price', 1.10, 'payload', 'PAYLOAD-' || workspace || '-' || month || '-' || n),
  ('203.0.113.' || n % 250)::inet, 'Mozilla/5.0 (PAYLOAD)', md5(month || 'r' || n), CASE WHEN n % 5 = 0 THEN ARRAY['security', 'tag ' || n] END,
  CASE WHEN n % 4 = 0 THEN jsonb_build_object('trace', n) END
FROM generate_series(0, months - 1) AS month, generate_series(0, events - 1) AS n ORDER BY 1 $$;
SELECT history(workspace, :months, :events) FROM generate_series(1, 3) AS workspace;
-- The third keeps its events until less than what is past: what is older than 15 February 2020 may be purged. A shorter time would count in thirty days only.
UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60,
  cold_retention_days = CASE workspace_id WHEN w(3) THEN now()::date - date '2020-02-15' ELSE 36500 END WHERE workspace_id IN (w(1), w(2), w(3));
SELECT archive_old_audit_events();
SELECT audit_seal();
CREATE TABLE told AS SELECT * FROM audit_events_archive WHERE created_at < '2021-01-01Z';
-- Erases a person, in the trail and in what is told.
CREATE FUNCTION forget(person uuid, workspace uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE entry uuid;
BEGIN
  SELECT deletion_log_id INTO entry FROM delete_user_audit_events_compliant(person, workspace, 'GDPR', 'T-1');
  UPDATE told SET old_values = NULL, new_values = NULL, changed_fields = NULL, ip_address = NULL, user_agent = NULL, request_id = NULL, tags = NULL, metadata = NULL,
    deleted_at = log.deleted_at, deleted_by_user_id = log.deleted_by_user_id, deletion_reason = log.deletion_reason
  FROM audit_deletion_log AS log WHERE log.id = entry AND told.workspace_id = workspace AND told.created_by_user_id = person AND told.deleted_at IS NULL;
  RETURN entry;
END $$;
