#!/usr/bin/env bash
# Proves that an erasure, a purge and a scrub are all or nothing: every process of a cluster with fsync on is killed while they are at work;
# after recovery each person's events are erased and logged, or neither, and what says it is scrubbed is gone from the files.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir) rounds=3 events=60
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=40

# Per round a workspace of forty persons with their events in four archived months, one of them to be purged, and three hot ones. A secret is made of the person's number.
cluster_start "$PGVERSION" "$cluster" 'fsync = on' 'synchronous_commit = on' 'full_page_writes = on' 'autovacuum = off' 'max_wal_size = 64MB'
database_with_trail durability
query "CREATE FUNCTION secret(p_round int, p_person int) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'zz' || left(translate(md5(p_round || ' ' || p_person), '0123456789abcdef', 'ghijklmnopqrstuv'), 12);
    CREATE FUNCTION at(n int) RETURNS timestamptz LANGUAGE sql STABLE RETURN date_trunc('day', now()) - interval '7 months' + n * interval '7 months' / $events - interval '1 day';
    CREATE VIEW both_sides AS TABLE audit_events UNION ALL TABLE audit_events_archive;
    CREATE VIEW person AS SELECT workspace_id, created_by_user_id, count(*) AS events, count(new_values) AS payload, count(deleted_at) AS marked FROM both_sides WHERE action_type = 'ACT' GROUP BY 1, 2" durability
prepare() {
    query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w($round), 90, 180);
        INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
        SELECT at(n), 'ACT', 'thing', w($round), w(person), jsonb_build_object('secret', secret($round, person)) FROM generate_series(1, $events) AS n, generate_series(101, 140) AS person ORDER BY n;
        SELECT create_monthly_audit_partition(), archive_old_audit_events()" durability >/dev/null 2>&1
}
work() {
    local person
    for person in {101..140}; do
        query "SELECT deleted_count FROM delete_user_audit_events_compliant(w($person), w($round), 'GDPR', 'P-$person')" durability || return 0
        [ $((person % 4)) != 0 ] || query "SELECT audit_scrub(id) FROM audit_deletion_log WHERE workspace_id = w($round) AND approval_ticket_id = 'P-$person'" durability || return 0
        [ "$person" != $((105 + round % 20)) ] || query "SELECT 'purged', deleted_count FROM purge_expired_audit_events(w($round), 'TEST', 'PURGE')" durability || return 0
    done
    echo 'all of it'
}

