#!/usr/bin/env bash
# Proves that a search finds what plain SQL over both tables finds, and an export in the other order: random events, hot, archived, erased and in no month, against random combinations
# of filters, windows and pages; the same while no page is all visible, when all are, and with the optional indexes.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

searches=1500
[ -z "${AUDIT_EXT_LONG:-}" ] || searches=50000
seed=${AUDIT_EXT_SEED:-$RANDOM}
echo "# AUDIT_EXT_SEED=$seed"

# Autovacuum would come in between at any time.
without_autovacuum() {
    query "DO \$\$ DECLARE leaf regclass; BEGIN
        FOR leaf IN SELECT relid FROM unnest(ARRAY['audit_events', 'audit_events_archive']::regclass[]) AS trail, pg_partition_tree(trail) WHERE isleaf LOOP
          EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', leaf);
        END LOOP; END \$\$" search
}
database_with_trail search
without_autovacuum
# Few values each, so that filters meet; words that look like patterns, or that differ in case alone.
query "CREATE FUNCTION one(VARIADIC texts text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT texts[1 + floor(random() * cardinality(texts))]';
    CREATE FUNCTION often(p_share float, p_value anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS 'SELECT CASE WHEN random() < p_share THEN p_value END';
    CREATE FUNCTION word() RETURNS text LANGUAGE sql VOLATILE AS \$\$ SELECT one('alpha', 'ALPHA', 'Alphabet', 'be%a', 'be_a', 'beta', 'a.*z', 'quote\"d', 'back\\slash', '100', 'null', '') \$\$;
    CREATE FUNCTION document() RETURNS jsonb LANGUAGE sql VOLATILE AS \$\$ SELECT CASE floor(random() * 5)
      WHEN 0 THEN jsonb_build_object('k', word(), 'n', floor(random() * 3)) WHEN 1 THEN jsonb_build_object(one('k', 'other', 'Key'), jsonb_build_array(word(), floor(random() * 3), null))
      WHEN 2 THEN jsonb_build_object('deep', jsonb_build_object('k', word()), 'l', jsonb_build_array(jsonb_build_object('k', word()))) WHEN 3 THEN to_jsonb(word()) ELSE jsonb_build_array(word(), word()) END \$\$;
    CREATE FUNCTION address() RETURNS inet LANGUAGE sql VOLATILE AS \$\$ SELECT one('10.1.2.3', '10.1.2.0/24', '10.1.0.0/16', '10.9.9.9', '10.1.2.3/8', '192.0.2.1', '::1', '2001:db8::1', '2001:db8::/32', '0.0.0.0/0', '::/0')::inet \$\$;
    CREATE FUNCTION action() RETURNS text LANGUAGE sql VOLATILE AS \$\$ SELECT one('role.grant', 'role.revoke', 'role', 'ROLE.grant', 'roles', 'a*b', 'login') \$\$;
    CREATE FUNCTION labels() RETURNS text[] LANGUAGE sql VOLATILE AS \$\$ SELECT ARRAY(SELECT one('red', 'Red', 'green', 'blue', NULL) FROM generate_series(1, floor(random() * 4)::int)) \$\$;
    CREATE FUNCTION moment() RETURNS timestamptz LANGUAGE sql VOLATILE AS \$\$ SELECT date_trunc('month', now()) - interval '5 months' + floor(random() * 120) * interval '1 day' + floor(random() * 4) * interval '1 microsecond' \$\$;
    CREATE FUNCTION plant(p_table regclass, p_number int) RETURNS void LANGUAGE plpgsql AS \$\$ BEGIN
      EXECUTE format('INSERT INTO %s (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, deleted_at)
        SELECT (lpad(to_hex(us / 1000), 12, ''0'') || ''7'' || lpad(to_hex(us %% 1000 * 4096 / 1000), 3, ''0'') || ''8'' || substr(md5(random()::text), 1, 15))::uuid, moment, w(1 + (random() ^ 3 * 6)::int), action(), one(''doc'', ''Doc'', ''role''),
          often(0.7, w((random() * 4)::int)), w((random() * 2)::int), nullif(often(0.4, document()), ''{}''), nullif(often(0.4, document()), ''{}''), often(0.5, labels()), often(0.7, address()), often(0.6, word()), often(0.5, one(''r1'', ''r2'', ''R1'')),
          often(0.6, labels()), often(0.4, document()), often(0.1, now())
        FROM (SELECT moment, (extract(epoch FROM moment) * 1000000)::bigint AS us FROM (SELECT moment() FROM generate_series(1, \$1)) AS given (moment)) AS moments', p_table) USING p_number; END \$\$" search
query "SET session_replication_role = replica; SELECT setseed(($seed % 1000) / 1000.0);
    SELECT plant('audit_events', 1500)" search >/dev/null
query "SELECT create_past_audit_partitions((date_trunc('month', now()) - interval '4 months')::date, current_date)" search >/dev/null 2>&1
without_autovacuum
# From another seed than before, so that no id is given twice.
query "SET session_replication_role = replica; SELECT setseed(($seed % 1000) / 1000.0 - 1);
    SELECT plant('audit_events_archive', 1500), plant('audit_events', 500)" search >/dev/null

# The oracle knows the filters only as SQL has them.
query "CREATE TABLE wrong (arguments jsonb, what text, expected text, got text);
    CREATE FUNCTION compare(p_number int, p_exports boolean) RETURNS TABLE (searches int, with_rows int, several_pages int) LANGUAGE plpgsql AS \$\$
    DECLARE
      ws uuid; since timestamptz; until timestamptz; users uuid[]; actions text[]; kinds text[]; resource uuid; request text; address inet; tagged text[]; field text; document jsonb; wanted text;
      a_limit int; up_to int; expected uuid[]; got uuid[]; page uuid[]; last uuid; pages int; counted record; patterns text[]; asked jsonb; after uuid;
    BEGIN
      searches := 0; with_rows := 0; several_pages := 0;
      FOR n IN 1 .. p_number LOOP
        ws := often(0.8, w((random() * 2)::int)); since := CASE floor(random() * 3) WHEN 0 THEN '-infinity' WHEN 1 THEN moment() END; until := often(0.4, moment());
        users := often(0.3, ARRAY(SELECT w(1 + (random() * 6)::int) FROM generate_series(0, (random() * 2)::int))); actions := often(0.3, ARRAY[CASE WHEN random() < 0.5 THEN action() ELSE one('role*', 'role.*', '*', 'a*', 'a*b*', 'x*') END, action()]);
        kinds := often(0.2, ARRAY[one('doc', 'Doc', 'nothing')]); resource := often(0.2, w((random() * 5)::int)); request := often(0.15, one('r1', 'r2', 'r3')); address := often(0.2, address()); tagged := often(0.2, ARRAY[one('red', 'green', 'blue')] || often(0.3, ARRAY['red']));
        field := often(0.15, one('red', 'green', 'none')); document := often(0.2, CASE WHEN random() < 0.5 THEN document() ELSE one('{}', '{\"k\": \"alpha\"}', '\"beta\"', '[]', '{\"deep\": {}}', '{\"n\": 1}', '1')::jsonb END);
        wanted := often(0.25, one('alpha', 'LPHA', 'a%a', 'e_a', 'a.*', 'te\"d', '\"k\"', 'k\": ', '100', 'null', '\\sl', 'deep', 'lon'));
        a_limit := 1 + (random() ^ 4 * 400)::int; up_to := 1 + (random() ^ 3 * 500)::int;
        until := CASE WHEN since < until OR since IS NULL THEN until END;
        asked := jsonb_build_object('ws', ws, 'from', since, 'to', until, 'users', users, 'actions', actions, 'kinds', kinds, 'resource', resource, 'request', request, 'address', address, 'tags', tagged, 'field', field, 'contains', document, 'text', wanted, 'limit', a_limit);
        SELECT array_agg(CASE WHEN right(a, 1) = '*' THEN replace(replace(replace(left(a, -1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%' ELSE replace(replace(replace(a, '\\', '\\\\'), '%', '\\%'), '_', '\\_') END) INTO patterns FROM unnest(actions) AS a;
        SELECT array_agg(event.id ORDER BY event.created_at DESC, event.id DESC) INTO expected FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event
        WHERE event.deleted_at IS NULL AND (NOT p_exports OR event.action_type !~ '^AUDIT_') AND (ws IS NULL OR event.workspace_id = ws) AND event.created_at >= coalesce(since, coalesce(until, now()) - interval '30 days') AND (until IS NULL OR event.created_at < until)
          AND (users IS NULL OR event.created_by_user_id = ANY (users)) AND (patterns IS NULL OR event.action_type LIKE ANY (patterns)) AND (kinds IS NULL OR event.resource_type = ANY (kinds)) AND (resource IS NULL OR event.resource_id = resource)
          AND (request IS NULL OR event.request_id = request) AND (address IS NULL OR event.ip_address <<= address) AND (tagged IS NULL OR event.tags @> tagged) AND (field IS NULL OR field = ANY (event.changed_fields))
          AND (document IS NULL OR event.old_values @> document OR event.new_values @> document OR event.metadata @> document)
          AND (wanted IS NULL OR strpos(lower(concat_ws(E'\\x01', event.old_values, event.new_values, event.metadata, event.user_agent)), lower(wanted)) > 0);
        searches := searches + 1; with_rows := with_rows + (expected IS NOT NULL)::int;
        IF p_exports THEN
          -- From the beginning, or behind an event; without the events that record exports.
          pages := floor(random() * 1.5 * cardinality(expected))::int; after := expected[pages];
          several_pages := several_pages + (after IS NOT NULL)::int;
          SELECT array_agg((line::json ->> 'id')::uuid ORDER BY no DESC) INTO got FROM export_audit_events(ws, coalesce(since, coalesce(until, now()) - interval '30 days'), until, users, actions, kinds, resource, request, address, tagged, field, document, wanted, p_after_event_id => after)
            WITH ORDINALITY AS told (line, no) WHERE line !~ '^{\"audit_export\"' AND line !~ '\"action_type\":\"AUDIT_';
          IF coalesce(got, '{}') IS DISTINCT FROM coalesce(CASE WHEN after IS NULL THEN expected ELSE expected[:pages - 1] END, '{}') THEN
            INSERT INTO wrong VALUES (asked || jsonb_build_object('after', pages), 'export', cardinality(expected)::text, cardinality(got)::text); END IF;
          CONTINUE;
        END IF;
        got := '{}'; last := NULL; pages := 0;
        LOOP
          SELECT array_agg(found.id ORDER BY place) INTO page FROM search_audit_events(ws, since, until, users, actions, kinds, resource, request, address, tagged, field, document, wanted, a_limit, last)
            WITH ORDINALITY AS found (id, c, u, a, t, r, w, o, n, f, i, g, q, s, m, is_archived, place);
          got := got || coalesce(page, '{}'); pages := pages + 1;
          EXIT WHEN coalesce(cardinality(page), 0) < a_limit;
          last := page[a_limit];
        END LOOP;
        IF got IS DISTINCT FROM coalesce(expected, '{}') THEN INSERT INTO wrong VALUES (asked, 'search', cardinality(expected)::text, cardinality(got)::text); END IF;
        SELECT * INTO counted FROM count_audit_events(ws, since, until, users, actions, kinds, resource, request, address, tagged, field, document, wanted, up_to);
        IF counted.event_count <> least(up_to, coalesce(cardinality(expected), 0)) OR counted.is_exact <> (coalesce(cardinality(expected), 0) <= up_to) THEN
          INSERT INTO wrong VALUES (asked || jsonb_build_object('up_to', up_to), 'count', cardinality(expected)::text, counted::text); END IF;
        several_pages := several_pages + (pages > 1)::int;
      END LOOP;
      RETURN NEXT;
    END \$\$" search

# check_searches DESCRIPTION EXPORTS: they are compared, and enough of them find something.
check_searches() {
    local made
    made=$(query "SELECT setseed(($seed % 997) / 1000.0) IS NULL; SELECT searches || ' ' || with_rows || ' ' || several_pages FROM compare($searches, $2)" search | tail -n 1)
    echo "# $1: searches, with a match, with several pages or behind an event: $made"
    read -r all with_rows several <<<"$made"
    check_equal "$1: every one finds what SQL finds, in its order, page by page, and counts it" '' "$(query 'SELECT * FROM wrong LIMIT 3' search)"
    check_equal "$1: all were made" "$searches" "$all"
    check_between "$1: many find something" $((searches / 5)) "$searches" "$with_rows"
    check_between "$1: many take several pages, or go on behind an event" $((searches / 20)) "$searches" "$several"
}

check_equal 'no page is all visible' 0 "$(query "SELECT sum(relallvisible) FROM pg_class WHERE oid IN (SELECT relid FROM pg_partition_tree('audit_events') UNION ALL SELECT relid FROM pg_partition_tree('audit_events_archive'))" search)"
check_searches 'no page all visible' false
check_searches 'exports, no page all visible' true
query 'VACUUM audit_events, audit_events_archive' search
check_between 'pages are all visible' 20 100000 "$(query "SELECT sum(relallvisible) FROM pg_class WHERE oid IN (SELECT relid FROM pg_partition_tree('audit_events') UNION ALL SELECT relid FROM pg_partition_tree('audit_events_archive'))" search)"
check_searches 'pages all visible' false
check_searches 'exports, pages all visible' true
# The optional indexes of months give the same.
check_between 'each kind of index is built' 16 100 "$(query "SELECT count(*) FROM unnest(ARRAY['actor', 'action', 'request_id', 'contains']) AS kind, audit_index(kind, true) WHERE state = 'built'" search)"
check_equal 'and each is taken' 'action,actor,contains,request_id' "$(query "SELECT string_agg(DISTINCT access_path, ',') FROM (SELECT * FROM explain_audit_search(w(1), '-infinity', p_user_ids := ARRAY[w(1)])
    UNION ALL SELECT * FROM explain_audit_search(w(1), '-infinity', p_actions := '{role}') UNION ALL SELECT * FROM explain_audit_search(w(1), '-infinity', p_request_id := 'r1')
    UNION ALL SELECT * FROM explain_audit_search(w(1), '-infinity', p_contains := '{\"k\": \"alpha\"}')) AS paths WHERE access_path IN ('actor', 'action', 'request_id', 'contains')" search)"
check_searches 'optional indexes' false
check_searches 'exports, optional indexes' true
database_drop search
