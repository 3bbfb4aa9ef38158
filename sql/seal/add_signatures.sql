-- Adds what is new to us. Their times differ, so that several of one name have places of their own.
INSERT INTO @extschema@.audit_log_signatures (incarnation, size, kind, name, evidence, added_at, added_by)
SELECT $1, $2, $3, new.name, new.evidence, begun.at + new.number * interval '1 microsecond', $6
FROM unnest($4, $5) WITH ORDINALITY AS new (name, evidence, number), (
  SELECT greatest(clock_timestamp(), max(added_at)) AS at FROM @extschema@.audit_log_signatures WHERE incarnation = $1 AND size = $2 AND kind = $3
) AS begun
WHERE NOT EXISTS (
  SELECT FROM @extschema@.audit_log_signatures AS known
  WHERE known.incarnation = $1 AND known.size = $2 AND known.kind = $3 AND known.name = new.name AND known.evidence = new.evidence
)
