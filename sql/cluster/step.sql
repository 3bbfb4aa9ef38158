-- Whether the log has a request ($1) in a state ($2), as its columns for time ($3, $4) and role ($5, $6) say.
SELECT EXISTS (
  SELECT FROM @log@ AS log
  WHERE log.verb = 'row' AND log.arguments ->> 'table' = 'audit_deletion_requests' AND log.arguments -> 'row' ->> 'id' = $1
    AND log.arguments -> 'row' ->> 'state' = $2 AND (log.arguments -> 'row' ->> $3)::timestamptz = $4 AND log.arguments -> 'row' ->> $5 = $6)
