#!/usr/bin/env bash
# Downloads of examples/saas: whole files, readers who leave and stall, how many at a time, who may by cookie; the same lines over each driver.
. "$(dirname "$0")/../lib/web.sh"

web_build
web_cluster
web_test downloads
