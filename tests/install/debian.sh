#!/usr/bin/env bash
# Proves what `make package` makes for Debian: the packages have the files where Debian's server looks for them and ask for the libraries that Debian's own tool
# finds; those of two majors are installed beside each other; and in a Debian with the machine's PostgreSQL 15, laid over the machine's own so that nothing
# of it changes, they bring a trail that works, and leave nothing behind when they are purged.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/package.sh"

OTHER=$((PGVERSION == 18 ? 17 : PGVERSION + 1))
revision=$(debian_version)
own=$(debian_package "$PGVERSION") other=$(debian_package "$OTHER")

# The tested build is packed; making a release takes minutes. Compressing takes most of the rest.
made=$ROOT/target/install/pg$PGVERSION
export DPKG_DEB_COMPRESSOR_TYPE=none
pack() {
    toolchain_setup
    [ -d "$made" ] || { made=$SCRATCH/files && extension_files "$AUDIT_EXT_PROFILE" "$(pg_bin "$PGVERSION")/pg_config" "$made"; }
    debian_packages "$made" "$PGVERSION" "$SCRATCH"
    # Its place is all that matters of the other.
    debian_extension "$made" "$OTHER" /dev/null "$SCRATCH"
}

# in_empty_root OPTION…: dpkg, in a folder that has nothing but a list of packages.
in_empty_root() { dpkg --root="$SCRATCH/root" --force-depends --force-unsafe-io "$@" >>"$SCRATCH/dpkg.log" 2>&1 || not_ok "dpkg $*" "$(tail -n 5 "$SCRATCH/dpkg.log")"; }

# files_in FOLDER: all but the list of packages.
files_in() { (cd "$1" && find . -type f ! -path './var/lib/dpkg/*' | sed 's/^\.//' | LC_ALL=C sort); }

check_files() {
    local sql
    sql=$(cd "$made" && find . -name 'audit_ext--*.sql' -printf '/usr/share/postgresql/NN/extension/%f\n')
    check_equal 'library, control file and SQL are where the server of Debian looks, notices where people do' \
        "$(printf '%s\n' /usr/lib/postgresql/NN/lib/audit_ext.so /usr/share/postgresql/NN/extension/audit_ext.control "$sql" \
            /usr/share/doc/PACKAGE/{README.md,SECURITY.md,changelog.Debian.gz,changelog.gz,copyright,third-party.gz} | LC_ALL=C sort)" \
        "$(dpkg-deb --fsys-tarfile "$SCRATCH/${own}_${revision}_$architecture.deb" | tar -t | grep -v -e '/$' -e /docs/ | sed -e 's/^\.//' -e "s,/postgresql/$PGVERSION/,/postgresql/NN/," -e "s,/$own/,/PACKAGE/," | LC_ALL=C sort)"
    check_equal 'the manual is the one of the source' 0 "$(
        dpkg-deb --extract "$SCRATCH/${own}_${revision}_$architecture.deb" "$SCRATCH/manual"
        diff -rq -x design -x doc "$ROOT/docs" "$SCRATCH/manual/usr/share/doc/$own/docs" | wc -l
    )"
    check_equal 'the tools are programs of the system, with pages for man' \
        "$(printf '%s\n' /usr/bin/audit-{cold,verify} /usr/share/doc/PACKAGE/{changelog.Debian.gz,changelog.gz,copyright,third-party.gz} /usr/share/man/man1/audit-{cold,verify}.1.gz)" \
        "$(dpkg-deb --fsys-tarfile "$SCRATCH/${DEBIAN_TOOLS}_${revision}_$architecture.deb" | tar -t | grep -v '/$' | sed -e 's/^\.//' -e "s,/$DEBIAN_TOOLS/,/PACKAGE/,")"
    check_equal 'all belong to root, and only the programs can be run' '-rw-r--r-- root/root -rwxr-xr-x root/root' \
        "$(for package in "$own" $DEBIAN_TOOLS; do dpkg-deb --contents "$SCRATCH/${package}_${revision}_$architecture.deb"; done | awk '!/\/$/ { print $1, $2 }' | sort -u | paste -sd ' ')"
    check_equal 'what is linked in has its notices' 'serde postgres' \
        "$(for word in serde postgres; do gzip -dc "$SCRATCH/manual/usr/share/doc/$own/third-party.gz" <(dpkg-deb --fsys-tarfile "$SCRATCH/${DEBIAN_TOOLS}_${revision}_$architecture.deb" | tar -xO ./usr/share/doc/$DEBIAN_TOOLS/third-party.gz) | grep -o "^$word v" | head -n 1; done | tr -d v | sed 's/ $//' | paste -sd ' ')"
}

