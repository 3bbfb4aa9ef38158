-- =====================================================================================================================
-- Cold storage: archived events of a month in a file outside the database. The program audit-cold carries the bytes.
-- =====================================================================================================================
CREATE FUNCTION audit_cold_due(p_workspace_id uuid DEFAULT NULL, p_min_events integer DEFAULT 100) RETURNS TABLE (
  workspace_id uuid,
  month date,
  event_count bigint,
  obstacle text
)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_due';
COMMENT ON FUNCTION audit_cold_due(uuid, integer) IS
'Shows the months (UTC) that are wholly past warm_archive_days, in workspaces whose policy has cold_retention_days: how many archived events may go to cold storage, and what is in the way. obstacle is NULL where begin_audit_cold_object() would begin; else one of "legal hold", "compliance mode without request", "erasure pending", "object under way", "object stored, not released", "events still hot" and "not sealed". Events on loan and events that vouch for a deletion are not counted.
p_workspace_id: only this workspace.
p_min_events: only months with so many events; a file of fewer than 100 costs more than it frees.
Errors: 22023 for p_min_events below 1.';

CREATE FUNCTION begin_audit_cold_object(
  p_workspace_id uuid,
  p_month date,
  p_store text,
  p_replaces uuid DEFAULT NULL,
  OUT object_id uuid,
  OUT path text
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_begin';
COMMENT ON FUNCTION begin_audit_cold_object(uuid, date, text, uuid) IS
'Begins an object of cold storage: the archived events of a workspace and month are about to be written to a file. Commit, then read the rows, write the file and read it back; store_audit_cold_object() follows. An object that a session began and left open when it ended is condemned. Recorded as AUDIT_COLD_BEGUN.
p_month: the first day of the month (UTC).
p_store: the URL of a directory (file:///...) or of a bucket with a prefix (s3://, gs://, az://), without credentials. The database only keeps it.
p_replaces: a released object for which an erasure is pending; the new object is to hold its events after the erasure, and replace_audit_cold_object() follows.
Errors: 22023 for NULL, a date that is not the first of a month, a store that is none, an unknown object and one of another workspace or month; 23001 while something is in the way: what audit_cold_due() names, a policy without cold_retention_days, a month within warm_archive_days or without archived events, or an object of the month whose session lives; P0001 when an erasure, purge or change of rights is left open for more than ten seconds.';

CREATE FUNCTION store_audit_cold_object(p_object_id uuid, p_manifest jsonb) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_store';
COMMENT ON FUNCTION store_audit_cold_object(uuid, jsonb) IS
'Says that the file of an open object was written and read back, and what it holds. Its events stay in the database until release_audit_cold_object() finds the same rows there. Recorded as AUDIT_COLD_STORED.
p_manifest: what the footer of the file says (format, object, replaces, workspace, month, columns, chunks, tool, evidence), and event_count, first, last, file_bytes and file_sha256. Nothing else.
Errors: 22023 for an unknown object and for a manifest that does not fit, with the name of the field; 23001 when the object is not open, or is to replace another.';

CREATE FUNCTION discard_audit_cold_object(p_object_id uuid, p_reason text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_discard';
COMMENT ON FUNCTION discard_audit_cold_object(uuid, text) IS
'Condemns an object that is open or stored: its events are in the database, and its file is to be removed. An open object is discarded by the session that began it, or when that session has ended. Recorded as AUDIT_COLD_CONDEMNED.
p_reason: kept for good; name no person.
Errors: 22023 for an unknown object and an empty reason; 23001 for an object that is neither open nor stored, while the session that began an open one lives, and for a successor while it is not known whether the file that it was to replace is there (report_audit_cold_check()).';

CREATE FUNCTION confirm_audit_cold_removed(p_object_id uuid) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_confirm_removed';
COMMENT ON FUNCTION confirm_audit_cold_removed(uuid) IS
'Says that the store has the file of a condemned object no more. Recorded as AUDIT_COLD_REMOVED.
Errors: 22023 for an unknown object; 23001 when it is not condemned.';

CREATE FUNCTION report_audit_cold_check(p_object_id uuid, p_result text, p_detail text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_report_check';
COMMENT ON FUNCTION report_audit_cold_check(uuid, text, text) IS
'Says what was found when the file of a stored or released object was looked for and compared with file_sha256. audit_health() tells of files that are not as they must be, and of those that nobody looked for lately. Recorded as AUDIT_COLD_CHECKED.
p_result: ok, missing, altered or unreadable.
p_detail: what was found, in words; kept until the next check.
Errors: 22023 for an unknown object and another result; 23001 for an object that is neither stored nor released.';

CREATE FUNCTION adopt_audit_cold_object(p_manifest jsonb, p_store text, p_path text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_adopt';
COMMENT ON FUNCTION adopt_audit_cold_object(jsonb, text, text) IS
'Takes a file into the catalog that lost it, after a recovery to an earlier time: a released object. If the file replaced another one that is released, that one is condemned, and its loans are of the adopted one. The entry of its release is found again in audit_deletion_log, and the time of its last event is the floor of audit_event_sequence unless there is a later one. Erasures that were logged since the month ended are pending for it. For the owner of the extension; no access level gives it. Recorded as AUDIT_COLD_ADOPTED.
p_manifest: as store_audit_cold_object() takes it, of the file as it was read back now.
p_path: where the file is in the store, workspace=.../year=.../....parquet.
Errors: 22023 for a manifest that does not fit, with the name of the field, a store that is none, and another path; 23001 when the catalog has the object, one that replaced it or another one with the same events, and when the database has events between the first and the last of the file.';

CREATE FUNCTION audit_cold_coverage(p_workspace_id uuid) RETURNS TABLE (
  month date,
  event_count bigint,
  oldest_event_at timestamptz,
  newest_event_at timestamptz,
  object_id uuid
)
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cold_coverage';
COMMENT ON FUNCTION audit_cold_coverage(uuid) IS
'Shows which months (UTC) of a workspace are in cold storage, oldest first: a row for each file, with the number of its events and the times of the first and the last. Events that were restored from a file are counted, too.
Once a membership source is named, a gateway reads only its user''s workspaces, as in get_audit_trail().
Errors: 22023 for NULL; 42501 for a gateway without a user.';

-- What touches rows of events.
CREATE FUNCTION release_audit_cold_object(
  p_object_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  OUT released_count bigint,
  OUT deletion_log_id uuid
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_release_cold_object';
COMMENT ON FUNCTION release_audit_cold_object(uuid, text, audit_ticket) IS
'Removes the events of a stored cold object from the archive: from then on they are in its file. Before, each chunk of the object is compared, by number and SHA-256, with the rows that the archive has now. It is logged, its events are listed in audit_deletion_events, and AUDIT_COLD_RELEASED tells of it. If the newest event of the workspace leaves, its time becomes the floor of audit_event_sequence.
Errors: 22023 for an unknown object, an empty or reserved authority, and an empty ticket; 23001 when the object is not stored, differs from the archive or replaces another one, when the last check did not find its file whole, under any legal hold on the workspace or a user of it, for events that are not as they were sealed, and where the policy demands a request (request_audit_cold_release()); P0001 when an archive run, restore or hold is left open for more than ten seconds.';

CREATE FUNCTION request_audit_cold_release(p_workspace_id uuid, p_authority text, p_reason text DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_request_cold_release';
COMMENT ON FUNCTION request_audit_cold_release(uuid, text, text) IS
'Requests the release of all stored cold objects of a workspace and returns the request''s id. Somebody else approves it with approve_audit_deletion(), which releases what is stored by then; deleted_count is how many events left the database, and deletion_log_id is the entry of the last object. Needed in compliance mode, for 30 days after it was left, and where the policy has requires_approval.
p_reason: kept for good; name no person.
Errors: as request_audit_deletion().';

CREATE FUNCTION restore_audit_cold_events(p_object_id uuid, p_chunk integer, p_events bytea, p_event_ids uuid[] DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_restore_cold_events';
COMMENT ON FUNCTION restore_audit_cold_events(uuid, integer, bytea, uuid[]) IS
'Lends events of a released cold object to the archive, and returns how many. p_events are the rows of one chunk as COPY gives them in binary form; they are taken only if they have the SHA-256 of the chunk. Ids and times stay. Events that the database has already are left out. The file keeps them too, and audit_cold_loans tells which they are; return_audit_cold_loans() ends the loan. AUDIT_COLD_RESTORED tells of it.
p_event_ids: only these events; NULL: all of the chunk.
Errors: 22023 for an unknown object, a chunk that it does not have, and bytes that are not this chunk; 23001 when the object is not released, and while an erasure has not reached its file; 23514 for an event that the constraints of the archive refuse; P0001 when an erasure or purge is left open for more than ten seconds.';

CREATE FUNCTION return_audit_cold_loans(
  p_workspace_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  p_older_than interval DEFAULT '30 days',
  OUT returned_count bigint,
  OUT deletion_log_id uuid
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_return_cold_loans';
COMMENT ON FUNCTION return_audit_cold_loans(uuid, text, audit_ticket, interval) IS
'Removes events from the archive that were lent by cold storage and are unchanged: their file has them. Those that are hot or have changed, and those whose file the last check did not find whole, stay, with a notice. It is logged, and AUDIT_COLD_RELEASED tells of it.
p_older_than: only loans of this age.
Errors: 22023 for a NULL workspace, an empty or reserved authority, an empty ticket, and a negative age; 23001 under any legal hold on the workspace or a user of it; P0001 when an archive run, restore or hold is left open for more than ten seconds.';

CREATE FUNCTION erase_audit_cold_chunk(p_object_id uuid, p_chunk integer, p_events bytea) RETURNS bytea
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_erase_cold_chunk';
COMMENT ON FUNCTION erase_audit_cold_chunk(uuid, integer, bytea) IS
'Carries out the erasures that are pending for a released cold object in the rows of one chunk, and returns the rows as they are then, or NULL if none of them is concerned. The erased events are what delete_user_audit_events_compliant() would have made of them, byte for byte. The rows are taken only if they have the SHA-256 of the chunk. When every chunk was searched and none is concerned, the erasures are done; else replace_audit_cold_object() follows.
Errors: 22023 for an unknown object, a chunk that it does not have, and bytes that are not this chunk; 23001 when the object is not released, when no erasure is pending, and under a legal hold on an event that is to be erased; P0001 when an archive run, restore or hold is left open for more than ten seconds.';

CREATE FUNCTION replace_audit_cold_object(p_object_id uuid, p_manifest jsonb) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_replace_cold_object';
COMMENT ON FUNCTION replace_audit_cold_object(uuid, jsonb) IS
'Puts the file that was written after an erasure in the place of a released cold object, which is condemned. Every chunk must have been searched since the last erasure was ordered, and the new file must have what erase_audit_cold_chunk() made of each. For each erasure that took events, one more entry in audit_deletion_log lists them, and AUDIT_EVENTS_ERASED tells of it.
p_manifest: that of the successor, which was begun with p_replaces and read back.
Errors: 22023 for an unknown object, and for a manifest of other content (the field is named); 23001 when the object is not released or its successor not open, when no erasure is pending, when a chunk was not searched, and under a legal hold that was placed since (the erasure stays pending); P0001 when an archive run, restore or hold is left open for more than ten seconds.';
