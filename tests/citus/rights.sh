#!/usr/bin/env bash
# What others than the owner can do to nodes that act as one, with the extension in a schema of its own: tables and names that they made before, rights that
# default privileges gave them, settings that reach other nodes, one person on two nodes.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

# alone_on NODE SQL: without the other nodes.
alone_on() { CITUS_OPTIONS='-c citus.enable_ddl_propagation=off' on "$1" "$2"; }

citus_start
on "$COORDINATOR" 'CREATE SCHEMA audit; CREATE EXTENSION audit_ext SCHEMA audit'
on "$COORDINATOR" "CREATE FUNCTION public.w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS \$\$ SELECT ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid \$\$"
on "$COORDINATOR" 'CREATE ROLE mallory LOGIN; CREATE ROLE api LOGIN; CREATE ROLE rea LOGIN; CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; GRANT postgres TO alice, bob'
for node in "${NODES[@]}" "$SPARE"; do alone_on "$node" "ALTER DATABASE $CITUS_DATABASE SET search_path = audit, public"; done

# Names that only an exact match is found by, where whoever asks from another node has the owner's rights.
for node in "${NODES[@]}"; do
    alone_on "$node" "GRANT USAGE, CREATE ON SCHEMA public, audit TO mallory; ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON TABLES TO api; SET ROLE mallory;
        CREATE TABLE public.loot (who text); GRANT INSERT ON public.loot TO PUBLIC;
        CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot VALUES (current_user); RETURN pg_catalog.format(\$1, \$2, \$3); END';
        CREATE FUNCTION public.both(smallint, integer) RETURNS integer LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot VALUES (current_user); RETURN \$1::integer & \$2; END';
        CREATE FUNCTION public.behind(name, name) RETURNS text LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot VALUES (current_user); RETURN \$1::text || \$2::text; END';
        CREATE FUNCTION public.same(oid, regclass) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot VALUES (current_user); RETURN \$1 = \$2::oid; END';
        CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.same);
        CREATE OPERATOR public.& (LEFTARG = smallint, RIGHTARG = integer, FUNCTION = public.both); CREATE OPERATOR public.|| (LEFTARG = name, RIGHTARG = name, FUNCTION = public.behind)"
done
on "$COORDINATOR" "SELECT audit_grant('rea', 'monitor')" >/dev/null
for node in "$WORKER1" "$WORKER2"; do on "$node" "SELECT audit_grant('rea', 'monitor')" >/dev/null; done

# A table of the name that the cluster's is to have.
alone_on "$COORDINATOR" 'SET ROLE mallory; CREATE TABLE audit.audit_cluster_nodes (id uuid PRIMARY KEY, system_identifier bigint NOT NULL, node_group integer NOT NULL, since timestamptz NOT NULL)'
check_equal 'a table of somebody else is not taken for the cluster'\''s' 42P07 "$(code_on "$COORDINATOR" 'SELECT audit_cluster_enable()')"
check_equal '... whose owner removes it' none "$(code_as mallory "$COORDINATOR" 'DROP TABLE audit.audit_cluster_nodes')"
check_equal 'audit_cluster_enable()' none "$(code_on "$COORDINATOR" 'SELECT audit_cluster_enable()')"

# Rights on its tables, and on the shards that hold them, which Citus hides.
rights() { CITUS_OPTIONS='-c citus.override_table_visibility=off' each "SELECT count(DISTINCT c.oid) || '/' || count(held.grantee) FROM pg_class AS c LEFT JOIN aclexplode(c.relacl) AS held ON held.grantee <> c.relowner WHERE c.relname ~ '^audit_cluster_(log|nodes)(_[0-9]+)?\$'"; }
check_equal 'default privileges give nothing on the tables of the cluster' '4/0 4/0 4/0' "$(rights)"
shard() { CITUS_OPTIONS='-c citus.override_table_visibility=off' on "$1" "SELECT oid::regclass FROM pg_class WHERE relname ~ '^audit_cluster_$2_[0-9]+\$'"; }
on "$WORKER1" "ALTER EVENT TRIGGER audit_ddl_command_start DISABLE; ALTER EVENT TRIGGER audit_ddl_command_end DISABLE; SET citus.enable_ddl_propagation = off;
    GRANT ALL ON $(shard "$WORKER1" log), $(shard "$WORKER1" nodes), audit_cluster_log, audit_cluster_nodes TO api; GRANT USAGE ON SCHEMA audit TO api;
    ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS; ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS"
