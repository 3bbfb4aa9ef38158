#!/usr/bin/env bash
# Proves that what is large or deep is recorded as it was given, or refused with an error that says what is wrong, by the functions as by INSERT and capture.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

database_with_trail large
query "CREATE TABLE given (name text PRIMARY KEY, old_values jsonb, new_values jsonb, tags text[], user_agent text, metadata jsonb);
    CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid, data jsonb);
    INSERT INTO given VALUES
      ('one string', '{\"a\": 1}', jsonb_build_object('a', repeat('x', 100000000)), NULL, NULL, NULL),
      ('many keys', (SELECT jsonb_object_agg('key ' || n, n) FROM generate_series(1, 100000) AS n), (SELECT jsonb_object_agg('key ' || n, n + n % 2) FROM generate_series(1, 100000) AS n), NULL, NULL, NULL),
      ('deep', '{\"a\": 1}', ('{\"a\": ' || repeat('[', 3000) || repeat(']', 3000) || '}')::jsonb, NULL, NULL, (repeat('[', 3000) || repeat(']', 3000))::jsonb),
      ('tags', NULL, NULL, (SELECT array_agg('tag ' || n) FROM generate_series(1, 1000000) AS n), NULL, NULL),
      ('text', NULL, NULL, NULL, repeat('ü', 10000000), NULL)" large
query "SELECT audit_track_table('thing')" large >/dev/null

query "SELECT insert_audit_event('CALLED', name, NULL, w(1), w(1), old_values, new_values, NULL, user_agent, tags, metadata) FROM given;
    INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, user_agent, tags, metadata)
      SELECT 'INSERTED', name, w(1), w(1), old_values, new_values, user_agent, tags, metadata FROM given;
    SELECT insert_audit_events(jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('action_type', 'BULK', 'resource_type', name, 'workspace_id', w(1), 'created_by_user_id', w(1),
      'old_values', old_values, 'new_values', new_values, 'user_agent', user_agent, 'tags', tags, 'metadata', metadata)))) FROM given" large >/dev/null
for way in CALLED INSERTED BULK; do
    check_equal "$way: stored as it was given" '5|5' "$(query "SELECT count(*), count(*) FILTER (WHERE (g.old_values, g.new_values, g.tags, g.user_agent, g.metadata) IS NOT DISTINCT FROM (e.old_values, e.new_values, e.tags, e.user_agent, e.metadata))
        FROM audit_events AS e JOIN given AS g ON g.name = e.resource_type WHERE e.action_type = '$way'" large)"
done
check_equal 'fields that changed, of a hundred thousand' '50000|t' "$(query "SELECT array_length(changed_fields, 1), changed_fields = (SELECT array_agg('key ' || n ORDER BY ('key ' || n) COLLATE \"C\") FROM generate_series(1, 99999, 2) AS n)
    FROM audit_events WHERE action_type = 'CALLED' AND resource_type = 'many keys'" large)"
query "INSERT INTO thing SELECT 1, w(1), new_values FROM given WHERE name = 'deep'; UPDATE thing SET data = (SELECT new_values FROM given WHERE name = 'many keys')" large
check_equal 'captured: what is deep as it is, what is larger than audit_ext.capture_value_limit as the manual says' '2|1' "$(query "SELECT count(*), count(*) FILTER (WHERE new_values -> 'data' = (SELECT new_values FROM given WHERE name = 'deep'))
    FROM audit_events WHERE resource_type = 'thing'" large)"

check_equal 'an action type of a megabyte is one like any other' 1 "$(query "SELECT count(insert_audit_event(repeat('A', 1000000), 'thing', NULL, w(1), w(1)))" large)"
check_equal 'a hundred thousand events in one call' 100000 "$(query "SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'MANY', 'resource_type', 'thing', 'workspace_id', w(n % 50), 'created_by_user_id', w(1)))
    FROM generate_series(1, 100000) AS n))" large)"
check_equal 'a million scalars are refused' 22023 "$(error_of large "SELECT insert_audit_events((SELECT jsonb_agg(n) FROM generate_series(1, 1000000) AS n))")"
check_equal 'the last of a hundred thousand is wrong: none is recorded' '22023 100000' "$(error_of large "SELECT insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', CASE n WHEN 100000 THEN NULL ELSE 'MANY' END,
    CASE n WHEN 100000 THEN 'nonsense' ELSE 'resource_type' END, 'thing', 'workspace_id', w(n % 50), 'created_by_user_id', w(1))) FROM generate_series(1, 100000) AS n))") $(query "SELECT count(*) FROM audit_events WHERE action_type = 'MANY'" large)"
check_equal 'the trail gives them' 15 "$(query "SELECT count(*) FROM given, LATERAL get_audit_trail(w(1), name)" large)"
database_drop large
