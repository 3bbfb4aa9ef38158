#!/usr/bin/env bash
# The console of examples/saas in Chromium: four eyes, markup, forged requests, readability, outages. Its pictures are in tests/out/VERSION/web/console.
. "$(dirname "$0")/../lib/web.sh"

web_build
web_cluster
web_test console
