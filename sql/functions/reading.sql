-- =====================================================================================================================
-- Reading. The rights are given on these functions; the tables are read without a plan.
-- =====================================================================================================================
CREATE FUNCTION get_audit_trail(
  p_workspace_id uuid,
  p_resource_type text DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_days_back integer DEFAULT 30,
  p_limit integer DEFAULT 100,
  p_before_event_id uuid DEFAULT NULL
) RETURNS TABLE (
  id uuid,
  created_at timestamptz,
  created_by_user_id uuid,
  action_type text,
  resource_type text,
  resource_id uuid,
  workspace_id uuid,
  old_values jsonb,
  new_values jsonb,
  changed_fields text[],
  ip_address inet,
  user_agent text,
  request_id text,
  tags text[],
  metadata jsonb,
  is_archived boolean
)
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 100
AS 'MODULE_PATHNAME', 'audit_ext_get_audit_trail';
COMMENT ON FUNCTION get_audit_trail(uuid, text, uuid, integer, integer, uuid) IS
'Returns the events of a workspace, hot and archived, newest first, ties by id. Erased events are left out.
p_resource_type, p_resource_id: only events of one kind of resource, or of one resource.
p_days_back: 1 to 36500 days.
p_limit: 1 to 10000 events.
p_before_event_id: continue after that event, the last of the page before.
Once a membership source is named, a gateway reads only its user''s workspaces, and nothing without a user, unless it has set a role of the level service.
A page that ends short of p_limit raises a NOTICE if the window reaches months whose events are in cold storage; audit_cold_coverage() tells which files hold them.
Errors: 22023 for values out of range, for an event that does not exist and for one in cold storage; 42501 for a gateway without a user.';

CREATE FUNCTION audit_newest_event(p_workspace_id uuid) RETURNS TABLE (id uuid, created_at timestamptz)
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 1
AS 'MODULE_PATHNAME', 'audit_ext_newest_event';
COMMENT ON FUNCTION audit_newest_event(uuid) IS
'Returns id and time of the newest event of a workspace, hot or archived, or no row. The view audit_event_sequence uses it.';

CREATE FUNCTION audit_may_read(p_workspace_id uuid) RETURNS boolean
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'audit_ext_may_read';
COMMENT ON FUNCTION audit_may_read(uuid) IS
'Whether the caller may read this workspace: true, unless a membership source is named and the caller is a gateway. For a gateway it is true if the user of the request is a member, or if there is no user and the gateway has set a role of the level service. The views use it.';
