-- =====================================================================================================================
-- Cold storage: archived events of a month in a file outside the database. The program audit-cold carries the bytes.
-- =====================================================================================================================

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
Errors: 22023 for an unknown object, an empty or reserved authority, and an empty ticket; 23001 when the object is not stored, differs from the archive or replaces another one, under any legal hold on the workspace or a user of it, for events that are not as they were sealed, and where the policy demands a request (request_audit_cold_release()); P0001 when an archive run, restore or hold is left open for more than ten seconds.';

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
'Removes events from the archive that were lent by cold storage and are unchanged: their file has them. Those that are hot or have changed stay, with a notice. It is logged, and AUDIT_COLD_RELEASED tells of it.
p_older_than: only loans of this age.
Errors: 22023 for a NULL workspace, an empty or reserved authority, an empty ticket, and a negative age; 23001 under any legal hold on the workspace or a user of it; P0001 when an archive run, restore or hold is left open for more than ten seconds.';

CREATE FUNCTION erase_audit_cold_chunk(p_object_id uuid, p_chunk integer, p_events bytea) RETURNS bytea
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_erase_cold_chunk';
COMMENT ON FUNCTION erase_audit_cold_chunk(uuid, integer, bytea) IS
'Carries out the erasures that are pending for a released cold object in the rows of one chunk, and returns the rows as they are then, or NULL if none of them is concerned. The erased events are what delete_user_audit_events_compliant() would have made of them, byte for byte. The rows are taken only if they have the SHA-256 of the chunk. When every chunk was searched and none is concerned, the erasures are done; else replace_audit_cold_object() follows.
Errors: 22023 for an unknown object, a chunk that it does not have, and bytes that are not this chunk; 23001 when the object is not released, when no erasure is pending, and under a legal hold on an event that is to be erased; P0001 when an archive run, restore or hold is left open for more than ten seconds.';
