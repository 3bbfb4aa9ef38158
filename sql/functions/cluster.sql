-- =====================================================================================================================
-- Nodes of a Citus cluster that act as one.
-- =====================================================================================================================
CREATE FUNCTION get_audit_trail_here(
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
AS 'MODULE_PATHNAME', 'audit_ext_get_audit_trail_here';
COMMENT ON FUNCTION get_audit_trail_here(uuid, text, uuid, integer, integer, uuid) IS
'As get_audit_trail(), of this node of a Citus cluster alone. On a server without Citus the two are the same.
Errors: those of get_audit_trail().';

CREATE FUNCTION audit_cluster_enable() RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_enable';
COMMENT ON FUNCTION audit_cluster_enable() IS
'From here on the nodes of this Citus cluster act as one: policies, holds, floors, access levels, membership source, requests, erasure and purge concern all of them, and get_audit_trail() reads all. Called on the coordinator, by the owner of the extension; again, it does nothing. Makes the reference tables audit_cluster_log and audit_cluster_nodes. Recorded as AUDIT_CLUSTER_ENABLED. There is no way back but DROP EXTENSION audit_ext CASCADE.
Errors: 0A000 without Citus, on another node, for a node that does not answer or has another version, and for policies, holds, access levels or a membership source that are not the same on all nodes.';

CREATE FUNCTION audit_cluster_retire(p_group integer, p_reason text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cluster_retire';
COMMENT ON FUNCTION audit_cluster_retire(integer, text) IS
'Says that a node which is gone from the cluster is gone for good, and that its trail is kept elsewhere. Until then get_audit_trail() raises: a part of a trail is none. Recorded as AUDIT_CLUSTER_NODE_RETIRED.
Where the policy of any workspace has requires_approval, the first call only requests it, which is recorded as AUDIT_CLUSTER_RETIREMENT_REQUESTED and told by a NOTICE; the call of another compliance officer within 30 days retires the node.
p_group: the group of the node, as in audit_cluster_nodes.
p_reason: where its trail is kept, and why the node is gone. It is kept for good; name no person.
Errors: 22023 for an empty reason and for a group without a node that can be retired; P0001 for a node that is in pg_dist_node; 0A000 where nodes do not act as one; 42501 for whoever is no compliance officer, and for a second call of whoever requested it.';

CREATE FUNCTION audit_cluster_health() RETURNS TABLE (node_group integer, check_name text, status text, detail text, hint text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cluster_health';
COMMENT ON FUNCTION audit_cluster_health() IS
'What audit_health() says on each node of the cluster, with its group, and whether each is there (cluster_node) and has carried out the whole log (cluster_log).
Errors: 0A000 where nodes do not act as one.';

CREATE FUNCTION audit_cluster_catch_up() RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_cluster_catch_up';
COMMENT ON FUNCTION audit_cluster_catch_up() IS
'Has this node carry out the rows of audit_cluster_log that it has missed, and gives how many they were. A node that joined is registered. Archive runs, purges, erasures and reads of the cluster do so first; nobody has to call it.
Errors: 0A000 where nodes do not act as one; P0001 for a row that cannot be carried out.';

CREATE FUNCTION audit_cluster_carry_out() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_carry_out';
COMMENT ON FUNCTION audit_cluster_carry_out() IS
'Trigger: carries a row of audit_cluster_log out on the node where it is stored.';

CREATE FUNCTION audit_cluster_guard() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_guard';
COMMENT ON FUNCTION audit_cluster_guard() IS
'Trigger: refuses UPDATE, DELETE and TRUNCATE of audit_cluster_log and audit_cluster_nodes (23001).';

CREATE FUNCTION audit_cluster_count(p_removal text) RETURNS jsonb
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_count';
COMMENT ON FUNCTION audit_cluster_count(text) IS
'For other nodes of the cluster: what a removal would take on this node, as an object of event_count, and the workspaces and held workspaces of an erasure in all of them. p_removal: as in audit_cluster_log.arguments. It is done and undone.';

CREATE FUNCTION audit_cluster_restore(p_wanted text) RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_restore';
COMMENT ON FUNCTION audit_cluster_restore(text) IS
'For other nodes of the cluster: restore_audit_events() of this node alone, for somebody there. p_wanted: a JSON object.
Errors: P0001 when somebody keeps the events or their tables locked for ten seconds.';

CREATE FUNCTION audit_cluster_page(p_wanted text) RETURNS TABLE (
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
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 100
AS 'MODULE_PATHNAME', 'audit_ext_cluster_page';
COMMENT ON FUNCTION audit_cluster_page(text) IS
'For other nodes of the cluster: a page of this node''s trail, under the rights that the reader has here. p_wanted: a JSON object.
Errors: 42501 for a role that may not read here; P0001 while this node has not carried out what the other one knows of.';

CREATE FUNCTION audit_cluster_newest() RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cluster_newest';
COMMENT ON FUNCTION audit_cluster_newest() IS
'For other nodes of the cluster: the newest place in audit_cluster_log that this node knows of.';

CREATE FUNCTION audit_cluster_position(p_workspace_id uuid, p_event_id uuid) RETURNS bigint
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'audit_ext_cluster_position';
COMMENT ON FUNCTION audit_cluster_position(uuid, uuid) IS
'For other nodes of the cluster: the time of an event of this node, in microseconds since 2000; NULL if it has none of that id.';
