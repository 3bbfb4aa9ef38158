#!/usr/bin/env bash
# What is shipped: a tarball for the server of one pg_config, and packages for Debian and what descends from it.
#
#   postgresql-NN-audit-ext   library, control file and SQL, where Debian's postgresql-NN has its own; majors can be installed beside each other
#   audit-ext-tools           audit-verify and audit-cold: they are the same for each major, and work where there is no server
#
# Whatever server they were built for, the files go where Debian has them. DEBFULLNAME and DEBEMAIL name the maintainer, as for Debian's own tools.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/install.sh"
. "$(dirname "${BASH_SOURCE[0]}")/released.sh"

DEBIAN_REVISION=1
DEBIAN_TOOLS=audit-ext-tools
DEBIAN_SUMMARY='audit trail: append-only, partitioned, compliant'
declare -A PROGRAM_SUMMARIES=([audit-verify]='verifies what an audit trail exports, without its database'
    [audit-cold]='carries events between an audit trail and cold storage')

debian_package() { echo "postgresql-$1-audit-ext"; }
debian_version() { echo "$(release_version)-$DEBIAN_REVISION"; }
debian_maintainer() { echo "${DEBFULLNAME:-the audit_ext authors} <${DEBEMAIL:-$(id -un)@$(uname -n)}>"; }

# symbols_of PREFIX FILE…: the newest version of the library's symbols that the files ask for.
symbols_of() { readelf --version-info --wide "${@:2}" | grep -oE "Name: $1_[0-9][0-9.]*" | sed -E "s/^Name: $1_//; s/^([0-9]+\.[0-9]+)\.0\$/\1/" | sort -Vu | tail -n 1; }

