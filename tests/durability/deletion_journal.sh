#!/usr/bin/env bash
# Proves that the journal brings an old backup up to date: what was erased and purged after the backup is erased and purged in it again, by looking for planted secrets
# in its raw files; what came after stays; a second run finds that all is known; and the restored trail verifies, also for audit-verify.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

first=$(cluster_dir) copy=$(cluster_dir)
cluster_start "$PGVERSION" "$first" 'autovacuum = off' 'full_page_writes = off'
database_with_trail journal

# Persons 1 to 3 in workspaces 1 to 3: one secret of theirs in each event, twelve letters that stand nowhere else. Person 1 is erased everywhere, person 2 in workspace 2; of
# workspace 3 all that is older than 365 days is purged. Person 3 stays elsewhere.
query "CREATE FUNCTION secret(p_user int, p_workspace int, p_n int) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(translate(md5(format('%s %s %s', p_user, p_workspace, p_n)), '0123456789abcdef', 'ghijklmnopqrstuv'), 12);
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) SELECT w(n), 100 FROM generate_series(1, 3) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, user_agent)
    SELECT now() - (602 - n) * interval '1 day', 'ACT', 'thing', w(workspace), w(person), jsonb_build_object('secret', secret(person, workspace, n)), repeat('long ', 1000) || secret(person, workspace, n)
    FROM generate_series(5, 595, 10) AS n, generate_series(1, 3) AS workspace, generate_series(1, 3) AS person ORDER BY 1" journal
for call in 'create_past_audit_partitions(make_date(2015, 1, 1), current_date)' 'archive_old_audit_events()' 'audit_seal()'; do query "SELECT $call" journal >/dev/null 2>&1; done
names() { query "SELECT secret($1, $2, n) FROM generate_series(5, 595, 10) AS n WHERE $3" journal; }
{ names 1 1 true; names 1 2 true; names 1 3 true; names 2 2 true; names 2 3 'n < 240'; names 3 3 'n < 240'; } >"$SCRATCH/gone"
{ names 2 1 true; names 3 1 true; names 3 2 true; names 2 3 'n > 240'; names 3 3 'n > 240'; } >"$SCRATCH/stay"

# A backup: the files of the stopped server.
cluster_stop "$first"
as_server cp -a "$first/data" "$SCRATCH/backup" 2>/dev/null || cp -a "$first/data" "$SCRATCH/backup"
cluster_start "$PGVERSION" "$first" 'autovacuum = off' 'full_page_writes = off'
query "SELECT deleted_count FROM delete_person_audit_events(w(1), 'GDPR', 'T-1'); SELECT delete_user_audit_events_compliant(w(2), w(2), 'GDPR', 'T-2'); SELECT purge_expired_audit_events(w(3), 'SOC2', 'T-3')" journal >/dev/null
"$PGBIN/psql" -XAt -d journal -c 'SELECT export_audit_deletions()' >"$SCRATCH/journal.ndjson"
check_equal 'the journal has a line for each deletion' 6 "$(wc -l <"$SCRATCH/journal.ndjson")"
check_equal '... and nothing of what was deleted' 0 "$(grep -c -F -f "$SCRATCH/gone" "$SCRATCH/journal.ndjson" || true)"
cluster_stop "$first"

# The backup is restored, and brought up to date before anybody else is let in.
mkdir -p "$copy"
cp -a "$first/." "$copy/"
rm -rf "$copy/data"
cp -a "$SCRATCH/backup" "$copy/data"
cluster_start "$PGVERSION" "$copy" "unix_socket_directories = '$copy'"
found() {
    query 'CHECKPOINT' >/dev/null
    python3 - "$1" "$copy/data/base/$(query "SELECT oid FROM pg_database WHERE datname = 'journal'")" <<'PYTHON'
import os, sys
names = [line.strip().encode() for line in open(sys.argv[1])]
seen = set()
for file in os.scandir(sys.argv[2]):
    content = open(file.path, "rb").read()
    seen.update(name for name in names if name in content)
print(len(seen))
PYTHON
}
lines() { wc -l <"$1"; }
check_equal 'the backup has all that was deleted' "$(lines "$SCRATCH/gone")" "$(found "$SCRATCH/gone")"
reapply() {
    "$PGBIN/psql" -XqAt -d journal <<SQL
CREATE TEMP TABLE line (text text);
\\copy line FROM '$SCRATCH/journal.ndjson' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')
SELECT string_agg(outcome || ' ' || count || ' ' || events, ', ' ORDER BY outcome) FROM (SELECT outcome, count(*), sum(event_count) AS events
  FROM reapply_audit_deletions((SELECT jsonb_agg(text::jsonb) FROM line), 'RESTORE', 'R-1') GROUP BY outcome) AS told;
SQL
}
# Person 1's events of workspace 3 are erased, and the old ones of them purged then.
check_equal 'all is carried out again' "reapplied 6 $(($(lines "$SCRATCH/gone") + 24))" "$(reapply)"
check_equal 'a second run knows all' 'known 6 0' "$(reapply)"
for entry in $(query 'SELECT id FROM audit_deletion_log WHERE is_irrevocable AND parent_id IS NULL' journal); do query "SELECT audit_scrub('$entry')" journal >/dev/null; done
check_equal 'scrubbed, nothing of it is in the files' 0 "$(found "$SCRATCH/gone")"
check_equal '... and all that stays is' "$(lines "$SCRATCH/stay")" "$(found "$SCRATCH/stay")"
query 'SELECT audit_seal()' journal >/dev/null
check_equal 'the restored trail verifies' '' "$(query 'SELECT severity, code, detail FROM audit_verify()' journal)"
export_log() { "$PGBIN/psql" -XAt -d journal -c "SELECT audit_export_log($1)"; }
mkdir -p "$SCRATCH/bundles"
export_log '' >"$SCRATCH/bundles/root"
for workspace in $(query "SELECT DISTINCT log_id FROM audit_log_tiles WHERE log_id NOT IN (SELECT root_log_id FROM audit_log_incarnations)" journal); do export_log "'$workspace'" >"$SCRATCH/bundles/$workspace"; done
query 'SELECT audit_checkpoint()' journal >"$SCRATCH/checkpoint"
verified=0
"$PGBIN/audit-verify" --checkpoint "$SCRATCH/checkpoint" "$SCRATCH/bundles" >"$SCRATCH/verified" 2>&1 || verified=$?
check_equal '... and so says audit-verify' '0|' "$verified|$(grep -E '^(critical|warning)' "$SCRATCH/verified" | head -n 3)"
cluster_stop "$copy"
