#!/usr/bin/env bash
# The API server of examples/saas: the guide's curl calls, who may what, who counts as whom, pages, outages.
. "$(dirname "$0")/../lib/web.sh"

web_build
# In a schema of its own; the other tests have it in public.
web_cluster_in_schema
export GUIDE=$ROOT/tests/web/guide.md
web_test api