# debian_libraries FILE…: what programs and libraries load, as a list of packages for Depends. Whoever links something else must say here which package has it.
debian_libraries() {
    local library packages=() package
    while read -r library; do
        case $library in
        ld-linux*.so.* | libc.so.6 | libm.so.6) packages+=("libc6 (>= $(symbols_of GLIBC "$@"))") ;;
        libgcc_s.so.1) packages+=("libgcc-s1 (>= $(symbols_of GCC "$@"))") ;;
        *) die "which package of Debian has $library?" ;;
        esac
    done < <(readelf --dynamic --wide "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
    [ ${#packages[@]} -gt 0 ] || return 0
    package=$(printf '%s\n' "${packages[@]}" | sort -u | paste -sd ,)
    echo "${package//,/, }"
}

# debian_paragraph: its input as Debian's control files want a text of several lines.
debian_paragraph() { sed -e 's/^$/./' -e 's/^/ /'; }

debian_copyright() {
    cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: audit_ext
Comment: Crates of others are linked in; third-party.gz beside this file has their notices.

Files: *
$(sed -n 's/^Copyright (c) /Copyright: /p' "$ROOT/LICENSE")
License: PostgreSQL

License: PostgreSQL
$(sed -e '1,/^Copyright/d' "$ROOT/LICENSE" | sed '1{/^$/d}' | debian_paragraph)
END
}

debian_changelog() {
    cat <<END
audit-ext ($(debian_version)) unstable; urgency=medium

  * audit_ext $(release_version): see changelog.gz.

 -- $(debian_maintainer)  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
END
}

# debian_manual PROGRAM FILE: a page for man, from what the program says of itself.
debian_manual() {
    cat <<END
.TH ${1^^} 1 "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" "audit_ext $(release_version)"
.SH NAME
$1 \\- ${PROGRAM_SUMMARIES[$1]}
.SH SYNOPSIS
.nf
$("$2" --help | sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/")
.fi
END
}

# debian_build TREE PACKAGE NOTICES FIELD…: puts what every package has into the tree, and makes it a package beside the tree. The fields are lines of its control file.
debian_build() {
    local tree=$1 package=$2 notices=$3 doc=$1/usr/share/doc/$2
    shift 3
    mkdir -p "$doc" "$tree/DEBIAN"
    debian_copyright >"$doc/copyright"
    debian_changelog | gzip -9n >"$doc/changelog.Debian.gz"
    gzip -9n <"$ROOT/CHANGELOG.md" >"$doc/changelog.gz"
    gzip -9n <"$notices" >"$doc/third-party.gz"
    {
        printf '%s\n' "Package: $package" 'Source: audit-ext' "Version: $(debian_version)" "Architecture: $(dpkg --print-architecture)" "Maintainer: $(debian_maintainer)" \
            "Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f 1)" 'Section: database' 'Priority: optional' "$@"
    } >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    find "$tree" -type d -exec chmod 755 {} +
    (cd "$tree" && find . -type f ! -path '*/bin/*' -exec chmod 644 {} +)
    dpkg-deb --root-owner-group --build "$tree" "$(dirname "$tree")/${package}_$(debian_version)_$(dpkg --print-architecture).deb" >/dev/null
    rm -rf "$tree"
}

# debian_extension FILES VERSION NOTICES FOLDER: the package of one major.
debian_extension() {
    local files=$1 version=$2 notices=$3 tree=$4/debian.extension package libraries sql
    package=$(debian_package "$version")
    libraries=$tree/usr/lib/postgresql/$version/lib sql=$tree/usr/share/postgresql/$version/extension
    rm -rf "$tree"
    mkdir -p "$libraries" "$sql" "$tree/usr/share/doc/$package/docs"
    strip --strip-unneeded -o "$libraries/audit_ext.so" "$(find "$files" -name audit_ext.so)"
    find "$files" \( -name 'audit_ext--*.sql' -o -name audit_ext.control \) -exec cp {} "$sql/" \;
    cp "$ROOT/README.md" "$ROOT/SECURITY.md" "$tree/usr/share/doc/$package/"
    cp -R "$ROOT"/docs/*.md "$ROOT/docs/console.png" "$ROOT/docs/reference" "$tree/usr/share/doc/$package/docs/"
    debian_build "$tree" "$package" "$notices" "Depends: postgresql-$version, $(debian_libraries "$libraries/audit_ext.so")" "Recommends: $DEBIAN_TOOLS" \
        "Description: $DEBIAN_SUMMARY" "$(debian_paragraph <<END
An extension of PostgreSQL $version that gives a database an audit trail: who did
what to which thing, in which workspace, and when. Nothing recorded is changed
or removed outside the rules; old events move to an archive by policy; a
person's data is erased on request, with a certificate; and every event can be
proven to be what was recorded.

CREATE EXTENSION audit_ext in a database begins one.
END
        )"
}

# debian_tools FILES NOTICES FOLDER: the package of the programs.
debian_tools() {
    local files=$1 notices=$2 tree=$3/debian.tools program file programs=()
    rm -rf "$tree"
    mkdir -p "$tree/usr/bin" "$tree/usr/share/man/man1"
    for program in "${EXTENSION_PROGRAMS[@]}"; do
        file=$(find "$files" -type f -name "$program")
        strip -o "$tree/usr/bin/$program" "$file"
        chmod 755 "$tree/usr/bin/$program"
        debian_manual "$program" "$file" | gzip -9n >"$tree/usr/share/man/man1/$program.1.gz"
        programs+=("$tree/usr/bin/$program")
    done
    debian_build "$tree" "$DEBIAN_TOOLS" "$notices" "Depends: $(debian_libraries "${programs[@]}")" \
        'Description: programs for audit trails of the PostgreSQL extension audit_ext' "$(debian_paragraph <<END
audit-verify verifies what a trail exports: that no event was changed, removed
or added since it was sealed. It needs no database.

audit-cold carries events between a trail and Parquet files in a folder or an
object store. It connects to the database from wherever it runs.
END
        )"
}

# debian_packages FILES VERSION FOLDER: both, from files that extension_files made, into a folder.
debian_packages() {
    local notices
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null || date +%s)}
    export SOURCE_DATE_EPOCH
    mkdir -p "$3"
    notices=$3/third-party
    package_notices extension "$2" >"$notices"
    debian_extension "$1" "$2" "$notices" "$3"
    package_notices programs >"$notices"
    debian_tools "$1" "$notices" "$3"
    rm -f "$notices"
}

# package_notices extension VERSION | programs: of the crates that are linked into it.
package_notices() {
    local options=("${PROGRAM_PACKAGES[@]}")
    [ "$1" = programs ] || options=(--package audit_ext --no-default-features --features "pg$2")
    (cd "$ROOT" && python3 tests/lib/notices.py "${options[@]}")
}

extension_package() {
    local pg_config version folder documents shipped=$ROOT/target/package
    pg_config=$(pg_config_program "$1")
    version=$(pg_major "$pg_config")
    folder=$shipped/pg$version
    extension_files release "$pg_config" "$folder"
    documents=$folder$("$pg_config" --docdir)/extension/audit_ext
    mkdir -p "$documents"
    cp "$ROOT/LICENSE" "$documents/"
    { package_notices extension "$version" && package_notices programs; } >"$documents/third-party"
    tar -C "$folder" -czf "$folder.tar.gz" .
    say "$folder and $folder.tar.gz hold:"
    tar -tzf "$folder.tar.gz" | grep -v '/$'
    if command -v dpkg-deb >/dev/null; then
        debian_packages "$folder" "$version" "$shipped"
        say "and for Debian:"
        (cd "$shipped" && ls "$(debian_package "$version")"_*.deb "$DEBIAN_TOOLS"_*.deb)
    else
        say 'no package for Debian, because dpkg-deb is not there'
    fi
}
