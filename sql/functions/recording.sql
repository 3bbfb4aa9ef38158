-- =====================================================================================================================
-- Recording. Definer's rights: a writer needs no right on the tables; the rights are given on these functions.
-- =====================================================================================================================
CREATE FUNCTION insert_audit_event(
  p_action_type text DEFAULT NULL,
  p_resource_type text DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_workspace_id uuid DEFAULT NULL,
  p_created_by_user_id uuid DEFAULT NULL,
  p_old_values jsonb DEFAULT NULL,
  p_new_values jsonb DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_user_agent text DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_metadata jsonb DEFAULT NULL,
  p_request_id text DEFAULT NULL,
  p_idempotency_key text DEFAULT NULL,
  p_created_at timestamptz DEFAULT NULL
) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER
AS 'MODULE_PATHNAME', 'audit_ext_insert_audit_event';
COMMENT ON FUNCTION insert_audit_event(text, text, uuid, uuid, uuid, jsonb, jsonb, inet, text, text[], jsonb, text, text, timestamptz) IS
'Records one event and returns its id (a UUIDv7), never NULL.
Workspace, user, address, user agent and request id that you leave out come from the request: from the settings audit_ext.*, else from PostgREST''s JWT (user) and headers (address, user agent, request id). PostgREST knows no workspace.
p_idempotency_key: 1 to 255 bytes, for a caller that may try again. The same key and values, in the same workspace, give the id of the first event, and nothing is recorded. A second call waits for a first one that has not ended. A key is known for 24 hours at least, and for 48 at most where the jobs run. Values that the request supplied are not compared.
p_created_at: when it happened; left out, the time of insertion. It must not be before the newest event of its workspace; the extension''s own events (AUDIT_*) do not count.
Errors: 23514 names the constraint that is broken: an empty action or resource type, no workspace, no user, {} as old or new values, a time in the future or before the newest event, or a user who is no member of the workspace. 23505 (audit_idempotency_key_unique) when the key has recorded other values. 22023 for a key that is empty or too long, for an action type AUDIT_*, the key audit_ext of metadata, documents larger than audit_ext.event_size_limit, and documents and texts that would print as more than can be read. 23001 when a trigger or rule of somebody else kept the event from being stored as given. 42P01 when the tables are missing.';

CREATE FUNCTION insert_audit_events(p_events jsonb) RETURNS SETOF uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER ROWS 100
AS 'MODULE_PATHNAME', 'audit_ext_insert_audit_events';
COMMENT ON FUNCTION insert_audit_events(jsonb) IS
'Records a JSON array of events, all or none, and returns their ids in order.
Elements are objects whose keys are the parameter names of insert_audit_event, with or without p_. created_at is a time of RFC 3339 with an offset. An element whose idempotency_key has recorded it, before or in this array, gives the id of that event.
Errors: 22023 for a wrong shape; it names the element''s index (from 0) and the key. Otherwise those of insert_audit_event, with the element in DETAIL.';

CREATE FUNCTION audit_event_id() RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_event_id';
COMMENT ON FUNCTION audit_event_id() IS
'The default of audit_events.id: a UUIDv7 (RFC 9562) of the current time. If you call it by hand, the server accepts the id for rows of the same statement only.';

CREATE FUNCTION audit_event_time() RETURNS timestamptz
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_event_time';
COMMENT ON FUNCTION audit_event_time() IS
'The default of audit_events.created_at: the clock at insertion, strictly increasing within a session. If you call it by hand, the server accepts the time for rows of the same statement only.';

CREATE FUNCTION audit_resource_id(p_resource_type text, p_key text) RETURNS uuid
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'audit_ext_resource_id';
COMMENT ON FUNCTION audit_resource_id(text, text) IS
'Makes a stable id (UUIDv5, RFC 9562) for a resource whose key is no UUID.
The same names give the same id in one trail, its dumps and its standbys, and another id in every other trail: the salt in audit_resource_salt differs. Whoever may call it and sees an id can find out the key by trying candidates. NULL gives NULL.
A trail that was restored without rows has no salt until audit_setup() draws one; until then ids are made of the key alone.';
