#!/usr/bin/env bash
# Proves that tracked tables are tracked after dump and restore, by psql and pg_restore, wherever the extension is: same triggers, same options,
# no event made by the restore itself, and the next change captured.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

psql_stops() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
plain_dump() { "$PGBIN/pg_dump" "$@" | sed -E '/^\\(un)?restrict /d'; }

# What must be the same; ids and times included.
state() {
    query "SELECT tgrelid::regclass, tgname, tgenabled, tgparentid <> 0, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname LIKE 'audit_capture%' ORDER BY 1::text, 2" "$1"
    query "SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1" "$1"
    query "SELECT * FROM \"$schema\".audit_tracked_tables ORDER BY 1, 2" "$1"
    query "SELECT count(*), md5(string_agg(e::text, ',' ORDER BY created_at, id)) FROM \"$schema\".audit_events AS e" "$1"
}

# check_copy HOW: the database copy is the database tracked, and goes on like it.
check_copy() {
    check_equal "$schema, $1: triggers, options and events are the same" "$(state tracked)" "$(state copy)"
    plain_dump copy >"$SCRATCH/copy.dump"
    check_same_file "$schema, $1: its dump is the first dump" "$SCRATCH/tracked.dump" "$SCRATCH/copy.dump"
    query "INSERT INTO app.doc VALUES (9, NULL, 'after', 'hidden'); UPDATE app.part SET n = n + 1; TRUNCATE app.part_1; ALTER TABLE app.doc RENAME COLUMN pin TO code; UPDATE app.doc SET code = 'x' WHERE id = 9" copy
    check_equal "$schema, $1: what follows is captured" "AUDIT_TRACKED_TABLE_ALTERED 1|AUDIT_TRACKING_CHANGED 1|INSERT 1|TRUNCATE 1|UPDATE 3" "$(
        query "SELECT string_agg(action_type || ' ' || n, '|' ORDER BY action_type) FROM (SELECT action_type, count(*) AS n FROM \"$schema\".audit_events
            WHERE created_at > '$dumped_at' GROUP BY 1) AS counted" copy)"
    check_equal "$schema, $1: what is masked stays so" 0 "$(query "SELECT count(*) FROM \"$schema\".audit_events AS e WHERE e::text LIKE '%hidden%'" copy)"
}

for schema in public 'An Audit'; do
    database_fresh tracked
    psql_stops -d tracked >/dev/null 2>&1 <<SQL
CREATE SCHEMA IF NOT EXISTS "$schema";
CREATE EXTENSION audit_ext SCHEMA "$schema";
CREATE SCHEMA app;
CREATE TABLE app.doc (id int PRIMARY KEY, workspace_id uuid, title text, pin text, seen int);
CREATE TABLE app.part (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM (0) TO (10);
CREATE TABLE app.part_2 PARTITION OF app.part FOR VALUES FROM (10) TO (20);
CREATE TABLE app."Odd ""name""" (id int PRIMARY KEY, "Work space" uuid, "it's" text);
CREATE TABLE app.former (id int);
SET search_path = "$schema", public;
SELECT audit_track_table('app.doc', p_ignored_columns => '{seen}', p_masked_columns => '{pin}'), audit_track_table('app.part', NULL, 'p"art'), audit_track_table('app.former', NULL),
  audit_track_table('app."Odd ""name"""', 'Work space', 'it''s \\ odd', '{it''s}');
SELECT audit_untrack_table('app.former');
INSERT INTO app.doc VALUES (1, NULL, 'first', 'hidden', 1);
INSERT INTO app.part SELECT n, n FROM generate_series(9, 10) AS n;
INSERT INTO app."Odd ""name""" VALUES (1, NULL, 'x');
SQL
    plain_dump tracked >"$SCRATCH/tracked.dump"
    dumped_at=$(query 'SELECT clock_timestamp()')
    database_fresh copy
    "$PGBIN/pg_dump" tracked | psql_stops -d copy >/dev/null 2>&1 || not_ok "$schema, psql: it restores"
    check_copy psql
    database_fresh copy
    "$PGBIN/pg_dump" -F custom tracked | "$PGBIN/pg_restore" --exit-on-error -d copy 2>/dev/null || not_ok "$schema, pg_restore: it restores"
    check_copy pg_restore
done
query 'DROP DATABASE tracked'
query 'DROP DATABASE copy'