# What Debian's own tool finds that the files need.
check_libraries() {
    local work=$SCRATCH/shlibdeps package asked
    mkdir -p "$work/debian"
    printf 'Source: audit-ext\n\nPackage: any\nArchitecture: any\n' >"$work/debian/control"
    for package in "$own" $DEBIAN_TOOLS; do
        dpkg-deb --extract "$SCRATCH/${package}_${revision}_$architecture.deb" "$work/$package"
        asked=$(dpkg-deb --field "$SCRATCH/${package}_${revision}_$architecture.deb" Depends | sed "s/^postgresql-$PGVERSION, //")
        check_equal "$package asks for the libraries that dpkg-shlibdeps finds" \
            "$(cd "$work" && find "$package" -type f \( -name '*.so' -o -path '*/usr/bin/*' \) -exec dpkg-shlibdeps -O {} + 2>/dev/null | sed 's/^shlibs:Depends=//')" "$asked"
    done
}

check_side_by_side() {
    local admin=$SCRATCH/root/var/lib/dpkg
    mkdir -p "$admin/info" "$admin/updates"
    touch "$admin/status" "$admin/available"
    in_empty_root --install "$SCRATCH/${own}_${revision}_$architecture.deb" "$SCRATCH/${other}_${revision}_$architecture.deb" "$SCRATCH/${DEBIAN_TOOLS}_${revision}_$architecture.deb"
    check_equal 'two majors are installed beside each other' "$(printf '%s\n' "$PGVERSION" "$OTHER" | sort)" \
        "$(files_in "$SCRATCH/root" | sed -n 's,^/usr/lib/postgresql/\([0-9]*\)/lib/audit_ext\.so$,\1,p')"
    in_empty_root --purge "$other"
    check_equal '... one of them goes, and the other stays whole' '' "$(dpkg --root="$SCRATCH/root" --verify "$own" $DEBIAN_TOOLS)"
    in_empty_root --purge "$own" $DEBIAN_TOOLS
    check_equal '... and when all are purged, no file is left' '' "$(files_in "$SCRATCH/root")"
}

# The machine as it is, with what is written to it kept in memory, where only this script sees it; "no mount" if the machine cannot do that.
laid_over() {
    local over=$SCRATCH/over
    mkdir -p "$over"
    mount -t tmpfs -o mode=755 tmpfs "$over" && mkdir "$over/upper" "$over/work" "$over/machine" &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" "$over/machine" &&
        mount -t proc proc "$over/machine/proc" && mount --rbind /dev "$over/machine/dev" || { echo 'no mount' && return; }
    mkdir "$over/machine/packages"
    cp "$SCRATCH/$own"_*.deb "$SCRATCH/$DEBIAN_TOOLS"_*.deb "$over/machine/packages/"
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$over/machine" bash -s "$PGVERSION" <"$ROOT/tests/install/debian.d/machine" || return
    # What is left was written by the packages, but for dpkg's own lists and logs, and the caches of man.
    (cd "$over/upper" && find . -type f ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './var/cache/*' ! -path './tmp/*' ! -path './packages/*' ! -path './run/*' | sed 's/^/left behind: /')
}

check_equal 'what something that we know nothing of needs is not guessed' 'error: which package of Debian has libz.so.1?' "$(
    readelf() { echo ' 0x0000000000000001 (NEEDED) Shared library: [libz.so.1]'; }
    debian_libraries program 2>&1 || true
)"
if [ -z "$(command -v dpkg-deb)" ]; then
    echo '# dpkg-deb is not there: packages for Debian were not tested'
    exit
fi
architecture=$(dpkg --print-architecture)
pack >"$SCRATCH/pack.log" 2>&1 || not_ok 'the packages are made' "$(tail -n 5 "$SCRATCH/pack.log")"
# They are large, and easily made again.
trap 'rm -rf "$SCRATCH/manual" "$SCRATCH/shlibdeps" "$SCRATCH/root" "$SCRATCH/files"' EXIT
check_files
if [ -n "$(command -v dpkg-shlibdeps)" ]; then check_libraries; else echo '# dpkg-shlibdeps is not there: which libraries the packages ask for was not tested'; fi
if [ "$(id -u)" -ne 0 ]; then
    echo '# not root: what dpkg does with the packages was not tested'
    exit
fi
check_side_by_side
if [ ! -x "/usr/lib/postgresql/$PGVERSION/bin/initdb" ] || [ ! -e /var/lib/dpkg/info/postgresql-"$PGVERSION".list ]; then
    echo "# Debian's PostgreSQL $PGVERSION is not there: the packages were not tested with a server"
else
    export -f laid_over
    export SCRATCH ROOT PGVERSION own DEBIAN_TOOLS
    result=$(unshare --mount --propagation private bash -c laid_over 2>"$SCRATCH/machine.log") || result+=$(tail -n 20 "$SCRATCH/machine.log")
    case $result in
    'no mount' | unshare:*) echo '# the machine allows no mounts: the packages were not tested with a server' ;;
    *)
        check_equal 'installed, they bring a trail that is recorded, sealed and verified; purged, they leave nothing' \
            "$(printf '%s\n' 'installed: ii ii' "created: $(release_version)" 'recorded: 1' 'verified: 1' 'audit-cold runs' 'man has audit-verify' 'purged: extension files 0')" "$result"
        ;;
    esac
fi
