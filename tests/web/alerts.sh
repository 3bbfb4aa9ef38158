#!/usr/bin/env bash
# The monitoring of examples/saas: exporters, rules, mail and dashboard, with Debian's Prometheus and Alertmanager and an SMTP sink.
. "$(dirname "$0")/../lib/web.sh"

web_build
if promtool test rules "$WEB/monitoring/rules.test.yml" >"$SCRATCH/rules" 2>&1; then
    ok 'rules: a run that is 27 hours old, an exporter that tells nothing, checks that fail, by the names of both exporters'
else
    not_ok 'the rules alert as they ought to' "$(cat "$SCRATCH/rules")"
fi
web_cluster
web_test alerts
