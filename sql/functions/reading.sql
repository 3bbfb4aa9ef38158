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

CREATE FUNCTION search_audit_events(
  p_workspace_id uuid DEFAULT NULL,
  p_from timestamptz DEFAULT NULL,
  p_to timestamptz DEFAULT NULL,
  p_user_ids uuid[] DEFAULT NULL,
  p_actions text[] DEFAULT NULL,
  p_resource_types text[] DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_request_id text DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_changed_field text DEFAULT NULL,
  p_contains jsonb DEFAULT NULL,
  p_text text DEFAULT NULL,
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
AS 'MODULE_PATHNAME', 'audit_ext_search_events';
COMMENT ON FUNCTION search_audit_events(uuid, timestamptz, timestamptz, uuid[], text[], text[], uuid, text, inet, text[], text, jsonb, text, integer, uuid) IS
'Returns the events that meet all filters, hot and archived, newest first, ties by id. Erased events are left out. A page with fewer events than p_limit is the last of the database; a NOTICE says which months of the window are in cold storage.
p_workspace_id: one workspace. NULL: all of them, for the levels operator and compliance only.
p_from: events of this time and later. By default 30 days before p_to, or before now; ''-infinity'' reads everything.
p_to: events before this time. By default there is no end.
p_user_ids: events of one of these actors.
p_actions: events of one of these action types; one that ends in * stands for all that begin so, as in role.*.
p_resource_types, p_resource_id, p_request_id: events of one of these types, of this resource, of this request.
p_ip_address: events from this address, or from this network.
p_tags: events that have all of these tags.
p_changed_field: events whose changed_fields have this name.
p_contains: events whose old_values, new_values or metadata contain this document, as @> says.
p_text: events with these 3 to 200 characters, whatever the case, in the text of old_values, new_values, metadata or user_agent. Nothing in it is a pattern.
An event must meet all filters. A list has 1 to 100 elements, a text up to 1000 characters. NULL is no filter.
p_limit: 1 to 10000 events.
p_before_event_id: continue after that event, the last of the page before.
Once a membership source is named, a gateway reads only its user''s workspaces, and nothing without a user, unless it has set a role of the level service.
Errors: 22023 for values out of range, empty lists and an event that does not exist or is in cold storage; 42501 for all workspaces without the level, and for a gateway without a user.';

CREATE FUNCTION count_audit_events(
  p_workspace_id uuid DEFAULT NULL,
  p_from timestamptz DEFAULT NULL,
  p_to timestamptz DEFAULT NULL,
  p_user_ids uuid[] DEFAULT NULL,
  p_actions text[] DEFAULT NULL,
  p_resource_types text[] DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_request_id text DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_changed_field text DEFAULT NULL,
  p_contains jsonb DEFAULT NULL,
  p_text text DEFAULT NULL,
  p_up_to integer DEFAULT 10000,
  OUT event_count bigint,
  OUT is_exact boolean
) RETURNS record
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'audit_ext_count_events';
COMMENT ON FUNCTION count_audit_events(uuid, timestamptz, timestamptz, uuid[], text[], text[], uuid, text, inet, text[], text, jsonb, text, integer) IS
'Counts the events that search_audit_events() finds, up to a number. If there are more, event_count is p_up_to and is_exact is false: "10,000+". is_exact is false, too, where the window reaches months in cold storage, which are not counted; a NOTICE names them. It reads no more events than it counts, and one.
p_workspace_id: one workspace. NULL: all of them, for the levels operator and compliance only.
p_from: events of this time and later. By default 30 days before p_to, or before now; ''-infinity'' reads everything.
p_to: events before this time. By default there is no end.
p_user_ids: events of one of these actors.
p_actions: events of one of these action types; one that ends in * stands for all that begin so, as in role.*.
p_resource_types, p_resource_id, p_request_id: events of one of these types, of this resource, of this request.
p_ip_address: events from this address, or from this network.
p_tags: events that have all of these tags.
p_changed_field: events whose changed_fields have this name.
p_contains: events whose old_values, new_values or metadata contain this document, as @> says.
p_text: events with these 3 to 200 characters, whatever the case, in the text of old_values, new_values, metadata or user_agent. Nothing in it is a pattern.
An event must meet all filters. A list has 1 to 100 elements, a text up to 1000 characters. NULL is no filter.
p_up_to: 1 to 1000000 events.
Once a membership source is named, a gateway reads only its user''s workspaces, and nothing without a user, unless it has set a role of the level service.
Errors: 22023 for values out of range and empty lists; 42501 for all workspaces without the level, and for a gateway without a user.';

CREATE FUNCTION explain_audit_search(
  p_workspace_id uuid DEFAULT NULL,
  p_from timestamptz DEFAULT NULL,
  p_to timestamptz DEFAULT NULL,
  p_user_ids uuid[] DEFAULT NULL,
  p_actions text[] DEFAULT NULL,
  p_resource_types text[] DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_request_id text DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_changed_field text DEFAULT NULL,
  p_contains jsonb DEFAULT NULL,
  p_text text DEFAULT NULL
) RETURNS TABLE (
  partition_name text,
  is_archived boolean,
  access_path text,
  keys_to_read bigint
)
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 10
AS 'MODULE_PATHNAME', 'audit_ext_explain_search';
COMMENT ON FUNCTION explain_audit_search(uuid, timestamptz, timestamptz, uuid[], text[], text[], uuid, text, inet, text[], text, jsonb, text) IS
'Says how search_audit_events() would read all of its window: the partitions that have events there, newest first, and the index of each.
access_path: "key" (workspace, time, id; each event is looked at), "actor in key" (only events of the actors are looked at), "resource" (the events of one resource), "id" (all workspaces); "actor", "action", "request_id" and "contains" where audit_index() built them.
keys_to_read: entries of that index in the window, counted; of "request_id" and "contains" all that the index finds in the month. A page that is full sooner reads fewer.
p_workspace_id: one workspace. NULL: all of them, for the levels operator and compliance only.
p_from: events of this time and later. By default 30 days before p_to, or before now; ''-infinity'' reads everything.
p_to: events before this time. By default there is no end.
p_user_ids: events of one of these actors.
p_actions: events of one of these action types; one that ends in * stands for all that begin so, as in role.*.
p_resource_types, p_resource_id, p_request_id: events of one of these types, of this resource, of this request.
p_ip_address: events from this address, or from this network.
p_tags: events that have all of these tags.
p_changed_field: events whose changed_fields have this name.
p_contains: events whose old_values, new_values or metadata contain this document, as @> says.
p_text: events with these 3 to 200 characters, whatever the case, in the text of old_values, new_values, metadata or user_agent. Nothing in it is a pattern.
An event must meet all filters. A list has 1 to 100 elements, a text up to 1000 characters. NULL is no filter.
Once a membership source is named, a gateway reads only its user''s workspaces, and nothing without a user, unless it has set a role of the level service.
Errors: 22023 for values out of range and empty lists; 42501 for all workspaces without the level, and for a gateway without a user.';

CREATE FUNCTION export_audit_events(
  p_workspace_id uuid,
  p_from timestamptz DEFAULT '-infinity',
  p_to timestamptz DEFAULT NULL,
  p_user_ids uuid[] DEFAULT NULL,
  p_actions text[] DEFAULT NULL,
  p_resource_types text[] DEFAULT NULL,
  p_resource_id uuid DEFAULT NULL,
  p_request_id text DEFAULT NULL,
  p_ip_address inet DEFAULT NULL,
  p_tags text[] DEFAULT NULL,
  p_changed_field text DEFAULT NULL,
  p_contains jsonb DEFAULT NULL,
  p_text text DEFAULT NULL,
  p_format text DEFAULT 'ndjson',
  p_after_event_id uuid DEFAULT NULL
) RETURNS SETOF text
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1000000
AS 'MODULE_PATHNAME', 'audit_ext_export_events';
COMMENT ON FUNCTION export_audit_events(uuid, timestamptz, timestamptz, uuid[], text[], text[], uuid, text, inet, text[], text, jsonb, text, text, uuid) IS
'Returns the events that meet all filters as lines, hot and archived, oldest first, ties by id. Erased events are left out. Events in files of cold storage are left out, too; a NOTICE names their months. Write the lines to a file: psql -XAt -v FETCH_COUNT=1000 -c writes them as they are, COPY ... TO would double backslashes. In the select list it takes no memory for lines that were read; in FROM, PostgreSQL keeps them until the last.
It records the event AUDIT_EVENTS_EXPORTED before the first line.
p_workspace_id: one workspace. NULL: all of them, for the levels operator and compliance only.
p_from: events of this time and later. By default there is no beginning.
p_to: events before this time. By default there is no end.
p_user_ids: events of one of these actors.
p_actions: events of one of these action types; one that ends in * stands for all that begin so, as in role.*.
p_resource_types, p_resource_id, p_request_id: events of one of these types, of this resource, of this request.
p_ip_address: events from this address, or from this network.
p_tags: events that have all of these tags.
p_changed_field: events whose changed_fields have this name.
p_contains: events whose old_values, new_values or metadata contain this document, as @> says.
p_text: events with these 3 to 200 characters, whatever the case, in the text of old_values, new_values, metadata or user_agent. Nothing in it is a pattern.
An event must meet all filters. A list has 1 to 100 elements, a text up to 1000 characters. NULL is no filter.
p_format: "ndjson" (an object a line, NULLs left out; the last line tells how many there were: a file without it is cut off), "csv" (RFC 4180 with a header), "csv_safe" (for spreadsheets: '' before what they would run as a formula), "ocsf" (Open Cybersecurity Schema Framework 1.6.0), "cef" (ArcSight, without the documents), "ecs" (Elastic Common Schema 8).
p_after_event_id: continue after that event, the last of an export that was cut off.
A gateway must say for whom it exports, and exports only its user''s workspaces once a membership source is named, unless it has set a role of the level service.
Errors: 22023 for values out of range, empty lists, an unknown format and an event that does not exist; 25006 in a read-only transaction; 42501 for all workspaces without the level, and for a gateway without a user.';

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
