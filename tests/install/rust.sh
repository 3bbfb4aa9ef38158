#!/usr/bin/env bash
# Proves which compiler is chosen: the one that rust-toolchain.toml names, also where rustup has it under the name "stable" alone or where there is no rustup; an
# older one is refused in words, before anything is built with it.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/toolchain.sh"
machine=$SCRATCH/machine
mkdir -p "$machine"
# Nothing but this is there, lest the machine's own compiler be found.
for tool in sh sed grep sort head; do ln -s "$(command -v "$tool")" "$machine/$tool"; done

# program NAME TEXT: a shell script of that text.
program() {
    printf '#!/bin/sh\n%s\n' "$2" >"$machine/$1"
    chmod +x "$machine/$1"
}

# chosen: what a machine with these programs builds with, or says.
chosen() {
    (
        unset RUSTUP_TOOLCHAIN
        PATH=$machine
        toolchain_rust 2>&1 && echo "${RUSTUP_TOOLCHAIN:-the one that is there}"
    ) || true
}

program cargo true
program rustc "echo 'rustc $RUST_VERSION (abc 2026-01-01)'"
check_equal 'no rustup, and this version' 'the one that is there' "$(chosen)"
program rustc "echo 'rustc 9.0.0 (abc 2026-01-01)'"
check_equal 'no rustup, and a later version' 'the one that is there' "$(chosen)"
program rustc "echo 'rustc 1.9.0 (abc 2026-01-01)'"
check_equal 'no rustup, and an older version' "error: Rust $RUST_VERSION or later is needed, and rustc is 1.9.0" "$(chosen)"
program rustc 'exit 1'
check_equal 'no compiler at all' "error: Rust $RUST_VERSION is needed: rustup toolchain install $RUST_VERSION" "$(chosen)"

# With rustup, which refuses what it has not got.
program rustup "echo stable-x86_64-unknown-linux-gnu; echo $RUST_VERSION-x86_64-unknown-linux-gnu"
program rustc "echo 'rustc $RUST_VERSION (abc 2026-01-01)'"
check_equal 'rustup has the version by its number' 'the one that is there' "$(chosen)"
program rustup 'echo stable-x86_64-unknown-linux-gnu'
# shellcheck disable=SC2016 # for the script
program rustc '[ "$RUSTUP_TOOLCHAIN" = stable ] && echo "rustc '"$RUST_VERSION"' (abc 2026-01-01)"'
check_equal 'rustup has it as "stable" alone' stable "$(chosen)"
# shellcheck disable=SC2016 # for the script
program rustc '[ "$RUSTUP_TOOLCHAIN" = stable ] && echo "rustc 9.0.0 (abc 2026-01-01)"'
check_equal 'the "stable" of rustup is another, and the version cannot be fetched' "error: Rust $RUST_VERSION is needed: rustup toolchain install $RUST_VERSION" "$(chosen)"
check_equal 'the version has a number for each place' 1 "$(grep -cE '^[0-9]+\.[0-9]+\.[0-9]+$' <<<"$RUST_VERSION")"
