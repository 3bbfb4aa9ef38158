-- Event triggers of the guard that are there and in force. $1: the schema; $2: their names, $3: their events.
SELECT e.evtname::text
FROM unnest($2, $3) AS wanted (name, event)
JOIN pg_catalog.pg_event_trigger AS e ON e.evtname = wanted.name AND e.evtevent = wanted.event
JOIN pg_catalog.pg_proc AS p ON p.oid = e.evtfoid AND p.proname = e.evtname
WHERE p.pronamespace = $1 AND e.evtenabled = 'A' AND e.evttags IS NULL
