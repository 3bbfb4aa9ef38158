#!/usr/bin/env bash
# Proves that the pages of a search hold every event once, while events are recorded, archived by event and by month, and restored between the pages.
set -euo pipefail
. "$(dirname "$0")/../lib/moving.sh"

moving_trail
query 'CREATE TABLE page (pass text, no int, place int, id uuid, created_at timestamptz, is_archived boolean)' concurrency
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
page_through() {
    local pass=0 users
    while moving_on; do
        pass=$((pass + 1)) users=NULL
        [ $((RANDOM % 2)) = 0 ] || users="ARRAY[w($((1 + RANDOM % 9)))]"
        query "CALL read_all('$1.$pass $users', $1, $users, $((5 + RANDOM % 60)))" concurrency
    done
}
moving_read page_through

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
moving_check page
database_drop concurrency
