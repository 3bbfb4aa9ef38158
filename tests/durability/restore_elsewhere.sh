#!/usr/bin/env bash
# Proves that a dump can be restored where things are otherwise: a trail with an owner of its own, by that role and by others; without its rows;
# months later. check.sql shows the same but for what is otherwise. The clock is moved with faketime.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/copies.sh"

version=$PGVERSION cluster=$(cluster_dir) later=$(cluster_dir)
restore() { "$PGBIN/pg_restore" --exit-on-error "$@" "$SCRATCH/dump" 2>&1 | grep -vE 'WARNING:|If the dump does not bring|HINT|^Command was' || true; }

cluster_start "$version" "$cluster"
seed_roles
# Schema and trail belong to a role of their own.
query 'CREATE ROLE trail_owner SUPERUSER LOGIN; CREATE ROLE restorer SUPERUSER LOGIN'
database_fresh seeded
query 'CREATE SCHEMA audit AUTHORIZATION trail_owner' seeded
PGUSER=trail_owner query 'CREATE EXTENSION audit_ext SCHEMA audit' seeded
PGUSER=trail_owner fill seeded audit
show seeded audit
check_between 'the trail belongs to a role of its own' 30 1000 "$(grep -c trail_owner "$SCRATCH/seeded.check")"
"$PGBIN/pg_dump" -F custom -f "$SCRATCH/dump" seeded

database_fresh copied
check_equal 'restored by the owner: no error' '' "$(PGUSER=trail_owner restore -d copied)"
show copied audit
check_same_file '... owners and all are the same' "$SCRATCH/seeded.check" "$SCRATCH/copied.check"

# Shown with the owner's name replaced, and columns as narrow as may be.
as_owned_by_restorer() { sed 's/trail_owner/restorer/g' "$SCRATCH/$1.check" | tr -s ' -' >"$SCRATCH/$1.narrow"; }
as_owned_by_restorer seeded
check_restorers() {
    show copied audit
    as_owned_by_restorer copied
    check_same_file "$1" "$SCRATCH/seeded.narrow" "$SCRATCH/copied.narrow"
    check_equal '... and no object is left to the former owner' 0 "$(query "SELECT count(*) FROM pg_shdepend
        WHERE refobjid = 'trail_owner'::regrole AND dbid = (SELECT oid FROM pg_database WHERE datname = 'copied')" copied)"
}
misowned="SELECT count(*) > 0 FROM audit.audit_health() WHERE check_name = 'storage' AND status = 'fail'"
database_fresh copied
check_equal '--no-owner, by another superuser: no error' '' "$(PGUSER=restorer restore --no-owner -d copied)"
check_restorers '... the same but for the owner, who is the restorer'
check_equal '... and health is content with that' f "$(query "$misowned" copied)"

# PostgreSQL gives tables back to their owner and the extension to the restorer.
database_fresh copied
check_equal 'with owners, by another superuser: no error' '' "$(PGUSER=restorer restore -d copied)"
check_equal '... events are recorded, and health tells whose the tables are' '1 t' "$(query "SELECT count(audit.insert_audit_event('A', 'b', NULL, audit.w(2), audit.w(1)))" copied) $(query "$misowned" copied)"
query 'REASSIGN OWNED BY trail_owner TO restorer' copied
check_equal '... REASSIGN OWNED and audit_setup() put that right' f "$(PGUSER=restorer query 'SELECT audit.audit_setup()' copied)$(query "$misowned" copied)"

database_fresh copied
check_equal 'schema only: no error' '' "$(PGUSER=trail_owner restore --schema-only -d copied)"
show copied audit
for name in seeded copied; do sed -n '/^== relations:/,/^== what is refused/p' "$SCRATCH/$name.check" >"$SCRATCH/$name.made"; done
check_same_file '... all but the rows is the same' "$SCRATCH/seeded.made" "$SCRATCH/copied.made"
check_equal '... it has the first event before it has a policy' 1 "$(query "SELECT count(audit.insert_audit_event('A', 'b', NULL, audit.w(1), audit.w(1)))" copied)"

# Months later: the dump's last month is over. Events are recorded all the same, health tells, and the months are made.
faketime=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null | head -n 1 || true)
if [ -z "$faketime" ]; then
    echo '# faketime is not there: a restore into a later month was not tested'
    exit
fi
cluster_stop "$cluster"
cluster_start "$version" "$later"
seed_roles
query 'CREATE ROLE trail_owner SUPERUSER LOGIN'
cluster_stop "$later"
as_server env LD_PRELOAD="$faketime" FAKETIME=+200d FAKETIME_DONT_FAKE_MONOTONIC=1 "$PGBIN/pg_ctl" start -w -s -D "$later/data" -l "$later/log"
check_equal 'the clock was moved' t "$(query "SELECT now() > '$(date -u -d '+199 days' +%F)'")"
database_fresh copied
check_equal 'months later: no error' '' "$(PGUSER=trail_owner restore -d copied)"
show copied audit
for name in seeded copied; do sed -e '/^ partition_schedule /d' -e '/^ workspace | location | outcome /,/^(/d' "$SCRATCH/$name.check" >"$SCRATCH/$name.timeless"; done
check_same_file '... the same but for how many months are ahead and what is due' "$SCRATCH/seeded.timeless" "$SCRATCH/copied.timeless"
months="SELECT string_agg(DISTINCT status, ',') FROM audit.audit_health() WHERE check_name = 'partitions_ahead'"
waiting='SELECT count(*) FROM audit.audit_events_default'
waits=$(query "$waiting" copied)
check_equal '... events are recorded and wait for their month, and health tells' "1 $((waits + 1)) fail" \
    "$(query "SELECT count(audit.insert_audit_event('LATER', 'thing', NULL, audit.w(1), audit.w(1)))" copied) $(query "$waiting" copied) $(query "$months" copied)"
PGUSER=trail_owner query 'SELECT audit.create_monthly_audit_partition()' copied >/dev/null
PGUSER=trail_owner query "SELECT audit.create_past_audit_partitions('2000-01-01', current_date)" copied >/dev/null
check_equal '... the months are made, and it is in its own' "0 ok 1" \
    "$(query "$waiting" copied) $(query "$months" copied) $(query "SELECT count(*) FROM audit.audit_events WHERE action_type = 'LATER' AND tableoid::regclass::text LIKE '%' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')" copied)"
"$PGBIN/pg_dump" -F custom -f "$SCRATCH/dump" copied
show copied audit later
database_fresh copied
check_equal '... and dumped and restored again: no error' '' "$(PGUSER=trail_owner restore -d copied)"
show copied audit
check_same_file '... the second generation is the first' "$SCRATCH/later.check" "$SCRATCH/copied.check"
