-- =====================================================================================================================
-- Retention: archive, restore, purge, holds, the schedule and the dry run. Definer's rights with a pinned search_path; the
-- rights are given on the functions.
-- =====================================================================================================================
CREATE FUNCTION archive_old_audit_events() RETURNS TABLE (archived_count bigint, deleted_count bigint)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_archive_old_events';
COMMENT ON FUNCTION archive_old_audit_events() IS
'Moves every event that is past the hot_retention_days of its workspace to the archive, in one transaction. Returns one row: how many arrived in the archive and how many left the hot table, which are always equal. Writes one entry per workspace into the deletion log.
Whole months change sides without a copy where all their workspaces have archive_by = ''month''; otherwise events move row by row. If another run or an erasure is at work, it does nothing, says so in a NOTICE and returns 0, 0.
Where months changed sides, the tables stay locked until the transaction ends. It must end within ten seconds, unless the owner of the extension or a superuser called; else the session is ended (57P01).
Errors: none of its own. A run that fails is undone and shows in audit_health().';

-- Invoker's rights and no SET, which would forbid COMMIT: the procedure acts as the owner and pins the search_path by itself.
CREATE PROCEDURE archive_audit_events()
LANGUAGE c
AS 'MODULE_PATHNAME', 'audit_ext_archive_events';
COMMENT ON PROCEDURE archive_audit_events() IS
'Archives all that is due, as archive_old_audit_events() does, with a commit every 50000 events: for a large backlog. If it is interrupted, what was committed stays and the next run carries on. Each transaction is a run with its own entries in the deletion log.
Errors: 2D000 within a transaction block or a function.';

CREATE FUNCTION restore_audit_events(p_event_ids uuid[], p_keep_hot interval DEFAULT '30 days') RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_restore_events';
COMMENT ON FUNCTION restore_audit_events(uuid[], interval) IS
'Brings archived events back to the hot table, byte for byte, and returns how many. Ids that are not in the archive are passed over. Recorded as AUDIT_EVENTS_RESTORED. On a Citus cluster whose nodes act as one, events of other nodes are restored there, at once and for good, whatever becomes of this transaction.
p_keep_hot: they are not archived again before this time has passed.
Errors: 22023 for NULL or a negative interval; P0001 when somebody keeps the events or their tables locked for ten seconds, and for a node that does not answer.';

CREATE FUNCTION purge_expired_audit_events(
  p_workspace_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  OUT deleted_count bigint,
  OUT deletion_log_id uuid
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_purge_expired_events';
COMMENT ON FUNCTION purge_expired_audit_events(uuid, text, audit_ticket) IS
'Removes the archived events of a workspace that are older than warm_archive_days for good, or than cold_retention_days where it is set, and logs it, also when there are none. The extension''s own events (AUDIT_*) go too, but for those that record a deletion: they are its proof. The events that it took are listed in audit_deletion_events. Events by and about users under legal hold stay. If the period was shortened, the former one holds for 30 more days.
Cold objects whose month ended before that time go as a whole, with what is on loan from them: audit-cold clean removes the files, and the certificate is complete when it has. While any hold is on the workspace or a user of it, they all stay.
Errors: 22023 for an empty or reserved authority and for an empty ticket; 23001 in compliance mode, for 30 days after it was left, under a hold on the workspace, and where the policy demands a request; P0001 as delete_user_audit_events_compliant().';

CREATE FUNCTION explain_audit_retention(p_workspace_id uuid) RETURNS TABLE (
  location text,
  outcome text,
  reason text,
  event_count bigint,
  oldest_event_at timestamptz,
  newest_event_at timestamptz
)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 8 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_explain_retention';
COMMENT ON FUNCTION explain_audit_retention(uuid) IS
'Says what the next archive run, a release to cold storage and a purge would do to the events of a workspace, and why. Changes nothing.
location is hot, archive or cold; an event on loan from cold storage counts where it is lent to. outcome is keep, archive, cold, return or purge.
Errors: 22023 for NULL.';

CREATE FUNCTION audit_clear_unused_policies() RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_clear_unused_policies';
COMMENT ON FUNCTION audit_clear_unused_policies() IS
'Removes policies that nobody changed from the defaults and whose workspace has no event (but AUDIT_*), hold, request or floor, and returns how many. They are left over where all events of a workspace were purged. A workspace without a row has the same terms. Recorded as one AUDIT_UNUSED_POLICIES_CLEARED. For the owner of the extension; no access level gives it.
Errors: none of its own.';

CREATE FUNCTION place_audit_hold(p_workspace_id uuid, p_reason text, p_user_id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_place_hold';
COMMENT ON FUNCTION place_audit_hold(uuid, text, uuid) IS
'Places a legal hold on a workspace, or on the events by and about one user in it, and returns its id. Held events are archived as ever and never purged or erased. It waits for an erasure or purge of the workspace that is under way. Recorded as AUDIT_HOLD_PLACED.
p_reason: kept for good; name a case, and no person.
Errors: 22023 without workspace or reason; 42501 for a gateway without a user and for a role of the level service; P0001 when such an erasure or purge is left open for more than ten seconds.';

CREATE FUNCTION release_audit_hold(p_hold_id uuid, p_reason text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_release_hold';
COMMENT ON FUNCTION release_audit_hold(uuid, text) IS
'Releases a legal hold. Its row stays as history. Recorded as AUDIT_HOLD_RELEASED.
p_reason: kept for good; name no person.
Errors: 22023 for an empty reason and for an id that is no hold in force; 42501 for a gateway without a user and for a role of the level service.';

CREATE FUNCTION audit_schedule_jobs() RETURNS TABLE (job_name text, schedule text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 4 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_schedule_jobs';
COMMENT ON FUNCTION audit_schedule_jobs() IS
'Schedules the archive (daily at 02:00), partition maintenance (on the first of the month at 01:00, and daily at 01:30 for what was missed) and sealing (every ten seconds, before pg_cron 1.5 every minute) through pg_cron, as the owner of the extension, and returns the jobs. Idempotent. Times are those of cron.timezone. Where the nodes of a Citus cluster act as one, each needs jobs of its own: a NOTICE names those without.
Errors: 0A000 when pg_cron is not installed in this database; the HINT has the calls to schedule by other means.';

CREATE FUNCTION audit_health() RETURNS TABLE (check_name text, status text, detail text, hint text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 12 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_health';
COMMENT ON FUNCTION audit_health() IS
'Says whether the trail is as it should be: at least one row per check with its status (ok, warn, fail), a detail, and a hint where something is to be done. A check that fails itself, or meets a lock for a quarter of a second, is told as such and takes no other along.';

CREATE FUNCTION audit_metrics() RETURNS TABLE (metric text, labels jsonb, value double precision, kind text, help text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 40 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_metrics';
COMMENT ON FUNCTION audit_metrics() IS
'Returns figures of the trail for monitoring, named as Prometheus names them: metric, labels (an object of texts), value, kind, help; one row per metric and labels. The worst status of each check of audit_health(), the last archive runs, months ahead, events that wait, open requests, holds, sizes. Figures that cannot be read are left out, and audit_metrics_failed counts them by groups. No label has a workspace, a user or a role.';
