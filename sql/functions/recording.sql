-- =====================================================================================================================
-- Recording. Definer's rights: a writer needs no right on the tables; the rights are given on these functions.
-- =====================================================================================================================
CREATE FUNCTION insert_audit_event(
  p_action_type text,
  p_resource_type text,
  p_resource_id uuid DEFAULT NULL,
  p_workspace_id uuid DEFAULT NULL,
  p_created_by_user_id uuid DEFAULT NULL,
  p_old_values jsonb DEFAULT NULL,
  p_new_values jsonb DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_user_agent text DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_metadata jsonb DEFAULT NULL,
  p_request_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER
AS 'MODULE_PATHNAME', 'audit_ext_insert_audit_event';
COMMENT ON FUNCTION insert_audit_event(text, text, uuid, uuid, uuid, jsonb, jsonb, inet, text, text[], jsonb, text) IS
'Records one audit event with the time of insertion and gives its id (UUIDv7); never NULL.
Workspace, user, address, user agent and request id that are left out come from the request: the settings audit_ext.*, else PostgREST''s JWT claims and headers.
Errors: 23514 naming the constraint that is broken (empty action or resource type, no workspace, no user, {} as old or new values, no member of the workspace); 23001 when a foreign trigger or rule kept the event from being stored as given; 42P01 when the tables are missing.';

CREATE FUNCTION insert_audit_events(p_events jsonb) RETURNS SETOF uuid
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER ROWS 100
AS 'MODULE_PATHNAME', 'audit_ext_insert_audit_events';
COMMENT ON FUNCTION insert_audit_events(jsonb) IS
'Records a JSON array of events, all or none, and gives their ids in order. Elements are objects keyed by the parameter names of insert_audit_event, with or without p_, and optionally created_at (RFC 3339 with offset), which must not be before the newest event of its workspace.
Errors: 22023 for a wrong shape, naming the element''s index (from 0) and key; otherwise those of insert_audit_event, with the element in DETAIL.';

CREATE FUNCTION audit_event_id() RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_event_id';
COMMENT ON FUNCTION audit_event_id() IS
'The default of audit_events.id: a UUIDv7 (RFC 9562) of the current time. Called by hand it counts as the server''s for rows of the same statement only.';

CREATE FUNCTION audit_event_time() RETURNS timestamptz
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_event_time';
COMMENT ON FUNCTION audit_event_time() IS
'The default of audit_events.created_at: the clock at insertion, strictly increasing within a backend. Called by hand it counts as the server''s for rows of the same statement only.';

CREATE FUNCTION audit_resource_id(p_resource_type text, p_key text) RETURNS uuid
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'audit_ext_resource_id';
COMMENT ON FUNCTION audit_resource_id(text, text) IS
'A stable id (UUIDv5, RFC 9562) for a resource whose key is no UUID: in one trail, its dumps and standbys, the same names always give the same id; in another trail another one, by audit_resource_salt. Whoever may call it and sees an id can try keys. NULL for NULL. A trail that was restored without rows has no salt until audit_setup() draws it; ids are made of the key alone meanwhile.';