forged="(id, ordinal, verb, arguments, session_role, outer_role, origin_group, at) VALUES (w(1), 77, 'row', '{\"table\": \"audit_access\", \"row\": {\"id\": \"00000000-0000-4000-8000-000000000001\", \"role_name\": \"mallory\", \"access\": \"compliance\"}}', 'x', 'x', 1, now())"
for table in "$(shard "$WORKER1" log)" audit_cluster_log; do
    check_equal "a row of the log by whoever may write there: $(sed 's/_[0-9]*$//' <<<"$table")" 42501 "$(code_as api "$WORKER1" "SET citus.enable_manual_changes_to_shards = on; INSERT INTO $table $forged")"
done
check_equal 'a node that is retired by whoever may write there' 42501 \
    "$(code_as api "$WORKER1" "SET citus.enable_manual_changes_to_shards = on; INSERT INTO $(shard "$WORKER1" nodes) (id, system_identifier, node_group, since, retired_at) VALUES (w(1), 1, 2, now(), now())")"
on "$WORKER1" "SELECT audit_grant('rea', 'reader')" >/dev/null
check_equal 'such rights are gone with the next change of levels' '4/0 4/0 4/0' "$(rights)"

# A level counts on all nodes, the schema included.
check_equal 'a reader reads on every node' 'none none none' "$(for node in "${NODES[@]}"; do code_as rea "$node" 'SELECT get_audit_trail(w(1))'; done | paste -sd ' ')"

# A tracked table whose owner has set what reaches other nodes.
on "$COORDINATOR" "CREATE SCHEMA shop AUTHORIZATION mallory; SET ROLE mallory; CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text)"
on "$COORDINATOR" "SELECT create_distributed_table('shop.orders', 'id'); SELECT audit_track_table('shop.orders', p_workspace_column => NULL)" >/dev/null
for node in "${NODES[@]}"; do
    alone_on "$node" "CREATE SCHEMA evil AUTHORIZATION mallory; GRANT USAGE ON SCHEMA evil TO PUBLIC"
    for signature in 'assign_distributed_transaction_id(int, bigint, timestamptz)' 'worker_apply_shard_ddl_command(bigint, text, text)' 'worker_apply_shard_ddl_command(bigint, text)'; do
        alone_on "$node" "SET ROLE mallory; CREATE FUNCTION evil.$signature RETURNS void LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot VALUES (current_user); END'"
    done
done
check_equal 'health of a worker, which asks the coordinator' ok "$(as rea "$WORKER1" "SELECT DISTINCT status FROM audit_health() WHERE check_name = 'tracked_tables'")"
as mallory "$COORDINATOR" "BEGIN; SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL search_path = evil, pg_catalog; SET LOCAL citus.enable_unsafe_triggers = on;
    ALTER TABLE shop.orders ENABLE TRIGGER audit_capture_insert; COMMIT" >/dev/null 2>&1 || true
check_equal 'nothing ran as the owner' '0 0 0' "$(each "SELECT count(*) FROM public.loot WHERE who <> 'mallory'")"
check_equal 'what is left of the capture is told' 'disabled fail' "$(on "$COORDINATOR" "SELECT capture FROM audit_tracked_tables") $(on "$COORDINATOR" "SELECT DISTINCT status FROM audit_health() WHERE check_name = 'tracked_tables'")"
on "$COORDINATOR" 'SELECT audit_setup()' >/dev/null
check_equal '... and put right by audit_setup()' active "$(on "$COORDINATOR" 'SELECT capture FROM audit_tracked_tables')"
# The options of the tracking follow a column that is renamed; the triggers wait.
outdated() { on "$COORDINATOR" "SELECT count(*) FROM audit_health() WHERE check_name = 'tracked_tables' AND status = 'fail' AND detail ~ 'not those that it needs now'"; }
on "$COORDINATOR" "SELECT audit_track_table('shop.orders', p_workspace_column => NULL, p_masked_columns => ARRAY['note'])" >/dev/null
check_equal 'triggers that a table needs' 0 "$(outdated)"
as mallory "$COORDINATOR" 'SET citus.enable_unsafe_triggers = on; ALTER TABLE shop.orders RENAME COLUMN note TO remark' >/dev/null
check_equal 'triggers that know a masked column by its former name are told' 1 "$(outdated)"
on "$COORDINATOR" 'SELECT audit_setup()' >/dev/null
check_equal '... and made anew by audit_setup()' 0 "$(outdated)"

