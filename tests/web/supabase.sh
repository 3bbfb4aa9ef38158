#!/usr/bin/env bash
# The client over pg, postgres.js, supabase-js with a real PostgREST, and the API: one table of calls, the same answers. The guide's own modules run.
. "$(dirname "$0")/../lib/web.sh"

web_build
web_cluster
query "CREATE ROLE anon NOLOGIN; CREATE ROLE service_role NOLOGIN; GRANT anon, service_role TO audit_gateway" web
for level in writer reader operator compliance service; do query "SELECT audit_grant('service_role', '$level')" web >/dev/null; done
query "CREATE TABLE members (workspace uuid, member uuid);
    INSERT INTO members SELECT '10000000-0000-4000-8000-000000000001', id::uuid FROM unnest(ARRAY['0a0a0a0a-0000-4000-8000-000000000001',
      '0b0b0b0b-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000007']) AS id;
    SELECT audit_set_membership_source('members', 'workspace', 'member'), audit_resource_id('any', 'key')" web >/dev/null
query 'CREATE DATABASE empty TEMPLATE template0'
for seam in pg postgres supabase api; do query "CREATE DATABASE seam_$seam TEMPLATE web"; done
(cd "$WEB" && GUIDE=$ROOT/tests/web/guide.md node tests/guide.mjs)
web_test supabase
