#!/usr/bin/env bash
# Whether the programs are there that the tests of examples/saas run.
set -euo pipefail

# Why the suite cannot be run here, nothing if it can.
web_missing() {
    local program
    command -v node >/dev/null && command -v npm >/dev/null || { echo 'Node.js 20 and npm are not installed'; return; }
    [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || { echo "Node.js is $(node --version), not 20 or later"; return; }
    for program in chromium prometheus promtool prometheus-alertmanager prometheus-postgres-exporter prometheus-sql-exporter; do
        command -v "$program" >/dev/null || { echo "$program is not installed"; return; }
    done
    /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || echo 'python3-aiosmtpd is not installed'
}
