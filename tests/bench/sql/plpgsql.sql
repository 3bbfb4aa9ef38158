-- What a team would otherwise write: the same five layers as a careful PL/pgSQL migration. Append-only table, checks, immutability trigger,
-- a sequence checker with a tracker row per workspace, a function that records.
CREATE SCHEMA migration;
CREATE TABLE migration.events (LIKE public.audit_events INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING INDEXES) PARTITION BY RANGE (created_at);
SELECT format('CREATE TABLE migration.%I PARTITION OF migration.events FOR VALUES %s', 'events_' || right(child.relname, 7),
              substr(pg_get_expr(child.relpartbound, child.oid), 12))
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'public.audit_events'::regclass AND child.relname !~ 'default$' ORDER BY child.relname \gexec
CREATE TABLE migration.events_default PARTITION OF migration.events DEFAULT;
ALTER TABLE migration.events ALTER COLUMN id SET DEFAULT gen_random_uuid(), ALTER COLUMN created_at SET DEFAULT clock_timestamp();

CREATE TABLE migration.sequence (workspace_id uuid PRIMARY KEY, last_event_id uuid NOT NULL, last_created_at timestamptz NOT NULL);
CREATE FUNCTION migration.check_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last timestamptz;
BEGIN
  SELECT last_created_at INTO last FROM migration.sequence WHERE workspace_id = NEW.workspace_id FOR UPDATE;
  IF last IS NOT NULL AND NEW.created_at < last THEN
    RAISE EXCEPTION 'Audit event timestamp is before last event' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.old_values IS NOT NULL AND NEW.new_values IS NOT NULL THEN
    NEW.changed_fields := ARRAY(
      SELECT coalesce(o.key, n.key) FROM jsonb_each(NEW.old_values) AS o FULL JOIN jsonb_each(NEW.new_values) AS n ON n.key = o.key
      WHERE o.value IS DISTINCT FROM n.value ORDER BY 1);
  END IF;
  INSERT INTO migration.sequence VALUES (NEW.workspace_id, NEW.id, NEW.created_at)
  ON CONFLICT (workspace_id) DO UPDATE SET last_event_id = excluded.last_event_id, last_created_at = excluded.last_created_at;
  RETURN NEW;
END $$;
CREATE TRIGGER check_sequence BEFORE INSERT ON migration.events FOR EACH ROW EXECUTE FUNCTION migration.check_sequence();
CREATE FUNCTION migration.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Audit events are immutable';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON migration.events FOR EACH ROW EXECUTE FUNCTION migration.refuse();
CREATE FUNCTION migration.insert_audit_event(
  p_action_type text, p_resource_type text, p_resource_id uuid, p_workspace_id uuid, p_created_by_user_id uuid,
  p_old_values jsonb DEFAULT NULL, p_new_values jsonb DEFAULT NULL, p_ip_address inet DEFAULT NULL, p_user_agent text DEFAULT NULL,
  p_tags text[] DEFAULT NULL, p_metadata jsonb DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event uuid;
BEGIN
  INSERT INTO migration.events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, tags, metadata)
  VALUES (p_action_type, p_resource_type, p_resource_id, p_workspace_id, p_created_by_user_id, p_old_values, p_new_values, p_ip_address, p_user_agent, p_tags, p_metadata)
  RETURNING id INTO event;
  RETURN event;
END $$;
