-- What others do, and what is measured against.

-- The floor without what evidence adds to a row: the two columns and their index.
CREATE SCHEMA before;
CREATE TABLE before.events (LIKE floor.events INCLUDING ALL) PARTITION BY RANGE (created_at);
ALTER TABLE before.events DROP COLUMN seal_key, DROP COLUMN seal_xid;
CREATE TABLE before.events_all PARTITION OF before.events DEFAULT;
-- The same partitions as before.events, so that only the columns differ.
CREATE SCHEMA sealed;
CREATE TABLE sealed.events (LIKE floor.events INCLUDING ALL) PARTITION BY RANGE (created_at);
CREATE TABLE sealed.events_all PARTITION OF sealed.events DEFAULT;

-- A sealer in plain SQL: the salted digests of an event's columns, its leaf, and the root of each workspace over the leaves of a batch.
CREATE SCHEMA plain;
CREATE TABLE plain.leaves (workspace_id uuid, id uuid, leaf bytea, PRIMARY KEY (workspace_id, id));
CREATE TABLE plain.roots (workspace_id uuid, root bytea, sealed_at timestamptz);
CREATE FUNCTION plain.digest(p_key bytea, p_name text, p_value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(encode(convert_to(json_build_array(encode(sha256(p_key || convert_to(p_name, 'UTF8')), 'base64'), p_name, p_value)::text, 'UTF8'), 'base64'), 'UTF8')), 'base64')
$$;
CREATE FUNCTION plain.seal() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  sealed bigint;
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS level (workspace_id uuid, place bigint, hash bytea) ON COMMIT DELETE ROWS;
  DELETE FROM level;
  WITH fresh AS (
    INSERT INTO plain.leaves
    SELECT workspace_id, id, (
        SELECT sha256('\x00' || convert_to(string_agg(plain.digest(seal_key, name, value), ',' ORDER BY name), 'UTF8'))
        FROM (VALUES ('id', id::text), ('created_at', created_at::text), ('created_by_user_id', created_by_user_id::text), ('action_type', action_type),
          ('resource_type', resource_type), ('resource_id', resource_id::text), ('workspace_id', workspace_id::text), ('old_values', old_values::text),
          ('new_values', new_values::text), ('changed_fields', changed_fields::text), ('ip_address', ip_address::text), ('user_agent', user_agent)) AS field (name, value)
        WHERE value IS NOT NULL)
    FROM audit_events AS event WHERE NOT EXISTS (SELECT FROM plain.leaves AS known WHERE known.workspace_id = event.workspace_id AND known.id = event.id)
    RETURNING workspace_id, id, leaf
  )
  INSERT INTO level SELECT workspace_id, row_number() OVER (PARTITION BY workspace_id ORDER BY id) - 1, leaf FROM fresh;
  GET DIAGNOSTICS sealed = ROW_COUNT;
  WHILE EXISTS (SELECT FROM level WHERE place > 0) LOOP
    WITH gone AS (DELETE FROM level RETURNING *)
    INSERT INTO level SELECT workspace_id, place / 2, CASE count(*) WHEN 2 THEN sha256('\x01' || string_agg(hash, ''::bytea ORDER BY place)) ELSE min(hash::text)::bytea END
    FROM gone GROUP BY workspace_id, place / 2;
  END LOOP;
  INSERT INTO plain.roots SELECT workspace_id, hash, now() FROM level;
  RETURN sealed;
END $$;

-- A hash chain per workspace: each event carries the hash of the one before it, so that a writer locks the end of its workspace's chain until it commits.
CREATE SCHEMA chain;
CREATE TABLE chain.ends (workspace_id uuid PRIMARY KEY, hash bytea) WITH (fillfactor = 50);
CREATE TABLE chain.events (LIKE before.events INCLUDING ALL) PARTITION BY RANGE (created_at);
ALTER TABLE chain.events ADD COLUMN previous bytea, ADD COLUMN hash bytea;
CREATE TABLE chain.events_all PARTITION OF chain.events DEFAULT;
CREATE FUNCTION chain.link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chain.ends VALUES (NEW.workspace_id, '') ON CONFLICT DO NOTHING;
  SELECT hash INTO NEW.previous FROM chain.ends WHERE workspace_id = NEW.workspace_id FOR UPDATE;
  NEW.hash := sha256(NEW.previous || convert_to(NEW::text, 'UTF8'));
  UPDATE chain.ends SET hash = NEW.hash WHERE workspace_id = NEW.workspace_id;
  RETURN NEW;
END $$;
CREATE TRIGGER link BEFORE INSERT ON chain.events FOR EACH ROW EXECUTE FUNCTION chain.link();
