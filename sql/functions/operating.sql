-- =====================================================================================================================
-- Operating: set-up, partitions, access, membership source. search_path is pinned; nothing resolves by the caller's.
-- =====================================================================================================================
CREATE FUNCTION audit_setup() RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_setup';
COMMENT ON FUNCTION audit_setup() IS
'Puts tables, guards, views, first partitions and privileges of the audit trail in place. Idempotent. For the owner of the extension.
CREATE EXTENSION calls it, unless a dump is being restored (SET row_security = off, with which pg_dump''s scripts begin, or audit_ext.restoring = on); then it only warns.
Errors: 42501 for anybody else; 42P07 when tables of these names exist and are not as the extension makes them, with the differences in DETAIL.';

CREATE FUNCTION create_monthly_audit_partition(p_months_ahead integer DEFAULT 3) RETURNS TABLE (partition_name text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_create_monthly_partition';
COMMENT ON FUNCTION create_monthly_audit_partition(integer) IS
'Makes missing partitions of both tables and returns their names: this month (UTC), p_months_ahead months ahead, and every month of the last twelve that has events in a default partition, which move there. Idempotent; safe to run at any time, and twice at once.
p_months_ahead: 0 to 120.
Older events stay in the default partition, where everything works for them, until the owner calls create_past_audit_partitions().
Where it makes nothing, it builds indexes that audit_index() asked for and that months which are over still lack.
Where it made something, tables stay locked until the transaction ends. It must end within ten seconds, unless the owner of the extension called.
Errors: 22023 for a number out of range; P0001 when another run holds on for ten seconds.';

CREATE FUNCTION create_past_audit_partitions(p_from date, p_until date) RETURNS TABLE (partition_name text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_create_past_partitions';
COMMENT ON FUNCTION create_past_audit_partitions(date, date) IS
'Makes a partition (UTC, of both tables) for every month from that of p_from to that of p_until that has events in a default partition, moves them there, and returns the names. For imported history: create_monthly_audit_partition() makes the last twelve months only. Such partitions are there for good. For the owner of the extension; no access level gives it.
Errors: 22023 for NULL, a date before 1970, or p_until before p_from; P0001 when another run holds on for ten seconds.';

CREATE FUNCTION audit_index(p_kind text, p_live boolean DEFAULT false) RETURNS TABLE (partition_name text, state text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_index';
COMMENT ON FUNCTION audit_index(text, boolean) IS
'Wants an optional index for searches, builds it for each month that is over and has events, and returns these partitions. A run of create_monthly_audit_partition() that makes no month builds it for months that end later: let it run every day. Searches have the same answers with and without it. Each change of what is wanted is an event. For the owner of the extension.
p_kind: actor, for searches by one actor in one workspace; action, for searches by whole names of action types in one workspace, of 200 bytes at most; request_id, for searches by a request, in one workspace and in all; contains, for searches by what documents contain, in one workspace and in all.
p_live: true builds it for the current month and those ahead too. Then recording pays for it, and writers wait while it is built. By default recording pays nothing, and those months are read by their key. What is built stays when a later call says false.
state: built; in place, if it was there; waiting, if its lock could not be had: then create_monthly_audit_partition() builds it, as above.
Who writes to a month waits while its index is built and until the transaction ends. Default partitions get none.
Errors: 22023 for an unknown kind, and for NULL; P0001 when another run of maintenance holds on for ten seconds.';

CREATE FUNCTION audit_unindex(p_kind text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_unindex';
COMMENT ON FUNCTION audit_unindex(text) IS
'Drops the indexes that audit_index() had built, and wants them no more. Idempotent. Readers and writers of their months wait until the transaction ends. For the owner of the extension.
p_kind: as in audit_index().
Errors: 22023 for an unknown kind, and for NULL; P0001 when the locks cannot be had within ten seconds.';

CREATE FUNCTION audit_grant(p_role regrole, p_access text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_grant';
COMMENT ON FUNCTION audit_grant(regrole, text) IS
'Gives a role an access level. A role may have several. For the owner of the extension.
writer: records events.
reader: reads trails, vw_security_audit and partition_schedule.
operator: as reader, reads every table but those of idempotency keys and the salt, and runs archive, restore, partitions, indexes, health, schedule, tracking, sealing, signatures, streams and cold storage.
compliance: as reader, reads every table but those, and sets policies and holds, requests, approves, erases, scrubs, purges, off-boards, releases to cold storage, exports the journal of deletions and what concerns a person.
streamer: takes the events of streams whose reader it is, and reads nothing else.
monitor: audit_health(), audit_metrics(), audit_cluster_health() and partition_schedule, and reads nothing else.
gateway: no rights. The user of its request counts as the person; once a membership source is named, it reads nothing without one.
service: no rights. Under such a role a gateway reads all workspaces without a user; it decides nothing.
Errors: 22023 for an unknown level and for no role.';

CREATE FUNCTION audit_revoke(p_role regrole, p_access text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_revoke';
COMMENT ON FUNCTION audit_revoke(regrole, text) IS
'Takes an access level from a role. The levels it keeps stay in force, and so does USAGE on the schema. For the owner of the extension.
Errors: 22023 for an unknown level and for no role.';

CREATE FUNCTION audit_set_membership_source(
  p_table regclass,
  p_workspace_column name DEFAULT NULL,
  p_user_column name DEFAULT NULL
) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_set_membership_source';
COMMENT ON FUNCTION audit_set_membership_source(regclass, name, name) IS
'Names the table that says who is a member of which workspace. From then on events by others are refused. A NULL table turns the check off. The table is read with its own owner''s rights. For the owner of the extension.
p_workspace_column: the workspace. A value that is no uuid stands for audit_resource_id(''workspace'', value::text), as in audit_track_table(); then an index on the column of users keeps the check fast.
p_user_column: the user, a uuid or the text of one, as in created_by_user_id. Other keys of users are not mapped: give the table a column with the uuid.
Errors: 42809 when it is no ordinary or partitioned table; 42703 for a column that is not there; 42804 for a workspace column of arrays, records or JSON, and for a user column that is neither uuid nor text.';