for ((round = 1; round <= rounds; round++)); do
    prepare
    stored=$(query "SELECT count(*) FROM both_sides WHERE action_type = 'ACT' AND workspace_id = w($round)" durability)
    work >"$SCRATCH/work.$round" 2>&1 &
    worker=$!
    # At a moment of one of the operations, a random number of them from the beginning.
    operations=$((2 + RANDOM % 30))
    for ((wait = 0; wait < 100; wait++)); do
        [ "$(grep -c . "$SCRATCH/work.$round" || true)" -lt "$operations" ] || break
        sleep 0.05
    done
    sleep "0.0$((RANDOM % 9))"
    cluster_kill "$cluster"
    wait "$worker" || true
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$PGVERSION" "$cluster"
    echo "# round $round: $(grep -c '^[1-9]' "$SCRATCH/work.$round" || true) erasures were acknowledged"
    check_equal "round $round: each person's events are erased and logged, or neither" 'neither' "$(query "SELECT coalesce(string_agg(p::text || ' logged ' || coalesce(l.event_count::text, '-'), ';'), 'neither')
        FROM person AS p LEFT JOIN audit_deletion_log AS l ON l.workspace_id = p.workspace_id AND l.subject_user_id = p.created_by_user_id
        WHERE p.workspace_id = w($round) AND NOT CASE WHEN l.id IS NULL THEN payload = events AND marked = 0 ELSE payload = 0 AND marked = events END" durability)"
    check_equal "round $round: ... and what was acknowledged is logged" t "$(query "SELECT count(*) BETWEEN $(grep -c "^$events\$" "$SCRATCH/work.$round" || true) AND $(grep -c "^$events\$" "$SCRATCH/work.$round" || true) + 40 FROM audit_deletion_log WHERE workspace_id = w($round) AND subject_user_id IS NOT NULL" durability)"
    check_equal "round $round: ... with its months and its event" 0 "$(query "SELECT count(*) FROM audit_deletion_log AS l WHERE workspace_id = w($round) AND is_irrevocable AND
        (event_count <> (SELECT coalesce(sum(m.event_count), 0) FROM audit_deletion_months AS m WHERE m.deletion_log_id = l.id)
          OR 1 <> (SELECT count(*) FROM audit_events WHERE resource_id = l.id AND action_type ~ '^AUDIT_EVENTS_(ERASED|PURGED)$'))" durability)"
    check_equal "round $round: ... and its list, which has the digest and the number of the entry; no list is nobody's" '0|0' "$(query "SELECT count(*) FILTER (WHERE l.event_count <> coalesce(listed, 0) OR l.event_ids_sha256 IS DISTINCT FROM digest),
        (SELECT count(*) FROM audit_deletion_events WHERE list_id NOT IN (SELECT event_list_id FROM audit_deletion_log WHERE event_list_id IS NOT NULL))
        FROM audit_deletion_log AS l LEFT JOIN (SELECT list_id, sum(octet_length(entries) / 48) AS listed, sha256(string_agg(entries, '' ORDER BY part)) AS digest FROM audit_deletion_events GROUP BY 1) AS list ON list_id = event_list_id
        WHERE workspace_id = w($round) AND is_irrevocable" durability)"
    check_equal "round $round: the keys of erased events are gone, those of others are there, and what is erased is listed once" '0|0' "$(query "SELECT count(*) FILTER (WHERE octet_length(seal_key) IS DISTINCT FROM CASE WHEN deleted_at IS NULL THEN 16 ELSE 48 END),
        count(*) FILTER (WHERE deleted_at IS NOT NULL AND coalesce(times, 0) <> 1)
        FROM both_sides LEFT JOIN (SELECT substr(entries, place * 48 + 1, 16) AS id, count(*) AS times FROM audit_deletion_events, generate_series(0, octet_length(entries) / 48 - 1) AS place GROUP BY 1) AS listed ON listed.id = uuid_send(both_sides.id)
        WHERE workspace_id = w($round)" durability)"
    check_equal "round $round: what is not there was purged, and all of it" "$stored" "$(query "SELECT (SELECT count(*) FROM both_sides WHERE action_type = 'ACT' AND workspace_id = w($round))
        + (SELECT coalesce(sum(event_count), 0) FROM audit_deletion_log WHERE workspace_id = w($round) AND subject_user_id IS NULL AND is_irrevocable)" durability)"
    # Secrets of persons whose erasure was scrubbed; the search is proven by those that are not erased at all.
    query 'CHECKPOINT' durability
    for kind in scrubbed living; do
        query "SELECT secret($round, right(created_by_user_id::text, 3)::int) FROM person AS p LEFT JOIN audit_deletion_log AS l ON l.workspace_id = p.workspace_id AND l.subject_user_id = p.created_by_user_id
            LEFT JOIN audit_deletion_scrubs AS s ON s.deletion_log_id = l.id WHERE p.workspace_id = w($round) AND CASE '$kind' WHEN 'scrubbed' THEN s.id IS NOT NULL ELSE l.id IS NULL END" durability >"$SCRATCH/$kind"
    done
    files=("$cluster/data/base/$(query "SELECT oid FROM pg_database WHERE datname = 'durability'" durability)"/*)
    still() { if [ -s "$SCRATCH/$1" ]; then cat "${files[@]}" | LC_ALL=C grep -aoF -f "$SCRATCH/$1" | sort -u | wc -l; else echo 0; fi; }
    check_equal "round $round: no secret of the $(wc -l <"$SCRATCH/scrubbed") that are scrubbed is in a file; of the others each is" "0|$(wc -l <"$SCRATCH/living")" "$(still scrubbed)|$(still living)"
    check_equal "round $round: indexes are valid and find what the tables hold" 't|t' "$(query "SET enable_seqscan = off; SELECT bool_and(indisvalid), (SELECT count(*) FROM both_sides WHERE workspace_id = w($round)) = (SELECT count(*) FROM both_sides WHERE workspace_id::text = w($round)::text)
        FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname ~ '^audit_'" durability)"
    check_equal "round $round: the next person is erased and scrubbed" "$events" "$(query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values) SELECT at(n), 'NEXT', 'thing', w($round + 500), w(1), jsonb_build_object('n', n) FROM generate_series(1, $events) AS n;
        SELECT deleted_count FROM delete_user_audit_events_compliant(w(1), w($round + 500), 'GDPR', 'T')" durability)"
    query "SELECT audit_scrub(id) FROM audit_deletion_log WHERE workspace_id = w($round + 500)" durability >/dev/null
done
