#!/usr/bin/env bash
# PostgreSQL from another release of Debian than the machine's, unpacked into a folder: nothing of the system changes, and nobody need be root.
set -euo pipefail

# What the packages of a server load. Their C library comes along, because they need a newer one than an older release has.
DEBIAN_LIBRARIES=(libc6 libgcc-s1 libstdc++6 libicu76 libldap2 liblz4-1 libpam0g libpq5 libssl3t64 libsystemd0 libuuid1 libxml2 libxslt1.1 libzstd1
    zlib1g libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 libsasl2-2 liblzma5 libgcrypt20 libgpg-error0 libselinux1
    libxxhash0 libpcre2-8-0 libaudit1 libcap-ng0 libcap2 libreadline8t64 libtinfo6)

# debian_sources RELEASE FOLDER: the mirrors that the machine's own settings name, for the packages of another release.
debian_sources() {
    local release=$1 folder=$2 codename file
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        # Only Debian's own archive has a suite of just that name.
        grep -Eq "^(Suites:|deb ).*[[:space:]]$codename([[:space:]]|\$)" "$file" 2>/dev/null || continue
        sed -E -e "/^Suites:/ s/\\b$codename\\b/$release/g" -e "s/^(deb(-src)? .*)[[:space:]]$codename(-[a-z]+)?[[:space:]]/\\1 $release\\3 /" \
            "$file" >"$folder/$(basename "$file")"
    done
}

# debian_apt RELEASE PROGRAM …: a program of apt that knows the packages of this release alone, with lists in a folder of its own.
debian_apt() {
    local release=$1 program=$2 apt=$TOOLCHAIN/apt/$1
    shift 2
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/archives/partial"
    debian_sources "$release" "$apt/sources"
    : >"$apt/status"
    "$program" -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/sources" -o Dir::State::Lists="$apt/lists" \
        -o Dir::State::Status="$apt/status" -o Dir::Cache="$apt" -o Dir::Cache::Archives="$apt/archives" -o APT::Sandbox::User= "$@"
}

# A program that is started by the dynamic linker it was built for. The libraries are named to that alone: a variable of the environment would reach
# the programs that the server starts.
debian_program() {
    local program=$1 libraries=$2 name folder up
    name=$(basename "$program") folder=$(dirname "$program")
    up=$(realpath --relative-to="$folder" "$libraries")
    mkdir -p "$folder/unwrapped"
    mv "$program" "$folder/unwrapped/$name"
    cat >"$program" <<END
#!/bin/sh
here=\${0%/*}
exec "\$here/$up/$(basename "$(echo "$libraries"/ld-linux*)")" --library-path "\$here/$up" --argv0 "\$0" "\$here/unwrapped/$name" "\$@"
END
    chmod +x "$program"
}

# debian_postgres VERSION RELEASE FOLDER: server, headers and pg_cron of a major version. The folder's lib, share and include are those of /usr.
debian_postgres() {
    local version=$1 release=$2 folder=$3 new=$3.new package program libraries
    [ -e "$folder/packages" ] && return
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return
    say "fetching PostgreSQL $version of Debian $release into $folder"
    rm -rf "$new"
    mkdir -p "$new/packages.d" "$new/unpacked"
    insistently debian_apt "$release" apt-get update || return
    (cd "$new/packages.d" && insistently debian_apt "$release" apt-get download "postgresql-$version" "postgresql-client-$version" \
        "postgresql-server-dev-$version" "postgresql-$version-cron" "${DEBIAN_LIBRARIES[@]}") || return
    for package in "$new"/packages.d/*.deb; do dpkg-deb --extract "$package" "$new/unpacked" || return; done
    mkdir -p "$new/lib" "$new/share" "$new/include"
    libraries=$(dirname "$(find "$new/unpacked/usr/lib" -path '*-linux-*/libc.so.6')")
    mv "$libraries" "$new/unpacked/usr/lib/postgresql" "$new/lib/"
    mv "$new/unpacked/usr/share/postgresql" "$new/share/"
    mv "$new/unpacked/usr/include/postgresql" "$new/include/"
    libraries=$new/lib/$(basename "$libraries")
    # Compiled expressions would need LLVM, which is larger than all the rest; without this file the server knows that it cannot.
    rm -f "$new/lib/postgresql/$version/lib/llvmjit.so"
    for program in "$new/lib/postgresql/$version/bin"/* "$new/lib/postgresql/$version/lib/pgxs/src/test"/*/*; do
        [ ! -f "$program" ] || [ "$(head -c 4 "$program" | tail -c 3)" != ELF ] || debian_program "$program" "$libraries"
    done
    (cd "$new/packages.d" && ls) >"$new/packages"
    rm -rf "$new/packages.d" "$new/unpacked" "$folder"
    mv "$new" "$folder"
}
