#!/usr/bin/env bash
# The next version, made up: this checkout under the next number, with a function, a comment and two tables more. What a new table takes is here
# in full: an entry in the catalogue and its SQL file. That all else follows from the entry is what check_made_up_tables looks for.
set -euo pipefail

# make_up_source FOLDER PRESENT NEXT: the source of version NEXT, and its upgrade scripts.
make_up_source() {
    local folder=$1 present=$2 next=$3
    mkdir -p "$folder"
    cp -R "$ROOT"/{src,sql,crates,Cargo.toml,Cargo.lock,audit_ext.control} "$folder"
    sed -i "0,/^version = \"$present\"/s//version = \"$next\"/" "$folder/Cargo.toml"
    # Of the crates too: cargo tells what it has built in a shared folder by name and version, and must not take one for the other.
    sed -i "0,/^version = \"$present\"/s//version = \"$next\"/" "$folder"/crates/*/Cargo.toml
    sed -i "/^name = \"audit_[a-z_]*\"/{n;s/\"$present\"/\"$next\"/}" "$folder/Cargo.lock"
    make_up_tables "$folder" "$next"
    local news="CREATE FUNCTION audit_made_up(text, text) RETURNS uuid LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'audit_ext_resource_id';
COMMENT ON FUNCTION audit_made_up(text, text) IS 'Made up.';"
    local comment="COMMENT ON COLUMN @extschema@.audit_deletion_log.event_count IS 'How many events it was.';"
    echo "$news" >>"$folder/sql/functions/operating.sql"
    sed -i "s/^COMMENT ON COLUMN @extschema@.audit_deletion_log.event_count IS .*/$comment/" "$folder/sql/schema/deletion_log.sql"
    printf '%s\n%s\nSELECT audit_setup();\n' "$news" "$comment" >"$folder/sql/audit_ext--$present--$next.sql"
    # The library's health reads a view that only its own release has.
    echo "CREATE OR REPLACE VIEW @extschema@.audit_made_up_view AS SELECT * FROM @extschema@.audit_tracked_tables;" >>"$folder/sql/schema/tracked_tables_view.sql"
    sed -i 's/@extschema@.audit_tracked_tables/@extschema@.audit_made_up_view/' "$folder/sql/capture/health.sql"
    # And one that forgets that tables are no members.
    printf '%s\nCREATE TABLE @extschema@.audit_forgotten (id int PRIMARY KEY);\nSELECT audit_setup();\n' "$news" >"$folder/sql/audit_ext--$present--$next-forgetful.sql"
}

# A table that functions write, and one of configuration.
make_up_tables() {
    local folder=$1 next=$2
    cat >"$folder/sql/schema/made_up_notes.sql" <<'SQL'
CREATE TABLE IF NOT EXISTS @extschema@.audit_made_up_notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), note text NOT NULL);
CREATE INDEX IF NOT EXISTS audit_made_up_notes_idx ON @extschema@.audit_made_up_notes (note);
SQL
    cat >"$folder/sql/schema/made_up_settings.sql" <<'SQL'
CREATE TABLE IF NOT EXISTS @extschema@.audit_made_up_settings (name text PRIMARY KEY, value text);
SQL
    local entries="$folder/entries"
    cat >"$entries" <<RUST
    TrailRelation {
        name: "audit_made_up_notes",
        sql: schema!("made_up_notes"),
        indexes: &["audit_made_up_notes_idx"],
        guards: &[&[
            inserted_by("audit_made_up_insert_guard", "audit_made_up()"),
            changed_by("audit_made_up_guard", "audit_made_up()"),
            emptied_by("audit_made_up_truncate_guard", "audit_made_up()"),
        ]],
        rights: &[select(STAFF)],
        since: "$next",
        ..TABLE
    },
    TrailRelation {
        name: "audit_made_up_settings",
        sql: schema!("made_up_settings"),
        audited: audited("AUDIT_MADE_UP_CHANGED", "name"),
        rights: &[select(STAFF), insert(COMPLIANCE)],
        since: "$next",
        ..TABLE
    },
RUST
    # Behind the first line of the list.
    sed -i "/^pub static RELATIONS: &\[TrailRelation\] = &\[$/r $entries" "$folder/crates/core/src/catalogue/relations.rs"
    rm "$entries"
}

