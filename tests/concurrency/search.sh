#!/usr/bin/env bash
# Proves that the pages of a search hold every event once, while events are recorded, archived by event and by month, and restored between the pages.
set -euo pipefail
. "$(dirname "$0")/../lib/archive.sh"

seconds=10
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=300
seed=${AUDIT_EXT_SEED:-$RANDOM}
RANDOM=$seed
echo "# AUDIT_EXT_SEED=$seed"

database_with_book concurrency
# Workspace 1 is archived by events, 2 by months, each with months of its own.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(1), 90, 90000, 'event'), (w(2), 90, 90000, 'month');
    SELECT past(1, '2021-01-01Z', '3 hours', 1200), past(2, '2022-01-01Z', '3 hours', 1200);
    SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1));
    CREATE TABLE page (pass text, no int, place int, id uuid, created_at timestamptz, is_archived boolean);
    CREATE TABLE sides (inhrelid oid, inhparent oid, PRIMARY KEY (inhrelid, inhparent));
    SELECT archive_old_audit_events()" concurrency >/dev/null 2>&1
# A page is a transaction, so that nobody waits for the reader. One actor of nine, or everything.
query "CREATE PROCEDURE read_all(p_pass text, p_workspace int, p_user_ids uuid[], p_limit int) LANGUAGE plpgsql AS \$\$
    DECLARE last uuid; pages int := 0; got int;
    BEGIN
      LOOP
        INSERT INTO page SELECT p_pass, pages, place, found.id, found.created_at, found.is_archived FROM search_audit_events(CASE WHEN p_workspace > 0 THEN w(p_workspace) END, '-infinity', p_user_ids => p_user_ids, p_actions => '{PAST,NOW}', p_limit => p_limit, p_before_event_id => last)
          WITH ORDINALITY AS found (id, created_at, u, a, t, r, w, o, n, f, i, g, q, s, m, is_archived, place);
        GET DIAGNOSTICS got = ROW_COUNT;
        COMMIT;
        EXIT WHEN got < p_limit;
        SELECT page.id INTO last FROM page WHERE pass = p_pass AND no = pages ORDER BY place DESC LIMIT 1;
        pages := pages + 1;
      END LOOP;
    END \$\$" concurrency
cat >"$SCRATCH/present.sql" <<'SQL'
SELECT present(1 + :client_id % 2);
SQL

operate() {
    while [ -e "$SCRATCH/working" ]; do
        query "SELECT archive_old_audit_events()" concurrency || true
        query 'INSERT INTO sides SELECT inhrelid, inhparent FROM pg_inherits ON CONFLICT DO NOTHING' concurrency
        query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w($((1 + RANDOM % 2))) AND (random() < 0.3 OR $((RANDOM % 3)) = 0)), '0')" concurrency || true
        query 'INSERT INTO sides SELECT inhrelid, inhparent FROM pg_inherits ON CONFLICT DO NOTHING' concurrency
    done
}
page_through() {
    local pass=0 users
    while [ -e "$SCRATCH/working" ]; do
        pass=$((pass + 1)) users=NULL
        [ $((RANDOM % 2)) = 0 ] || users="ARRAY[w($((1 + RANDOM % 9)))]"
        query "CALL read_all('$1.$pass $users', $1, $users, $((5 + RANDOM % 60)))" concurrency
    done
}

touch "$SCRATCH/working"
processes=()
operate >"$SCRATCH/operator" 2>&1 &
processes+=($!)
for workspace in 0 1 2; do
    page_through $workspace >"$SCRATCH/reader.$workspace" 2>&1 &
    processes+=($!)
done
bench 'recording now' concurrency -c 2 -T "$seconds" -R 50 -f "$SCRATCH/present.sql"
rm "$SCRATCH/working"
wait "${processes[@]}"

check_equal 'no reader met an error' '' "$(cat "$SCRATCH"/reader.* | head -n 3)"
check_equal 'operators met none but a lock that they did not get' '' "$(grep '^ERROR' "$SCRATCH/operator" | grep -v 'partition maintenance' | head -n 3 || true)"
# The last word of a pass is the actor; the first its workspace, 0 for all.
missing="SELECT pass, told.id FROM (SELECT DISTINCT pass, split_part(pass, '.', 1)::int AS workspace, substring(pass FROM 'w\\((\\d+)\\)')::int AS actor FROM page) AS passes
    JOIN told ON (workspace = 0 OR told.workspace_id = w(workspace)) AND (actor IS NULL OR told.users[1] = w(actor)) AND told.created_at < '2025-01-01Z'
    WHERE NOT EXISTS (SELECT FROM page WHERE page.pass = passes.pass AND page.id = told.id)"
query 'CREATE INDEX ON page (pass, id); ANALYZE page, told' concurrency
check_equal 'no event of the past is on no page' '' "$(query "$missing LIMIT 3" concurrency)"
check_equal 'no event is on two' '' "$(query 'SELECT pass, id, count(*) FROM page GROUP BY pass, id HAVING count(*) > 1 LIMIT 3' concurrency)"
check_equal 'pages are in order, within and from one to the next' '' "$(query "SELECT * FROM (SELECT pass, created_at, id, lag(created_at) OVER w AS time_before, lag(id) OVER w AS id_before FROM page WINDOW w AS (PARTITION BY pass ORDER BY no, place)) AS pair
    WHERE (time_before, id_before) <= (created_at, id) LIMIT 3" concurrency)"
check_between 'passes were made' 6 100000 "$(query 'SELECT count(DISTINCT pass) FROM page' concurrency)"
check_between '... in which events were met in both tables' 3 100000 "$(query 'SELECT count(*) FROM (SELECT FROM page GROUP BY pass HAVING count(DISTINCT is_archived) = 2) AS passes' concurrency)"
check_between '... and the same event here and there' 100 100000 "$(query 'SELECT count(*) FROM (SELECT FROM page GROUP BY id HAVING count(DISTINCT is_archived) = 2) AS events' concurrency)"
check_between 'months changed sides' 1 100000 "$(query 'SELECT count(*) FROM (SELECT FROM sides GROUP BY inhrelid HAVING count(DISTINCT inhparent) = 2) AS months' concurrency)"
check_conserved 'in the end' concurrency
database_drop concurrency
