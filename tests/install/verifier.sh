#!/usr/bin/env bash
# Proves that `make install` and `make package` bring the programs audit-verify and audit-cold, among the programs of the server, and that they run there: they say what
# they are for; audit-verify finds an export sound, and a changed one not. The export is kept: whatever a later version writes, it must go on reading this.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/install.sh"
golden=$ROOT/tests/evidence/golden
key=$(cat "$golden/log.vkey")

# verdict OPTIONS…: how the installed program ends, in another folder.
verdict() {
    local status=0
    (cd / && "$PGBIN/audit-verify" "$@") >"$SCRATCH/out" 2>&1 || status=$?
    echo "$status"
}

toolchain_setup
check_equal 'it is installed for anybody, and says how it is called' '755 audit-verify keygen NAME FILE' \
    "$(stat -c %a "$PGBIN/audit-verify") $("$PGBIN/audit-verify" --help | grep -o 'audit-verify keygen NAME FILE')"
check_equal 'audit-cold as well' '755 audit-cold VERB' "$(stat -c %a "$PGBIN/audit-cold") $("$PGBIN/audit-cold" --help | grep -o '^audit-cold VERB')"
check_equal 'a bundle is sound, under a key and a head that were kept' 0 "$(verdict --key "$key" --head "$golden/head" "$golden/workspace.ndjson")"
check_equal '... it says what it verified' 1 "$(grep -c '^events verified: 11, of which erased: 2, removed beside them: 2' "$SCRATCH/out")"
check_equal '... without the head it says that it proves less' '2 1' "$(verdict --key "$key" "$golden/workspace.ndjson") $(grep -c '^warning heads_not_shown ' "$SCRATCH/out")"
check_equal 'a receipt is sound' 0 "$(verdict --key "$key" "$golden/receipt.json")"
sed '0,/"leaf":"./s//"leaf":"A/' "$golden/workspace.ndjson" >"$SCRATCH/changed.ndjson"
check_equal 'one letter of a leaf is seen' 1 "$(verdict --key "$key" --head "$golden/head" "$SCRATCH/changed.ndjson")"
sed 's/"leaf":"./"leaf":"_/' "$golden/workspace.ndjson" >"$SCRATCH/unreadable.ndjson"
check_equal 'what is no bundle cannot be read' 65 "$(verdict --key "$key" "$SCRATCH/unreadable.ndjson")"
check_equal 'no argument is a wrong call' 64 "$(verdict)"

# What make install and make package copy is made again, elsewhere: the library is built already.
extension_files "$AUDIT_EXT_PROFILE" "$(pg_bin "$PGVERSION")/pg_config" "$SCRATCH/package" >"$SCRATCH/made" 2>&1 || not_ok 'the package is made' "$(tail -n 5 "$SCRATCH/made")"
programs=$(pg_bin "$PGVERSION")
check_equal 'a package has them where the server has its programs, beside library and control file' "$programs/audit-cold $programs/audit-verify 1 1" \
    "$(cd "$SCRATCH/package" && find . -name audit-cold -o -name audit-verify | sed 's/^.//' | sort | paste -sd ' ') $(find "$SCRATCH/package" -name audit_ext.so | wc -l) $(find "$SCRATCH/package" -name audit_ext.control | wc -l)"
