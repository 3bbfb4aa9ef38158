-- =====================================================================================================================
-- Access requests (GDPR Art. 15): what the trail knows of a person. Invoker's rights, as the other exports.
-- =====================================================================================================================
CREATE FUNCTION export_person_audit_events(
  p_user_id uuid,
  p_authority text,
  p_approval_ticket_id audit_ticket,
  p_include_events_about_user boolean DEFAULT true,
  p_mask_others boolean DEFAULT true,
  p_format text DEFAULT 'ndjson'
) RETURNS SETOF text
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1000000
AS 'MODULE_PATHNAME', 'audit_ext_export_person_events';
COMMENT ON FUNCTION export_person_audit_events(uuid, text, audit_ticket, boolean, boolean, text) IS
'Returns a person''s events of all workspaces as lines, hot and archived, oldest first, ties by id: the answer to a request for access. Erased events are left out. Events in files of cold storage are left out, too; the first line says how many files there are, of whomever. Write the lines to a file as those of export_audit_events(); they stream in the select list.
It reads all events once to count the person''s, then, of each month, those from the first to the last of them. It records the event AUDIT_ACCESS_REQUEST_ANSWERED before the first line, under the nil workspace, as an event about the person.
p_authority: the law or rule that demands it, for example GDPR. p_approval_ticket_id: the ticket of the approval.
p_include_events_about_user: also events whose resource_id is the person.
p_mask_others: created_by_user_id, ip_address and user_agent are NULL where the actor is somebody else. Documents, tags and metadata stay as they are and may name others: review them before you hand them out.
p_format: "ndjson" (the first line, audit_person_export, tells workspaces, months and counts; the last, audit_export, how many events there were: a file without it is cut off), "csv", "csv_safe", "ocsf", "cef", "ecs" as in export_audit_events(), without these two lines.
A gateway must say for whom it exports, and exports nothing once a membership source is named, unless it has set a role of the level service.
Errors: 22023 for a NULL id, an empty or reserved authority, an empty ticket and an unknown format; 25006 in a read-only transaction; 42501 for a gateway without a user.';
