#!/usr/bin/env bash
# The source of PostgreSQL as Debian has it, for tests that need more of it than a server: its regression suites, or a server that is built otherwise.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

# The release of Debian that has the source of a major version; nothing for the machine's own.
source_release() { case $1 in 18) echo forky ;; 17) echo trixie ;; esac; }

# source_apt RELEASE PROGRAM …: a program of apt (apt-get, apt-cache) with the sources of the packages of a release, in a folder of our own: the system's
# lists stay as they are, and nobody need be root.
source_apt() {
    local release=$1 program=$2 apt=$TOOLCHAIN/apt/source$1 file
    shift 2
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/archives/partial"
    if [ -n "$release" ]; then
        debian_sources "$release" "$apt/sources"
    else
        for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
            [ ! -f "$file" ] || cp "$file" "$apt/sources/"
        done
    fi
    for file in "$apt/sources"/*; do sed -i -E 's/^(Types:[[:space:]]*).*/\1deb-src/; s/^deb[[:space:]]/deb-src /' "$file"; done
    "$program" -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/sources" -o Dir::State::Lists="$apt/lists" \
        -o Dir::Cache="$apt" -o Dir::Cache::Archives="$apt/archives" -o APT::Sandbox::User= "$@"
}

# Prints the folder of the unpacked source of a major version: of the newest release that can be fetched, since mirrors may have the source of the
# one that is installed later than its packages, or no more.
source_tree() {
    local version=$1 folder=$TOOLCHAIN/source/$1 from releases release
    if [ ! -e "$folder/configure" ]; then
        from=$(source_release "$version")
        insistently source_apt "$from" apt-get update >&2
        mapfile -t releases < <(source_apt "$from" apt-cache showsrc "postgresql-$version" | sed -n 's/^Version: //p' | sort -rVu)
        for release in "${releases[@]}"; do
            say "fetching the source of PostgreSQL $release into .toolchain/source"
            rm -rf "$folder" "$folder.new"
            mkdir -p "$folder.new"
            (cd "$folder.new" && source_apt "$from" apt-get source --download-only "postgresql-$version=$release") >&2 || continue
            # Python unpacks what tar would need other programs for.
            (cd "$folder.new" && python3 -m tarfile -e ./*.orig.tar.* && rm -f ./*.tar.* ./*.dsc && mv ./postgresql-*/* . && rm -rf ./postgresql-*) >&2
            mv "$folder.new" "$folder"
            break
        done
        [ -e "$folder/configure" ] || die "no source of PostgreSQL $version could be fetched"
    fi
    echo "$folder"
}
