\echo '━━━ Chapter 3. An event, recorded live and read back ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
SELECT insert_audit_event('RENAME_DOCUMENT', 'document', :'resource', :'workspace', :'person',
  p_old_values => '{"title": "Draft", "pages": 12}', p_new_values => '{"title": "Contract", "pages": 12}',
  p_ip_address => '203.0.113.7') AS event \gset
SELECT created_at, action_type, old_values, new_values, changed_fields FROM audit_events WHERE id = :'event';
\echo 'The server made the id, the time and changed_fields. The id is a UUIDv7: its first half is the time.'
SELECT :'event' AS id, to_timestamp(('x' || replace(left(:'event', 13), '-', ''))::bit(48)::bigint / 1000.0)::timestamptz(3) AS "time in the id";
