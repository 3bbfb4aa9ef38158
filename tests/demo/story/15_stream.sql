\echo
\echo '━━━ Chapter 15. A stream that catches up ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '   committed ──► sealed ──► fetch ──► SIEM      a batch comes again until it is acknowledged'
\echo
\echo 'The SIEM gets a role of its own, which reads streams and nothing else, and a stream of what is sealed from now on:'
CREATE ROLE demo_siem;
SELECT audit_grant('demo_siem', 'streamer') \g /dev/null
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT create_audit_stream('siem', 'demo_siem', p_format => 'ocsf', p_workspace_id => (SELECT id FROM demo.workspaces WHERE n = 4)) \g /dev/null
\echo 'The SIEM sleeps. Meanwhile five things happen:'
SELECT count(insert_audit_event('UPDATE_DOCUMENT', 'document', NULL, (SELECT id FROM demo.workspaces WHERE n = 4), gen_random_uuid(), '{"title": "Draft"}', jsonb_build_object('title', 'Draft ' || n))) AS events FROM generate_series(1, 5) AS n;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT name, state, last_fetch_at IS NULL AS "nobody came" FROM audit_streams;
SET ROLE demo_siem;
\echo 'It wakes, takes three, and dies before it has stored them. They come again, the same three:'
SELECT batch_id, count(*) AS events, md5(string_agg(event_id::text, '' ORDER BY no)) AS digest FROM fetch_audit_stream('siem', 3) WITH ORDINALITY AS f (batch_id, event_id, payload, no) GROUP BY 1;
SELECT batch_id, count(*) AS events, md5(string_agg(event_id::text, '' ORDER BY no)) AS digest FROM fetch_audit_stream('siem', 3) WITH ORDINALITY AS f (batch_id, event_id, payload, no) GROUP BY 1;
\echo 'Stored, it acknowledges them and takes the rest. An event as OCSF has it:'
-- prints "class_uid":3004
SELECT batch_id, left(payload, 150) || ' …' AS payload FROM fetch_audit_stream('siem', 1000, p_ack_batch_id => 1) WHERE payload LIKE '%UPDATE_DOCUMENT%' LIMIT 1;
SELECT ack_audit_stream('siem', 2) AS acknowledged;
\echo 'Other things it does not read:'
-- refused
SELECT count(*) FROM audit_events;
RESET ROLE;
-- prints current
SELECT name, state FROM audit_streams;
