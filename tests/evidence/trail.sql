-- A sealed trail for the attacks: events h1 … in the hot table, a1 … archived, he and ae erased, p1 and p2 purged; sealed in several steps. Workspaces are
-- numbered; a name is known of each event, so that findings can be told without ids.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE PROCEDURE record(p_name text, p_workspace int, p_user int, p_days numeric) LANGUAGE sql AS $$
  INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
  SELECT now() - p_days * interval '1 day', 'ACT', p_name, gen_random_uuid(), w(p_workspace), w(p_user), jsonb_build_object('name', 'old ' || p_name),
    jsonb_build_object('name', 'new ' || p_name), '10.1.2.3', 'agent ' || p_name, 'request ' || p_name, ARRAY['tag ' || p_name], jsonb_build_object('note', 'meta ' || p_name)
$$;
CREATE PROCEDURE seal() LANGUAGE plpgsql AS $$ BEGIN PERFORM audit_seal(); COMMIT; END $$;

-- History first: a workspace's times only grow.
DO $$
BEGIN
  FOR n IN 1..2 LOOP CALL record('p' || n, 3, 71, 610 - n); END LOOP;
  CALL record('k1', 3, 71, 120);
  CALL record('ae', 2, 70, 200);
  CALL record('al', 2, 71, 199);
  FOR n IN 1..18 LOOP CALL record('a' || n, 1, 71, 200 - n / 10.0); END LOOP;
  FOR n IN 1..4 LOOP CALL record('o' || n, 1, 71, 45 - n / 10.0); END LOOP;
END $$;
SELECT count(*) FROM create_monthly_audit_partition(1) \g /dev/null
CALL seal();
DO $$ BEGIN FOR n IN 1..6 LOOP CALL record('h' || n, 1, 71, 0.5 - n / 100.0); END LOOP; END $$;
CALL seal();
SELECT * FROM archive_old_audit_events() \g /dev/null
DO $$
BEGIN
  FOR n IN 7..18 LOOP CALL record('h' || n, 1, 71, 0.4 - n / 100.0); END LOOP;
  CALL record('he', 2, 70, 0.2);
  CALL record('hl', 2, 71, 0.1);
END $$;
CALL seal();
CREATE TABLE backup AS SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive;
CREATE TABLE name AS SELECT id, resource_type AS name FROM backup WHERE action_type = 'ACT';
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-1', p_reason := 'asked for') \g /dev/null
CALL seal();
SELECT deleted_count FROM purge_expired_audit_events(w(3), 'GDPR', 'T-2') \g /dev/null
CALL seal();
INSERT INTO name SELECT id, CASE action_type WHEN 'AUDIT_EVENTS_ERASED' THEN 'erasure' WHEN 'AUDIT_EVENTS_PURGED' THEN 'purge' END
  FROM audit_events WHERE action_type IN ('AUDIT_EVENTS_ERASED', 'AUDIT_EVENTS_PURGED');
CREATE FUNCTION event(text) RETURNS uuid LANGUAGE sql STABLE RETURN (SELECT id FROM name WHERE name = $1);
-- The place of an event in its log, and the row of the log that holds it.
CREATE VIEW place AS
  SELECT name, log_id, first, at, first + at AS index FROM name JOIN audit_log_tiles ON level = 0, generate_series(0, octet_length(refs) / 16 - 1) AS at
  WHERE substr(refs, 16 * at + 1, 16) = decode(replace(id::text, '-', ''), 'hex') AND log_id NOT IN (SELECT root_log_id FROM audit_log_incarnations);

-- The id of an entry, made of its content: RFC 8785 and UUIDv8 in plain SQL.
CREATE FUNCTION entry_id(e audit_deletion_log) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT encode(set_byte(set_byte(id, 6, get_byte(id, 6) & 15 | 128), 8, get_byte(id, 8) & 63 | 128), 'hex')::uuid
  FROM (SELECT substr(sha256(convert_to('{' || string_agg(format('"%s":%s', name, coalesce(CASE WHEN name IN ('event_count', 'is_irrevocable') THEN value ELSE to_json(value)::text END, 'null')), ',' ORDER BY name) || '}', 'UTF8')), 1, 16) AS id
    FROM (VALUES ('acting_role', e.acting_role), ('approval_ticket_id', e.approval_ticket_id), ('deleted_at', e.deleted_at::text), ('deleted_by_role', e.deleted_by_role), ('deleted_by_user_id', e.deleted_by_user_id::text),
      ('deletion_authority', e.deletion_authority), ('deletion_reason', e.deletion_reason), ('event_count', e.event_count::text), ('event_ids_sha256', encode(e.event_ids_sha256, 'hex')), ('is_irrevocable', e.is_irrevocable::text),
      ('newest_event_at', e.newest_event_at::text), ('oldest_event_at', e.oldest_event_at::text), ('subject_user_id', e.subject_user_id::text), ('workspace_id', e.workspace_id::text)) AS c (name, value)) AS made
$$;

-- What a superuser can do: nothing of the extension is asked, and nothing shows that it was not.
CREATE TABLE guard AS SELECT tgrelid::regclass AS table, tgname, tgenabled FROM pg_trigger
  WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'audit\_%' AND relkind <> 'v') AND NOT tgisinternal AND tgparentid = 0;
CREATE PROCEDURE guards_off() LANGUAGE plpgsql AS $$
DECLARE g record;
BEGIN
  FOR g IN SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'audit%' LOOP EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', g.evtname); END LOOP;
  FOR g IN SELECT * FROM guard LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', g.table, g.tgname); END LOOP;
  SET session_replication_role = replica;
END $$;
CREATE PROCEDURE guards_on() LANGUAGE plpgsql AS $$
DECLARE g record;
BEGIN
  SET session_replication_role = origin;
  FOR g IN SELECT * FROM guard WHERE EXISTS (SELECT FROM pg_class WHERE oid = guard.table) LOOP
    EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', g.table, CASE g.tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, g.tgname);
  END LOOP;
  FOR g IN SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'audit%' LOOP EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', g.evtname); END LOOP;
END $$;

-- All findings, one a line: severity, code, number of the workspace, place, event.
CREATE FUNCTION found(p_checkpoints text[] DEFAULT NULL, p_keys text[] DEFAULT NULL, p_depth text DEFAULT 'rows') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', severity, code, coalesce(ltrim(right(workspace_id::text, 12), '0'), '-'), coalesce(leaf_index::text, '-'),
    CASE WHEN event_id IS NULL THEN '-' ELSE coalesce((SELECT name FROM name WHERE id = event_id), '?') END)
  FROM audit_verify(p_checkpoints := p_checkpoints, p_keys := p_keys, p_depth := p_depth) ORDER BY 1
$$;