# check_made_up_tables DATABASE: as a superuser, who gets past rights, and meets the guards.
check_made_up_tables() {
    local database=$1 table statement expected
    local -A asked=(
        [audit_made_up_notes]="INSERT INTO audit_made_up_notes (note) VALUES ('by hand')"
        [audit_made_up_settings]="DELETE FROM audit_made_up_settings"
    )
    query "INSERT INTO audit_made_up_settings VALUES ('a', 'b')" "$database"
    check_equal 'a table more: a change of configuration is an event' 1 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_MADE_UP_CHANGED' AND resource_type = 'audit_made_up_settings'" "$database")"
    for table in audit_made_up_notes audit_made_up_settings; do
        for statement in "${asked[$table]}" "TRUNCATE $table" "SET session_replication_role = replica; TRUNCATE $table"; do
            check_equal "... DML is refused: $statement" 23001 "$(error_of "$database" "$statement")"
        done
        for statement in "DROP TABLE $table" "ALTER TABLE $table ADD COLUMN more int" "ALTER TABLE $table RENAME TO other" "ALTER TABLE $table DISABLE TRIGGER ALL" \
            "ALTER TABLE $table OWNER TO pg_monitor" "GRANT TRUNCATE ON $table TO pg_monitor" "CREATE RULE theirs AS ON INSERT TO $table DO INSTEAD NOTHING" \
            "ALTER EXTENSION audit_ext ADD TABLE $table"; do
            check_equal "... DDL is refused: $statement" 23001 "$(error_of "$database" "$statement")"
        done
        check_equal "... it is not tracked: $table" 42809 "$(error_of "$database" "SELECT audit_track_table('$table', NULL)")"
        check_equal "... rights of $table follow from levels" 't f f' "$(query "SELECT audit_grant('dump_reader', 'operator'), audit_grant('dump_writer', 'writer')" "$database" >/dev/null
            query "SELECT has_table_privilege('dump_reader', '$table', 'SELECT'), has_table_privilege('dump_writer', '$table', 'SELECT'), has_table_privilege('dump_reader', '$table', 'INSERT')" "$database" | tr '|' ' ')"
        check_equal "... what GRANT gives beyond them on all tables is taken back: $table" f "$(query 'GRANT ALL ON ALL TABLES IN SCHEMA public TO pg_monitor' "$database" >/dev/null
            query "SELECT has_table_privilege('pg_monitor', '$table', 'SELECT')" "$database")"
    done
    check_equal '... an index of it stays' 23001 "$(error_of "$database" 'DROP INDEX audit_made_up_notes_idx')"
    check_equal '... health finds nothing wrong' '' "$(sick "$database" '')"
    while IFS='|' read -r expected statement; do
        check_equal "... health tells: $statement" "$expected" "$(sick "$database" "$statement")"
    done <<'SICK'
guards: audit_made_up_guard of audit_made_up_notes is missing or not in its state|ALTER TABLE audit_made_up_notes DISABLE TRIGGER audit_made_up_guard
guards: audit_configuration_guard of audit_made_up_settings is missing or not in its state|DROP TRIGGER audit_configuration_guard ON audit_made_up_settings
storage: audit_made_up_settings is missing|DROP TABLE audit_made_up_settings
storage: index audit_made_up_notes_idx is missing|DROP INDEX audit_made_up_notes_idx
storage: audit_made_up_settings belongs to pg_monitor|ALTER TABLE audit_made_up_settings OWNER TO pg_monitor
foreign_objects: unique index public.theirs on audit_made_up_notes|CREATE UNIQUE INDEX theirs ON audit_made_up_notes (note)
guards: trigger audit_made_up_truncate_guard of audit_made_up_notes calls audit_configuration_guard|CREATE OR REPLACE TRIGGER audit_made_up_truncate_guard BEFORE TRUNCATE ON audit_made_up_notes FOR EACH STATEMENT EXECUTE FUNCTION audit_configuration_guard(); ALTER TABLE audit_made_up_notes ENABLE ALWAYS TRIGGER audit_made_up_truncate_guard
SICK
    # Adoption: with all that is in them, or not at all.
    query 'DROP EXTENSION audit_ext CASCADE' "$database"
    check_equal '... without the extension nothing guards it' none "$(error_of "$database" "INSERT INTO audit_made_up_notes (note) VALUES ('unguarded')")"
    check_equal '... another column keeps it from being adopted' 42P07 "$(error_of "$database" 'BEGIN; ALTER TABLE audit_made_up_notes ADD COLUMN more int; CREATE EXTENSION audit_ext')"
    check_equal '... so does a table of its name that is alone' 42P07 "$(error_of "$database" 'BEGIN; CREATE SCHEMA other; CREATE TABLE other.audit_made_up_settings (); CREATE EXTENSION audit_ext SCHEMA other')"
    query 'CREATE EXTENSION audit_ext' "$database"
    check_equal '... as it was it is adopted' '1 23001 t' "$(query 'SELECT count(*) FROM audit_made_up_notes' "$database") $(error_of "$database" 'DELETE FROM audit_made_up_notes') $(query "SELECT has_table_privilege('dump_reader', 'audit_made_up_notes', 'SELECT')" "$database")"
    check_equal '... and health is content' '' "$(sick "$database" '')"
}

# sick DATABASE STATEMENT: what health says is wrong after a statement past the guard, which is undone.
sick() {
    query "BEGIN;
        ALTER EVENT TRIGGER audit_ddl_command_start DISABLE; ALTER EVENT TRIGGER audit_ddl_command_end DISABLE; ALTER EVENT TRIGGER audit_sql_drop DISABLE;
        $2;
        ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS; ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS; ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
        SELECT check_name || ': ' || detail FROM audit_health()
        WHERE status = 'fail' AND check_name IN ('guards', 'storage', 'foreign_objects', 'ddl_guard', 'functions', 'constraints') ORDER BY 1;
        ROLLBACK" "$1" | tr '\n' ';' | sed 's/;$//'
}
