-- =====================================================================================================================
-- Compliant deletion: erasure, the way with four eyes, scrub and certificate. Definer's rights with a pinned search_path.
-- =====================================================================================================================
CREATE FUNCTION delete_user_audit_events_compliant(
  p_user_id uuid,
  p_workspace_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  p_include_events_about_user boolean DEFAULT false,
  p_reason text DEFAULT NULL,
  OUT deleted_count bigint,
  OUT deletion_log_id uuid
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_delete_user_events';
COMMENT ON FUNCTION delete_user_audit_events_compliant(uuid, uuid, text, audit_ticket, boolean, text) IS
'Erases the personal payload of a user''s events in a workspace for good, hot and archived, and marks them. old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags and metadata become NULL; ids, time, action and resource type stay. It is logged also when there is nothing to erase; the events that it took are listed in audit_deletion_events. What is left of an event''s seal_key leads to the same leaf and to no value. Events erased before are not counted again. audit_scrub() removes the bytes that it leaves in the files.
Files of cold storage that are being written are given up. In released cold objects the erasure is pending: audit-cold erase searches them, and what it erases there has entries of its own. deleted_count counts what the database held.
p_include_events_about_user: also events whose resource_id is the user. What other people did to the person''s rows, and what is known of the person under another id, is not found.
p_reason: kept for good, in the log, in each erased event and in AUDIT_* events; name a ticket or a rule, and no person.
Errors: 22023 for NULL ids, an empty or reserved authority, and an empty ticket; 23001 under a legal hold, and where the policy demands a request (requires_approval); P0001 when an archive run, restore or hold is left open for more than ten seconds, and in a transaction that is REPEATABLE READ or SERIALIZABLE.';

CREATE FUNCTION delete_person_audit_events(
  p_user_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  p_include_events_about_user boolean DEFAULT false,
  p_reason text DEFAULT NULL,
  p_skip_held boolean DEFAULT false,
  OUT deleted_count bigint,
  OUT deletion_log_id uuid,
  OUT workspace_count integer,
  OUT held_workspaces uuid[]
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_delete_person_events';
COMMENT ON FUNCTION delete_person_audit_events(uuid, text, audit_ticket, boolean, text, boolean) IS
'Erases the personal payload of a user''s events in all workspaces, in one transaction, as delete_user_audit_events_compliant() does it in one. It erases in every workspace that has a live event of the person, and in every one that has files of cold storage: only the search of a file tells whose events it holds.
One entry of the log tells of the whole; its workspace is the nil UUID, and deletion_log_id is its id. Each workspace has an entry of its own, whose parent_id is that id, and an event of its own. deleted_count counts what the database held; workspace_count counts the workspaces that were erased in. audit_scrub() and audit_deletion_certificate() take the id of the whole or of a part.
It reads the key of all events once to find the workspaces, and takes about 20 microseconds for each event that it erases. Holds and policies of the workspaces cannot change meanwhile.
p_include_events_about_user: also events whose resource_id is the user.
p_reason: kept for good, in the log, in each erased event and in AUDIT_* events; name a ticket or a rule, and no person.
p_skip_held: workspaces under a hold on them, on the user, or on somebody with whom the user shares events, are left out, whole, and listed in held_workspaces.
Errors: 22023 for a NULL id, an empty or reserved authority, and an empty ticket; 23001 under legal holds, all of which are named, and where the policy of any of the workspaces demands a request (requires_approval); P0001 when an archive run, restore or hold is left open for more than ten seconds, and in a transaction that is REPEATABLE READ or SERIALIZABLE.';

CREATE FUNCTION request_audit_person_deletion(
  p_user_id uuid,
  p_authority text,
  p_reason text DEFAULT NULL,
  p_include_events_about_user boolean DEFAULT false,
  p_skip_held boolean DEFAULT false
) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_request_person_deletion';
COMMENT ON FUNCTION request_audit_person_deletion(uuid, text, text, boolean, boolean) IS
'Requests the erasure of a user''s events in all workspaces, as delete_person_audit_events() does it, and returns the request''s id. Somebody else approves it. Of the policies of the workspaces concerned, the shortest approval_expiry_days and the longest cooling_off_days count.
p_include_events_about_user, p_skip_held: as there.
p_reason: kept for good, in the log, in each erased event and in AUDIT_* events; name a ticket or a rule, and no person.
Errors: as request_audit_deletion().';

CREATE FUNCTION request_audit_deletion(
  p_user_id uuid,
  p_workspace_id uuid,
  p_authority text,
  p_reason text DEFAULT NULL,
  p_include_events_about_user boolean DEFAULT false
) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_request_deletion';
COMMENT ON FUNCTION request_audit_deletion(uuid, uuid, text, text, boolean) IS
'Requests the erasure of a user''s events and returns the request''s id. Somebody else approves it, with a ticket, before anything is deleted. It expires after the approval_expiry_days of the policy (30).
p_include_events_about_user: also events whose resource_id is the user.
p_reason: kept for good, in the log, in each erased event and in AUDIT_* events; name a ticket or a rule, and no person.
Errors: 22023 for NULL ids and for an empty or reserved authority; 42501 for a gateway without a user and for a role of the level service.';

CREATE FUNCTION request_audit_purge(p_workspace_id uuid, p_authority text, p_reason text DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_request_purge';
COMMENT ON FUNCTION request_audit_purge(uuid, text, text) IS
'Requests the purge of a workspace''s events past their period, as purge_expired_audit_events() does it, and returns the request''s id. Somebody else approves it.
p_reason: kept for good; name no person.
Errors: as request_audit_deletion().';

CREATE FUNCTION request_audit_offboarding(p_workspace_id uuid, p_authority text, p_reason text DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_request_offboarding';
COMMENT ON FUNCTION request_audit_offboarding(uuid, text, text) IS
'Requests that all events of a workspace are removed, hot and archived, whatever their age, and returns the request''s id. Somebody else approves it; there is no other way. What stays: the deletion log with the list, the certificate, the policy with offboarded_at, the events that vouch for deletions, and AUDIT_WORKSPACE_OFFBOARDED under the nil UUID. Events that come later are recorded, and audit_health() warns of them.
It is carried out only if a whole export of the workspace finished in the last 30 days: export_audit_events() without filters, in ndjson or csv, read to its last line (AUDIT_EXPORT_FINISHED). It must have all events that there are then, but for AUDIT_* events and erased ones.
p_reason: kept for good; name no person.
Errors: as request_audit_deletion(), and 22023 for the nil UUID. When it is carried out: 23001 under a legal hold on the workspace or anybody in it, in compliance mode, until protected_until, while released cold objects hold events that are not on loan, and without such an export; P0001 when events are recorded meanwhile.';

CREATE FUNCTION approve_audit_deletion(
  p_request_id uuid,
  p_approval_ticket_id audit_ticket,
  OUT deleted_count bigint,
  OUT deletion_log_id uuid
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_approve_deletion';
COMMENT ON FUNCTION approve_audit_deletion(uuid, audit_ticket) IS
'Approves a request and carries it out. Where the policy has cooling_off_days, it only approves and returns NULLs; execute_audit_deletion() follows. Of two approvers at once, one carries it out.
Errors: 42501 for the person who requested it, for a gateway without a user, and for a role of the level service; 22023 for an unknown request and for an empty ticket; 23001 when the request is decided or expired; P0001 when no event of the trail backs the request. Also those of delete_user_audit_events_compliant(), delete_person_audit_events(), request_audit_offboarding(), purge_expired_audit_events() and release_audit_cold_object(); 23001 when a release is approved and no object is stored.';

CREATE FUNCTION execute_audit_deletion(p_request_id uuid, OUT deleted_count bigint, OUT deletion_log_id uuid) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_execute_deletion';
COMMENT ON FUNCTION execute_audit_deletion(uuid) IS
'Carries out an approved request when its cooling-off period is over.
Errors: 22023 for an unknown request; 23001 before the period is over, and when the request is not approved, done or expired; 42501 for a gateway without a user and for a role of the level service; P0001 when no event of the trail backs a step of the request.';

CREATE FUNCTION reject_audit_deletion(p_request_id uuid, p_reason text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_reject_deletion';
COMMENT ON FUNCTION reject_audit_deletion(uuid, text) IS
'Rejects a request that is pending or cooling off. Whoever requested it may withdraw it this way.
p_reason: kept for good; name no person.
Errors: 22023 for an unknown request and for an empty reason; 23001 when it is over; 42501 for a gateway without a user and for a role of the level service.';

CREATE FUNCTION export_audit_deletions(p_since timestamptz DEFAULT '-infinity') RETURNS SETOF text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_export_deletions';
COMMENT ON FUNCTION export_audit_deletions(timestamptz) IS
'Returns the journal of deletions: each erasure and purge as a line of JSON, in their order, with the ids and leaf hashes of the events that it took, and no payload. Ship it to another place, nightly and after each erasure: reapply_audit_deletions() carries it out again in a database that is restored from an older backup. Write it to a file with psql -XAt -c; in the select list it takes no memory for lines that were read.
p_since: those that were done at this time or later. A deletion that is committed late bears the time at which it began: let it overlap by the length of your longest transaction.
An entry whose id is not that of its content was planted, and is left out.';

CREATE FUNCTION reapply_audit_deletions(p_journal jsonb, p_authority text, p_approval_ticket_id audit_ticket)
RETURNS TABLE (deletion_log_id uuid, outcome text, event_count bigint)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_reapply_deletions';
COMMENT ON FUNCTION reapply_audit_deletions(jsonb, text, audit_ticket) IS
'Carries out the deletions of a journal again, hot and archived, in a database that was restored from a backup made before them, before anybody else is let in. Each is logged under its own id, with its list, and recorded by AUDIT_DELETION_REAPPLIED. In released cold objects an erasure is pending, as for the first time; those whose every event a purge took are condemned. event_count counts the events that were taken now.
outcome: reapplied; known, where the log has its id already; held, where a hold of today is on the workspace, the person, or somebody whose events are in its list; kept, where the policy of today does not allow it: the period of a purge has not passed, an off-boarded workspace is in compliance mode or protected, nobody may delete alone (requires_approval, off-boarding) and the caller has not the rights of the extension''s owner, or a released cold object holds some of the events of a purge, and others. What is held or kept is untouched and not logged: call again when that is over.
Taken are only events that are in the list, by the person (or about the person, where it was so), and not later than the cutoff. The id of an element is made of its content, list included, so nobody changes it unnoticed. Yet whoever may call this can make up an element, as they could erase or purge directly.
p_journal: an array of lines of export_audit_deletions(), in one or several calls: jsonb holds up to 256 MB.
p_authority, p_approval_ticket_id: of the re-application; those of the deletion are in the journal.
Errors: 22023 for what is no array, and for an element that is malformed or was changed, with its index; also for an empty or reserved authority, and an empty ticket; P0001 when an archive run, restore or hold is left open for more than ten seconds. Nothing is deleted then.';

CREATE FUNCTION audit_scrub(p_deletion_log_id uuid) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_scrub';
COMMENT ON FUNCTION audit_scrub(uuid) IS
'Removes the bytes that an erasure, a purge or a release to cold storage left in the data files, and gives their room back to the disk. It rewrites the partitions of the months concerned with their indexes, and removes the samples of payload that ANALYZE kept of them. Recorded, and shown in the certificate. It needs free disk space as large as the partitions that it rewrites.
It waits up to ten seconds for transactions that could still see the rows. Then readers and writers of those months wait until the transaction ends. It must end within ten seconds after the rewrite, unless the owner of the extension or a superuser called.
Errors: 22023 for an id that is no erasure, purge or cold release; P0001 while a transaction, prepared transaction or replication slot older than the deletion could still see the rows, and when a lock is not free within ten seconds.';

CREATE FUNCTION audit_deletion_certificate(p_deletion_log_id uuid) RETURNS jsonb
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_deletion_certificate';
COMMENT ON FUNCTION audit_deletion_certificate(uuid) IS
'Returns a certificate of an erasure or purge, to hand to the person who asked: what was deleted, when, why, by whom, approved by which ticket and person; how many events of which months; whether it was scrubbed; what remains, and how it can be found. Of an erasure in all workspaces, parts lists the entries of the workspaces with how many events each counts, and held_workspaces those that were left out; a part names the whole in parent_id. cold tells how many cold objects were and are to be searched, how many events in them lost their payload or went, and how many files are to be removed or were; is_complete is false while an object is to be searched or a file to be removed. Whatever was erased in cold objects has entries and certificates of its own, with authority and ticket of this one. evidence has the content of its entry with the digest of the list of events, and the receipt of the sealed event that names it, as audit_event_proof() gives it; NULL until that event is sealed. The certificate holds no payload, is not signed, and names the roles and ids of those who acted. Authority, ticket and reason are as they were given. Times are UTC.
Errors: 22023 for an id that is no irrevocable deletion; P0001 when the trail has no event of this deletion.';