# A person whose events are on one node: the longest cooling-off period counts, whoever approves where.
on "$COORDINATOR" "INSERT INTO audit_retention_policies (workspace_id, cooling_off_days) VALUES (w(5), 14)"
on "$WORKER2" "SELECT insert_audit_event('ACT', 'thing', NULL, w(5), w(50))" >/dev/null
request=$(as bob "$COORDINATOR" "SELECT request_audit_person_deletion(public.w(50), 'GDPR', 'asked')")
check_equal 'an approval on another node waits as long' '' "$(as alice "$WORKER1" "SELECT deleted_count FROM approve_audit_deletion('$request', 'T-1')")"
check_equal '... on all nodes' 'cooling_off cooling_off cooling_off' "$(each "SELECT state FROM audit_deletion_requests WHERE id = '$request'")"
check_equal '... and nothing is erased' 1 "$(on "$WORKER2" "SELECT count(*) FROM audit_events WHERE created_by_user_id = w(50) AND deleted_at IS NULL")"

# A node that is gone, and one officer who is the same person on every node.
citus_join "$SPARE"
on "$SPARE" 'SELECT audit_cluster_catch_up()' >/dev/null
on "$SPARE" "SELECT insert_audit_event('ACT', 'thing', NULL, w(6), w(60))" >/dev/null
group=$(on "$SPARE" 'SELECT groupid FROM pg_dist_local_group')
on "$COORDINATOR" "SELECT citus_drain_node('$SPARE', 5432), citus_remove_node('$SPARE', 5432)" >/dev/null 2>&1
check_equal 'nothing is erased while a node is gone' P0001 "$(code_on "$COORDINATOR" "SELECT delete_user_audit_events_compliant(w(60), w(6), 'GDPR', 'T-2')")"
on "$COORDINATOR" "INSERT INTO audit_retention_policies (workspace_id, requires_approval) VALUES (w(90), true)"
check_equal 'an officer asks that it is retired' none "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal '... and is nobody else on another node' 42501 "$(code_as bob "$WORKER1" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal '... where another officer retires it' none "$(code_as alice "$WORKER1" "SELECT audit_cluster_retire($group, 'kept on tape')")"
erased=$(on "$COORDINATOR" "SELECT deletion_log_id FROM delete_user_audit_events_compliant(w(60), w(6), 'GDPR', 'T-2')")
check_equal 'then the rest is erased, and the certificate names it' "$group" "$(on "$COORDINATOR" "SELECT node ->> 'node_group' FROM jsonb_array_elements(audit_deletion_certificate('$erased') -> 'nodes') AS node WHERE node -> 'is_retired' = 'true'")"
check_equal '... as readers are told' 1 "$("$PGBIN/psql" -qAtX -h "$WORKER1" -U postgres -d "$CITUS_DATABASE" -c 'SELECT get_audit_trail(w(6))' 2>&1 | grep -c "the trail of the node of group $group, which was retired, is not read")"
check_equal 'an erasure that was rolled back to a savepoint is no obstacle' none \
    "$(code_on "$COORDINATOR" "BEGIN; SAVEPOINT a; SELECT delete_user_audit_events_compliant(w(61), w(6), 'GDPR', 'T-3'); ROLLBACK TO a; SELECT delete_user_audit_events_compliant(w(62), w(6), 'GDPR', 'T-4'); COMMIT")"
on "$COORDINATOR" "UPDATE audit_retention_policies SET requires_approval = false WHERE workspace_id = w(90)"

# A server that took the place of another, under its group.
group=$(on "$WORKER2" 'SELECT groupid FROM pg_dist_local_group')
on "$COORDINATOR" "INSERT INTO audit_cluster_nodes (id, system_identifier, node_group, since) VALUES (w(1), 4242, $group, now())"
check_equal 'nothing is erased while the former is not retired' P0001 "$(code_on "$COORDINATOR" "SELECT delete_user_audit_events_compliant(w(60), w(6), 'GDPR', 'T-5')")"
check_equal '... which can be done' none "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'upgraded')")"
check_equal '... once' P0001 "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'upgraded')")"
check_equal '... and then it is erased' none "$(code_on "$COORDINATOR" "SELECT delete_user_audit_events_compliant(w(60), w(6), 'GDPR', 'T-5')")"
citus_sound
