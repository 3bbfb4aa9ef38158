\set ECHO none
-- What a plain INSERT does with something in place is what insert_audit_event and insert_audit_events must do with it, or raise; included
-- with \i, not shown. Statements tried in a backend that has everything remembered, and undone to a savepoint, one after the other.
SET client_min_messages = warning;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION test.month() RETURNS text LANGUAGE sql RETURN 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');
-- What triggers and rules that fire write down.
CREATE TABLE test.fired (what text);
CREATE TABLE test.interference (no int GENERATED ALWAYS AS IDENTITY, what text, statements text[]);

-- The same event in three ways.
CREATE TABLE test.way (no int, way text, statement text);
INSERT INTO test.way VALUES
  (1, 'insert', $$INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, tags, metadata)
    VALUES ('TRY', 'try', w(9), w(1), w(1), '{"a": 1}', '{"a": 2}', '10.0.0.1', 'agent', '{t}', '{"m": 1}')$$),
  (2, 'function', $$SELECT insert_audit_event('TRY', 'try', w(9), w(1), w(1), '{"a": 1}', '{"a": 2}', '10.0.0.1', 'agent', '{t}', '{"m": 1}')$$),
  (3, 'bulk', $$SELECT insert_audit_events('[{"action_type": "TRY", "resource_type": "try", "resource_id": "00000000-0000-4000-8000-000000000009", "workspace_id": "00000000-0000-4000-8000-000000000001",
    "created_by_user_id": "00000000-0000-4000-8000-000000000001", "old_values": {"a": 1}, "new_values": {"a": 2}, "ip_address": "10.0.0.1", "user_agent": "agent", "tags": ["t"], "metadata": {"m": 1}}]')$$);

-- All that the statement left behind.
CREATE FUNCTION test.left_behind() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT string_agg(concat_ws(' ', tableoid::regclass, to_jsonb(e) - 'id' - 'created_at' - 'seal_key' - 'seal_xid',
      CASE WHEN to_jsonb(e) ->> 'seal_key' ~ '^\\x[0-9a-f]{32}$' THEN 'with a key' END, CASE WHEN to_jsonb(e) ->> 'seal_xid' = pg_current_xact_id()::text THEN 'of this transaction' END,
      CASE WHEN created_at < clock_timestamp() - interval '5 minutes' THEN 'of another time' END, CASE WHEN test.time_in(id) <> created_at THEN 'under another id' END), '; ' ORDER BY id)
    FROM audit_events AS e WHERE to_jsonb(e) @> '{"resource_type": "try"}' OR to_jsonb(e) @> '{"user_agent": "agent"}'), (SELECT string_agg('fired ' || what, ', ') FROM test.fired))
$$;
-- Whether the event goes past the executor: what is kept for it shows in the list of memory contexts.
CREATE FUNCTION test.goes_past_the_executor() RETURNS boolean LANGUAGE sql AS $$
  SELECT insert_audit_event('WARM', 'warm', w(9), w(1), w(1), '{"a": 1}', '{"a": 2}', p_request_id => 'r') IS NOT NULL;
  SELECT count(*) > 0 FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition'
$$;

-- Each thing in place: what the INSERT does with it ("stored", "nothing", or the SQLSTATE), and the functions: the same, or "raises".
CREATE FUNCTION test.compare() RETURNS TABLE (what text, "INSERT" text, "function" text, bulk text) LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
  thing test.interference;
  way test.way;
  statement text;
  outcome text[];
BEGIN
  FOR thing IN SELECT * FROM test.interference ORDER BY no LOOP
    outcome := '{}';
    BEGIN
      IF NOT test.goes_past_the_executor() THEN RAISE EXCEPTION 'nothing is tested'; END IF;
      FOREACH statement IN ARRAY thing.statements LOOP
        CALL test.past_the_guard(replace(statement, '@month', test.month()));
      END LOOP;
      FOR way IN SELECT * FROM test.way ORDER BY no LOOP
        BEGIN
          EXECUTE way.statement;
          RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = coalesce(nullif(test.left_behind(), ''), 'nothing');
        EXCEPTION WHEN OTHERS THEN
          outcome := outcome || CASE SQLSTATE WHEN 'ZZ000' THEN SQLERRM ELSE SQLSTATE END;
        END;
      END LOOP;
      RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN NULL;
    END;
    SELECT thing.what, shown[1], shown[2], shown[3] INTO what, "INSERT", "function", bulk FROM (
      SELECT array_agg(CASE WHEN length(each) > 7 AND each = outcome[1] THEN 'stored' WHEN each = outcome[1] THEN each
        WHEN length(each) = 5 AND length(outcome[1]) <> 5 THEN 'raises' ELSE 'otherwise: ' || left(each, 40) END ORDER BY no) AS shown
      FROM unnest(outcome) WITH ORDINALITY AS outcomes (each, no)) AS compared;
    RETURN NEXT;
    -- Nothing of it is left in what the backend remembers.
    PERFORM insert_audit_event('AFTER', 'after', w(9), w(1), w(1), '{"a": 1}', '{"a": 2}', p_request_id => 'r');
  END LOOP;
END $$;
SET client_min_messages = notice;
\set ECHO all
