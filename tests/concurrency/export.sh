#!/usr/bin/env bash
# Proves that an export holds every event once and in order, while events are recorded, archived by event and by month, and restored: an export that is
# read slowly to its end, and one that is cut off again and again and goes on after its last event.
set -euo pipefail
. "$(dirname "$0")/../lib/moving.sh"

moving_trail
query 'CREATE TABLE exported (n bigint GENERATED ALWAYS AS IDENTITY, pass text, part int, line json)' concurrency
# In parts, a transaction each, so that months change sides between them.
query "CREATE PROCEDURE in_parts(p_pass text, p_workspace int, p_lines int) LANGUAGE plpgsql AS \$\$
    DECLARE last uuid; parts int := 0; is_whole boolean := false;
    BEGIN
      WHILE NOT is_whole LOOP
        INSERT INTO exported (pass, part, line) SELECT p_pass, parts, line::json FROM (SELECT export_audit_events(CASE WHEN p_workspace > 0 THEN w(p_workspace) END, p_actions => '{PAST,NOW}', p_after_event_id => last) AS line LIMIT p_lines) AS lines;
        COMMIT;
        SELECT line ->> 'id', line -> 'audit_export' IS NOT NULL INTO last, is_whole FROM exported WHERE pass = p_pass ORDER BY n DESC LIMIT 1;
        parts := parts + 1;
      END LOOP;
    END \$\$;
    CREATE PROCEDURE slowly(p_pass text, p_workspace int) LANGUAGE plpgsql AS \$\$
    DECLARE given text; lines text[] := '{}';
    BEGIN
      FOR given IN SELECT export_audit_events(CASE WHEN p_workspace > 0 THEN w(p_workspace) END, p_actions => '{PAST,NOW}') LOOP
        lines := lines || given;
        IF cardinality(lines) % 100 = 0 THEN PERFORM pg_sleep(0.03); END IF;
      END LOOP;
      INSERT INTO exported (pass, part, line) SELECT p_pass, 0, line::json FROM unnest(lines) WITH ORDINALITY AS told (line, no) ORDER BY no;
    END \$\$" concurrency
# export_again WORKSPACE: 0 for all.
export_again() {
    local pass=0
    while moving_on; do
        pass=$((pass + 1))
        query "CALL in_parts('$1.$pass in parts', $1, $((50 + RANDOM % 400)))" concurrency
        [ $((pass % 2)) = 0 ] || query "CALL slowly('$1.$pass slowly', $1)" concurrency
    done
}
moving_read export_again

query "CREATE TABLE event AS SELECT pass, part, n, (line ->> 'id')::uuid AS id, (line ->> 'created_at')::timestamptz AS created_at, (line ->> 'is_archived')::boolean AS is_archived FROM exported WHERE line ->> 'id' IS NOT NULL;
    CREATE INDEX ON event (pass, id); ANALYZE event, told" concurrency
missing="SELECT pass, told.id FROM (SELECT DISTINCT pass, split_part(pass, '.', 1)::int AS workspace FROM exported) AS passes
    JOIN told ON (workspace = 0 OR told.workspace_id = w(workspace)) AND told.created_at < '2025-01-01Z' WHERE NOT EXISTS (SELECT FROM event WHERE event.pass = passes.pass AND event.id = told.id)"
check_equal 'no event of the past is missing' '' "$(query "$missing LIMIT 3" concurrency)"
check_equal 'no event is there twice' '' "$(query 'SELECT pass, id, count(*) FROM event GROUP BY pass, id HAVING count(*) > 1 LIMIT 3' concurrency)"
check_equal 'events are in order, within a part and from one to the next' '' "$(query "SELECT * FROM (SELECT pass, created_at, id, lag(created_at) OVER w AS time_before, lag(id) OVER w AS id_before FROM event WINDOW w AS (PARTITION BY pass ORDER BY n)) AS pair
    WHERE (time_before, id_before) >= (created_at, id) LIMIT 3" concurrency)"
check_equal 'the last line counts what is before it, and each pass has one' '' "$(query "SELECT pass, part FROM (SELECT pass, max(part) AS part, count(*) FILTER (WHERE line -> 'audit_export' IS NOT NULL) AS ends FROM exported GROUP BY pass) AS passes
    WHERE ends <> 1 OR (SELECT (line -> 'audit_export' ->> 'event_count')::int FROM exported AS e WHERE e.pass = passes.pass AND line -> 'audit_export' IS NOT NULL) <> (SELECT count(*) FROM event AS e WHERE e.pass = passes.pass AND e.part = passes.part) LIMIT 3" concurrency)"
check_equal 'each part is recorded' 0 "$(query "SELECT (SELECT count(*) FROM (SELECT DISTINCT pass, part FROM exported) AS parts) - count(*) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED'" concurrency)"
check_between 'slow exports were made' 3 100000 "$(query "SELECT count(DISTINCT pass) FROM exported WHERE pass LIKE '%slowly'" concurrency)"
check_between 'exports in parts were made' 3 100000 "$(query "SELECT count(DISTINCT pass) FROM exported WHERE pass LIKE '%in parts'" concurrency)"
moving_check event

# What a transaction takes back, the server's log keeps.
logged() { query "SELECT count(*) FROM regexp_split_to_table(pg_read_file(current_setting('data_directory') || '/../log'), E'\\n') AS line WHERE line LIKE '%LOG:  audit events of workspace ' || w(77) || ' are exported as cef by session_user $1'" concurrency; }
query "BEGIN; SELECT export_audit_events(w(77), p_format => 'cef'); ROLLBACK" concurrency
check_equal 'an export that is rolled back is in the log of the server, and not in the trail' '1 0' "$(logged 'postgres, role postgres') $(query "SELECT count(*) FROM audit_events WHERE workspace_id = w(77)" concurrency)"
database_drop concurrency
