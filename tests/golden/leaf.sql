\set ECHO none
-- Leaves of events and ids of entries of the deletion log, in plain SQL and by the documentation alone; included with \i, not shown.
SET client_min_messages = warning;
SET timezone = 'UTC';
-- A key for HMAC-SHA256, filled up to a block, each byte with others in exclusive or.
CREATE FUNCTION test.pad(p_key bytea, p_byte int) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(set_byte('\x00'::bytea, 0, CASE WHEN place < octet_length(p_key) THEN get_byte(p_key, place) ELSE 0 END # p_byte), '' ORDER BY place) FROM generate_series(0, 63) AS place
$$;
CREATE FUNCTION test.mac(p_key bytea, p_text text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN substr(sha256(test.pad(p_key, 92) || sha256(test.pad(p_key, 54) || p_text::bytea)), 1, 16);
CREATE FUNCTION test.url64(p_bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE RETURN translate(encode(p_bytes, 'base64'), E'+/=\n', '-_');
CREATE FUNCTION test.digest(p_salt bytea, p_name text, p_value text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(test.url64(convert_to(format('["%s","%s",%s]', test.url64(p_salt), p_name, p_value), 'UTF8'))::bytea);
CREATE FUNCTION test.sorted(p_digests bytea[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(format('"%s"', test.url64(digest)), ',' ORDER BY test.url64(digest) COLLATE "C"), '') FROM unnest(p_digests) AS digest
$$;
-- The texts are what the output functions print.
CREATE FUNCTION test.payload(e audit_events) RETURNS bytea LANGUAGE sql AS $$
  SELECT CASE octet_length(e.seal_key) WHEN 48 THEN substr(e.seal_key, 17) ELSE test.digest(test.mac(e.seal_key, 'payload'), 'payload', format('{"_sd":[%s]}', test.sorted(
    ARRAY(SELECT test.digest(test.mac(e.seal_key, name), name, to_json(value)::text)
      FROM (VALUES ('old_values', e.old_values::text), ('new_values', e.new_values::text), ('changed_fields', e.changed_fields::text), ('ip_address', CASE WHEN e.ip_address IS NOT NULL THEN format('%s', e.ip_address) END),
        ('user_agent', e.user_agent), ('request_id', e.request_id), ('tags', e.tags::text), ('metadata', e.metadata::text)) AS field (name, value) WHERE value IS NOT NULL)))) END
$$;
CREATE FUNCTION test.leaf(e audit_events) RETURNS bytea LANGUAGE sql AS $$
  SELECT sha256('\x00'::bytea || format('{"_sd":[%s],"_sd_alg":"sha-256","v":1}', test.sorted(ARRAY[test.payload(e)] ||
    ARRAY(SELECT test.digest(test.mac(kept, name), name, to_json(value)::text)
      FROM (VALUES ('id', e.id::text), ('created_at', e.created_at::text), ('created_by_user_id', e.created_by_user_id::text), ('action_type', e.action_type), ('resource_type', e.resource_type),
        ('resource_id', e.resource_id::text), ('workspace_id', e.workspace_id::text)) AS field (name, value) WHERE value IS NOT NULL)))::bytea)
  FROM (SELECT CASE octet_length(e.seal_key) WHEN 48 THEN substr(e.seal_key, 1, 16) ELSE test.mac(e.seal_key, 'kept') END) AS key (kept) WHERE e.seal_key IS NOT NULL
$$;
-- The content of an entry, as RFC 8785 writes it; columns of later releases are left out where they are NULL.
CREATE FUNCTION test.entry(log audit_deletion_log) RETURNS text LANGUAGE sql AS $$
  SELECT format('{%s}', string_agg(format('"%s":%s', name, coalesce(value, 'null')), ',' ORDER BY name COLLATE "C"))
  FROM (VALUES ('deleted_at', to_json(log.deleted_at::text)::text), ('deleted_by_user_id', to_json(log.deleted_by_user_id::text)::text), ('deleted_by_role', to_json(log.deleted_by_role)::text),
    ('acting_role', to_json(log.acting_role)::text), ('workspace_id', to_json(log.workspace_id::text)::text), ('subject_user_id', to_json(log.subject_user_id::text)::text),
    ('deletion_authority', to_json(log.deletion_authority)::text), ('deletion_reason', to_json(log.deletion_reason)::text), ('approval_ticket_id', to_json(log.approval_ticket_id)::text),
    ('event_count', log.event_count::text), ('oldest_event_at', to_json(log.oldest_event_at::text)::text), ('newest_event_at', to_json(log.newest_event_at::text)::text),
    ('is_irrevocable', log.is_irrevocable::text), ('event_ids_sha256', to_json(encode(log.event_ids_sha256, 'hex'))::text),
    ('kind', to_json(log.kind)::text), ('parent_id', to_json(log.parent_id::text)::text), ('include_events_about_user', log.include_events_about_user::text),
    ('cutoff', to_json(log.cutoff::text)::text), ('held_workspaces', to_json(log.held_workspaces::text)::text)) AS field (name, value)
  WHERE value IS NOT NULL OR name NOT IN ('kind', 'parent_id', 'include_events_about_user', 'cutoff', 'held_workspaces')
$$;
-- UUIDv8 of the first 16 bytes of its digest.
CREATE FUNCTION test.entry_id(log audit_deletion_log) RETURNS uuid LANGUAGE sql AS $$
  SELECT encode(set_byte(set_byte(digest, 6, get_byte(digest, 6) & 15 | 128), 8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid
  FROM (SELECT substr(sha256(convert_to(test.entry(log), 'UTF8')), 1, 16)) AS of (digest)
$$;
-- What the lists say: each event with its leaf, in the order in which it stands there.
CREATE VIEW test.listed AS
SELECT log.id AS entry, part.part, place, encode(substr(part.entries, place * 48 + 1, 16), 'hex')::uuid AS id, substr(part.entries, place * 48 + 17, 32) AS leaf
FROM audit_deletion_log AS log JOIN audit_deletion_events AS part ON part.list_id = log.event_list_id, generate_series(0, octet_length(part.entries) / 48 - 1) AS place;
-- Entries whose id, digest or event is not what their content demands.
CREATE VIEW test.inconsistent AS
SELECT log.approval_ticket_id, log.id = test.entry_id(log) AS "id of content",
  log.event_ids_sha256 IS NOT DISTINCT FROM (SELECT sha256(string_agg(entries, '' ORDER BY part)) FROM audit_deletion_events WHERE list_id = log.event_list_id) AS "digest of list",
  coalesce(log.event_count = (SELECT count(*) FROM test.listed WHERE entry = log.id), false) AS "count of list", event.found AS "events that vouch"
FROM audit_deletion_log AS log, LATERAL (
  SELECT count(*) AS found FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event
  WHERE event.workspace_id = log.workspace_id AND event.resource_id = log.id AND event.resource_type = 'audit_deletion_log/' || encode(sha256(convert_to(test.entry(log), 'UTF8')), 'hex')
    AND event.action_type = CASE WHEN log.kind = 'cold' THEN 'AUDIT_COLD_RELEASED' WHEN log.subject_user_id IS NOT NULL THEN 'AUDIT_EVENTS_ERASED' WHEN log.is_irrevocable THEN 'AUDIT_EVENTS_PURGED' WHEN log.deletion_authority = 'ADOPTION' THEN 'AUDIT_EVENTS_ADOPTED' END) AS event
WHERE NOT (log.id = test.entry_id(log) AND (log.deletion_authority = 'RETENTION_POLICY' OR event.found = 1
  AND log.event_count = (SELECT count(*) FROM test.listed WHERE entry = log.id)
  AND log.event_ids_sha256 IS NOT DISTINCT FROM (SELECT sha256(string_agg(entries, '' ORDER BY part)) FROM audit_deletion_events WHERE list_id = log.event_list_id)));
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SET client_min_messages = notice;
\set ECHO all
