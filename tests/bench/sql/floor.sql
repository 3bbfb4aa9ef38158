-- The floor: the tables of the trail with their checks and indexes, and nothing else. What they cost, PostgreSQL costs.
CREATE SCHEMA floor;
CREATE TABLE floor.events (LIKE public.audit_events INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING INDEXES) PARTITION BY RANGE (created_at);
SELECT format('CREATE TABLE floor.%I PARTITION OF floor.events FOR VALUES %s', 'events_' || right(child.relname, 7),
              substr(pg_get_expr(child.relpartbound, child.oid), 12))
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'public.audit_events'::regclass AND child.relname !~ 'default$' ORDER BY child.relname \gexec
CREATE TABLE floor.events_default PARTITION OF floor.events DEFAULT;
-- The same once more, to tell how much two equal tables differ here.
CREATE SCHEMA control;
CREATE TABLE control.events (LIKE public.audit_events INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING INDEXES) PARTITION BY RANGE (created_at);
SELECT format('CREATE TABLE control.%I PARTITION OF control.events FOR VALUES %s', 'events_' || right(child.relname, 7),
              substr(pg_get_expr(child.relpartbound, child.oid), 12))
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'public.audit_events'::regclass AND child.relname !~ 'default$' ORDER BY child.relname \gexec
CREATE TABLE control.events_default PARTITION OF control.events DEFAULT;
